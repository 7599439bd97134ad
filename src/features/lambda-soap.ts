/**
 * λ-SOAP, THEORY.md Eq. (51): p_{λμ} = Σ_{m₁m₂} ⟨l₁ m₁ l₂ m₂|λ μ⟩ c_{x l₁m₁} c_{y l₂m₂}, channels x, y = (a, n), of one parity σ = (−1)^{l₁+l₂+λ}.
 * Each unordered pair of (l, x) is stored once, with √2 where they differ; λ = 0, σ = 1 is the power spectrum. Order of p: [μ][feature].
 * Source: Grisafi, Wilkins, Csányi and Ceriotti, Phys. Rev. Lett. 120, 036002 (2018).
 */
import type { Parity } from "../angular/clebsch-gordan.js";
import { channelPairs, type DegreeChannel } from "./bispectrum.js";
import { ChainBuilder, type Chain, type ChannelPair } from "./chain.js";

export interface LambdaSoapChain {
  readonly chain: Chain;
  /** Channels of every feature, the same for all μ. */
  readonly labels: readonly (readonly [DegreeChannel, DegreeChannel])[];
}

/** @param channels of the coefficients of each degree: densities × radial functions */
export function lambdaSoapChain(lMax: number, channels: number, lambda: number, parity: Parity): LambdaSoapChain {
  const builder = new ChainBuilder(lMax, channels);
  const labels: (readonly [DegreeChannel, DegreeChannel])[] = [];
  const parts: { readonly left: number; readonly right: number; readonly pairs: readonly ChannelPair[] }[] = [];
  for (let l1 = 0; l1 <= lMax; l1++) {
    for (let l2 = l1; l2 <= lMax; l2++) {
      const odd = (l1 + l2 + lambda) % 2;
      if (lambda < l2 - l1 || lambda > l1 + l2 || odd !== (parity === 1 ? 0 : 1)) continue;
      const pairs = channelPairs(channels, channels, l1 === l2, lambda % 2 === 0);
      parts.push({ left: builder.input(l1), right: builder.input(l2), pairs });
      for (const [x, y] of pairs) labels.push([[l1, x], [l2, y]]);
    }
  }
  const out = builder.couple(lambda, parity, parts);
  const scale = ([[l1, x], [l2, y]]: (typeof labels)[number]): number => (l1 === l2 && x === y ? 1 : Math.SQRT2);
  if (out !== null) builder.output(out, (channel) => scale(labels[channel]!));
  return { chain: builder.build(), labels };
}
