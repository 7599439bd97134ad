// The density round one atom of the data, and what the functions make of it, on a grid.
import { createStructure, densityResiduals, environmentOf, rebuiltDensities, smearedDensity, type Hyperparameters, type Structure } from "lather";
import type { DensityRequest, EnvironmentDensity } from "./basis-job.js";

/** Points along each axis: Gaussians of 0.5 Å within 6 Å are sampled every 0.3 Å. */
const POINTS = 40;

/** What a finished computation was about. */
export interface DensitySource {
  readonly structures: readonly Structure[];
  /** With the contraction. */
  readonly hyperparameters: Hyperparameters;
  /** Atomic numbers, in the order of the result's elements. */
  readonly species: readonly number[];
}

export function computeDensity({ structures, hyperparameters, species }: DensitySource, request: DensityRequest): EnvironmentDensity {
  const { cutoff, density: { width } } = hyperparameters;
  const z = species[request.element]!;
  const environment = environmentOf(structures[request.structure]!, request.atom, cutoff.radius);
  const grid = { points: POINTS, halfWidth: cutoff.radius + 2 * width };
  const density = smearedDensity(environment, hyperparameters, z, grid);
  const rebuilt = rebuiltDensities(environment, hyperparameters, z, grid);
  const atoms = createStructure({ species: [environment.center, ...environment.species], positions: [0, 0, 0, ...environment.vectors] });
  return { environment: atoms, grid, density, rebuilt, residuals: densityResiduals(density, rebuilt) };
}
