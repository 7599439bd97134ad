// Where each feature of an environment stands: radial spectrum, Eq. (11), and power spectrum, Eq. (12), in blocks per element or pair of elements; those
// of a chain, Eqs. (49) to (52), in its own order.
import { InputError } from "../errors.js";
import { symbolOf } from "../structure/elements.js";
import { originOf } from "../structure/origin.js";
import type { Structure } from "../structure/structure.js";
import { densityCount, featureChain } from "./feature-chain.js";
import { radialChannels } from "../basis/hyperparameters.js";
import type { Hyperparameters } from "./hyperparameters.js";

/** The features of one density (a = b, radial spectrum) or one pair of densities a ≤ b. */
export interface FeatureBlock {
  readonly a: number;
  readonly b: number;
  readonly offset: number;
  readonly size: number;
}

export interface FeatureLayout {
  /** Atomic numbers, ascending. */
  readonly species: readonly number[];
  /** Densities around a center: one per element, or a single one where the radial basis mixes the elements. */
  readonly densities: number;
  /** Density of each element, [element]. */
  readonly densityOf: readonly number[];
  /** Of radial and power spectrum; empty for a chain. */
  readonly blocks: readonly FeatureBlock[];
  /** Features in all. */
  readonly size: number;
}

/**
 * Blocks (a, b), a ≤ b, a major. Within a block of the power spectrum [l][n][n'], n ≤ n' only where a = b.
 * A block of the radial spectrum is [n].
 */
export function featureLayout(hyperparameters: Hyperparameters, species: readonly number[]): FeatureLayout {
  const { lMax, contraction } = hyperparameters.basis;
  const channels = radialChannels(hyperparameters.basis);
  const densityOf = species.map((_, element) => (contraction?.mixed ? 0 : element));
  const densities = densityCount(hyperparameters, species);
  const chain = featureChain(hyperparameters, species);
  if (chain) return { species, densities, densityOf, blocks: [], size: chain.chain.size };
  const blocks: FeatureBlock[] = [];
  let size = 0;
  const add = (a: number, b: number, count: number): void => {
    blocks.push({ a, b, offset: size, size: count });
    size += count;
  };
  for (let a = 0; a < densities; a++) {
    if (hyperparameters.features.kind === "radial-spectrum") {
      add(a, a, channels);
      continue;
    }
    for (let b = a; b < densities; b++) add(a, b, (lMax + 1) * (a === b ? (channels * (channels + 1)) / 2 : channels * channels));
  }
  return { species, densities, densityOf, blocks, size };
}

/** What each feature is made of: the names of the columns and the numbers of every feature. */
export interface FeatureLabels {
  /** "Z1", "Z2", "l", "n1", …: atomic numbers of the densities (0 for that of all elements), degrees, radial functions. */
  readonly names: readonly string[];
  /** [feature][name] */
  readonly values: Int32Array;
}

/**
 * Names of the features. Radial and power spectrum: Z_a, Z_b, l, n, n', where the radial spectrum has Z_a = Z_b, l = 0 and n = n'. Others:
 * see `featureChain`.
 */
export function featureLabels(hyperparameters: Hyperparameters, species: readonly number[]): FeatureLabels {
  const { lMax, contraction } = hyperparameters.basis;
  const nMax = radialChannels(hyperparameters.basis);
  const chain = featureChain(hyperparameters, species);
  if (chain) return chain.labels();
  const layout = featureLayout(hyperparameters, species);
  const labels = new Int32Array(5 * layout.size);
  let at = 0;
  const add = (...label: number[]): void => {
    labels.set(label, at);
    at += 5;
  };
  for (const { a, b } of layout.blocks) {
    const [za, zb] = contraction?.mixed ? [0, 0] : [species[a]!, species[b]!];
    if (hyperparameters.features.kind === "radial-spectrum") {
      for (let n = 0; n < nMax; n++) add(za, za, 0, n, n);
      continue;
    }
    for (let l = 0; l <= lMax; l++) {
      for (let n = 0; n < nMax; n++) for (let k = a === b ? n : 0; k < nMax; k++) add(za, zb, l, n, k);
    }
  }
  return { names: ["Z1", "Z2", "l", "n1", "n2"], values: labels };
}

/** Elements that occur in the structures, ascending atomic numbers. */
export function speciesOf(structures: Iterable<{ readonly species: Uint8Array }>): number[] {
  const found = new Set<number>();
  for (const { species } of structures) for (const z of species) found.add(z);
  return [...found].sort((a, b) => a - b);
}

/** @throws InputError when a structure holds an element that the features do not resolve. */
export function checkSpecies(structure: Pick<Structure, "species" | "origin">, known: readonly number[], index: number): void {
  const { species } = structure;
  let atom = 0;
  // Atoms that follow each other are mostly of one element, which need not be looked for again.
  for (let last = -1; atom < species.length; atom++) {
    const z = species[atom]!;
    if (z === last) continue;
    if (!known.includes(z)) break;
    last = z;
  }
  if (atom === species.length) return;
  const names = known.map((z) => symbolOf(z)).join(", ");
  throw new InputError("element unknown to the features", { ...originOf(structure, index), atom, expected: names, got: symbolOf(species[atom]!) });
}
