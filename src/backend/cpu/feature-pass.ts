// Forward and reverse pass of the features of a batch of environments: positions → coefficients, Eq. (5) → features, Eqs. (11)–(13) and (49)–(52), and
// back, Eq. (21).
import { harmonicRecurrence } from "../../angular/spherical-harmonics.js";
import type { WasmKernels } from "../../linalg/wasm-kernels.js";
import type { EnvironmentBatch } from "./environments.js";
import type { PackedLayout } from "./packed-layout.js";
import { ChainPass } from "./passes/chain-pass.js";
import { PairSpectrumPass } from "./passes/pair-spectrum-pass.js";
import type { SymmetrizationPass } from "./passes/symmetrization-pass.js";
import type { FeaturePlan, PackedTable } from "./plan.js";

const F64 = 8;

/** How neighbors of one element enter the density. */
interface ResidentElement {
  /** Arguments of the kernels: nStride, lMax, recurrence, table, start, inverseStep. */
  readonly radial: readonly [number, number, number, number, number, number];
  /** Expansion of the center's own density, [nStride]. */
  readonly center: number;
}

/** The neighbors of one element around one member of a batch. */
interface PairGroup {
  readonly element: number;
  readonly first: number;
  readonly count: number;
}

/** Features of one batch, resident in the kernels' memory until the next batch. */
export class FeaturePass {
  readonly kernels: WasmKernels;
  readonly plan: FeaturePlan;
  /** Arguments that all kernels share: nMax, nStride, lMax. */
  readonly channels: readonly [number, number, number];
  /** [center element][element] */
  readonly #elements: readonly (readonly ResidentElement[])[];
  /** From coefficients to rows and back. */
  readonly symmetrization: SymmetrizationPass;
  readonly #mark: number;

  batch!: EnvironmentBatch;
  /** Numbers of one element's coefficients of one center, [lm][nStride]. */
  readonly blockSize: number;
  /** [member][present][lm][nStride] */
  coefficients = 0;
  /** Features of the batch, [member][stride], normalized if the plan says so. */
  rows = 0;
  /** Columns of the batch's rows. */
  layout!: PackedLayout;
  /** 1/|p| of each member; 1 where features are not normalized, 0 for an environment without density. */
  inverseNorms = new Float64Array(0);
  #vectors = 0;
  #distances = 0;
  #neighbors = 0;
  pairScratch = 0;
  #densityScratch = 0;
  #densityPart = 0;

  constructor(kernels: WasmKernels, plan: FeaturePlan) {
    this.kernels = kernels;
    this.plan = plan;
    this.blockSize = (plan.lMax + 1) ** 2 * plan.nStride;
    const { nMax, nStride, lMax, tables } = plan;
    this.channels = [nMax, nStride, lMax];
    const { sectoral, a, b, g } = harmonicRecurrence(lMax);
    const harmonics = this.place(new Float64Array([...sectoral, ...a, ...b, ...g]));
    const placed = new Map(
      [...new Set(tables.flat())].map((table): [PackedTable, ResidentElement] => [
        table,
        { radial: [nStride, lMax, harmonics, this.place(table.rows), table.start, table.inverseStep], center: this.place(table.center) },
      ]),
    );
    this.#elements = tables.map((row) => row.map((table) => placed.get(table)!));
    this.symmetrization = plan.chain ? new ChainPass(this, plan.chain) : new PairSpectrumPass(this);
    this.#mark = kernels.mark();
  }

  /** How neighbors of each element enter the densities around the batch's centers, [element]. */
  get elements(): readonly ResidentElement[] {
    return this.#elements[this.batch.center]!;
  }

  /** Features present in the batch; rows are padded to `stride`. */
  get rowSize(): number {
    return this.layout.rowSize;
  }

  get stride(): number {
    return this.layout.stride;
  }

