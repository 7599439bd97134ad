/** What relaxations, elastic bands and properties are computed with: a fitted potential on a backend, or an analytic formula. */
import type { Backend, JobOptions } from "../backend/backend.js";
import { InputError } from "../errors.js";
import type { Potential } from "../model/potential.js";
import { symbolOf } from "../structure/elements.js";
import type { Structure } from "../structure/structure.js";
import type { ForceEvaluation } from "./motion.js";

/** Energies (eV), forces (eV/Å, [atom][xyz]) and virials (eV, [3][3], null where there is none), in the order of the structures. */
export type EnergyModel = (structures: readonly Structure[], options?: Pick<JobOptions, "signal">) => Promise<ForceEvaluation[]>;

/** A model whose potential is resident on a backend; `destroy` releases it. */
export interface ResidentEnergyModel {
  readonly model: EnergyModel;
  /** Releases the potential; the model is not usable afterwards. */
  destroy(): void;
}

/** @throws InputError on an element that the potential does not know. */
export function checkElements(potential: Potential, structure: Structure): void {
  const atom = structure.species.findIndex((z) => !potential.species.includes(z));
  if (atom < 0) return;
  throw new InputError("the model does not know this element", {
    ...structure.origin, atom, expected: `${potential.species.map(symbolOf).join(", ")} (or a model fitted with this element)`, got: symbolOf(structure.species[atom]),
  });
}

/** The model throws InputError on an element that the potential does not know, and whatever predictions throw. */
export async function createEnergyModel(backend: Backend, potential: Potential): Promise<ResidentEnergyModel> {
  const evaluator = await backend.createEvaluator(potential);
  return {
    model: async (structures, options) => {
      for (const structure of structures) checkElements(potential, structure);
      const predictions = await evaluator.predict(structures, options);
      return predictions.map(({ energy, forces, virial }) => ({ energy, forces: forces!, virial }));
    },
    destroy: () => evaluator.destroy(),
  };
}

/** `use` with a model that is resident as long as it runs. */
export async function withEnergyModel<Result>(backend: Backend, potential: Potential, use: (model: EnergyModel) => Promise<Result>): Promise<Result> {
  const { model, destroy } = await createEnergyModel(backend, potential);
  try {
    return await use(model);
  } finally {
    destroy();
  }
}

/** An analytic formula, one structure at a time, as a model. */
export function analyticModel(compute: (structure: Structure) => ForceEvaluation): EnergyModel {
  return async (structures) => structures.map(compute);
}
