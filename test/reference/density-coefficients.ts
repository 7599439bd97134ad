/**
 * Density coefficients and spectra as plain sums, THEORY.md Eqs. (5), (11)–(13): every periodic image is visited, the radial integrals are
 * evaluated without a table, and the power spectrum is the full tensor over (a, n), (b, n'). Slow, and easy to compare with the equations.
 */

import { sphericalHarmonics } from "../../src/angular/spherical-harmonics.js";
import { centerIntegrals, createRadialIntegrals } from "../../src/basis/radial-integrals.js";
import { symbolOf } from "../../src/structure/elements.js";
import type { Hyperparameters } from "../../src/features/hyperparameters.js";

export interface Atoms {
  readonly species: ArrayLike<number>;
  /** Å, [atom][xyz]. */
  readonly positions: ArrayLike<number>;
  /** Rows are lattice vectors in Å. */
  readonly cell: ArrayLike<number> | null;
  readonly pbc: readonly [boolean, boolean, boolean];
}

type Vector = readonly [number, number, number];

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function scaled(a: Vector, factor: number): Vector {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

/** Lattice vectors; those that are not periodic are replaced by vectors perpendicular to the others. */
function lattice({ cell, pbc }: Atoms): [Vector, Vector, Vector] {
  const rows = [0, 1, 2].map((axis): Vector | null => (pbc[axis] && cell ? [cell[3 * axis]!, cell[3 * axis + 1]!, cell[3 * axis + 2]!] : null));
  for (let axis = 0; axis < 3; axis++) {
    if (rows[axis]) continue;
    const present = rows.filter((row) => row !== null);
    const unit: Vector[] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
    const perpendicular = present.length === 1 ? unit.map((vector) => cross(present[0]!, vector)) : unit;
    const candidates = present.length === 2 ? [cross(present[0]!, present[1]!)] : perpendicular;
    rows[axis] = candidates.reduce((best, vector) => (dot(vector, vector) > dot(best, best) ? vector : best));
  }
  return rows as [Vector, Vector, Vector];
}

/** Calls `visit` for every neighbor within the radius of atom i, images of i included, with r_ij. */
export function forEachImage(atoms: Atoms, i: number, radius: number, visit: (j: number, vector: Vector, r: number) => void): void {
  const [a, b, c] = lattice(atoms);
  const volume = dot(a, cross(b, c));
  const dual = [cross(b, c), cross(c, a), cross(a, b)].map((vector) => scaled(vector, 1 / volume));
  const position = (k: number): Vector => [atoms.positions[3 * k]!, atoms.positions[3 * k + 1]!, atoms.positions[3 * k + 2]!];
  const origin = position(i);
  for (let j = 0; j < atoms.species.length; j++) {
    const end = position(j);
    const base: Vector = [end[0] - origin[0], end[1] - origin[1], end[2] - origin[2]];
    const range = dual.map((vector, axis): [number, number] => {
      if (!atoms.pbc[axis]) return [0, 0];
      const [fraction, span] = [dot(base, vector), radius * Math.sqrt(dot(vector, vector)) + 1e-9];
      return [Math.ceil(-fraction - span), Math.floor(-fraction + span)];
    });
    for (let p = range[0]![0]; p <= range[0]![1]; p++) {
      for (let q = range[1]![0]; q <= range[1]![1]; q++) {
        for (let s = range[2]![0]; s <= range[2]![1]; s++) {
          if (j === i && p === 0 && q === 0 && s === 0) continue;
          const vector = [0, 1, 2].map((x) => base[x]! + p * a[x]! + q * b[x]! + s * c[x]!) as unknown as Vector;
          const r = Math.sqrt(dot(vector, vector));
          if (r < radius) visit(j, vector, r);
        }
      }
    }
  }
}

/** c_{anlm} of every center: maps from the elements present in its environment (its own included) to [n][lm]. */
export function referenceDensityCoefficients(atoms: Atoms, hyperparameters: Hyperparameters): Map<number, Float64Array>[] {
  const { nMax, lMax } = hyperparameters.basis;
  const size = (lMax + 1) ** 2;
  const { widths, weights, ...plain } = hyperparameters.density;
  /** Hyperparameters of one element's atoms. */
  const ofElement = (z: number): Hyperparameters => ({ ...hyperparameters, density: { ...plain, width: widths?.[symbolOf(z)] ?? plain.width } });
  const weightOf = (z: number): number => weights?.[symbolOf(z)] ?? 1;
  const integrals = new Map([...new Set(Array.from(atoms.species))].map((z) => [z, createRadialIntegrals(ofElement(z))]));
  const [values, slopes, harmonics] = [new Float64Array(nMax * (lMax + 1)), new Float64Array(nMax * (lMax + 1)), new Float64Array(size)];
  return Array.from(atoms.species as ArrayLike<number>, (species, i) => {
    const coefficients = new Map<number, Float64Array>();
    const of = (element: number): Float64Array => {
      const found = coefficients.get(element) ?? new Float64Array(nMax * size);
      coefficients.set(element, found);
      return found;
    };
    const own = centerIntegrals(ofElement(species));
    for (let n = 0; n < nMax; n++) of(species)[n * size]! += (weightOf(species) * own[n]!) / Math.sqrt(4 * Math.PI);
    forEachImage(atoms, i, hyperparameters.cutoff.radius, (j, [x, y, z], r) => {
      integrals.get(atoms.species[j]!)!(r, values, slopes);
      sphericalHarmonics(lMax, x / r, y / r, z / r, harmonics);
      const target = of(atoms.species[j]!);
      for (let n = 0; n < nMax; n++) {
        for (let lm = 0; lm < size; lm++) target[n * size + lm]! += weightOf(atoms.species[j]!) * values[Math.floor(Math.sqrt(lm)) * nMax + n]! * harmonics[lm]!;
      }
    });
    return coefficients;
  });
}

function elements(atoms: Atoms): number[] {
  return [...new Set(Array.from(atoms.species))].sort((a, b) => a - b);
}

function normalized(vector: Float64Array, normalize: boolean): Float64Array {
  if (!normalize) return vector;
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / norm);
}

