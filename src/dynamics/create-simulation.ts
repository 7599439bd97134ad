/** Molecular dynamics with a fitted potential on a backend. */
import type { Backend } from "../backend/backend.js";
import type { DataWarning } from "../errors.js";
import type { Potential } from "../model/potential.js";
import type { Structure } from "../structure/structure.js";
import { checkElements } from "./energy-model.js";
import { Simulation } from "./simulation.js";
import type { SimulationOptions } from "./simulation-options.js";
import { checkOverlap, checkTimestep } from "./start-checks.js";

export interface ResidentSimulationOptions extends SimulationOptions {
  /** Called with what is doubtful about the start, before a step is made. */
  readonly onWarning?: (warning: DataWarning) => void;
}

/** A simulation and the potential that is resident for it; `destroy` releases it. */
export interface ResidentSimulation {
  readonly simulation: Simulation;
  /** Releases the potential; the simulation cannot go on. */
  destroy(): void;
}

/**
 * A simulation of `structure` with `potential`, at step 0 or at `options.state`; on the CPU backend a restart gives the same bits.
 * @throws InputError on an element that the model does not know, atoms of the structure that overlap, a timestep of 20 fs or more, and as
 * `Simulation.create`.
 */
export async function createSimulation(backend: Backend, potential: Potential, structure: Structure, options: ResidentSimulationOptions): Promise<ResidentSimulation> {
  checkElements(potential, structure);
  // A state on its way has been through collisions of its own.
  if (!options.state) checkOverlap(structure);
  const warning = checkTimestep(structure, options.timestep, options.masses);
  if (warning) options.onWarning?.(warning);
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
