/**
 * The density of one environment on a grid of points, for pictures, THEORY.md Eqs. (1) and (2), and what the functions of an optimal radial basis
 * make of it, with R_{aql} of Eq. (37) and the coefficients of Eqs. (5) and (32):
 *
 *   ρ^a(r)   = Σ_{j∈a} f_c(r_ij) u(r_ij) e^{−|r − r_ij|²/2σ²} + [a = aᵢ] w₀ e^{−r²/2σ²},
 *   ρ^a_Q(r) = Σ_{q<Q} Σ_lm c_{aqlm} R_{aql}(r) Y_lm(r̂);   mixed: c_{qlm} in place of c_{aqlm}.
 *
 * With orthonormal R and Y this is the projection of ρ on the functions kept. Both have no unit: one neighbor alone is 1 at its place.
 */

import { sphericalHarmonics } from "../angular/spherical-harmonics.js";
import { InputError } from "../errors.js";
import type { DensityHyperparameters } from "./hyperparameters.js";
import { findRangeNeighbors } from "../structure/range-neighbors.js";
import type { Structure } from "../structure/structure.js";
import { createContractedFunctions } from "./contracted-functions.js";
import { elementMatrix } from "./contracted-table.js";
import { evaluateCutoff } from "./cutoff.js";
import { elementDensity } from "./element-tables.js";
import { centerIntegrals, createRadialIntegrals } from "./radial-integrals.js";
import { evaluateScaling } from "./radial-scaling.js";

/** A cube round the center: points at −halfWidth … halfWidth along each axis, an even number of them, so that none is at the center. */
export interface DensityGrid {
  readonly points: number;
  /** Å */
  readonly halfWidth: number;
}

/** A center and its neighbors, periodic images among them. */
export interface Environment {
  /** Atomic number of the center. */
  readonly center: number;
  /** Atomic numbers, [neighbor]. */
  readonly species: Uint8Array;
  /** r_ij in Å, [neighbor][xyz]. */
  readonly vectors: Float64Array;
}

/** The environment of one atom within `radius` Å. @throws InputError when there is no such atom, and as a neighbor list does. */
export function environmentOf(structure: Structure, atom: number, radius: number): Environment {
  const atoms = structure.species.length;
  if (!(Number.isInteger(atom) && atom >= 0 && atom < atoms)) {
    throw new InputError("the structure has no such atom", { key: "atom", expected: `0 to ${atoms - 1}`, got: String(atom) });
  }
  const { neighbors, vectors } = findRangeNeighbors(structure, radius, atom, atom + 1);
  return { center: structure.species[atom]!, species: Uint8Array.from(neighbors, (j) => structure.species[j]!), vectors: Float64Array.from(vectors) };
}

function lengthAt(vectors: Float64Array, j: number): number {
  return Math.hypot(vectors[3 * j]!, vectors[3 * j + 1]!, vectors[3 * j + 2]!);
}

function checkGrid({ points, halfWidth }: DensityGrid): void {
  if (Number.isInteger(points) && points >= 2 && points % 2 === 0 && halfWidth > 0 && halfWidth < Infinity) return;
  const expected = "an even number of points, and a length in Å above 0";
  throw new InputError("grid of a density", { key: "grid", expected, got: `${points} points, ${halfWidth} Å` });
}

function coordinates({ points, halfWidth }: DensityGrid): Float64Array {
  return Float64Array.from({ length: points }, (_, k) => (halfWidth * (2 * k + 1 - points)) / (points - 1));
}

/**
 * ρ^a of the element with atomic number `z`, [x][y][z].
 * @throws InputError for δ densities, which have no values, and for a grid that has a point at the center.
 */
export function smearedDensity(environment: Environment, { cutoff, density }: DensityHyperparameters, z: number, grid: DensityGrid): Float32Array {
  checkGrid(grid);
  if (density.kind !== "gaussian") {
    throw new InputError("a δ density has no values on a grid", { key: "density.kind", expected: "gaussian", got: density.kind });
  }
  const { center, species, vectors } = environment;
  const { points } = grid;
  const { density: { width }, weight: factor } = elementDensity(density, z);
  const along = coordinates(grid);
  const sum = new Float64Array(points ** 3);
  const add = (weight: number, at: ArrayLike<number>): void => {
    // A Gaussian is the product of one along each axis.
    const [x, y, w] = [0, 1, 2].map((axis) => along.map((s) => Math.exp(-((s - at[axis]!) ** 2) / (2 * width ** 2))));
    for (let row = 0; row < points * points; row++) {
      const product = factor * weight * x![Math.floor(row / points)]! * y![row % points]!;
      for (let k = 0; k < points; k++) sum[row * points + k]! += product * w![k]!;
    }
  };
  if (center === z) add(density.centerWeight, [0, 0, 0]);
  species.forEach((element, j) => {
    const r = lengthAt(vectors, j);
    if (element === z) add(evaluateCutoff(cutoff, r).value * evaluateScaling(density.scaling, r).value, vectors.subarray(3 * j, 3 * j + 3));
  });
  return Float32Array.from(sum);
}

