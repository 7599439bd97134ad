// Labels as a fit takes them: the baseline removed, and the weights Λ^{−1/2} of Eq. (17). The σ of a label is that of its component, else of its atom,
// else of its structure (label-sigmas.ts), else of its config_type, else of all (√N times noise.energy and noise.virial).
import type { FitStructure } from "../backend/backend.js";
import type { LabelTrust, SigmaScope } from "../structure/label-sigmas.js";
import type { LabeledStructure } from "../structure/structure.js";
import { referenceEnergy } from "./baseline.js";
import type { FitConfiguration } from "./configuration.js";

type Kind = "energy" | "forces" | "virial";
const KINDS: readonly Kind[] = ["energy", "forces", "virial"];
/** Indices of xx, yy, zz, yz, xz, xy in [3][3]. */
const VOIGT = [0, 4, 8, 5, 2, 1];

/** σ of the configuration for this structure, and where it says so. */
function configured({ structure, labels }: LabeledStructure, kind: Kind, noise: FitConfiguration["noise"]): { sigma: number; scope: "all" | "config type" } {
  const typed = Object.hasOwn(noise.byConfigType, labels.configType) ? noise.byConfigType[labels.configType]![kind] : undefined;
  const scale = kind === "forces" ? 1 : Math.sqrt(Math.max(1, structure.species.length));
  return { sigma: (typed ?? noise[kind]) * scale, scope: typed === undefined ? "all" : "config type" };
}

function trustOf({ labels }: LabeledStructure, kind: Kind, noise: FitConfiguration["noise"]): LabelTrust | undefined {
  return noise.fromData ? labels.trust?.[kind] : undefined;
}

/** 1/σ of each component, 0 where it is not there; one number where all are and have the same. */
function weightsOf(labeled: LabeledStructure, kind: "forces" | "virial", noise: FitConfiguration["noise"]): number | Float64Array {
  const label = labeled.labels[kind];
  const trust = trustOf(labeled, kind, noise);
  const value = trust?.sigma?.value ?? configured(labeled, kind, noise).sigma;
  const factor = Math.sqrt(trust?.weight ?? 1);
  if (typeof value === "number" && !label?.some(Number.isNaN)) return factor / value;
  const weight = (k: number): number => (Number.isNaN(label![k]) ? 0 : factor / (typeof value === "number" ? value : value[k]!));
  return kind === "virial" ? Float64Array.from(VOIGT, weight) : Float64Array.from(label!, (_, k) => weight(k));
}

/** The label with 0 in place of what is not there; null where its weight is 0 altogether. */
function labelOf(labeled: LabeledStructure, kind: "forces" | "virial", noise: FitConfiguration["noise"]): Float64Array | null {
  const label = labeled.labels[kind];
  if (label === null || trustOf(labeled, kind, noise)?.weight === 0) return null;
  return label.some(Number.isNaN) ? label.map((value) => (Number.isNaN(value) ? 0 : value)) : label;
}

export function fitStructure(
  labeled: LabeledStructure,
  baseline: ReadonlyMap<number, number>,
  noise: FitConfiguration["noise"],
): FitStructure {
  const { structure, labels } = labeled;
  const trust = trustOf(labeled, "energy", noise);
  const sigma = (trust?.sigma?.value as number | undefined) ?? configured(labeled, "energy", noise).sigma;
  return {
    structure,
    energy: labels.energy === null || trust?.weight === 0 ? null : labels.energy - referenceEnergy(structure, baseline),
    forces: labelOf(labeled, "forces", noise),
    virial: labelOf(labeled, "virial", noise),
    weights: {
      energy: Math.sqrt(trust?.weight ?? 1) / sigma, forces: weightsOf(labeled, "forces", noise), virial: weightsOf(labeled, "virial", noise),
    },
  };
}

/** Where the σ of a row came from. */
export type NoiseScope = "all" | "config type" | SigmaScope;

/** Rows of a fit by kind of label and by where their σ came from, and how many of them have a weight beside it; what is not there has none. */
export type NoiseCounts = Readonly<Record<Kind, Readonly<Partial<Record<NoiseScope | "weighted", number>>>>>;

/** How many rows of these data take which σ. */
export function countNoise(data: readonly LabeledStructure[], noise: FitConfiguration["noise"]): NoiseCounts {
  const counts: Record<Kind, Partial<Record<NoiseScope | "weighted", number>>> = { energy: {}, forces: {}, virial: {} };
  for (const labeled of data) {
    for (const kind of KINDS) {
      const label = labeled.labels[kind];
      const trust = trustOf(labeled, kind, noise);
      if (label === null || trust?.weight === 0) continue;
      const components = typeof label === "number" ? [label] : kind === "virial" ? VOIGT.map((k) => label[k]!) : label;
      let rows = 0;
      for (const value of components) if (!Number.isNaN(value)) rows++;
      const scopes = [trust?.sigma?.scope ?? configured(labeled, kind, noise).scope, ...(trust && trust.weight !== 1 ? ["weighted" as const] : [])];
      for (const scope of scopes) counts[kind][scope] = (counts[kind][scope] ?? 0) + rows;
    }
  }
  return counts;
}
