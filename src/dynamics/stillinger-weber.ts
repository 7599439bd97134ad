/**
 * Stillinger–Weber potential, Eq. (24), doi:10.1103/PhysRevB.31.5262:
 * v₂(r) = ε A [B (σ/r)^p − (σ/r)^q] exp(σ/(r − aσ)),
 * v₃(r_ij, r_ik, θ) = ε λ (cos θ + 1/3)² exp(γσ/(r_ij − aσ) + γσ/(r_ik − aσ)), both 0 from r = aσ on.
 * It labels the embedded silicon data: a cheap, smooth, many-body reference, and not density-functional theory.
 */
import { InputError } from "../errors.js";
import { createNeighborList, type NeighborList } from "../structure/neighbor-list.js";
import type { Structure } from "../structure/structure.js";

export interface StillingerWeberParameters {
  /** Atomic number of the one element. */
  readonly species: number;
  /** eV. */
  readonly epsilon: number;
  /** Å. */
  readonly sigma: number;
  readonly A: number;
  readonly B: number;
  readonly p: number;
  readonly q: number;
  readonly a: number;
  readonly lambda: number;
  readonly gamma: number;
}

/** The silicon of the 1985 paper, its ε of 50 kcal/mol in eV. */
export const siliconParameters: StillingerWeberParameters = {
  species: 14,
  epsilon: 2.16826,
  sigma: 2.0951,
  A: 7.049556277,
  B: 0.6022245584,
  p: 4,
  q: 0,
  a: 1.8,
  lambda: 21,
  gamma: 1.2,
};

export interface StillingerWeberResult {
  /** eV. */
  readonly energy: number;
  /** Half of the pair terms of each atom and the triplets of which it is the apex, eV, [atom]; they sum up to `energy`. */
  readonly energies: Float64Array;
  /** eV/Å, [atom][xyz]. */
  readonly forces: Float64Array;
  /** W = −∂E/∂ε in eV, [3][3], Eq. (22). */
  readonly virial: Float64Array;
}

/**
 * Energy, forces and virial of one structure.
 * @throws InputError on an atom of another element, and whatever `createNeighborList` throws.
 */
export function computeStillingerWeber(structure: Structure, parameters: StillingerWeberParameters = siliconParameters): StillingerWeberResult {
  const foreign = structure.species.findIndex((species) => species !== parameters.species);
  if (foreign >= 0) {
    const expected = `atomic number ${parameters.species} only`;
    throw new InputError("element without Stillinger–Weber parameters", { atom: foreign, key: "species", expected, got: `${structure.species[foreign]}` });
  }
  const size = structure.species.length;
  const list = createNeighborList(structure, parameters.a * parameters.sigma);
  const energies = new Float64Array(size);
  const derivatives = environmentDerivatives(list, parameters, energies);

  const forces = new Float64Array(3 * size);
  const virial = new Float64Array(9);
  for (let i = 0; i < size; i++) {
    for (let pair = list.offsets[i]; pair < list.offsets[i + 1]; pair++) {
      const j = list.neighbors[pair];
      for (let k = 0; k < 3; k++) {
        const derivative = derivatives[3 * pair + k];
        forces[3 * i + k] += derivative;
        forces[3 * j + k] -= derivative;
        for (let l = 0; l < 3; l++) virial[3 * l + k] -= list.vectors[3 * pair + l] * derivative;
      }
    }
  }
  return { energy: energies.reduce((sum, value) => sum + value, 0), energies, forces, virial };
}

/** ∂E_i/∂r_ij in eV/Å, [pair][xyz]; fills `energies` with E_i. */
function environmentDerivatives(list: NeighborList, parameters: StillingerWeberParameters, energies: Float64Array): Float64Array {
  const { epsilon, sigma, A, B, p, q, a, lambda, gamma } = parameters;
  const { offsets, vectors, distances } = list;
  const total = distances.length;
  const derivatives = new Float64Array(3 * total);
  const units = new Float64Array(3 * total);
  const decay = new Float64Array(total);
  const decaySlope = new Float64Array(total);
  for (let i = 0; i + 1 < offsets.length; i++) {
    for (let j = offsets[i]; j < offsets[i + 1]; j++) {
      const r = distances[j];
      const gap = 1 / (r - a * sigma);
      const repulsion = B * power(sigma / r, p);
      const attraction = power(sigma / r, q);
      const damping = Math.exp(sigma * gap);
      const pairEnergy = epsilon * A * (repulsion - attraction) * damping;
      const pairSlope = epsilon * A * ((q * attraction - p * repulsion) / r) * damping - pairEnergy * sigma * gap * gap;
      energies[i] += pairEnergy / 2;
      decay[j] = Math.exp(gamma * sigma * gap);
      decaySlope[j] = -gamma * sigma * gap * gap * decay[j];
      for (let k = 0; k < 3; k++) {
        units[3 * j + k] = vectors[3 * j + k] / r;
        derivatives[3 * j + k] += (pairSlope / 2) * units[3 * j + k];
      }
      for (let other = offsets[i]; other < j; other++) {
        const cosine = units[3 * j] * units[3 * other] + units[3 * j + 1] * units[3 * other + 1] + units[3 * j + 2] * units[3 * other + 2];
        const excess = cosine + 1 / 3;
        const strength = epsilon * lambda * excess;
        energies[i] += strength * excess * decay[j] * decay[other];
        const turn = 2 * strength * decay[j] * decay[other];
        const stretchJ = strength * excess * decaySlope[j] * decay[other];
        const stretchOther = strength * excess * decay[j] * decaySlope[other];
        for (let k = 0; k < 3; k++) {
          const unitJ = units[3 * j + k];
          const unitOther = units[3 * other + k];
          derivatives[3 * j + k] += (turn * (unitOther - cosine * unitJ)) / r + stretchJ * unitJ;
          derivatives[3 * other + k] += (turn * (unitJ - cosine * unitOther)) / distances[other] + stretchOther * unitOther;
        }
      }
    }
  }
  return derivatives;
}

/** Small whole powers by multiplication: engines differ in the last bit of Math.pow, and a trajectory would amplify that. */
function power(x: number, exponent: number): number {
  if (!(Number.isInteger(exponent) && exponent >= 0 && exponent <= 12)) return x ** exponent;
  let product = 1;
  for (let k = 0; k < exponent; k++) product *= x;
  return product;
}
