/**
 * Maps of rows of features in a few dimensions, Eqs. (88) to (90): principal components and principal covariates (PCA, PCovR), of the features or of a kernel
 * of them (KPCA, KPCovR), and the place of new rows on a map that is there. Kernels of many rows go through points, the rest is exact. Rows are looked at in
 * blocks: kernels between all of them are never formed.
 */
import { InputError } from "../errors.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import { addMapRows, covariatesProjection, createMapSums } from "./covariates-projection.js";
import { kernelRows, nystromFeatures } from "./nystrom.js";

export type MapMethod = "pca" | "kpca" | "pcovr" | "kpcovr";

/** T(x) = r(x) · projection − offset, r(x) the row itself, or its kernel with the points. */
export interface LowDimensionalMap {
  readonly method: MapMethod;
  /** Length of a row. */
  readonly size: number;
  readonly components: number;
  /** ζ of the kernel (x · x')^ζ, and its points, [point][size]; null for "pca" and "pcovr". */
  readonly kernel: { readonly zeta: number; readonly points: Float64Array } | null;
  /** α of Eq. (90); 1 for "pca" and "kpca". */
  readonly mixing: number;
  /** [size or point][component] */
  readonly projection: Float64Array;
  /** [component] */
  readonly offset: Float64Array;
  /** What each component is worth, as a share of all; for α = 1 of the variance. */
  readonly shares: Float64Array;
  /** y ≈ mean + T · weights; null without a target. */
  readonly regression: { readonly mean: number; readonly weights: Float64Array; readonly explained: number } | null;
}

export interface MapOptions {
  readonly method: MapMethod;
  readonly components?: number | undefined;
  /** α, 0.5 when left out; "pca" and "kpca" have 1. */
  readonly mixing?: number | undefined;
  readonly zeta?: number | undefined;
  /** Rows that are the points of a kernel, by their indices; all when left out. */
  readonly points?: ArrayLike<number> | undefined;
  /** y, [row]: needed by "pcovr" and "kpcovr". */
  readonly target?: Float64Array | undefined;
  /** s² of the model of the target; by generalized cross-validation when left out. */
  readonly ridge?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly stage: string; readonly done: number; readonly total: number }) => void) | undefined;
}

/** Rows of a block. */
const BLOCK = 2048;

async function* blocks(rows: Float64Array, size: number, { signal, onProgress }: Pick<MapOptions, "signal" | "onProgress">): AsyncGenerator<{ first: number; block: Float64Array }> {
  const count = rows.length / size;
  for (let first = 0; first < count; first += BLOCK) {
    const end = Math.min(count, first + BLOCK);
    yield { first, block: rows.subarray(first * size, end * size) };
    onProgress?.({ stage: "map", done: end, total: count });
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
  }
}

function checkRows(rows: Float64Array, size: number, { method, target }: MapOptions): number {
  const count = rows.length / size;
  if (!(size >= 1 && Number.isInteger(count))) throw new InputError("length of the rows of a map", { key: "rows", expected: `a multiple of ${size} features`, got: String(rows.length) });
  if (count < 2) throw new InputError("too few rows for a map", { key: "rows", expected: "2 or more", got: String(count) });
  if (method.endsWith("covr") && !target) throw new InputError("principal covariates need a target", { key: "target", expected: "a number for every row", got: "none" });
  if (target && target.length !== count) throw new InputError("number of targets", { key: "target", expected: `${count}, one per row`, got: String(target.length) });
  return count;
}

function meanOf(rows: Float64Array, size: number): Float64Array {
  const mean = new Float64Array(size);
  for (let k = 0; k < rows.length; k++) mean[k % size]! += rows[k]! / (rows.length / size);
  return mean;
}

/**
 * @param rows x, [row][size]
 * @throws InputError for rows, targets, ζ, α and components that are not usable; NumericalError when the rows do not vary or are not finite.
 */
