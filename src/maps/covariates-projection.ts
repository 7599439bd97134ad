/**
 * Directions of a map, Eqs. (89) and (90): principal covariates regression (de Jong and Kiers, doi:10.1016/0169-7439(92)80100-I; Helfrecht, Cersonsky, Fraux
 * and Ceriotti, doi:10.1088/2632-2153/aba9ef) on rows x and targets y that are centered, from their sums C = Σ x xᵀ and Σ x yᵀ alone, so that the number of
 * rows does not matter. With C = V Λ Vᵀ and the ridge model ŷ = wᵀx,
 *   S = α Λ/tr Λ + (1 − α) B Bᵀ/Σ|y|²,  B = Λ^{1/2} Vᵀ w,  S = U Σ Uᵀ,  T = x · P,  P = √(tr Λ) V Λ^{−1/2} U Σ^{1/2}.
 * α = 1 is principal component analysis, T = x · V; α = 0 gives the model ŷ itself, scaled to the length of the rows.
 */
import { InputError, NumericalError } from "../errors.js";
import { leastCrossValidation } from "../kernel/generalized-cross-validation.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";

/** Directions of less variance than this share of the largest are rounding. */
const RANK_TOLERANCE = 1e-13;

/** Sums over rows x, less a shift that is near their mean, and targets y whose mean is 0. */
export interface MapSums {
  /** Length of x. */
  readonly size: number;
  /** Numbers of y. */
  readonly targets: number;
  /** [size] */
  readonly shift: Float64Array;
  /** Σ (x − shift)(x − shift)ᵀ, [size][size]. */
  readonly gram: Float64Array;
  /** Σ (x − shift), [size]. */
  readonly sum: Float64Array;
  /** Σ (x − shift) yᵀ, [size][target]. */
  readonly cross: Float64Array;
  /** Σ y², [target]. */
  readonly squares: Float64Array;
  count: number;
}

export function createMapSums(size: number, targets: number, shift: Float64Array): MapSums {
  return {
    size, targets, shift, gram: new Float64Array(size * size), sum: new Float64Array(size), cross: new Float64Array(size * targets),
    squares: new Float64Array(targets), count: 0,
  };
}

/**
 * @param rows x, [row][size]
 * @param targets y, [row][target]
 * @throws InputError when the numbers of rows and targets differ; NumericalError for numbers that are not finite.
 */
export function addMapRows(algebra: LinearAlgebra, sums: MapSums, rows: Float64Array, targets: Float64Array): void {
  const { size, shift, targets: width } = sums;
  const count = rows.length / size;
  if (targets.length !== count * width) throw new InputError("number of targets", { expected: `${count * width}, ${width} per row`, got: String(targets.length) });
  const x = rows.map((value, index) => value - shift[index % size]!);
  const add = (to: Float64Array, values: Float64Array): void => values.forEach((value, index) => (to[index]! += value));
  add(sums.gram, algebra.multiply(x, x, { m: size, n: size, k: count, transA: true }));
  add(sums.sum, algebra.multiply(new Float64Array(count).fill(1), x, { m: 1, n: size, k: count }));
  if (width > 0) add(sums.cross, algebra.multiply(x, targets, { m: size, n: width, k: count, transA: true }));
  targets.forEach((y, index) => (sums.squares[index % width]! += y * y));
  sums.count += count;
}

export interface CovariatesOptions {
  /** α, from 0 (regression) to 1 (variance); targets are needed below 1. */
  readonly mixing: number;
  readonly components: number;
  /** s² of the model ŷ; by generalized cross-validation, Eq. (56), for each target when left out. */
  readonly ridge?: number | undefined;
}

export interface CovariatesProjection {
  /** Mean of x, [size]. */
  readonly mean: Float64Array;
  /** P, [size][component]. */
  readonly projection: Float64Array;
  /** Σ over its sum, [component]: for α = 1 the share of the variance. */
  readonly shares: Float64Array;
  /** Linear model of ŷ on T, [component][target], and the share of Σ y² that it explains, [target]. */
  readonly regression: Float64Array;
  readonly explained: Float64Array;
}

/**
 * @throws InputError for α out of [0, 1] or without targets below 1, and for more components than the rows (for α = 0: the targets) have;
 * NumericalError when the rows do not vary.
 */
