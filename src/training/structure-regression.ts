// Regression of a property of structures on a kernel between them, Eq. (87), with the baseline that has to be taken off before: for an extensive property a
// number per element, for an intensive one its mean.
import { InputError } from "../errors.js";
import { fitKernelRidge } from "../kernel/kernel-ridge.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import type { Structure } from "../structure/structure.js";

export interface StructureRegression {
  /** α, [structure]. */
  readonly weights: Float64Array;
  /** s². */
  readonly regularization: number;
  /** Of the elements in `species` for an extensive property, else one number. */
  readonly baseline: Float64Array;
  /** y minus what the others predict, the baseline being that of all, [structure]. */
  readonly leaveOneOut: Float64Array;
}

/** Eigenvalues of the normal equations below this share of the largest: elements that occur in fixed proportions only. */
const RANK_TOLERANCE = 1e-10;

/** Atoms of each element, [structure][element]. */
export function compositions(structures: readonly Pick<Structure, "species">[], species: readonly number[]): Float64Array {
  const counts = new Float64Array(structures.length * species.length);
  structures.forEach((structure, row) => structure.species.forEach((z) => {
    const element = species.indexOf(z);
    if (element >= 0) counts[row * species.length + element]! += 1;
  }));
  return counts;
}

/** The smallest least-squares numbers per element: y/N ≈ Σ_a (N_a/N) e_a. */
function perElement(algebra: LinearAlgebra, counts: Float64Array, elements: number, targets: Float64Array, atoms: Float64Array): Float64Array {
  const rows = counts.map((count, index) => count / atoms[Math.floor(index / elements)]!);
  const n = targets.length;
  const { values, vectors } = algebra.symmetricEigen(algebra.multiply(rows, rows, { m: elements, n: elements, k: n, transA: true }), elements);
  const right = algebra.multiply(rows, targets.map((y, i) => y / atoms[i]!), { m: elements, n: 1, k: n, transA: true });
  const along = algebra.multiply(vectors, right, { m: elements, n: 1, k: elements });
  return algebra.multiply(vectors, along.map((value, q) => (values[q]! > RANK_TOLERANCE * values[0]! ? value / values[q]! : 0)), { m: elements, n: 1, k: elements, transA: true });
}

/**
 * @param kernel K, [n][n]; of an extensive property one that grows with both structures (the sum kernel, or `extensiveKernel` of another)
 * @param targets y, [n]
 * @param counts atoms of each element, [n][element], for an extensive property; null for an intensive one
 * @throws InputError when lengths do not go together; NumericalError for numbers that are not finite.
 */
export function regressOnKernel(algebra: LinearAlgebra, kernel: Float64Array, targets: Float64Array, counts: Float64Array | null): StructureRegression {
  const n = targets.length;
  if (counts && (n === 0 || counts.length % n !== 0)) throw new InputError("compositions", { expected: `${n} rows`, got: `${counts.length} numbers` });
  const elements = counts ? counts.length / n : 0;
  const atoms = counts && Float64Array.from({ length: n }, (_, row) => counts.subarray(row * elements, (row + 1) * elements).reduce((a, b) => a + b, 0));
  const baseline = counts ? perElement(algebra, counts, elements, targets, atoms!) : Float64Array.of(targets.reduce((sum, y) => sum + y / n, 0));
  const known = counts ? algebra.multiply(counts, baseline, { m: n, n: 1, k: elements }) : new Float64Array(n).fill(baseline[0]!);
  const { weights, leaveOneOut, regularization } = fitKernelRidge(algebra, kernel, targets.map((y, i) => y - known[i]!), atoms);
  return { weights, regularization, baseline, leaveOneOut };
}
