// Labels as a fit takes them: the baseline removed, and the weights Λ^{−1/2} of Eq. (17).
import type { FitStructure } from "../backend/backend.js";
import type { LabeledStructure } from "../structure/structure.js";
import { referenceEnergy } from "./baseline.js";
import type { FitConfiguration, Noise } from "./configuration.js";

export function fitStructure(
  { structure, labels }: LabeledStructure,
  baseline: ReadonlyMap<number, number>,
  noise: FitConfiguration["noise"],
): FitStructure {
  const own: Noise = { ...noise, ...noise.byConfigType[labels.configType] };
  const atoms = Math.max(1, structure.species.length);
  return {
    structure,
    energy: labels.energy === null ? null : labels.energy - referenceEnergy(structure, baseline),
    forces: labels.forces,
    virial: labels.virial,
    weights: { energy: 1 / (own.energy * Math.sqrt(atoms)), forces: 1 / own.forces, virial: 1 / (own.virial * Math.sqrt(atoms)) },
  };
}
