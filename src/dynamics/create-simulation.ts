/** Molecular dynamics with a fitted potential on a backend. */
import type { Backend } from "../backend/backend.js";
import { InputError } from "../errors.js";
import type { Potential } from "../model/potential.js";
import { symbolOf } from "../structure/elements.js";
import type { Structure } from "../structure/structure.js";
import { Simulation, type SimulationOptions } from "./simulation.js";

/** A simulation and the potential that is resident for it; `destroy` releases it. */
export interface ResidentSimulation {
  readonly simulation: Simulation;
  destroy(): void;
}

/**
 * A simulation of `structure` with `potential`, at step 0 or at `options.state`; on the CPU backend a restart gives the same bits.
 * @throws InputError on an element that the model does not know, and as `Simulation.create`.
 */
export async function createSimulation(backend: Backend, potential: Potential, structure: Structure, options: SimulationOptions): Promise<ResidentSimulation> {
  const atom = structure.species.findIndex((z) => !potential.species.includes(z));
  if (atom >= 0) {
    throw new InputError("the model does not know this element", {
      ...structure.origin, atom, expected: `${potential.species.map(symbolOf).join(", ")} (or a model fitted with this element)`, got: symbolOf(structure.species[atom]),
    });
  }
  const evaluator = await backend.createEvaluator(potential);
  try {
    const simulation = await Simulation.create(
      async (positions, cell) => {
        const [{ energy, forces, virial }] = await evaluator.predict([{ ...structure, positions, cell }]);
        return { energy, forces: forces!, virial };
      },
      structure, options,
    );
    return { simulation, destroy: () => evaluator.destroy() };
  } catch (error) {
    evaluator.destroy();
    throw error;
  }
}
