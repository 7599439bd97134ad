// A prediction with the directions of a committee, Eq. (80), summed over terms and batches.
import type { RangePrediction } from "./tasks.js";

export class SpreadSums {
  readonly localEnergies: Float64Array;
  readonly virial: Float64Array | null;
  /** [atom of the range][direction] */
  #energies: Float64Array | null = null;
  /** [output][atom][xyz], the potential's own output first. */
  #forces: Float64Array | null = null;
  readonly #atoms: number;

  /** @param own atoms of the range, @param atoms of the structure */
  constructor(own: number, atoms: number, withForces: boolean) {
    this.localEnergies = new Float64Array(own);
    this.#atoms = atoms;
    this.virial = withForces ? new Float64Array(9) : null;
  }

  /** @param energies [member], @param directions [member][direction] */
  addEnergies(members: readonly number[], energies: Float64Array, directions: Float64Array, count: number): void {
    this.#energies ??= new Float64Array(this.localEnergies.length * count);
    members.forEach((center, member) => {
      this.localEnergies[center]! += energies[member]!;
      for (let d = 0; d < count; d++) this.#energies![center * count + d]! += directions[member * count + d]!;
    });
  }

  addForces(forces: Float64Array): void {
    if (this.#forces) forces.forEach((force, k) => (this.#forces![k]! += force));
    else this.#forces = forces;
  }

  result(): RangePrediction {
    const length = 3 * this.#atoms;
    return {
      localEnergies: this.localEnergies,
      forces: this.virial && (this.#forces ? this.#forces.slice(0, length) : new Float64Array(length)),
      virial: this.virial,
      spread: { energies: this.#energies ?? new Float64Array(0), forces: this.#forces && this.#forces.slice(length) },
    };
  }
}
