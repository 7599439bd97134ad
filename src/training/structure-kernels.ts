// Matrices of structure kernels, Eqs. (81), (84) and (85): blocks of a few hundred environments at a time, pair of structures by pair.
import type { JobOptions } from "../backend/backend.js";
import { InputError } from "../errors.js";
import { checkStructureKernel, matchedKernel, normalizeKernel, type StructureKernelSettings } from "../kernel/structure-kernel.js";
import { createLinearAlgebra, type LinearAlgebra } from "../linalg/linear-algebra.js";

/** Environments of structures; what `backend.computeFeatures` gives is one. */
export interface StructureEnvironments {
  /** p, [center][size]; normalized where k is to be at most 1. */
  readonly values: Float64Array;
  readonly size: number;
  /** First center of each structure, [structure + 1]. */
  readonly offsets: Int32Array;
  /** Atomic number of each center. */
  readonly centers: Uint8Array;
}

export interface StructureKernel {
  /** K, [a][b]. */
  readonly values: Float64Array;
  /** K(A, A) and K(B, B), 1 where normalized: what `kernelDistances` needs. */
  readonly selfA: Float64Array;
  readonly selfB: Float64Array;
}

/** Environments of a block, but for structures that are larger. */
const BLOCK = 768;
/** Milliseconds that the thread is held before progress, cancellation and input are let through. */
const YIELD_MS = 30;

/** First structures of the blocks, and the end. */
function blocksOf({ offsets }: StructureEnvironments): number[] {
  const starts = [0];
  for (let structure = 1; structure + 1 < offsets.length; structure++) {
    if (offsets[structure + 1]! - offsets[starts[starts.length - 1]!]! > BLOCK) starts.push(structure);
  }
  return [...starts, offsets.length - 1];
}

/** k of the centers from `a` to `endA` with those from `b` to `endB`, [center][center]. */
function environmentKernel(
  algebra: LinearAlgebra, one: StructureEnvironments, [a, endA]: readonly [number, number], other: StructureEnvironments,
  [b, endB]: readonly [number, number], { zeta = 1, coupled = false }: StructureKernelSettings,
): Float64Array {
  const { size } = one;
  const [m, n] = [endA - a, endB - b];
  const kernel = algebra.multiply(one.values.subarray(a * size, endA * size), other.values.subarray(b * size, endB * size), { m, n, k: size, transB: true });
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const index = i * n + j;
      if (!coupled && one.centers[a + i] !== other.centers[b + j]) kernel[index] = 0;
      else if (zeta !== 1) kernel[index] = kernel[index]! ** zeta;
    }
  }
  return kernel;
}

/** Σ p over the environments of each structure, or over those of one element, [structure][size]. */
function summed({ values, size, offsets, centers }: StructureEnvironments, element: number | null): Float64Array {
  const sums = new Float64Array((offsets.length - 1) * size);
  for (let structure = 0; structure + 1 < offsets.length; structure++) {
    for (let center = offsets[structure]!; center < offsets[structure + 1]!; center++) {
      if (element !== null && centers[center] !== element) continue;
      for (let f = 0; f < size; f++) sums[structure * size + f]! += values[center * size + f]!;
    }
  }
  return sums;
}

/** With ζ = 1 the sum of all products is the product of the sums: the kernel of sum and mean without pairs of environments. */
function linearKernel(algebra: LinearAlgebra, a: StructureEnvironments, b: StructureEnvironments, { kind, coupled = false }: StructureKernelSettings): Float64Array {
  const [m, n] = [a.offsets.length - 1, b.offsets.length - 1];
  const kernel = new Float64Array(m * n);
  for (const element of coupled ? [null] : new Set(a.centers)) {
    algebra.multiply(summed(a, element), summed(b, element), { m, n, k: a.size, transB: true }).forEach((value, k) => (kernel[k]! += value));
  }
  if (kind === "sum") return kernel;
  const count = ({ offsets }: StructureEnvironments, k: number): number => offsets[k + 1]! - offsets[k]!;
  return kernel.map((value, k) => value / (count(a, Math.floor(k / n)) * count(b, k % n)));
}