export async function fitMap(algebra: LinearAlgebra, rows: Float64Array, size: number, options: MapOptions): Promise<LowDimensionalMap> {
  const { method, components = 2, zeta = 1, target, ridge } = options;
  const count = checkRows(rows, size, options);
  const kernelized = method.startsWith("k");
  const mixing = method.endsWith("covr") ? (options.mixing ?? 0.5) : 1;
  // Fewer rows than features: their products, a kernel with ζ = 1, are the smaller matrix.
  const dual = kernelized || count < size;
  const chosen = kernelized && options.points ? Array.from(options.points) : null;
  const points = !dual ? null : chosen ? Float64Array.from({ length: chosen.length * size }, (_, k) => rows[chosen[Math.floor(k / size)]! * size + (k % size)]!) : rows;
  // Far from the origin the products of rows are nearly equal, and the digits that tell them apart are lost: the mean goes first, but not from a kernel.
  const center = kernelized ? null : meanOf(rows, size);
  const moved = (x: Float64Array): Float64Array => (center ? x.map((value, k) => value - center[k % size]!) : x);
  const exponent = kernelized ? zeta : 1;
  const base = points && moved(points);
  const features = base && nystromFeatures(algebra, base, size, exponent);
  const width = features?.size ?? size;
  const represent = (x: Float64Array): Float64Array => {
    if (!features) return moved(x);
    const k = kernelRows(algebra, moved(x), base!, size, exponent);
    return algebra.multiply(k, features.whitening, { m: x.length / size, n: width, k: base!.length / size });
  };
  const mean = target ? target.reduce((sum, y) => sum + y / count, 0) : 0;
  const centered = target?.map((y) => y - mean);
  const targets = centered ? 1 : 0;
  let sums: ReturnType<typeof createMapSums> | null = null;
  for await (const { first, block } of blocks(rows, size, options)) {
    const phi = represent(block);
    sums ??= createMapSums(width, targets, meanOf(phi, width));
    addMapRows(algebra, sums, phi, centered ? centered.subarray(first, first + phi.length / width) : new Float64Array(0));
  }
  const fitted = covariatesProjection(algebra, sums!, { mixing, components, ridge });
  const through = (matrix: Float64Array, height: number): Float64Array => algebra.multiply(matrix, fitted.projection, { m: height, n: components, k: width });
  const onPoints = features ? through(features.whitening, base!.length / size) : fitted.projection;
  const projection = features && !kernelized ? algebra.multiply(base!, onPoints, { m: size, n: components, k: base!.length / size, transA: true }) : onPoints;
  const offset = algebra.multiply(fitted.mean, fitted.projection, { m: 1, n: components, k: width });
  if (center) algebra.multiply(center, projection, { m: 1, n: components, k: size }).forEach((value, c) => (offset[c]! += value));
  return {
    method, size, components, kernel: kernelized ? { zeta, points: points!.slice() } : null, mixing, projection, offset, shares: fitted.shares,
    regression: target ? { mean, weights: fitted.regression, explained: fitted.explained[0]! } : null,
  };
}

/**
 * Places of rows on a map, T, [row][component].
 * @param rows [row][size], features of the kind that the map was made from
 * @throws InputError when the rows have another length; NumericalError when they are not finite.
 */
export async function projectOnMap(
  algebra: LinearAlgebra, map: LowDimensionalMap, rows: Float64Array, job: Pick<MapOptions, "signal" | "onProgress"> = {},
): Promise<Float64Array> {
  const { size, components, kernel, projection, offset } = map;
  const count = rows.length / size;
  if (!Number.isInteger(count)) throw new InputError("length of the rows of a map", { key: "rows", expected: `a multiple of ${size} features`, got: String(rows.length) });
  const scores = new Float64Array(count * components);
  for await (const { first, block } of blocks(rows, size, job)) {
    const r = kernel ? kernelRows(algebra, block, kernel.points, size, kernel.zeta) : block;
    const m = block.length / size;
    const placed = algebra.multiply(r, projection, { m, n: components, k: projection.length / components });
    for (let k = 0; k < placed.length; k++) scores[first * components + k] = placed[k]! - offset[k % components]!;
  }
  return scores;
}

/** The target that a map gives at places on it, [row]; null where it was made without one. */
export function predictOnMap({ regression, components }: LowDimensionalMap, scores: Float64Array): Float64Array | null {
  if (!regression) return null;
  return Float64Array.from({ length: scores.length / components }, (_, row) =>
    regression.weights.reduce((sum, weight, c) => sum + weight * scores[row * components + c]!, regression.mean));
}
