/**
 * Kernel ridge regression, Eq. (87): y = K α, (K + s² D) α = y, with the s² of the smallest leave-one-out error. For a property that grows with the
 * structure (extensive) K is the kernel of a mean over environments times N_A N_B, and D = diag(N); for others (intensive) D = 1. With
 * G = D^{−1/2} K D^{−1/2} + s² the error of leaving one out is e_i = √D_i β_i/(G^{−1})_ii, β = G^{−1} D^{−1/2} y, exactly and from one decomposition
 * (Rasmussen and Williams, Eq. 5.12). There is no constant: take a baseline off first.
 */
import { InputError } from "../errors.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";

/** s² relative to the mean of the diagonal of D^{−1/2} K D^{−1/2}. */
const EXPONENTS = Array.from({ length: 57 }, (_, k) => -13 + k / 4);

export interface KernelRidge {
  /** α, [structure]: a prediction is Σ_A K(B, A) α_A. */
  readonly weights: Float64Array;
  /** y minus the prediction of the model without the structure, [structure]. */
  readonly leaveOneOut: Float64Array;
  /** s². */
  readonly regularization: number;
}

/** K times N_A N_B for a kernel that is a mean over the environments of both structures. */
export function extensiveKernel(values: Float64Array, atomsA: ArrayLike<number>, atomsB: ArrayLike<number>): Float64Array {
  return values.map((value, index) => value * atomsA[Math.floor(index / atomsB.length)]! * atomsB[index % atomsB.length]!);
}

/**
 * @param kernel K, [n][n], extensive where `atoms` are given
 * @param targets y, [n]
 * @param atoms D for an extensive property, [n]; null for an intensive one
 * @param regularization s², one instead of that of the smallest leave-one-out error of y D^{−1/2}
 * @throws InputError when lengths do not go together; NumericalError for numbers that are not finite.
 */
export function fitKernelRidge(
  algebra: LinearAlgebra, kernel: Float64Array, targets: Float64Array, atoms: ArrayLike<number> | null, regularization: number | null = null,
): KernelRidge {
  const n = targets.length;
  if (n < 2 || (atoms && atoms.length !== n)) throw new InputError("number of targets", { expected: `${atoms?.length ?? 2} or more, one per structure`, got: String(n) });
  const scale = Float64Array.from({ length: n }, (_, i) => (atoms ? Math.sqrt(atoms[i]!) : 1));
  const scaled = kernel.map((value, index) => value / (scale[Math.floor(index / n)]! * scale[index % n]!));
  const { values, vectors } = algebra.symmetricEigen(scaled, n);
  const reduced = targets.map((y, i) => y / scale[i]!);
  const along = algebra.multiply(vectors, reduced, { m: n, n: 1, k: n });
  const squares = vectors.map((value) => value * value);
  const mean = Math.max(values.reduce((sum, value) => sum + value, 0) / n, Number.MIN_VALUE);
  const solve = (s2: number): { readonly beta: Float64Array; readonly missed: Float64Array; readonly loss: number } => {
    // Rounding makes the smallest eigenvalues of a kernel negative, and a best match is no positive kernel to begin with.
    const inverse = values.map((value) => 1 / (Math.max(0, value) + s2));
    const beta = algebra.multiply(vectors, along.map((value, q) => value * inverse[q]!), { m: n, n: 1, k: n, transA: true });
    const diagonal = algebra.multiply(squares, inverse, { m: n, n: 1, k: n, transA: true });
    const missed = beta.map((value, i) => value / diagonal[i]!);
    return { beta, missed, loss: missed.reduce((sum, value) => sum + value * value, 0) };
  };
  const candidates = regularization === null ? EXPONENTS.map((exponent) => mean * 10 ** exponent) : [regularization];
  const fits = candidates.map((s2) => ({ s2, ...solve(s2) }));
  const best = fits.reduce((a, b) => (b.loss < a.loss ? b : a));
  return { weights: best.beta.map((value, i) => value / scale[i]!), leaveOneOut: best.missed.map((value, i) => value * scale[i]!), regularization: best.s2 };
}
