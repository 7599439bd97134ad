// Forward and reverse pass of the features of a batch of environments: positions → coefficients, Eq. (5) → spectrum, Eqs. (11)–(13), and back, Eq. (21).
import type { WasmKernels } from "../../linalg/wasm-kernels.js";
import type { EnvironmentBatch } from "./environments.js";
import { packLayout, type PackedLayout } from "./packed-layout.js";
import type { FeaturePlan } from "./plan.js";

const F64 = 8;

/** Features of one batch, resident in the kernels' memory until the next batch. */
export class FeaturePass {
  readonly kernels: WasmKernels;
  readonly plan: FeaturePlan;
  readonly #center: number;
  /** Arguments that all kernels share: nMax, nStride, lMax. */
  readonly #channels: readonly [number, number, number];
  /** nStride, lMax, recurrence, table, start, inverseStep. */
  readonly #radial: readonly [number, number, number, number, number, number];
  readonly #mark: number;

  batch!: EnvironmentBatch;
  /** Numbers of one element's coefficients of one center, [lm][nStride]. */
  readonly blockSize: number;
  /** [member][present][lm][nStride] */
  coefficients = 0;
  /** Features of the batch, [member][stride], normalized if the plan says so. */
  rows = 0;
  #layout: PackedLayout = packLayout({ species: [], blocks: [], size: 0 }, []);
  /** 1/|p| of each member; 1 where features are not normalized, 0 for an environment without density. */
  inverseNorms = new Float64Array(0);
  #vectors = 0;
  #distances = 0;
  #spectrumScratch = 0;
  #pairScratch = 0;
  #densityScratch = 0;

  constructor(kernels: WasmKernels, plan: FeaturePlan, recurrence: Float64Array) {
    this.kernels = kernels;
    this.plan = plan;
    this.blockSize = (plan.lMax + 1) ** 2 * plan.nStride;
    this.#center = this.place(plan.table.center);
    const { nMax, nStride, lMax, table } = plan;
    this.#channels = [nMax, nStride, lMax];
    this.#radial = [nStride, lMax, this.place(recurrence), this.place(table.rows), table.start, table.inverseStep];
    this.#mark = kernels.mark();
  }

  /** Features present in the batch; rows are padded to `stride`. */
  get rowSize(): number {
    return this.#layout.rowSize;
  }

  get stride(): number {
    return this.#layout.stride;
  }

  get runs(): PackedLayout["runs"] {
    return this.#layout.runs;
  }

  /** Copies an array into the kernels' memory. */
  place(values: Float64Array): number {
    const pointer = this.kernels.allocate(values.byteLength);
    this.kernels.float64(pointer, values.length).set(values);
    return pointer;
  }

  reserve(length: number): number {
    return this.kernels.allocate(length * F64);
  }

  /** First pair, and number of pairs, of a member with its k-th present element. */
  pairsOf(member: number, k: number): [first: number, count: number] {
    const { environments, members, present } = this.batch;
    const at = members[member]! * this.plan.layout.species.length + present[k]!;
    const first = environments.offsets[at]!;
    return [first, environments.offsets[at + 1]! - first];
  }

  /** Copies the pairs of a range of centers in; the batches that follow must be of these environments. */
  load(environments: EnvironmentBatch["environments"]): void {
    this.#vectors = this.place(environments.vectors);
    this.#distances = this.place(environments.distances);
  }

  /** Computes coefficients and features of a batch. */
  forward(batch: EnvironmentBatch): void {
    this.batch = batch;
    const { plan, kernels } = this;
    const { members, present, environments } = batch;
    this.#layout = packLayout(plan.layout, present);
    const degrees = plan.lMax + 1;
    this.coefficients = this.reserve(members.length * present.length * this.blockSize);
    this.rows = this.reserve(members.length * this.stride);
    this.#spectrumScratch = this.reserve(2 * plan.nStride ** 2);
    this.#pairScratch = this.reserve(kernels.exports.pairScratch(plan.nStride, plan.lMax));
    this.#densityScratch = this.reserve(this.#longest() * (degrees * plan.nStride + degrees ** 2));
    this.inverseNorms = new Float64Array(members.length).fill(1);
    for (let member = 0; member < members.length; member++) {
      for (let k = 0; k < present.length; k++) {
        const [first, count] = this.pairsOf(member, k);
        const own = plan.hasCenter && environments.centers[members[member]!] === present[k];
        kernels.exports.densityCoefficients(
          ...this.#radial,
          this.#vectors + 24 * first,
          this.#distances + 8 * first,
          count,
          own ? this.#center : 0,
          this.#densityScratch,
          this.block(member, k),
        );
      }
      this.#spectrum(member);
    }
  }

  /** Coefficients of a member with its k-th present element. */
  block(member: number, k: number): number {
    return this.coefficients + (member * this.batch.present.length + k) * this.blockSize * F64;
  }

  #spectrum(member: number): void {
    const { plan, kernels } = this;
    const { exports } = kernels;
    const row = this.rows + member * this.stride * F64;
    for (const { a, b, packed } of this.#layout.blocks) {
      const out = row + packed * F64;
      if (plan.kind === "radial-spectrum") kernels.float64(out, plan.nMax).set(kernels.float64(this.block(member, a), plan.nMax));
      else exports.powerSpectrum(...this.#channels, this.block(member, a), this.block(member, b), a === b ? 1 : 0, this.#spectrumScratch, out);
    }
    if (!plan.normalize) return;
    const square = exports.dot(this.rowSize, row, row);
    const inverse = square > 0 ? 1 / Math.sqrt(square) : 0;
    this.inverseNorms[member] = inverse;
    exports.scaleBy(this.rowSize, inverse, row);
  }