  get runs(): PackedLayout["runs"] {
    return this.layout.runs;
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

  /** First pair, and number of pairs, of a member with the elements of its k-th present density. */
  pairsOf(member: number, k: number): [first: number, count: number] {
    const groups = this.groups(member, k);
    return [groups[0]!.first, groups.reduce((sum, { count }) => sum + count, 0)];
  }

  /** The elements of a member's k-th present density; pairs of neighboring elements follow each other. */
  groups(member: number, k: number): PairGroup[] {
    const { environments, members, present } = this.batch;
    const { densityOf } = this.plan.layout;
    const row = members[member]! * densityOf.length;
    const groups: PairGroup[] = [];
    for (let element = 0; element < densityOf.length; element++) {
      if (densityOf[element] !== present[k]) continue;
      const first = environments.offsets[row + element]!;
      groups.push({ element, first, count: environments.offsets[row + element + 1]! - first });
    }
    return groups;
  }

  /** Å, [pair from `pair` on][3]. */
  vectorsAt(pair: number): number {
    return this.#vectors + 24 * pair;
  }

  /** Neighboring atoms, int32, [pair from `pair` on]. */
  neighborsAt(pair: number): number {
    return this.#neighbors + 4 * pair;
  }

  /** Copies the pairs of a range of centers in; the batches that follow must be of these environments. */
  load(environments: EnvironmentBatch["environments"]): void {
    this.#vectors = this.place(environments.vectors);
    this.#distances = this.place(environments.distances);
    this.#neighbors = this.kernels.allocate(environments.neighbors.byteLength);
    this.kernels.int32(this.#neighbors, environments.neighbors.length).set(environments.neighbors);
  }

  /** Computes coefficients and, unless only those are wanted, features of a batch. */
  forward(batch: EnvironmentBatch, withSpectrum = true): void {
    this.batch = batch;
    const { plan, kernels } = this;
    const { members, present, environments } = batch;
    this.layout = this.symmetrization.layout(present);
    const degrees = plan.lMax + 1;
    this.coefficients = this.reserve(members.length * present.length * this.blockSize);
    this.rows = this.reserve(members.length * this.stride);
    this.symmetrization.prepare();
    this.pairScratch = this.reserve(kernels.exports.pairScratch(plan.nStride, plan.lMax));
    this.#densityScratch = this.reserve(this.longest() * (degrees * plan.nStride + degrees ** 2));
    this.#densityPart = this.reserve(this.blockSize);
    this.inverseNorms = new Float64Array(members.length).fill(1);
    for (let member = 0; member < members.length; member++) {
      for (let k = 0; k < present.length; k++) {
        this.groups(member, k).forEach(({ element, first, count }, index) => {
          const { radial, center } = this.elements[element]!;
          const own = plan.hasCenter && environments.centers[members[member]!] === element;
          if (index > 0 && count === 0 && !own) return;
          const pairs = [this.vectorsAt(first), this.#distances + 8 * first, count] as const;
          const out = index === 0 ? this.block(member, k) : this.#densityPart;
          kernels.exports.densityCoefficients(...radial, ...pairs, own ? center : 0, this.#densityScratch, out);
          if (index > 0) kernels.exports.axpy(this.blockSize, 1, out, this.block(member, k));
        });
      }
    }
    if (!withSpectrum) return;
    const { members: step } = this.symmetrization;
    for (let first = 0; first < members.length; first += step) this.symmetrization.forward(first, Math.min(step, members.length - first));
    if (plan.normalize) for (let member = 0; member < members.length; member++) this.#normalize(member);
  }

  /** Features of a member, [stride]. */
  row(member: number): number {
    return this.rows + member * this.stride * F64;
  }

  /** Coefficients of a member with its k-th present element. */
  block(member: number, k: number): number {
    return this.coefficients + (member * this.batch.present.length + k) * this.blockSize * F64;
  }

  #normalize(member: number): void {
    const { exports } = this.kernels;
    const row = this.row(member);
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
    const { kernels, batch } = this;
    const { members, present } = batch;
    const { members: step } = this.symmetrization;
    const size = present.length * this.blockSize;
    const adjoint = this.reserve(step * size);
    const forces = this.reserve(3 * this.longest());
    for (let begin = 0; begin < members.length; begin += step) {
      const count = Math.min(step, members.length - begin);
      for (let member = begin; member < begin + count; member++) this.throughNorm(member, gradient + member * this.stride * F64);
      kernels.float64(adjoint, count * size).fill(0);
      this.symmetrization.adjoint(begin, count, gradient + begin * this.stride * F64, adjoint);
      for (let member = begin; member < begin + count; member++) {
        for (let k = 0; k < present.length; k++) {
          const own = adjoint + ((member - begin) * size + k * this.blockSize) * F64;
          for (const { element, first, count: length } of this.groups(member, k)) {
            if (length === 0) continue;
            const pairs = [this.vectorsAt(first), this.#distances + 8 * first, length] as const;
            kernels.exports.pairForces(...this.elements[element]!.radial, ...pairs, own, this.pairScratch, forces);
            receive(member, first, kernels.float64(forces, 3 * length));
          }
        }
      }
    }
  }

  /** `pairForces` of eight outputs of the pairs [first, first + count) with one element, from adjoints [lm][nStride][output] to [j][output][3]. */
  pairForcesOfOutputs(element: number, first: number, count: number, adjoints: number, scratch: number, forces: number): void {
    const pairs = [this.vectorsAt(first), this.#distances + 8 * first, count] as const;
    this.kernels.exports.pairForcesOfOutputs(...this.elements[element]!.radial, ...pairs, adjoints, scratch, forces);
  }

  /** Pairs of the longest group of the batch. */
  longest(): number {
    let most = 0;
    for (let member = 0; member < this.batch.members.length; member++)
      for (let k = 0; k < this.batch.present.length; k++) most = Math.max(most, this.pairsOf(member, k)[1]);
    return most;
  }

  /** ∂/∂p from ∂/∂p̂, in place: (g − p̂ (p̂·g))/|p|. */
  throughNorm(member: number, gradient: number): void {
    if (!this.plan.normalize) return;
    const { exports } = this.kernels;
    const row = this.row(member);
    exports.axpy(this.rowSize, -exports.dot(this.rowSize, row, gradient), row, gradient);
    exports.scaleBy(this.rowSize, this.inverseNorms[member]!, gradient);
  }

  /** Forgets the loaded pairs and the last batch. */
  release(): void {
    this.kernels.release(this.#mark);
  }
}
