/**
 * Kernels between structures from those between their environments, Eqs. (81), (84) and (85):
 *   K(A, B) = Σ_ij W_ij k_ij,   W = 1 (sum), 1/(n m) (mean), the W ≥ 0 of row sums 1/n and column sums 1/m that makes K largest (best match), or the same
 *   with an entropy (REMatch).
 */
import { InputError } from "../errors.js";
import { checkExponent } from "./exponent.js";
import { optimalTransport } from "./optimal-transport.js";
import { rematchPlan } from "./rematch.js";

export type StructureKernelKind = "sum" | "mean" | "best-match" | "rematch";

export interface StructureKernelSettings {
  readonly kind: StructureKernelKind;
  /** γ of "rematch", Eq. (85), in units of k; above 0. */
  readonly gamma?: number | undefined;
  /** ζ of the environments' kernel (p · p')^ζ; 1 when left out. */
  readonly zeta?: number | undefined;
  /** Whether environments of different elements are compared; by default their kernel is 0, Eq. (15). */
  readonly coupled?: boolean | undefined;
  /** K(A, B)/√(K(A, A) K(B, B)). */
  readonly normalize?: boolean | undefined;
}

/** @throws InputError for a kind that there is not, a ζ out of range, and a γ that is missing or out of range. */
export function checkStructureKernel({ kind, gamma, zeta = 1 }: StructureKernelSettings): void {
  const kinds: readonly string[] = ["sum", "mean", "best-match", "rematch"];
  if (!kinds.includes(kind)) throw new InputError("kind of a structure kernel", { key: "kind", expected: kinds.join(", "), got: String(kind) });
  checkExponent(zeta);
  if (kind !== "rematch" || (gamma !== undefined && gamma > 0 && gamma < Infinity)) return;
  throw new InputError("entropy of a match", { key: "gamma", expected: "a number above 0 for rematch", got: gamma === undefined ? "none" : String(gamma) });
}

/**
 * K of two structures.
 * @param kernel k_ij, [n][m]
 * @throws as `optimalTransport` and `rematchPlan`.
 */
export function matchedKernel(kernel: Float64Array, n: number, m: number, { kind, gamma }: Pick<StructureKernelSettings, "kind" | "gamma">): number {
  if (kind === "sum" || kind === "mean") return kernel.reduce((sum, value) => sum + value, 0) / (kind === "sum" ? 1 : n * m);
  // With fixed row and column sums the least Σ W d² is the largest Σ W k.
  const plan = kind === "rematch" ? rematchPlan(kernel, n, m, gamma!) : optimalTransport(kernel.map((value) => -value), n, m).plan;
  return plan.reduce((sum, weight, index) => sum + weight * kernel[index]!, 0);
}

/** K(A, B)/√(K(A, A) K(B, B)) in place, [a][b]; 0 where a structure has no kernel with itself. */
export function normalizeKernel(values: Float64Array, selfA: Float64Array, selfB: Float64Array): void {
  const inverse = (self: Float64Array): Float64Array => self.map((value) => (value > 0 ? 1 / Math.sqrt(value) : 0));
  const [left, right] = [inverse(selfA), inverse(selfB)];
  const width = selfB.length;
  for (let index = 0; index < values.length; index++) values[index]! *= left[Math.floor(index / width)]! * right[index % width]!;
}

/** d = √(K(A, A) + K(B, B) − 2K(A, B)), [a][b], Eq. (19). */
export function kernelDistances(values: Float64Array, selfA: Float64Array, selfB: Float64Array): Float64Array {
  const width = selfB.length;
  return values.map((value, index) => Math.sqrt(Math.max(0, selfA[Math.floor(index / width)]! + selfB[index % width]! - 2 * value)));
}