  /**
   * Reverse pass: from ∂ε/∂p̂ of the batch, [member][stride] at `gradient` (overwritten), to pair forces.
   * Calls `receive(member, pair, forces)` with f_ij in eV/Å, [pair from `pair` on][3], for every group of pairs; the view is valid during the call.
   */
  backward(gradient: number, receive: (member: number, pair: number, forces: Float64Array) => void): void {
    const { kernels, plan, batch } = this;
    const { members, present } = batch;
    const adjoint = this.reserve(present.length * this.blockSize);
    const forces = this.reserve(3 * this.#longest());
    for (let member = 0; member < members.length; member++) {
      const row = gradient + member * this.stride * F64;
      this.#throughNorm(member, row);
      kernels.float64(adjoint, present.length * this.blockSize).fill(0);
      for (const { a, b, packed } of this.#layout.blocks) {
        const source = row + packed * F64;
        const [da, db] = [adjoint + a * this.blockSize * F64, adjoint + b * this.blockSize * F64];
        if (plan.kind === "radial-spectrum") kernels.float64(da, plan.nMax).set(kernels.float64(source, plan.nMax));
        else
          kernels.exports.powerSpectrumAdjoint(
            ...this.#channels,
            this.block(member, a),
            this.block(member, b),
            a === b ? 1 : 0,
            source,
            this.#spectrumScratch,
            da,
            db,
          );
      }
      for (let k = 0; k < present.length; k++) {
        const [first, count] = this.pairsOf(member, k);
        if (count === 0) continue;
        kernels.exports.pairForces(
          ...this.#radial,
          this.#vectors + 24 * first,
          this.#distances + 8 * first,
          count,
          adjoint + k * this.blockSize * F64,
          this.#pairScratch,
          forces,
        );
        receive(member, first, kernels.float64(forces, 3 * count));
      }
    }
  }

  #longest(): number {
    let most = 0;
    for (let member = 0; member < this.batch.members.length; member++)
      for (let k = 0; k < this.batch.present.length; k++) most = Math.max(most, this.pairsOf(member, k)[1]);
    return most;
  }

  /** ∂/∂p from ∂/∂p̂, in place: (g − p̂ (p̂·g))/|p|. */
  #throughNorm(member: number, gradient: number): void {
    if (!this.plan.normalize) return;
    const { exports } = this.kernels;
    const row = this.rows + member * this.stride * F64;
    exports.axpy(this.rowSize, -exports.dot(this.rowSize, row, gradient), row, gradient);
    exports.scaleBy(this.rowSize, this.inverseNorms[member]!, gradient);
  }

  /**
   * Derivatives of one member's features with respect to the positions of the atoms around it, and to strain.
   * Rows: for the d-th distinct atom (numbered by `slotOf`, slot 0 is the center) rows 3d + α, [α] of ∂p̂/∂r_α; then, if `virial`,
   * six rows −Σ_j r_α ∂p̂/∂r_jβ for xx, yy, zz, yz, xz, xy. All have `stride` columns and are overwritten.
   */
  gradientRows(member: number, slotOf: (atom: number) => number, atoms: number, virial: boolean, rows: number): void {
    const { kernels, batch } = this;
    const { exports } = kernels;
    const { present, environments } = batch;
    const stride = this.stride * F64;
    const total = 3 * atoms + (virial ? 6 : 0);
    kernels.float64(rows, total * this.stride).fill(0);
    const mark = kernels.mark();
    const derivative = this.reserve(3 * this.blockSize);
    const moved = this.reserve(this.stride);
    for (let k = 0; k < present.length; k++) {
      const [first, count] = this.pairsOf(member, k);
      for (let pair = first; pair < first + count; pair++) {
        exports.densityCoefficientsGradient(...this.#radial, this.#vectors + 24 * pair, environments.distances[pair]!, this.#pairScratch, derivative);
        const slot = slotOf(environments.neighbors[pair]!);
        for (let axis = 0; axis < 3; axis++) {
          for (const { a, b, packed, size } of this.#layout.blocks) {
            if (a !== k && b !== k) continue;
            this.#blockGradient(member, k, a, b, derivative + axis * this.blockSize * F64, moved + packed * F64);
            const at = packed * F64;
            // An image of the center moves with it: the two contributions cancel.
            if (slot !== 0) {
              exports.axpy(size, 1, moved + at, rows + (3 * slot + axis) * stride + at);
              exports.axpy(size, -1, moved + at, rows + axis * stride + at);
            }
            if (!virial) continue;
            for (let v = 0; v < 6; v++) {
              const [alpha, beta] = VOIGT[v]!;
              if (beta === axis) exports.axpy(size, -environments.vectors[3 * pair + alpha]!, moved + at, rows + (3 * atoms + v) * stride + at);
            }
          }
        }
      }
    }
    kernels.release(mark);
    for (let row = 0; row < total; row++) this.#throughNorm(member, rows + row * stride);
  }

  #blockGradient(member: number, k: number, a: number, b: number, derivative: number, out: number): void {
    const { kernels, plan } = this;
    if (plan.kind === "radial-spectrum") {
      kernels.float64(out, plan.nMax).set(kernels.float64(derivative, plan.nMax));
      return;
    }
    const moving = k === a ? 0 : 1;
    kernels.exports.powerSpectrumGradient(
      ...this.#channels,
      this.block(member, a === b || k === b ? a : b),
      derivative,
      a === b ? 1 : 0,
      moving,
      this.#spectrumScratch,
      out,
    );
  }

  /** Forgets the loaded pairs and the last batch. */
  release(): void {
    this.kernels.release(this.#mark);
  }
}

/** Index pairs (α, β) of the symmetric components xx, yy, zz, yz, xz, xy. */
export const VOIGT: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 1],
  [2, 2],
  [1, 2],
  [0, 2],
  [0, 1],
];
