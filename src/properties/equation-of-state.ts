/**
 * Equation of state of Birch and Murnaghan, third order in the finite strain (Birch, doi:10.1103/PhysRev.71.809):
 * E(V) = E₀ + (9 V₀ B₀/16) {(x − 1)³ B₀' + (x − 1)² (6 − 4x)}, x = (V₀/V)^{2/3}.
 * It is a cubic polynomial in V^{−2/3} and so is fitted by linear least squares; E₀, V₀, B₀ and B₀' follow from the polynomial.
 */
import { relax, type RelaxationOptions } from "../dynamics/relax.js";
import type { EnergyModel } from "../dynamics/energy-model.js";
import { checkRange } from "../dynamics/option-checks.js";
import { GIGAPASCAL } from "../dynamics/units.js";
import { InputError, NumericalError } from "../errors.js";
import { createLinearAlgebra, type LinearAlgebra } from "../linalg/linear-algebra.js";
import { cellVolume, type Structure } from "../structure/structure.js";
import { strainStructure } from "../structure/supercell.js";
import { volumeOf } from "./volume.js";

export interface BirchMurnaghan {
  /** E₀, eV. */
  readonly energy: number;
  /** V₀, Å³. */
  readonly volume: number;
  /** B₀ = V ∂²E/∂V², GPa. */
  readonly bulkModulus: number;
  /** B₀' = ∂B/∂p at p = 0. */
  readonly bulkModulusDerivative: number;
  /** Root-mean-square deviation of the energies from the fit, eV. */
  readonly residual: number;
}

/** E(V) of the formula, eV. */
export function birchMurnaghanEnergy({ energy, volume, bulkModulus, bulkModulusDerivative }: Omit<BirchMurnaghan, "residual">, at: number): number {
  const x = Math.cbrt(volume / at) ** 2;
  return energy + ((9 * volume * bulkModulus) / (16 * GIGAPASCAL)) * ((x - 1) ** 3 * bulkModulusDerivative + (x - 1) ** 2 * (6 - 4 * x));
}

/**
 * @param volumes Å³
 * @param energies eV
 * @throws InputError on fewer than four volumes; NumericalError when the energies have no minimum between the volumes.
 */
export function fitBirchMurnaghan(algebra: LinearAlgebra, volumes: ArrayLike<number>, energies: ArrayLike<number>): BirchMurnaghan {
  const size = volumes.length;
  if (size < 4 || energies.length !== size) throw new InputError("an equation of state has four parameters", { key: "volumes", expected: "four volumes or more, with an energy each", got: `${size} and ${energies.length}` });
  const [smallest, largest] = [Math.min(...Array.from(volumes)), Math.max(...Array.from(volumes))];
  const reference = Math.sqrt(smallest * largest);
  // Powers of y − 1 with y = (V/reference)^{−2/3}: those of y alone are nearly dependent.
  const rows = Float64Array.from({ length: 4 * size }, (_, k) => (Math.cbrt(reference / volumes[Math.floor(k / 4)]) ** 2 - 1) ** (k % 4));
  const shift = energies[0];
  const [c0, c1, c2, c3] = algebra.leastSquares(rows, size, 4, Float64Array.from({ length: size }, (_, k) => energies[k] - shift));
  // The minimum: c₁ + 2c₂ u + 3c₃ u² = 0 at u = y − 1 with 2c₂ + 6c₃ u > 0; this form of the root does not divide by a vanishing c₃.
  const u = -c1 / (c2 + Math.sqrt(c2 * c2 - 3 * c1 * c3));
  const volume = reference / Math.sqrt(1 + u) ** 3;
  if (!(volume > smallest && volume < largest)) {
    throw new NumericalError("the energies have no minimum between the volumes", { key: "volumes", expected: "volumes on both sides of the minimum; relax the cell first", got: `${smallest.toPrecision(5)} to ${largest.toPrecision(5)} Å³` });
  }
  // With x = y/y₀: E = E₀ + e₂ (x − 1)² + e₃ (x − 1)³, e₂ = 9V₀B₀/8, e₃ = 9V₀B₀ (B₀' − 4)/16.
  const [e2, e3] = [(c2 + 3 * c3 * u) * (1 + u) ** 2, c3 * (1 + u) ** 3];
  const energy = shift + c0 + u * (c1 + u * (c2 + u * c3));
  const fit = { energy, volume, bulkModulus: ((8 * e2) / (9 * volume)) * GIGAPASCAL, bulkModulusDerivative: 4 + (2 * e3) / e2 };
  let squares = 0;
  for (let k = 0; k < size; k++) squares += (energies[k] - birchMurnaghanEnergy(fit, volumes[k])) ** 2;
  return { ...fit, residual: Math.sqrt(squares / size) };
}

export interface EquationOfStateOptions extends Pick<RelaxationOptions, "signal" | "maximalForce"> {
  /** Largest relative change of lengths, 0.02 by default. */
  readonly strain?: number;
  /** Volumes, 9 by default. */
  readonly points?: number;
  /** Whether the atoms relax at each volume, false by default: in a crystal without free coordinates they cannot. */
  readonly relaxAtoms?: boolean;
}

export interface EquationOfState extends BirchMurnaghan {
  /** (V₀/V)^{1/3} with the volume V of the structure: lattice constants times this are those at the minimum. */
  readonly scale: number;
  /** Å³, [point]. */
  readonly volumes: Float64Array;
  /** eV, [point]. */
  readonly energies: Float64Array;
}

/**
 * Energies of a crystal at evenly spaced lattice constants around its own, and their fit.
 * @throws InputError on options out of range, or a structure that is not periodic along three axes; NumericalError as `fitBirchMurnaghan`.
 */
export async function equationOfState(model: EnergyModel, structure: Structure, options: EquationOfStateOptions = {}): Promise<EquationOfState> {
  const { strain = 0.02, points = 9, relaxAtoms = false, ...relaxation } = options;
  checkRange("strain", strain, strain > 0 && strain < 0.5, "a number above 0 and below 0.5, for example 0.02");
  checkRange("points", points, Number.isSafeInteger(points) && points >= 4, "a whole number, 4 or more");
  const volume = volumeOf(structure);
  const scaled = Array.from({ length: points }, (_, k) => {
    const e = strain * ((2 * k) / (points - 1) - 1);
    return strainStructure(structure, [e, 0, 0, 0, e, 0, 0, 0, e]);
  });
  const energies = new Float64Array(points);
  if (relaxAtoms) for (const [k, at] of scaled.entries()) energies[k] = (await relax(model, at, relaxation)).energy;
  else energies.set((await model(scaled, relaxation)).map(({ energy }) => energy));
  const volumes = Float64Array.from(scaled, (at) => Math.abs(cellVolume(at.cell!)));
  const fit = fitBirchMurnaghan(await createLinearAlgebra(), volumes, energies);
  return { ...fit, scale: Math.cbrt(fit.volume / volume), volumes, energies };
}
