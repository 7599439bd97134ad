/**
 * Coordinates in which atoms and cell are relaxed together: positions r̃ in the first cell and, where the cell changes, the logarithm U of its
 * deformation gradient F = exp(U), U symmetric: r = F r̃, cell vectors a = F ã (Tadmor et al., doi:10.1103/PhysRevB.59.235; as ASE's
 * FrechetCellFilter). What is minimized is the enthalpy H = E + pV with V = V₀ exp(tr U):
 * ∂H/∂r̃ = −Fᵀ f, ∂H/∂F = −W F⁻ᵀ + pV F⁻ᵀ with the virial W = −∂E/∂ε of Eq. (22).
 * U enters as κU with κ = V^{1/3} N^{1/6}, so that strain and positions are about equally stiff (doi:10.1063/1.3684549).
 */
import { InputError, NumericalError } from "../errors.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import { cellVolume, type Structure } from "../structure/structure.js";
import type { Point } from "./minimizers.js";
import type { ForceEvaluation } from "./motion.js";
import { GIGAPASCAL } from "./units.js";

export type CellRelaxation =
  /** The cell stays as it is. */
  | "fixed"
  /** All lengths of the cell grow or shrink alike. */
  | "volume"
  /** Lengths and angles change; the cell does not turn. */
  | "full";

export interface RelaxationPoint extends Point {
  readonly structure: Structure;
  readonly evaluation: ForceEvaluation;
  /** Largest force on an atom that may move, eV/Å. */
  readonly maximalForce: number;
  /** Largest component of stress + pressure, GPa, of "volume" its mean; null for a fixed cell. */
  readonly maximalStress: number | null;
}

export interface RelaxationCoordinates {
  /** [atom][xyz], then κU [3][3]; Å. */
  readonly start: Float64Array;
  structureAt(x: Float64Array): Structure;
  pointAt(x: Float64Array, structure: Structure, evaluation: ForceEvaluation): RelaxationPoint;
}

/** A B, [3][3]. */
function product(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: 9 }, (_, k) => {
    const [row, column] = [3 * Math.floor(k / 3), k % 3];
    return a[row] * b[column] + a[row + 1] * b[3 + column] + a[row + 2] * b[6 + column];
  });
}

function transposed(a: Float64Array): Float64Array {
  return a.map((_, k) => a[3 * (k % 3) + Math.floor(k / 3)]);
}

function symmetric(a: Float64Array): Float64Array {
  return a.map((value, k) => (value + a[3 * (k % 3) + Math.floor(k / 3)]) / 2);
}

function diagonal(value: (k: number) => number): Float64Array {
  return Float64Array.of(value(0), 0, 0, 0, value(1), 0, 0, 0, value(2));
}

/** exp(U) of a symmetric U, its inverse, and `pullBack`: ∂H/∂U from ∂H/∂F, by the divided differences of exp between eigenvalues (Daleckii and Krein). */
export function exponential(algebra: LinearAlgebra, u: Float64Array): { F: Float64Array; inverse: Float64Array; pullBack(gradient: Float64Array): Float64Array } {
  const { values, vectors: rows } = algebra.symmetricEigen(u, 3);
  const columns = transposed(rows);
  const build = (sign: number): Float64Array => product(columns, product(diagonal((k) => Math.exp(sign * values[k])), rows));
  return {
    F: build(1),
    inverse: build(-1),
    pullBack: (gradient) => {
      const turned = product(rows, product(symmetric(gradient), columns));
      return product(columns, product(turned.map((value, k) => {
        const [a, b] = [values[Math.floor(k / 3)], values[k % 3]];
        // (eᵃ − eᵇ)/(a − b) without the difference of nearly equal numbers.
        const half = (a - b) / 2;
        return value * Math.exp((a + b) / 2) * (Math.abs(half) < 1e-4 ? 1 + (half * half) / 6 : Math.sinh(half) / half);
      }), rows));
    },
  };
}

function checkFinite({ energy, forces, virial }: ForceEvaluation): void {
  const bad = forces.findIndex((force) => !Number.isFinite(force));
  if (bad < 0 && Number.isFinite(energy) && (virial?.every(Number.isFinite) ?? true)) return;
  throw new NumericalError("energy and forces are not finite", { ...(bad >= 0 && { atom: Math.floor(bad / 3) }), expected: "numbers; do atoms overlap?", got: `${bad < 0 ? energy : forces[bad]}` });
}

