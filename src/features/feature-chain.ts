// Which chain of stages a kind of features is, and what its features are called.
import { InputError } from "../errors.js";
import { bispectrumChain, type DegreeChannel } from "./bispectrum.js";
import type { Chain } from "./chain.js";
import type { FeatureLabels } from "./feature-layout.js";
import { radialChannels } from "../basis/hyperparameters.js";
import type { Hyperparameters } from "./hyperparameters.js";
import { lambdaSoapChain } from "./lambda-soap.js";
import { multispectrumChain } from "./multispectrum.js";

export interface FeatureChain {
  readonly chain: Chain;
  labels(): FeatureLabels;
}

/** Densities around a center: one per element, or a single one where the radial basis mixes the elements. */
export function densityCount({ basis }: Hyperparameters, species: readonly number[]): number {
  return basis.contraction?.mixed ? Math.min(1, species.length) : species.length;
}

/** Whether features are a chain; radial and power spectrum have passes of their own. */
export function hasChain({ features }: Pick<Hyperparameters, "features">): boolean {
  return features.kind !== "radial-spectrum" && features.kind !== "power-spectrum";
}

/**
 * The chain of a bispectrum (labels Z1, l1, n1, Z2, …), of λ-SOAP (Z1, l1, n1, Z2, l2, n2, mu) or of a multispectrum (order, parity, channel);
 * null for radial and power spectrum.
 * @throws InputError for a multispectrum whose matrices are not there; CapacityError when there are too many products.
 */
export function featureChain(hyperparameters: Hyperparameters, species: readonly number[]): FeatureChain | null {
  const { basis, features } = hyperparameters;
  const nMax = radialChannels(basis);
  const channels = densityCount(hyperparameters, species) * nMax;
  const named = ([l, channel]: DegreeChannel): number[] => [basis.contraction?.mixed ? 0 : species[Math.floor(channel / nMax)]!, l, channel % nMax];
  switch (features.kind) {
    case "radial-spectrum":
    case "power-spectrum":
      return null;
    case "bispectrum": {
      const { chain, labels } = bispectrumChain(basis.lMax, channels, features.pseudoscalars ?? false);
      const names = [1, 2, 3].flatMap((k) => [`Z${k}`, `l${k}`, `n${k}`]);
      return { chain, labels: () => ({ names, values: Int32Array.from(labels.flatMap((triple) => triple.flatMap(named))) }) };
    }
    case "lambda-soap": {
      const lambda = features.lambda ?? 0;
      const { chain, labels } = lambdaSoapChain(basis.lMax, channels, lambda, features.parity ?? 1);
      const orders = Array.from({ length: 2 * lambda + 1 }, (_, k) => k - lambda);
      const values = (): number[] => orders.flatMap((mu) => labels.flatMap((pair) => [...pair.flatMap(named), mu]));
      return { chain, labels: () => ({ names: ["Z1", "l1", "n1", "Z2", "l2", "n2", "mu"], values: Int32Array.from(values()) }) };
    }
    case "multispectrum": {
      const { iteration } = features;
      if (!iteration) {
        const expected = "matrices made from data: `lather fit` and `lather features` make them, withMultispectrum in the library";
        throw new InputError("a multispectrum without its matrices", { key: "features.iteration", expected, got: "none" });
      }
      const { chain, labels } = multispectrumChain(basis.lMax, channels, iteration, features.pseudoscalars ?? false);
      return { chain, labels: () => ({ names: ["order", "parity", "channel"], values: Int32Array.from(labels.flat()) }) };
    }
  }
}
