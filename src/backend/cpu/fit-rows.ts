// Rows of Λ^{−1/2} L K for energies, forces and virials, Eqs. (17) and (23).
import type { FitLabels } from "../backend.js";
import type { EnvironmentBatch } from "./environments.js";
import type { FeaturePass } from "./feature-pass.js";
import { computeFeatureGradients } from "./feature-gradients.js";
import type { KernelPass } from "./kernel-pass.js";

const F64 = 8;

/** Rows of a fit in the columns of one term, [row][column]. */
export interface TermRows {
  readonly rows: Float64Array;
  readonly columns: number;
}

export class FitRows {
  readonly #features: FeaturePass;
  readonly #kernel: KernelPass;

  constructor(features: FeaturePass, kernel: KernelPass) {
    this.#features = features;
    this.#kernel = kernel;
  }

  /** Rows of a structure whose environments are loaded: energy, forces, virial, as far as it is labelled; [row][column]. */
  compute(atoms: number, labels: FitLabels, batches: readonly EnvironmentBatch[]): Float64Array {
    const { kernels } = this.#features;
    const { columns } = this.#kernel;
    const energyRows = labels.energy === null ? 0 : 1;
    const forceRows = labels.forces ? 3 * atoms : 0;
    const count = energyRows + forceRows + (labels.virial ? 6 : 0);
    if (count === 0) return new Float64Array(0);
    const bytes = columns * F64;
    // One row more than counted: without an energy label the kernel still has to go somewhere.
    const rows = this.#features.reserve((count + 1) * columns);
    kernels.float64(rows, (count + 1) * columns).fill(0);
    const place = {
      energy: energyRows ? rows : rows + count * bytes,
      forces: rows + energyRows * bytes,
      virial: rows + (energyRows + forceRows) * bytes,
    };
    const mark = kernels.mark();
    for (const batch of batches) {
      this.#features.forward(batch);
      this.#addBatch(atoms, labels, place);
      kernels.release(mark);
    }
    return kernels.float64(rows, count * columns).slice();
  }

  #addBatch(atoms: number, { forces, virial, weights }: FitLabels, place: { energy: number; forces: number; virial: number }): void {
    const features = this.#features;
    const { kernels, batch } = features;
    const center = this.#kernel.center;
    if (!center || center.points === 0) return;
    const bytes = this.#kernel.columns * F64;
    const column = center.column * F64;
    const factors = this.#kernel.products(center, features.rows, batch.members.length);
    kernels.exports.kernelRow(batch.members.length, center.points, this.#kernel.zeta, weights.energy, factors, place.energy + column);
    if (!forces && !virial) return;
    const weight = (of: number | Float64Array, row: number): number => (typeof of === "number" ? of : of[row]!);
    const slots = new Int32Array(atoms);
    const mark = kernels.mark();
    batch.members.forEach((member, index) => {
      const around = this.#distinctAtoms(index, batch.environments.first + member, slots);
      const count = 3 * around.length + (virial ? 6 : 0);
      const gradients = features.reserve(count * features.stride);
      computeFeatureGradients(features, index, {
        slotOf: (atom) => slots[atom]! - 1,
        atoms: around.length,
        virial: virial !== null,
        rows: gradients,
      });
      const products = this.#kernel.products(center, gradients, count);
      const factor = factors + index * center.points * F64;
      const add = (scale: number, row: number, target: number): void =>
        kernels.exports.addScaled(center.points, scale, factor, products + row * center.points * F64, target + column);
      if (forces)
        around.forEach((atom, slot) => [0, 1, 2].forEach((axis) => add(-weight(weights.forces, 3 * atom + axis), 3 * slot + axis, place.forces + (3 * atom + axis) * bytes)));
      if (virial) for (let v = 0; v < 6; v++) add(weight(weights.virial, v), 3 * around.length + v, place.virial + v * bytes);
      for (const atom of around) slots[atom] = 0;
      kernels.release(mark);
    });
  }

  /** The center and the distinct atoms around it; `slots[atom]` becomes their position plus one. */
  #distinctAtoms(member: number, center: number, slots: Int32Array): number[] {
    const { batch } = this.#features;
    const around = [center];
    slots[center] = 1;
    for (let k = 0; k < batch.present.length; k++) {
      const [first, count] = this.#features.pairsOf(member, k);
      for (let pair = first; pair < first + count; pair++) {
        const atom = batch.environments.neighbors[pair]!;
        if (slots[atom] === 0) slots[atom] = around.push(atom);
      }
    }
    return around;
  }
}

/** [row][column of every term]. */
export function sideBySide(parts: readonly TermRows[]): Float64Array {
  if (parts.length === 1) return parts[0]!.rows;
  const columns = parts.reduce((sum, part) => sum + part.columns, 0);
  const out = new Float64Array(parts.reduce((sum, { rows }) => sum + rows.length, 0));
  let first = 0;
  for (const part of parts) {
    for (let row = 0; row * columns < out.length; row++) out.set(part.rows.subarray(row * part.columns, (row + 1) * part.columns), row * columns + first);
    first += part.columns;
  }
  return out;
}
