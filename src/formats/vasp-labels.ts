/**
 * What VASP's outputs say of a structure, as labels.
 *
 *   energy        the free energy F (TOTEN, e_fr_energy) in eV: forces and stress are its derivatives, so that the three belong to one surface
 *   e_0_energy    E₀, the energy for a smearing that goes to 0 (eV); kept, and taken with --energy-key e_0_energy
 *   e_wo_entrp    the energy without entropy (eV)
 *   stress        σ = ∂F/∂ε / V in eV/Å³, positive under tension; VASP prints the opposite sign in kbar: σ = −p/1602.1766
 *   forces        eV/Å
 */
import type { AtomArray, InfoValue } from "../structure/structure.js";

/** kbar in 1 eV/Å³. */
const KBAR = 1602.1766208;

export interface VaspResults {
  readonly free: number;
  readonly sigma0: number | null;
  readonly withoutEntropy: number | null;
  /** As VASP prints it, in kbar, [3][3]; null where it was not computed. */
  readonly pressure: readonly number[] | null;
  /** Null where the calculation has none. */
  readonly forces: Float64Array | null;
}

export function vaspLabels({ free, sigma0, withoutEntropy, pressure, forces }: VaspResults) {
  const info = new Map<string, InfoValue>([["energy", free]]);
  if (sigma0 !== null) info.set("e_0_energy", sigma0);
  if (withoutEntropy !== null) info.set("e_wo_entrp", withoutEntropy);
  if (pressure) info.set("stress", pressure.map((value) => -value / KBAR));
  return { info, arrays: new Map<string, AtomArray>(forces ? [["forces", { kind: "R", width: 3, values: forces }]] : []) };
}