/** Full power spectrum of every center, [a][n][b][n'][l], over `species` (the elements of the structure, ascending); normalized if so chosen. */
export function referencePowerSpectrum(
  atoms: Atoms,
  hyperparameters: Hyperparameters,
  species: readonly number[] = elements(atoms),
): Float64Array[] {
  const { nMax, lMax } = hyperparameters.basis;
  const channels = species.length * nMax;
  const size = (lMax + 1) ** 2;
  return referenceDensityCoefficients(atoms, hyperparameters).map((coefficients) => {
    const spectrum = new Float64Array(channels * channels * (lMax + 1));
    const coefficient = (channel: number, lm: number): number =>
      coefficients.get(species[Math.floor(channel / nMax)]!)?.[(channel % nMax) * size + lm] ?? 0;
    for (let one = 0; one < channels; one++) {
      for (let other = 0; other < channels; other++) {
        for (let l = 0; l <= lMax; l++) {
          let sum = 0;
          for (let lm = l * l; lm < (l + 1) ** 2; lm++) sum += coefficient(one, lm) * coefficient(other, lm);
          spectrum[(one * channels + other) * (lMax + 1) + l] = sum / Math.sqrt(2 * l + 1);
        }
      }
    }
    return normalized(spectrum, hyperparameters.features.normalize);
  });
}

/** Radial spectrum of every center, [a][n], over `species` (the elements of the structure, ascending); normalized if so chosen. */
export function referenceRadialSpectrum(
  atoms: Atoms,
  hyperparameters: Hyperparameters,
  species: readonly number[] = elements(atoms),
): Float64Array[] {
  const { nMax, lMax } = hyperparameters.basis;
  return referenceDensityCoefficients(atoms, hyperparameters).map((coefficients) => {
    const spectrum = new Float64Array(species.length * nMax);
    spectrum.forEach((_, channel) => {
      spectrum[channel] = coefficients.get(species[Math.floor(channel / nMax)]!)?.[(channel % nMax) * (lMax + 1) ** 2] ?? 0;
    });
    return normalized(spectrum, hyperparameters.features.normalize);
  });
}
