/**
 * The power spectrum as a function of the contraction U, from stored primitive coefficients, THEORY.md Eqs. (32), (12) and (13), and its adjoint:
 *
 *   c_qm = Σ_n U_qn c_nm,   p_qq' = (2l+1)^{−1/2} Σ_m c_qm c_q'm,   p̂ = p/|p|;
 *   ∂/∂p = (∂/∂p̂ − p̂ (p̂ · ∂/∂p̂))/|p|,   ∂/∂c_qm = (2l+1)^{−1/2} Σ_q' (∂/∂p_qq' + ∂/∂p_q'q) c_q'm,   ∂/∂U_qn = Σ_im ∂/∂c_qm c_nm.
 *
 * The channels q of a degree are those of all densities, so that the unordered pairs are those of Eq. (12), mixed species or not.
 */

import { blockCount, blockSize, type CovarianceLayout } from "../basis/covariance.js";
import type { SubspaceShape } from "../basis/grassmann.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";

/** One matrix U, [rows][columns]: rows q, columns n, or (a, n) for mixed species. */
export interface ContractionBlock extends SubspaceShape {
  readonly degree: number;
  /** First channel among those of the degree. */
  readonly channel: number;
  /** First element in the flat array of all U. */
  readonly start: number;
}

export interface ContractedLayout {
  /** [species][l], or mixed [l]. */
  readonly blocks: readonly ContractionBlock[];
  /** Channels of each degree and its first feature, [l]. */
  readonly degrees: readonly { readonly channels: number; readonly feature: number }[];
  /** Features. */
  readonly size: number;
}

/** @param shapes of the U, [species][l], or mixed [l]; what a block keeps may be nothing */
export function contractedLayout(lMax: number, shapes: readonly SubspaceShape[]): ContractedLayout {
  const channels = new Array<number>(lMax + 1).fill(0);
  let start = 0;
  const blocks = shapes.map(({ rows, columns }, block): ContractionBlock => {
    const degree = block % (lMax + 1);
    const found = { degree, channel: channels[degree]!, start, rows, columns };
    channels[degree]! += rows;
    start += rows * columns;
    return found;
  });
  let size = 0;
  const degrees = channels.map((count) => {
    const feature = size;
    size += (count * (count + 1)) / 2;
    return { channels: count, feature };
  });
  return { blocks, degrees, size };
}

/** Primitive coefficients of one block for every center, [block][center][m][column]: the right side of the contraction's product. */
export type PrimitiveBlocks = readonly Float64Array[];

/**
 * @param coefficients [center][species][n][lm], of which the given centers are taken
 * @param primitive blocks that all centers share
 */
export function primitiveBlocks(
  coefficients: Float64Array, primitive: CovarianceLayout, centers: ArrayLike<number>,
): PrimitiveBlocks {
  const { species, nMax, lMax, mixed } = primitive;
  const [columns, orders] = [blockSize(primitive), (lMax + 1) ** 2];
  return Array.from({ length: blockCount(primitive) }, (_, block) => {
    const [l, first] = [block % (lMax + 1), mixed ? 0 : Math.floor(block / (lMax + 1)) * nMax];
    const rows = new Float64Array(centers.length * (2 * l + 1) * columns);
    let at = 0;
    for (let i = 0; i < centers.length; i++) {
      const source = centers[i]! * species * nMax * orders;
      for (let lm = l * l; lm < (l + 1) ** 2; lm++) {
        for (let column = first; column < first + columns; column++) rows[at++] = coefficients[source + column * orders + lm]!;
      }
    }
    return rows;
  });
}

/** The blocks of some of the centers. */
export function takeCenters(primitive: PrimitiveBlocks, { blocks }: ContractedLayout, centers: ArrayLike<number>): PrimitiveBlocks {
  return blocks.map(({ degree, columns }, block) => {
    const size = (2 * degree + 1) * columns;
    const out = new Float64Array(centers.length * size);
    for (let at = 0; at < centers.length; at++) out.set(primitive[block]!.subarray(centers[at]! * size, (centers[at]! + 1) * size), at * size);
    return out;
  });
}

export interface ContractedSpectrum {
  readonly centers: number;
  /** c, [l][center][m][q]. */
  readonly coefficients: readonly Float64Array[];
  /** p̂, or p where it is not normalized, [center][feature]. */
  readonly values: Float64Array;
  /** |p|, [center]; 1 where p is not normalized or zero. */
  readonly lengths: Float64Array;
}

