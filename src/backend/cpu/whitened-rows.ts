// Rows Λ^{−1/2} L K, whitened with G, Eq. (18), and summed up to ΦᵀΦ and Φᵀ Λ^{−1/2} y. It does not matter who made the rows.
import type { WasmKernels } from "../../linalg/wasm-kernels.js";
import type { FitLabels, FitStructure } from "../backend.js";
import { VOIGT } from "./feature-gradients.js";
import type { Part } from "./partition.js";

/** What one task adds to a fit, or a few together. */
export interface FitPart {
  /** Tasks whose sums these are. */
  readonly tasks: number;
  /** Structures whose rows these are. */
  readonly structures: number;
  /** Lower triangle of ΦᵀΦ, [column][column], columns padded per element to an even number. */
  readonly gram: Float64Array | null;
  /** Φᵀ y, [column]. */
  readonly right: Float64Array | null;
  /** Φ and y themselves, when asked for. */
  readonly rows: Float64Array | null;
  readonly targets: Float64Array;
}

/** Labels of the structures of a part. */
export function labelsOf(structures: readonly FitStructure[], { first, structures: { length } }: Part): FitLabels[] {
  return structures.slice(first, first + length).map(({ energy, forces, virial, weights }) => ({ energy, forces, virial, weights }));
}

/** Λ^{−1/2} y of the rows of a structure: energy, forces, virial, as far as it is labelled. */
export function weightedTargets({ energy, forces, virial, weights }: FitLabels): number[] {
  const targets: number[] = [];
  const push = (label: number, of: number | Float64Array, row: number): number => targets.push(label * (typeof of === "number" ? of : of[row]!));
  if (energy !== null) targets.push(energy * weights.energy);
  forces?.forEach((force, row) => push(force, weights.forces, row));
  if (virial) VOIGT.forEach(([a, b], row) => push(0.5 * (virial[3 * a + b]! + virial[3 * b + a]!), weights.virial, row));
  return targets;
}

const F64 = 8;
/** Rows that are whitened and multiplied in one go: enough to make the products run at full speed. */
const FLUSH = 384;

interface ResidentFactor {
  readonly pointer: number;
  /** Points without the padding. */
  readonly used: number;
  /** First column. */
  readonly column: number;
}

/** G of every element in the kernels' memory. */
export class Whitening {
  readonly kernels: WasmKernels;
  /** The padded points of all elements. */
  readonly columns: number;
  readonly factors: readonly ResidentFactor[];

  /** Copies the factors, in the order of the columns, to stay there. */
  constructor(kernels: WasmKernels, factors: readonly Float64Array[]) {
    this.kernels = kernels;
    let columns = 0;
    this.factors = factors.map((factor) => {
      const pointer = kernels.allocate(factor.byteLength);
      kernels.float64(pointer, factor.length).set(factor);
      const [used, column] = [Math.sqrt(factor.length), columns];
      columns += used + (used & 1);
      return { pointer, used, column };
    });
    this.columns = columns;
  }
}

export class WhitenedRows {
  readonly #whitening: Whitening;
  readonly #keepRows: boolean;
  /** ΦᵀΦ and Φᵀy in the kernels' memory. */
  readonly #gram: number;
  readonly #right: number;
  readonly #kept: Float64Array[] = [];
  #structures = 0;
  #targets: number[] = [];
  #pending: Float64Array[] = [];
  #pendingTargets: number[] = [];

  constructor(whitening: Whitening, keepRows: boolean) {
    this.#whitening = whitening;
    this.#keepRows = keepRows;
    this.#gram = keepRows ? 0 : this.#zeros(whitening.columns ** 2);
    this.#right = keepRows ? 0 : this.#zeros(whitening.columns);
  }

  #zeros(length: number): number {
    const { kernels } = this.#whitening;
    const pointer = kernels.allocate(length * F64);
    kernels.float64(pointer, length).fill(0);
    return pointer;
  }

  /** Adds the rows of Λ^{−1/2} L K of a structure, [row][column], and their targets. */
  add(rows: Float64Array, targets: readonly number[]): void {
    this.#structures++;
    this.#pending.push(rows);
    this.#pendingTargets.push(...targets);
    if (this.#pendingTargets.length >= FLUSH) this.#flush();
  }

  #flush(): void {
    const { kernels, columns, factors } = this.#whitening;
    const { exports } = kernels;
    const count = this.#pendingTargets.length;
    if (count === 0) return;
    const mark = kernels.mark();
    const rows = kernels.allocate(count * columns * F64);
    let at = 0;
    for (const part of this.#pending) {
      kernels.float64(rows + at * F64, part.length).set(part);
      at += part.length;
    }
    for (const { pointer, used, column } of factors)
      if (used > 0) exports.trsmRightLowerTransposed(count, used, pointer, used, rows + column * F64, columns);
    this.#targets.push(...this.#pendingTargets);
    if (this.#keepRows) this.#kept.push(kernels.float64(rows, count * columns).slice());
    else {
      exports.syrk(columns, count, 1, rows, columns, 1, this.#gram, columns);
      this.#pendingTargets.forEach((target, row) => exports.axpy(columns, target, rows + row * columns * F64, this.#right));
    }
    this.#pending = [];
    this.#pendingTargets = [];
    kernels.release(mark);
  }

  result(): FitPart {
    this.#flush();
    const targets = Float64Array.from(this.#targets);
    const structures = this.#structures;
    if (this.#keepRows) return { tasks: 1, structures, gram: null, right: null, rows: concatenate(this.#kept), targets };
    const { kernels, columns } = this.#whitening;
    return {
      tasks: 1,
      structures,
      gram: kernels.float64(this.#gram, columns ** 2).slice(),
      right: kernels.float64(this.#right, columns).slice(),
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
