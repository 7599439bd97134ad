/**
 * Moment tensors (Shapeev, Multiscale Model. Simul. 14, 1153 (2016), doi:10.1137/15M1054183), THEORY.md Eqs. (61) and (65):
 * M_ν = Σ_j w_{a_j} f(r_ij) f_c(r_ij) r_ij ⊗ … ⊗ r_ij (ν times), contracted with each other over all indices. r̂^{⊗ν} is a sum of harmonics of degrees
 * ν, ν − 2, …, so that contractions of two moments belong to the power spectrum, of three to the bispectrum. f in the unit that the user gives it.
 */
import { addPart, partOf, tensorParts } from "../angular/cartesian-tensor.js";
import type { Degrees, TripleSum } from "./bispectrum-weights.js";
import { legendreSeries } from "./legendre.js";
import type { NeighborFunction } from "./neighbor-functions.js";
import type { PairSum } from "./spectrum-weights.js";

/** f r^ν of a moment of rank ν. */
function moment({ elements, radial }: NeighborFunction, rank: number): NeighborFunction {
  return { elements, radial: (r, l) => radial(r, l) * r ** rank };
}

/** M_ν : M'_ν, all ν indices contracted: Σ_jk f f' (r_ij r_ik cos θ)^ν, j = k included; exact for lMax ≥ ν. ν = 0 is the product of two numbers. */
export function momentPair(functions: readonly [NeighborFunction, NeighborFunction], rank: number): PairSum {
  return {
    functions: [moment(functions[0], rank), moment(functions[1], rank)],
    legendre: legendreSeries((cosine) => cosine ** rank, rank, rank + 1).coefficients,
  };
}

/** K with r̂_a r̂_b … = Σ_lm K_{ab…,lm} Y_lm(r̂) for one degree, [component][m + l]; null where the degree is not in it. */
function harmonicsOf(rank: number, l: number): Float64Array | null {
  const size = 3 ** rank;
  // Along z only m = 0 is there: ẑ^{⊗ν} gives the factor between a part of r̂^{⊗ν} and Y_lm(r̂).
  const along = new Float64Array(size);
  along[size - 1] = 1;
  const table = new Float64Array(size * (2 * l + 1));
  let found = false;
  for (const part of tensorParts(rank)) {
    if (part.lambda !== l) continue;
    const factor = partOf(part, along)[l]! / Math.sqrt((2 * l + 1) / (4 * Math.PI));
    if (Math.abs(factor) < 1e-12) continue;
    found = true;
    for (let m = 0; m < 2 * l + 1; m++) {
      const unit = new Float64Array(2 * l + 1);
      unit[m] = factor;
      const tensor = new Float64Array(size);
      addPart(part, unit, tensor);
      tensor.forEach((value, c) => (table[c * (2 * l + 1) + m]! += value));
    }
  }
  return found ? table : null;
}

/** Indices that moments 1 and 2, 1 and 3, 2 and 3 share. */
export type SharedIndices = readonly [oneTwo: number, oneThree: number, twoThree: number];

/**
 * Contraction of three moments: Σ_jkq f f' f'' r_j^{ν₁} r_k^{ν₂} r_q^{ν₃} (cos θ_jk)^{n₁₂} (cos θ_jq)^{n₁₃} (cos θ_kq)^{n₂₃} with the ranks that the shared indices
 * give: [1, 0, 1] is M_1 · M_2 · M_1, [1, 1, 1] the trace of three matrices. Equal neighbors included; exact for lMax ≥ the largest rank.
 */
export function momentTriple(functions: readonly [NeighborFunction, NeighborFunction, NeighborFunction], [n12, n13, n23]: SharedIndices): TripleSum {
  const ranks = [n12 + n13, n12 + n23, n13 + n23] as const;
  const degreesOf = (rank: number): number[] => Array.from({ length: Math.floor(rank / 2) + 1 }, (_, k) => rank - 2 * k);
  return {
    functions: [moment(functions[0], ranks[0]), moment(functions[1], ranks[1]), moment(functions[2], ranks[2])],
    degrees: [degreesOf(ranks[0]), degreesOf(ranks[1]), degreesOf(ranks[2])],
    tensor: (degrees) => contracted(ranks, [n12, n13, n23], degrees),
  };
}

function contracted(ranks: readonly [number, number, number], [n12, n13, n23]: SharedIndices, degrees: Degrees): Float64Array | null {
  const tables = ranks.map((rank, slot) => harmonicsOf(rank, degrees[slot]!));
  if (tables.some((table) => table === null)) return null;
  const [one, two, three] = tables as [Float64Array, Float64Array, Float64Array];
  const [d1, d2, d3] = degrees.map((l) => 2 * l + 1) as [number, number, number];
  const out = new Float64Array(d1 * d2 * d3);
  // Components of the moments: their shared indices joined, in the order 12, 13, 23.
  const [p12, p13, p23] = [3 ** n12, 3 ** n13, 3 ** n23];
  for (let a = 0; a < p12; a++) {
    for (let b = 0; b < p13; b++) {
      for (let c = 0; c < p23; c++) {
        const [first, second, third] = [a * p13 + b, a * p23 + c, b * p23 + c];
        for (let k = 0; k < out.length; k++) {
          const [m1, m2, m3] = [Math.floor(k / (d2 * d3)), Math.floor(k / d3) % d2, k % d3];
          out[k]! += one[first * d1 + m1]! * two[second * d2 + m2]! * three[third * d3 + m3]!;
        }
      }
    }
  }
  return out;
}
