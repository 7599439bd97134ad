// Rows of Λ^{−1/2} L K for energies, forces and virials, Eqs. (17) and (23), whitened with G, Eq. (18), and summed up to ΦᵀΦ and Φᵀ Λ^{−1/2} y.
import type { EnvironmentBatch } from "./environments.js";
import type { FeaturePass } from "./feature-pass.js";
import { computeFeatureGradients, VOIGT } from "./feature-gradients.js";
import type { KernelPass } from "./kernel-pass.js";

/** Labels of one structure, baseline removed, and the weights 1/√Λ of its rows. */
export interface TaskLabels {
  readonly energy: number | null;
  /** [atom][xyz] */
  readonly forces: Float64Array | null;
  /** [3][3] */
  readonly virial: Float64Array | null;
  readonly weights: { readonly energy: number; readonly forces: number; readonly virial: number };
}

export interface FitSums {
  /** Lower triangle of ΦᵀΦ, [column][column], columns padded per element to an even number. */
  readonly gram: Float64Array | null;
  /** Φᵀ y, [column]. */
  readonly right: Float64Array | null;
  /** Φ and y themselves, when asked for. */
  readonly rows: Float64Array | null;
  readonly targets: Float64Array;
}

const F64 = 8;
/** Rows that are whitened and multiplied in one go: enough to make the products run at full speed. */
const FLUSH = 384;

export class FitRows {
  readonly #features: FeaturePass;
  readonly #kernel: KernelPass;
  readonly #keepRows: boolean;
  readonly #columns: number;
  /** ΦᵀΦ and Φᵀy in the kernels' memory. */
  readonly #gram: number;
  readonly #right: number;
  readonly #kept: Float64Array[] = [];
  #targets: number[] = [];
  #pending: Float64Array[] = [];
  #pendingRows = 0;
  #pendingTargets: number[] = [];

  constructor(features: FeaturePass, kernel: KernelPass, keepRows: boolean) {
    this.#features = features;
    this.#kernel = kernel;
    this.#keepRows = keepRows;
    this.#columns = kernel.columns;
    this.#gram = keepRows ? 0 : this.#zeros(kernel.columns ** 2);
    this.#right = keepRows ? 0 : this.#zeros(kernel.columns);
  }

  #zeros(length: number): number {
    const pointer = this.#features.reserve(length);
    this.#features.kernels.float64(pointer, length).fill(0);
    return pointer;
  }

  /** Adds the rows of a structure whose environments are loaded. */
  add(atoms: number, labels: TaskLabels, batches: readonly EnvironmentBatch[]): void {
    const { kernels } = this.#features;
    const energyRows = labels.energy === null ? 0 : 1;
    const forceRows = labels.forces ? 3 * atoms : 0;
    const count = energyRows + forceRows + (labels.virial ? 6 : 0);
    if (count === 0) return;
    const bytes = this.#columns * F64;
    // One row more than counted: without an energy label the kernel still has to go somewhere.
    const rows = this.#zeros((count + 1) * this.#columns);
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
    this.#pending.push(kernels.float64(rows, count * this.#columns).slice());
    this.#pendingRows += count;
    if (labels.energy !== null) this.#pendingTargets.push(labels.energy * labels.weights.energy);
    if (labels.forces) for (const force of labels.forces) this.#pendingTargets.push(force * labels.weights.forces);
    if (labels.virial)
      for (const [a, b] of VOIGT) this.#pendingTargets.push(0.5 * (labels.virial[3 * a + b]! + labels.virial[3 * b + a]!) * labels.weights.virial);
    if (this.#pendingRows >= FLUSH) this.#flush();
  }

  #addBatch(atoms: number, { forces, virial, weights }: TaskLabels, place: { energy: number; forces: number; virial: number }): void {
    const features = this.#features;
    const { kernels, batch } = features;
    const center = this.#kernel.center;
    if (!center || center.points === 0) return;
    const bytes = this.#columns * F64;
    const column = center.column * F64;
    const factors = this.#kernel.products(center, features.rows, batch.members.length);
    kernels.exports.kernelRow(batch.members.length, center.points, this.#kernel.zeta, weights.energy, factors, place.energy + column);
    if (!forces && !virial) return;
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
        around.forEach((atom, slot) => [0, 1, 2].forEach((axis) => add(-weights.forces, 3 * slot + axis, place.forces + (3 * atom + axis) * bytes)));
      if (virial) for (let v = 0; v < 6; v++) add(weights.virial, 3 * around.length + v, place.virial + v * bytes);
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

  #flush(): void {
    const { kernels } = this.#features;
    const { exports } = kernels;
    const columns = this.#columns;
    const count = this.#pendingRows;
    if (count === 0) return;
    const mark = kernels.mark();
    const rows = this.#features.reserve(count * columns);
    let at = 0;
    for (const part of this.#pending) {
      kernels.float64(rows + at * F64, part.length).set(part);
      at += part.length;
    }
    for (const center of this.#kernel.centers) {
      if (center && center.used > 0)
        exports.trsmRightLowerTransposed(count, center.used, center.factor, center.used, rows + center.column * F64, columns);
    }
    this.#targets.push(...this.#pendingTargets);
    if (!this.#keepRows) {
      exports.syrk(columns, count, 1, rows, columns, 1, this.#gram, columns);
      this.#pendingTargets.forEach((target, row) => exports.axpy(columns, target, rows + row * columns * F64, this.#right));
    }
    if (this.#keepRows) this.#kept.push(kernels.float64(rows, count * columns).slice());
    this.#pending = [];
    this.#pendingRows = 0;
    this.#pendingTargets = [];
    kernels.release(mark);
  }

  result(): FitSums {
    this.#flush();
    const targets = Float64Array.from(this.#targets);
    if (this.#keepRows) return { gram: null, right: null, rows: concatenate(this.#kept), targets };
    const { kernels } = this.#features;
    return {
      gram: kernels.float64(this.#gram, this.#columns ** 2).slice(),
      right: kernels.float64(this.#right, this.#columns).slice(),
      rows: null,
      targets,
    };
  }
}

function concatenate(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
