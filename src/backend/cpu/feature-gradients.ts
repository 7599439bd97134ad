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
  const { pairs: step } = pass.symmetrization;
  const derivatives = pass.reserve(3 * step * pass.blockSize);
  const moved = pass.reserve(3 * step * pass.stride);
  const strain = virial ? rows + 3 * atoms * stride : 0;
  for (let k = 0; k < present.length; k++) {
    for (const { element, first, count } of pass.groups(member, k)) {
      const { radial } = pass.elements[element]!;
      for (let begin = first; begin < first + count; begin += step) {
        const end = Math.min(begin + step, first + count);
        for (let pair = begin; pair < end; pair++) {
          const out = derivatives + 3 * (pair - begin) * pass.blockSize * F64;
          kernels.exports.densityCoefficientsGradient(...radial, pass.vectorsAt(pair), environments.distances[pair]!, pass.pairScratch, out);
        }
        pass.symmetrization.tangent(member, k, derivatives, 3 * (end - begin), moved);
        for (let pair = begin; pair < end; pair++) {
          const own = moved + 3 * (pair - begin) * stride;
          addPairGradient(pass, k, { pair, slot: slotOf(environments.neighbors[pair]!) }, { moved: own, rows, strain });
        }
      }
    }
  }
  kernels.release(mark);
  for (let row = 0; row < total; row++) pass.throughNorm(member, rows + row * stride);
}

interface GradientBuffers {
  /** ∂p/∂r_α of the pair in the columns that change, [α][stride]. */
  readonly moved: number;
  readonly rows: number;
  /** Rows of the strain, 0 without. */
  readonly strain: number;
}

/** Adds ∂p/∂r of one pair of the k-th density to the rows of its atom, of the center, and of the strain. */
function addPairGradient(
  pass: FeaturePass,
  k: number,
  { pair, slot }: { readonly pair: number; readonly slot: number },
  { moved, rows, strain }: GradientBuffers,
): void {
  const { exports } = pass.kernels;
  const { vectors } = pass.batch.environments;
  const stride = pass.stride * F64;
  const columns = pass.symmetrization.columnsOf(k);
  for (let axis = 0; axis < 3; axis++) {
    for (const { packed, size } of columns) {
      const at = packed * F64;
      const change = moved + axis * stride + at;
      // An image of the center moves with it: the two contributions cancel.
      if (slot !== 0) {
        exports.axpy(size, 1, change, rows + (3 * slot + axis) * stride + at);
        exports.axpy(size, -1, change, rows + axis * stride + at);
      }
      if (strain === 0) continue;
      for (let v = 0; v < 6; v++) {
        const [alpha, beta] = VOIGT[v]!;
        if (beta === axis) exports.axpy(size, -vectors[3 * pair + alpha]!, change, strain + v * stride + at);
      }
    }
  }
}
