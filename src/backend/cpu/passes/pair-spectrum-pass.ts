// Radial spectrum, Eq. (11), and power spectrum, Eq. (12): the fast path of a coupling of two densities to λ = 0.
import type { FeaturePass } from "../feature-pass.js";
import { packLayout, type PackedLayout } from "../packed-layout.js";
import type { ColumnRange, SymmetrizationPass } from "./symmetrization-pass.js";

const F64 = 8;

export class PairSpectrumPass implements SymmetrizationPass {
  readonly members = 1;
  readonly pairs = 1;
  readonly #features: FeaturePass;
  readonly #radial: boolean;
  #scratch = 0;

  constructor(features: FeaturePass) {
    this.#features = features;
    this.#radial = features.plan.kind === "radial-spectrum";
  }

  layout(present: readonly number[]): PackedLayout {
    return packLayout(this.#features.plan.layout, present);
  }

  prepare(): void {
    this.#scratch = this.#features.reserve(2 * this.#features.plan.nStride ** 2);
  }

  forward(member: number): void {
    const { kernels, plan, layout, channels } = this.#features;
    const row = this.#features.row(member);
    for (const { a, b, packed } of layout.blocks) {
      const [out, left, right] = [row + packed * F64, this.#features.block(member, a), this.#features.block(member, b)];
      if (this.#radial) kernels.float64(out, plan.nMax).set(kernels.float64(left, plan.nMax));
      else kernels.exports.powerSpectrum(...channels, left, right, a === b ? 1 : 0, this.#scratch, out);
    }
  }

  adjoint(member: number, _count: number, gradient: number, adjoint: number): void {
    const { kernels, plan, layout, channels, blockSize } = this.#features;
    for (const { a, b, packed } of layout.blocks) {
      const source = gradient + packed * F64;
      const [da, db] = [adjoint + a * blockSize * F64, adjoint + b * blockSize * F64];
      const [left, right] = [this.#features.block(member, a), this.#features.block(member, b)];
      if (this.#radial) kernels.float64(da, plan.nMax).set(kernels.float64(source, plan.nMax));
      else kernels.exports.powerSpectrumAdjoint(...channels, left, right, a === b ? 1 : 0, source, this.#scratch, da, db);
    }
  }

  tangent(member: number, k: number, derivatives: number, count: number, out: number): void {
    const { kernels, plan, layout, channels, blockSize, stride } = this.#features;
    for (let direction = 0; direction < count; direction++) {
      const derivative = derivatives + direction * blockSize * F64;
      for (const { a, b, packed } of layout.blocks) {
        if (a !== k && b !== k) continue;
        const target = out + (direction * stride + packed) * F64;
        if (this.#radial) {
          kernels.float64(target, plan.nMax).set(kernels.float64(derivative, plan.nMax));
          continue;
        }
        const same = a === b ? 1 : 0;
        const other = this.#features.block(member, same || k === b ? a : b);
        kernels.exports.powerSpectrumGradient(...channels, other, derivative, same, k === a ? 0 : 1, this.#scratch, target);
      }
    }
  }

  columnsOf(k: number): readonly ColumnRange[] {
    return this.#features.layout.blocks.filter(({ a, b }) => a === k || b === k);
  }
}
