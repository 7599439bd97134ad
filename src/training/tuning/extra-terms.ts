// Terms that may stand beside the power spectrum: of three and four bodies in more detail, and of pairs.
import { speciesOf } from "../../features/feature-layout.js";
import type { LabeledStructure } from "../../structure/structure.js";
import type { FitConfiguration } from "../configuration.js";
import type { TermSettings } from "../term-settings.js";

/** Candidates by name: the environment of the term that is there, with other features of a smaller basis. */
export function extraTerms(configuration: FitConfiguration, data: readonly LabeledStructure[]): readonly (readonly [string, TermSettings])[] {
  const elements = speciesOf(data.map(({ structure }) => structure)).length;
  const { cutoff, density, basis, optimalBasis, pseudoElements, kernel, compression, sparse } = configuration;
  const shared = { cutoff, density, optimalBasis, pseudoElements, compression, sparse };
  const size = elements === 1 ? { nMax: 4, lMax: 4 } : elements <= 3 ? { nMax: 3, lMax: 4 } : { nMax: 2, lMax: 3 };
  return [
    ["bispectrum", { ...shared, basis: { ...basis, ...size }, features: { kind: "bispectrum", normalize: true }, kernel: { ...kernel, zeta: 2 } }],
    ["radial spectrum", { ...shared, basis: { ...basis, lMax: 0 }, features: { kind: "radial-spectrum", normalize: true }, kernel: { ...kernel, zeta: 2 } }],
  ];
}
