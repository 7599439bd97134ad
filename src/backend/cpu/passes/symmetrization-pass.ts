// What makes a row of features from the density coefficients of an environment: one pass for pairs of densities, one for any chain of stages.
import type { PackedLayout } from "../packed-layout.js";

/** Columns of the batch's rows. */
export interface ColumnRange {
  readonly packed: number;
  readonly size: number;
}

export interface SymmetrizationPass {
  /** Members that `forward` and `adjoint` take at once. */
  readonly members: number;
  /** Pairs whose three directions `tangent` takes at once. */
  readonly pairs: number;
  /** Where the features of a batch stand; `present` are its densities, ascending. */
  layout(present: readonly number[]): PackedLayout;
  /** Reserves what a batch needs, which the features' pass holds by then. */
  prepare(): void;
  /** Writes the rows of members [first, first + count), not normalized. */
  forward(first: number, count: number): void;
  /**
   * Adds ∂ε/∂c of members [first, first + count), [member][present][lm][nStride], from ∂ε/∂p, [member][stride]; both pointers are those of `first`.
   */
  adjoint(first: number, count: number, gradient: number, adjoint: number): void;
  /** ∂p along `count` directions in which the coefficients of the k-th density change by [direction][lm][nStride], to [direction][stride]. */
  tangent(member: number, k: number, derivatives: number, count: number, out: number): void;
  /** Columns that change with the k-th density; `tangent` writes no others. */
  columnsOf(k: number): readonly ColumnRange[];
}