/**
 * @param pressure GPa
 * @throws InputError when the cell shall change and there is none that is periodic along three axes.
 */
export function createCoordinates(
  structure: Structure, { cell: relaxed, pressure, fixedAtoms }: { cell: CellRelaxation; pressure: number; fixedAtoms: readonly number[] }, algebra: LinearAlgebra,
): RelaxationCoordinates {
  const { cell, pbc, positions } = structure;
  const size = positions.length;
  /** Forces on atoms that may move, zero on the others. */
  const released = (forces: Float64Array): Float64Array => {
    const result = forces.slice();
    for (const atom of fixedAtoms) result.fill(0, 3 * atom, 3 * atom + 3);
    return result;
  };
  const longest = (forces: Float64Array): number => forces.reduce((most, _, k) => (k % 3 === 0 ? Math.max(most, Math.hypot(forces[k], forces[k + 1], forces[k + 2])) : most), 0);
  if (relaxed === "fixed") {
    return {
      start: positions.slice(),
      structureAt: (x) => ({ ...structure, positions: x.slice() }),
      pointAt: (x, at, evaluation) => {
        checkFinite(evaluation);
        const forces = released(evaluation.forces);
        return { x, value: evaluation.energy, gradient: forces.map((force) => -force), structure: at, evaluation, maximalForce: longest(forces), maximalStress: null };
      },
    };
  }
  if (!cell || !pbc.every(Boolean)) {
    throw new InputError("there is no volume that could relax", {
      ...structure.origin, key: "cell", expected: "a cell that is periodic along all three axes, or the cell kept \"fixed\"", got: cell ? `pbc ${pbc.join(" ")}` : "no cell",
    });
  }
  const volume = Math.abs(cellVolume(cell));
  const kappa = Math.cbrt(volume) * Math.pow(Math.max(structure.species.length, 1), 1 / 6);
  const strainOf = (x: Float64Array): Float64Array => symmetric(x.slice(size)).map((value) => value / kappa);
  /** [vector][xyz] times a symmetric matrix. */
  const times = (vectors: Float64Array, matrix: Float64Array): Float64Array => {
    const result = new Float64Array(vectors.length);
    for (let k = 0; k < vectors.length; k++) {
      const [first, axis] = [k - (k % 3), k % 3];
      result[k] = vectors[first] * matrix[axis] + vectors[first + 1] * matrix[3 + axis] + vectors[first + 2] * matrix[6 + axis];
    }
    return result;
  };
  return {
    start: Float64Array.from({ length: size + 9 }, (_, k) => positions[k] ?? 0),
    structureAt: (x) => {
      const { F } = exponential(algebra, strainOf(x));
      return { ...structure, positions: times(x.subarray(0, size), F), cell: times(cell, F) };
    },
    pointAt: (x, at, evaluation) => {
      checkFinite(evaluation);
      const { forces, virial, energy } = evaluation;
      if (!virial) throw new InputError("a cell relaxes by its virial", { key: "cell", expected: "a model that gives virials, or the cell kept \"fixed\"", got: "none" });
      const { F, inverse, pullBack } = exponential(algebra, strainOf(x));
      const now = Math.abs(cellVolume(at.cell!));
      const work = (pressure / GIGAPASCAL) * now;
      const pull = symmetric(virial).map((value, k) => (k % 4 === 0 ? value - work : value));
      const mean = (pull[0] + pull[4] + pull[8]) / 3;
      const driving = relaxed === "full" ? pull : diagonal(() => mean);
      const byStrain = pullBack(product(driving, inverse).map((value) => -value));
      const free = released(forces);
      const gradient = new Float64Array(size + 9);
      gradient.set(times(free, F).map((value) => -value));
      gradient.set(byStrain.map((value) => value / kappa), size);
      const maximalStress = (driving.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / now) * GIGAPASCAL;
      return { x, value: energy + work, gradient, structure: at, evaluation, maximalForce: longest(free), maximalStress };
    },
  };
}
