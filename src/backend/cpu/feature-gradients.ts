// Derivatives of the features of one environment with respect to positions and strain, for the rows of a fit, Eq. (23).
// Predictions never form them: they use the reverse pass.
import type { FeaturePass } from "./feature-pass.js";

const F64 = 8;

/** Index pairs (α, β) of the symmetric components xx, yy, zz, yz, xz, xy. */
export const VOIGT: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 1],
  [2, 2],
  [1, 2],
  [0, 2],
  [0, 1],
];

/** Which rows are wanted, and where they go. */
export interface GradientTarget {
  /** Position of an atom among the distinct atoms around the member; 0 is the center. */
  readonly slotOf: (atom: number) => number;
  readonly atoms: number;
  readonly virial: boolean;
  /** [3·atoms (+ 6)][stride] */
  readonly rows: number;
}

/**
 * Overwrites the rows of a member of the current batch: 3d + α is ∂p̂/∂r_α for the atom in slot d; then, with `virial`,
 * six rows −Σ_j r_α ∂p̂/∂r_jβ for xx, yy, zz, yz, xz, xy.
 */
export function computeFeatureGradients(pass: FeaturePass, member: number, { slotOf, atoms, virial, rows }: GradientTarget): void {
  const { kernels, batch } = pass;
  const { environments, present } = batch;
  const stride = pass.stride * F64;
  const total = 3 * atoms + (virial ? 6 : 0);
  kernels.float64(rows, total * pass.stride).fill(0);
  const mark = kernels.mark();
  const derivative = pass.reserve(3 * pass.blockSize);
  const moved = pass.reserve(pass.stride);
  const strain = virial ? rows + 3 * atoms * stride : 0;
  for (let k = 0; k < present.length; k++) {
    for (const { element, first, count } of pass.groups(member, k)) {
      const { radial } = pass.elements[element]!;
      for (let pair = first; pair < first + count; pair++) {
        kernels.exports.densityCoefficientsGradient(...radial, pass.vectorsAt(pair), environments.distances[pair]!, pass.pairScratch, derivative);
        addPairGradient(pass, member, k, { pair, slot: slotOf(environments.neighbors[pair]!) }, { derivative, moved, rows, strain });
      }
    }
  }
  kernels.release(mark);
  for (let row = 0; row < total; row++) pass.throughNorm(member, rows + row * stride);
}

interface GradientBuffers {
  /** ∂c/∂r of the pair, [α][lm][nStride]. */
  readonly derivative: number;
  /** ∂p of the blocks that change, one row. */
  readonly moved: number;
  readonly rows: number;
  /** Rows of the strain, 0 without. */
  readonly strain: number;
}

/** Adds ∂p/∂r of one pair of the k-th density to the rows of its atom, of the center, and of the strain. */
function addPairGradient(
  pass: FeaturePass,
  member: number,
  k: number,
  { pair, slot }: { readonly pair: number; readonly slot: number },
  { derivative, moved, rows, strain }: GradientBuffers,
): void {
  const { exports } = pass.kernels;
  const { vectors } = pass.batch.environments;
  const stride = pass.stride * F64;
  for (let axis = 0; axis < 3; axis++) {
    for (const { a, b, packed, size } of pass.layout.blocks) {
      if (a !== k && b !== k) continue;
      const at = packed * F64;
      computeBlockGradient(pass, member, k, { a, b }, derivative + axis * pass.blockSize * F64, moved + at);
      // An image of the center moves with it: the two contributions cancel.
      if (slot !== 0) {
        exports.axpy(size, 1, moved + at, rows + (3 * slot + axis) * stride + at);
        exports.axpy(size, -1, moved + at, rows + axis * stride + at);
      }
      if (strain === 0) continue;
      for (let v = 0; v < 6; v++) {
        const [alpha, beta] = VOIGT[v]!;
        if (beta === axis) exports.axpy(size, -vectors[3 * pair + alpha]!, moved + at, strain + v * stride + at);
      }
    }
  }
}

/** ∂p of the block (a, b) when the coefficients of the k-th density change by `derivative`. */
function computeBlockGradient(
  pass: FeaturePass,
  member: number,
  k: number,
  { a, b }: { readonly a: number; readonly b: number },
  derivative: number,
  out: number,
): void {
  const { kernels, plan } = pass;
  if (plan.kind === "radial-spectrum") {
    kernels.float64(out, plan.nMax).set(kernels.float64(derivative, plan.nMax));
    return;
  }
  const same = a === b ? 1 : 0;
  const other = pass.block(member, same || k === b ? a : b);
  kernels.exports.powerSpectrumGradient(...pass.channels, other, derivative, same, k === a ? 0 : 1, pass.spectrumScratch, out);
}