function checkEnvironments({ offsets }: StructureEnvironments, name: string): void {
  for (let structure = 0; structure + 1 < offsets.length; structure++) {
    if (offsets[structure + 1]! > offsets[structure]!) continue;
    throw new InputError("a structure without environments", { structure, key: name, expected: "an atom at least", got: "none" });
  }
}

/** K of each structure with itself. */
function selfKernels(algebra: LinearAlgebra, set: StructureEnvironments, settings: StructureKernelSettings): Float64Array {
  return Float64Array.from({ length: set.offsets.length - 1 }, (_, structure) => {
    const range = [set.offsets[structure]!, set.offsets[structure + 1]!] as const;
    const count = range[1] - range[0];
    return matchedKernel(environmentKernel(algebra, set, range, set, range, settings), count, count, settings);
  });
}

/**
 * K of all structures of A with all of B, or, with null, among those of A.
 * @throws InputError for settings out of range, sets that differ in features, and structures without atoms.
 */
export async function structureKernel(
  a: StructureEnvironments, b: StructureEnvironments | null, settings: StructureKernelSettings, { signal, onProgress }: JobOptions = {},
): Promise<StructureKernel> {
  checkStructureKernel(settings);
  const other = b ?? a;
  if (a.size !== other.size) throw new InputError("the two sets differ in features", { key: "features", expected: String(a.size), got: String(other.size) });
  checkEnvironments(a, "a");
  checkEnvironments(other, "b");
  const algebra = await createLinearAlgebra();
  const [rows, columns] = [a.offsets.length - 1, other.offsets.length - 1];
  const linear = (settings.kind === "sum" || settings.kind === "mean") && (settings.zeta ?? 1) === 1;
  const values = linear ? linearKernel(algebra, a, other, settings) : new Float64Array(rows * columns);
  const [blocksA, blocksB] = [blocksOf(a), blocksOf(other)];
  let last = performance.now();
  for (let p = 0; p + 1 < blocksA.length && !linear; p++) {
    for (let q = b ? 0 : p; q + 1 < blocksB.length; q++) {
      const [firstA, firstB] = [a.offsets[blocksA[p]!]!, other.offsets[blocksB[q]!]!];
      const [endA, endB] = [a.offsets[blocksA[p + 1]!]!, other.offsets[blocksB[q + 1]!]!];
      const kernel = environmentKernel(algebra, a, [firstA, endA], other, [firstB, endB], settings);
      for (let row = blocksA[p]!; row < blocksA[p + 1]!; row++) {
        for (let column = b ? blocksB[q]! : Math.max(row, blocksB[q]!); column < blocksB[q + 1]!; column++) {
          const [n, m] = [a.offsets[row + 1]! - a.offsets[row]!, other.offsets[column + 1]! - other.offsets[column]!];
          const pair = new Float64Array(n * m);
          for (let i = 0; i < n; i++) {
            const from = (a.offsets[row]! - firstA + i) * (endB - firstB) + other.offsets[column]! - firstB;
            pair.set(kernel.subarray(from, from + m), i * m);
          }
          values[row * columns + column] = matchedKernel(pair, n, m, settings);
          if (!b) values[column * columns + row] = values[row * columns + column]!;
        }
        if (performance.now() - last < YIELD_MS) continue;
        onProgress?.({ stage: "structure kernel", done: blocksA[p]!, total: rows });
        await new Promise((resolve) => setTimeout(resolve));
        signal?.throwIfAborted();
        last = performance.now();
      }
    }
  }
  const selfA = b ? selfKernels(algebra, a, settings) : Float64Array.from({ length: rows }, (_, row) => values[row * columns + row]!);
  const selfB = b ? selfKernels(algebra, b, settings) : selfA;
  if (!settings.normalize) return { values, selfA, selfB };
  normalizeKernel(values, selfA, selfB);
  const ones = (self: Float64Array): Float64Array => self.map((value) => (value > 0 ? 1 : 0));
  return { values, selfA: ones(selfA), selfB: ones(selfB) };
}