export function covariatesProjection(algebra: LinearAlgebra, sums: MapSums, { mixing, components, ridge }: CovariatesOptions): CovariatesProjection {
  const { size, targets, shift, sum, count, cross, squares } = sums;
  if (!(mixing >= 0 && mixing <= 1)) throw new InputError("mixing of a map", { key: "mixing", expected: "a number from 0 to 1", got: String(mixing) });
  if (mixing < 1 && targets === 0) throw new InputError("mixing below 1 needs a target", { key: "mixing", expected: "1, or a property", got: String(mixing) });
  const mean = shift.map((value, f) => value + sum[f]! / count);
  const gram = sums.gram.map((value, index) => value - (sum[Math.floor(index / size)]! * sum[index % size]!) / count);
  const { values, vectors } = algebra.symmetricEigen(gram, size);
  const largest = sums.gram.reduce((most, value, index) => (index % (size + 1) === 0 ? Math.max(most, value) : most), 0);
  // What rounding leaves of rows that are all equal is no variance.
  const floor = Math.max(RANK_TOLERANCE * values[0]!, 1e-15 * largest);
  let rank = 0;
  while (rank < size && values[rank]! > floor) rank++;
  if (rank === 0) throw new NumericalError("nothing varies between the rows of the map", { expected: "two different ones at least", got: `${count} equal ones` });
  const most = mixing === 0 ? Math.min(targets, rank) : rank;
  if (!(Number.isInteger(components) && components >= 1 && components <= most)) {
    const what = mixing === 0 ? "components of a map of mixing 0, which has those of its targets" : "components of a map";
    throw new InputError(what, { key: "components", expected: `a whole number from 1 to ${most}`, got: String(components) });
  }
  const axes = vectors.subarray(0, rank * size);
  const kept = values.subarray(0, rank);
  const total = kept.reduce((a, b) => a + b, 0);
  // Vᵀ Σ x yᵀ, [eigenvector][target].
  const along = targets > 0 ? algebra.multiply(axes, cross, { m: rank, n: targets, k: size }) : new Float64Array(0);
  const mixed = new Float64Array(rank * rank);
  for (let q = 0; q < rank; q++) mixed[q * rank + q] = (mixing * kept[q]!) / total;
  const weight = squares.reduce((a, b) => a + b, 0);
  // Vᵀ Σ x ŷᵀ = Λ Vᵀ w, [eigenvector][target].
  const modeled = along.slice();
  for (let t = 0; t < targets; t++) {
    const own = Float64Array.from(kept, (_, q) => along[q * targets + t]!);
    const s2 = ridge ?? leastCrossValidation(kept, own, squares[t]!, count).ridge;
    for (let q = 0; q < rank; q++) modeled[q * targets + t]! *= kept[q]! / (kept[q]! + s2);
  }
  if (mixing < 1 && weight > 0) {
    const b = modeled.map((value, index) => value / Math.sqrt(kept[Math.floor(index / targets)]!));
    algebra.multiply(b, b, { m: rank, n: rank, k: targets, transB: true }).forEach((value, index) => (mixed[index]! += ((1 - mixing) * value) / weight));
  }
  // For α = 1 the matrix is diagonal and in order already.
  const { values: worth, vectors: turned } = mixing === 1 ? identityEigen(mixed, rank) : algebra.symmetricEigen(mixed, rank);
  const inner = new Float64Array(components * rank);
  for (let c = 0; c < components; c++) {
    const factor = Math.sqrt(Math.max(0, worth[c]!) * total);
    for (let q = 0; q < rank; q++) inner[c * rank + q] = (factor * turned[c * rank + q]!) / Math.sqrt(kept[q]!);
  }
  const projection = algebra.multiply(axes, inner, { m: size, n: components, k: rank, transA: true, transB: true });
  const shares = Float64Array.from({ length: components }, (_, c) => worth[c]! / worth.reduce((a, b) => a + b, 0));
  return { mean, projection, shares, ...regressionOn(algebra, inner, kept, along, modeled, squares) };
}

function identityEigen(diagonal: Float64Array, rank: number): { readonly values: Float64Array; readonly vectors: Float64Array } {
  const vectors = new Float64Array(rank * rank);
  for (let q = 0; q < rank; q++) vectors[q * (rank + 1)] = 1;
  return { values: Float64Array.from({ length: rank }, (_, q) => diagonal[q * (rank + 1)]!), vectors };
}

/** ŷ ≈ T R, so that α = 0 is the ridge model; columns of T are orthogonal, and each has its own number. */
function regressionOn(
  algebra: LinearAlgebra, inner: Float64Array, kept: Float64Array, along: Float64Array, modeled: Float64Array, squares: Float64Array,
): Pick<CovariatesProjection, "regression" | "explained"> {
  const [rank, targets] = [kept.length, squares.length];
  const components = inner.length / rank;
  const explained = new Float64Array(targets);
  if (targets === 0) return { regression: new Float64Array(0), explained };
  const shape = { m: components, n: targets, k: rank };
  const [regression, products] = [algebra.multiply(inner, modeled, shape), algebra.multiply(inner, along, shape)];
  for (let c = 0; c < components; c++) {
    let length = 0;
    for (let q = 0; q < rank; q++) length += inner[c * rank + q]! ** 2 * kept[q]!;
    for (let t = 0; t < targets; t++) {
      const index = c * targets + t;
      regression[index] = length > 0 ? regression[index]! / length : 0;
      if (squares[t]! > 0) explained[t]! += (regression[index]! * (2 * products[index]! - regression[index]! * length)) / squares[t]!;
    }
  }
  return { regression, explained };
}
