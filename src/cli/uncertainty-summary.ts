import type { Committee, Prediction } from "../index.js";
import { committeeLine } from "./fit-report.js";
import { formatSignificant } from "./table.js";

/** Expected errors over all structures of a file: their root mean squares, and where they are largest. */
export class UncertaintySummary {
  #structures = 0;
  #components = 0;
  #energySquares = 0;
  #forceSquares = 0;
  #largestEnergy = 0;
  #largestForce = 0;
  #worst = -1;
  #index = -1;

  add({ uncertainty, localEnergies }: Prediction): void {
    this.#index++;
    if (!uncertainty) return;
    const perAtom = uncertainty.energy / Math.max(1, localEnergies.length);
    this.#structures++;
    this.#energySquares += perAtom ** 2;
    this.#largestEnergy = Math.max(this.#largestEnergy, perAtom);
    for (const sigma of uncertainty.forces ?? []) {
      this.#components++;
      this.#forceSquares += sigma ** 2;
      if (sigma > this.#largestForce) [this.#largestForce, this.#worst] = [sigma, this.#index];
    }
  }

  /** eV/atom, eV/Å; the structure with the largest of a force component by index from 0. */
  report({ members, calibration }: Committee): object {
    return {
      members, calibration,
      energy_sigma_rms: Math.sqrt(this.#energySquares / Math.max(1, this.#structures)), energy_sigma_max: this.#largestEnergy,
      ...(this.#components > 0 && {
        force_sigma_rms: Math.sqrt(this.#forceSquares / this.#components), force_sigma_max: this.#largestForce, force_sigma_max_structure: this.#worst,
      }),
    };
  }

  text(committee: Committee): string {
    const energies = `energies ${formatSignificant(Math.sqrt(this.#energySquares / Math.max(1, this.#structures)))} eV/atom (at most ${formatSignificant(this.#largestEnergy)})`;
    const forces = this.#components === 0 ? "" :
      `, forces ${formatSignificant(Math.sqrt(this.#forceSquares / this.#components))} eV/Å (at most ${formatSignificant(this.#largestForce)}, in structure ${this.#worst})`;
    return `expected errors: ${energies}${forces}\ncommittee: ${committeeLine(committee)}\n`;
  }
}