/** Features of the centers of `primitive` for the contraction `u`, all U one behind the other. */
export function contractSpectrum(
  algebra: LinearAlgebra, layout: ContractedLayout, u: Float64Array, primitive: PrimitiveBlocks, centers: number, normalize: boolean,
): ContractedSpectrum {
  const coefficients = layout.degrees.map(({ channels }, l) => new Float64Array(centers * (2 * l + 1) * channels));
  layout.blocks.forEach(({ degree, channel, start, rows, columns }, block) => {
    if (rows === 0) return;
    const count = centers * (2 * degree + 1);
    const own = algebra.multiply(primitive[block]!, u.slice(start, start + rows * columns), { m: count, n: rows, k: columns, transB: true });
    const { channels } = layout.degrees[degree]!;
    for (let row = 0; row < count; row++) coefficients[degree]!.set(own.subarray(row * rows, (row + 1) * rows), row * channels + channel);
  });
  const values = new Float64Array(centers * layout.size);
  const lengths = new Float64Array(centers).fill(1);
  for (let i = 0; i < centers; i++) {
    layout.degrees.forEach(({ channels, feature }, l) => {
      const c = coefficients[l]!;
      const scale = 1 / Math.sqrt(2 * l + 1);
      for (let row = i * (2 * l + 1) * channels; row < (i + 1) * (2 * l + 1) * channels; row += channels) {
        let at = i * layout.size + feature;
        for (let q = row; q < row + channels; q++) {
          values[at++]! += scale * c[q]! * c[q]!;
          const weighted = Math.SQRT2 * scale * c[q]!;
          for (let k = q + 1; k < row + channels; k++) values[at++]! += weighted * c[k]!;
        }
      }
    });
    if (!normalize) continue;
    const own = values.subarray(i * layout.size, (i + 1) * layout.size);
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    // An environment without anything in its subspaces stays zero.
    if (length === 0) continue;
    lengths[i] = length;
    for (let f = 0; f < own.length; f++) own[f]! /= length;
  }
  return { centers, coefficients, values, lengths };
}

/** ∂/∂p from ∂/∂p̂, in place. */
function denormalize({ centers, values, lengths }: ContractedSpectrum, gradient: Float64Array, size: number): void {
  for (let i = 0; i < centers; i++) {
    let along = 0;
    for (let f = i * size; f < (i + 1) * size; f++) along += values[f]! * gradient[f]!;
    for (let f = i * size; f < (i + 1) * size; f++) gradient[f] = (gradient[f]! - along * values[f]!) / lengths[i]!;
  }
}

/**
 * Adds ∂/∂U to `total`, which is as `u`.
 * @param gradient ∂/∂p̂, [center][feature]; used up
 */
export function addContractionGradient(
  algebra: LinearAlgebra, layout: ContractedLayout, primitive: PrimitiveBlocks, spectrum: ContractedSpectrum, normalize: boolean,
  gradient: Float64Array, total: Float64Array,
): void {
  const { centers, coefficients } = spectrum;
  if (normalize) denormalize(spectrum, gradient, layout.size);
  const adjoints = layout.degrees.map(({ channels, feature }, l) => {
    const c = coefficients[l]!;
    const out = new Float64Array(c.length);
    const scale = 1 / Math.sqrt(2 * l + 1);
    for (let i = 0; i < centers; i++) {
      for (let row = i * (2 * l + 1) * channels; row < (i + 1) * (2 * l + 1) * channels; row += channels) {
        let at = i * layout.size + feature;
        for (let q = row; q < row + channels; q++) {
          let sum = 2 * scale * gradient[at++]! * c[q]!;
          for (let k = q + 1; k < row + channels; k++) {
            const weighted = Math.SQRT2 * scale * gradient[at++]!;
            sum += weighted * c[k]!;
            out[k]! += weighted * c[q]!;
          }
          out[q]! += sum;
        }
      }
    }
    return out;
  });
  layout.blocks.forEach(({ degree, channel, start, rows, columns }, block) => {
    if (rows === 0) return;
    const count = centers * (2 * degree + 1);
    const { channels } = layout.degrees[degree]!;
    const own = new Float64Array(count * rows);
    for (let row = 0; row < count; row++) {
      own.set(adjoints[degree]!.subarray(row * channels + channel, row * channels + channel + rows), row * rows);
    }
    const product = algebra.multiply(own, primitive[block]!, { m: rows, n: columns, k: count, transA: true });
    product.forEach((value, index) => (total[start + index]! += value));
  });
}
