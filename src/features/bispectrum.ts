/**
 * Bispectrum (ν = 3), THEORY.md Eq. (50): p = √N (2l₃+1)^{−1/2} Σ_μ (Σ_{m₁m₂} ⟨l₁ m₁ l₂ m₂|l₃ μ⟩ c_{x l₁m₁} c_{y l₂m₂}) c_{z l₃μ} with channels x, y, z = (a, n).
 * Each unordered triple of (l, x) is stored once; N counts its orders, so that scalar products equal those of the full tensor.
 * An odd l₁ + l₂ + l₃ gives pseudoscalars, which change their sign in a mirror.
 * Source: Bartók, Kondor and Csányi, Phys. Rev. B 87, 184115 (2013), Sec. II.C.
 */
import { ChainBuilder, type Chain, type ChannelPair } from "./chain.js";

/** A channel of the coefficients of one degree. */
export type DegreeChannel = readonly [l: number, channel: number];

export interface BispectrumChain {
  readonly chain: Chain;
  /** Channels of every feature. */
  readonly labels: readonly (readonly [DegreeChannel, DegreeChannel, DegreeChannel])[];
}

/** The pairs (x, y) of channels with x ≤ y, or x < y, where both blocks are the same; all of them otherwise. */
export function channelPairs(left: number, right: number, same: boolean, symmetric: boolean): ChannelPair[] {
  const pairs: ChannelPair[] = [];
  for (let x = 0; x < left; x++) for (let y = same ? (symmetric ? x : x + 1) : 0; y < right; y++) pairs.push([x, y]);
  return pairs;
}

/** Distinct orders of three things of which some are the same. */
function orders(xy: boolean, yz: boolean): number {
  return xy && yz ? 1 : xy || yz ? 3 : 6;
}

/** @param channels of the coefficients of each degree: densities × radial functions */
export function bispectrumChain(lMax: number, channels: number, pseudoscalars: boolean): BispectrumChain {
  const builder = new ChainBuilder(lMax, channels);
  const made: { readonly block: number; readonly degrees: readonly [number, number, number]; readonly pairs: readonly ChannelPair[] }[] = [];
  // All couplings of two densities first, so that they make one stage.
  for (let l1 = 0; l1 <= lMax; l1++) {
    for (let l2 = l1; l2 <= lMax; l2++) {
      for (let l3 = l2; l3 <= Math.min(lMax, l1 + l2); l3++) {
        const even = (l1 + l2 + l3) % 2 === 0;
        if (!even && !pseudoscalars) continue;
        const pairs = channelPairs(channels, channels, l1 === l2, even);
        const block = builder.couple(l3, even ? 1 : -1, [{ left: builder.input(l1), right: builder.input(l2), pairs }]);
        if (block !== null) made.push({ block, degrees: [l1, l2, l3], pairs });
      }
    }
  }
  const labels: (readonly [DegreeChannel, DegreeChannel, DegreeChannel])[] = [];
  for (const { block, degrees: [l1, l2, l3], pairs } of made) {
    const { parity } = builder.block(block);
    const triples: ChannelPair[] = [];
    const scales: number[] = [];
    pairs.forEach(([x, y], pair) => {
      for (let z = l2 === l3 ? (parity === 1 ? y : y + 1) : 0; z < channels; z++) {
        triples.push([pair, z]);
        scales.push(Math.sqrt(orders(l1 === l2 && x === y, l2 === l3 && y === z)));
        labels.push([[l1, x], [l2, y], [l3, z]]);
      }
    });
    const out = builder.couple(0, parity, [{ left: block, right: builder.input(l3), pairs: triples }]);
    if (out !== null) builder.output(out, (channel) => scales[channel]!);
  }
  return { chain: builder.build(), labels };
}