/** c_{anlm} of one element, Eq. (5), with exact radial integrals: [n][lm]. */
function primitiveCoefficients({ center, species, vectors }: Environment, hyperparameters: DensityHyperparameters, z: number): Float64Array {
  const { nMax, lMax } = hyperparameters.basis;
  const orders = (lMax + 1) ** 2;
  const coefficients = new Float64Array(nMax * orders);
  const [values, slopes, harmonics] = [new Float64Array(nMax * (lMax + 1)), new Float64Array(nMax * (lMax + 1)), new Float64Array(orders)];
  const { density, weight } = elementDensity(hyperparameters.density, z);
  const integrals = createRadialIntegrals({ ...hyperparameters, density });
  if (center === z) centerIntegrals({ ...hyperparameters, density }).forEach((value, n) => (coefficients[n * orders] = (weight * value) / Math.sqrt(4 * Math.PI)));
  species.forEach((element, j) => {
    if (element !== z) return;
    const r = lengthAt(vectors, j);
    integrals(r, values, slopes);
    sphericalHarmonics(lMax, vectors[3 * j]! / r, vectors[3 * j + 1]! / r, vectors[3 * j + 2]! / r, harmonics);
    for (let n = 0; n < nMax; n++) {
      for (let l = 0; l <= lMax; l++) {
        const radial = weight * values[l * nMax + n]!;
        for (let lm = l * l; lm < (l + 1) ** 2; lm++) coefficients[n * orders + lm]! += radial * harmonics[lm]!;
      }
    }
  });
  return coefficients;
}

/**
 * Density coefficients of one environment in the optimal basis, Eq. (32), for the density that neighbors of the element belong to: [q][lm].
 * @throws InputError when the hyperparameters have no contraction, or one without the element.
 */
export function environmentCoefficients(environment: Environment, hyperparameters: DensityHyperparameters, z: number): Float64Array {
  const { basis } = hyperparameters;
  const { contraction, nMax, lMax } = basis;
  if (!contraction) throw new InputError("no optimal basis", { key: "basis.contraction", expected: "a contraction", got: "none" });
  const orders = (lMax + 1) ** 2;
  const primitive = { ...hyperparameters, basis: { ...basis, contraction: null } };
  const contracted = new Float64Array(contraction.channels * orders);
  for (const element of contraction.mixed ? contraction.species : [z]) {
    const u = elementMatrix(contraction, environment.center, element, basis);
    const coefficients = primitiveCoefficients(environment, primitive, element);
    for (let q = 0; q < contraction.channels; q++) {
      for (let lm = 0; lm < orders; lm++) {
        const row = (Math.floor(Math.sqrt(lm)) * contraction.channels + q) * nMax;
        for (let n = 0; n < nMax; n++) contracted[q * orders + lm]! += u[row + n]! * coefficients[n * orders + lm]!;
      }
    }
  }
  return contracted;
}

/**
 * Points of the grid at one distance from the center, for a few hundred distances: the squares of the odd whole numbers 2k + 1 − points add up to
 * few different sums.
 */
function shellsOf(points: number): Iterable<readonly number[]> {
  const shells = new Map<number, number[]>();
  const square = (k: number): number => (2 * k + 1 - points) ** 2;
  for (let at = 0; at < points ** 3; at++) {
    const key = square(Math.floor(at / points ** 2)) + square(Math.floor(at / points) % points) + square(at % points);
    const shell = shells.get(key);
    if (shell) shell.push(at);
    else shells.set(key, [at]);
  }
  return shells.values();
}

/**
 * ρ^a_Q of the element with atomic number `z` for Q = 1 … channels, [Q − 1][x][y][z].
 * @throws InputError when the hyperparameters have no contraction, or one without the element, and for a grid that has a point at the center.
 */
export function rebuiltDensities(environment: Environment, hyperparameters: DensityHyperparameters, z: number, grid: DensityGrid): Float32Array {
  checkGrid(grid);
  const coefficients = environmentCoefficients(environment, hyperparameters, z);
  const { lMax, contraction } = hyperparameters.basis;
  const { channels } = contraction!;
  const evaluate = createContractedFunctions(hyperparameters, z, environment.center);
  const { points } = grid;
  const along = coordinates(grid);
  const orders = (lMax + 1) ** 2;
  const [harmonics, weights] = [new Float64Array(orders), new Float64Array(channels * orders)];
  const out = new Float32Array(channels * points ** 3);
  for (const shell of shellsOf(points)) {
    const first = shell[0]!;
    const r = Math.hypot(along[Math.floor(first / points ** 2)]!, along[Math.floor(first / points) % points]!, along[first % points]!);
    const radial = evaluate(r);
    for (let q = 0; q < channels; q++) {
      for (let lm = 0; lm < orders; lm++) {
        weights[q * orders + lm] = radial[Math.floor(Math.sqrt(lm)) * channels + q]! * coefficients[q * orders + lm]!;
      }
    }
    for (const at of shell) {
      // The opposite point has the same even degrees, and the odd ones with the other sign.
      const opposite = points ** 3 - 1 - at;
      if (at > opposite) continue;
      const [x, y] = [along[Math.floor(at / points ** 2)]!, along[Math.floor(at / points) % points]!];
      sphericalHarmonics(lMax, x / r, y / r, along[at % points]! / r, harmonics);
      let [even, odd] = [0, 0];
      for (let q = 0, row = 0; q < channels; q++, row += orders) {
        for (let l = 0; l <= lMax; l++) {
          let sum = 0;
          for (let lm = l * l; lm < (l + 1) * (l + 1); lm++) sum += weights[row + lm]! * harmonics[lm]!;
          if (l % 2 === 0) even += sum;
          else odd += sum;
        }
        out[q * points ** 3 + at] = even + odd;
        out[q * points ** 3 + opposite] = even - odd;
      }
    }
  }
  return out;
}

/** ‖ρ − ρ_Q‖/‖ρ‖ over the points of the grid, [Q − 1]; not a number where there is no density. */
export function densityResiduals(density: Float32Array, rebuilt: Float32Array): Float64Array {
  const norm = density.reduce((sum, value) => sum + value * value, 0);
  return Float64Array.from({ length: rebuilt.length / density.length }, (_, q) => {
    let left = 0;
    for (let at = 0; at < density.length; at++) left += (density[at]! - rebuilt[q * density.length + at]!) ** 2;
    return norm > 0 ? Math.sqrt(left / norm) : NaN;
  });
}
