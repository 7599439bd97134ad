// What is timed: the systems of peers.md and potentials for them, made of numbers alone, so that Node and a browser have the same.
import {
  createLinearAlgebra, createNeighborList, createStructure, parseFitConfiguration, type Backend, type Hyperparameters, type Potential, type Structure,
} from "../src/index.js";
import { principalComponents } from "../src/features/principal-components.js";
import { createRandom } from "../src/selection/random.js";
import zuo from "./configs/zuo2020-si.json" with { type: "json" };
import type { Environment } from "./operations.js";

/** The fit of fit-zuo-si. */
export const ZUO_CONFIGURATION = parseFitConfiguration(zuo, "bench/configs/zuo2020-si.json");

const DIAMOND = [
  [0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0], [0.25, 0.25, 0.25], [0.25, 0.75, 0.75], [0.75, 0.25, 0.75], [0.75, 0.75, 0.25],
] as const;
const LATTICE_CONSTANT = 5.431;

/** Cubic cells along x, y and z, or along each of them. */
export type Repeat = number | readonly [number, number, number];

/** Diamond silicon, Gaussian noise of 0.05 Å on every coordinate; 4 gives Si512. */
export function diamondSilicon(repeat: Repeat = 4, seed = 1): Structure {
  const random = createRandom(seed);
  const positions: number[] = [];
  const [nx, ny, nz] = typeof repeat === "number" ? [repeat, repeat, repeat] : repeat;
  for (let x = 0; x < nx; x++) {
    for (let y = 0; y < ny; y++) {
      for (let z = 0; z < nz; z++) {
        for (const [u, v, w] of DIAMOND) {
          for (const fraction of [x + u, y + v, z + w]) positions.push(LATTICE_CONSTANT * fraction + 0.05 * random.normal());
        }
      }
    }
  }
  const cell = [LATTICE_CONSTANT * nx, 0, 0, 0, LATTICE_CONSTANT * ny, 0, 0, 0, LATTICE_CONSTANT * nz];
  return createStructure({ species: new Array<number>(positions.length / 3).fill(14), positions, cell });
}

/** The structure and what becomes of it as its atoms move, 0.01 Å a step in random directions: other positions, and now and then another pair. */
export function movingSteps(structure: Structure, steps: number): Structure[] {
  const random = createRandom(17);
  const all = [structure];
  while (all.length < steps) {
    const { positions } = all.at(-1)!;
    all.push({ ...structure, positions: positions.map((x) => x + 0.01 * random.normal()) });
  }
  return all;
}

/** n_max 8, l_max 6, σ 0.4 Å, cutoff width 0.5 Å: the settings of the table of features in peers.md. */
export function tableHyperparameters(radius: number): Hyperparameters {
  return {
    cutoff: { radius, width: 0.5, function: "cosine" },
    density: { kind: "gaussian", width: 0.4, centerWeight: 1, scaling: null },
    basis: { kind: "gto", nMax: 8, lMax: 6, accuracy: 1e-8 },
    features: { kind: "power-spectrum", normalize: true },
  };
}

/**
 * `points` environments of another draw of the same noise as sparse points, with random weights: costs as much as a fitted potential.
 * @param components principal components of the features; null keeps all features
 */
export async function unfittedPotential(
  backend: Backend, hyperparameters: Hyperparameters, points: number, zeta: number, repeat = 4, components: number | null = null,
): Promise<Potential> {
  const { values, size: features, species } = await backend.computeFeatures([diamondSilicon(repeat, 2)], hyperparameters);
  if (values.length < points * features) throw new Error(`${values.length / features} environments are too few for ${points} sparse points`);
  const random = createRandom(3);
  const weights = Float64Array.from({ length: points }, () => random.normal());
  const own = { species: species[0]!, weights, projection: null, size: features, sparsePoints: values.slice(0, points * features) };
  const center = components === null ? own : { ...own, ...(await compressed(values, features, own.sparsePoints, points, components)) };
  return { species, baseline: new Map([[species[0]!, -4]]), terms: [{ hyperparameters, zeta, centers: [center] }], provenance: {} };
}

async function compressed(
  values: Float64Array, features: number, chosen: Float64Array, points: number, components: number,
): Promise<{ projection: Float64Array; size: number; sparsePoints: Float64Array }> {
  const algebra = await createLinearAlgebra();
  const { projection, count } = principalComponents(algebra, values, features, 0, components);
  return { projection, size: count, sparsePoints: algebra.multiply(chosen, projection, { m: points, n: count, k: features }) };
}

/** A potential of the sizes of the fit to zuo2020 Si: n 8, l 8, 105 of 324 components, M = 1000, ζ 4. */
export function unfittedZuo(backend: Backend): Promise<Potential> {
  const { cutoff, density, basis, features, kernel } = ZUO_CONFIGURATION;
  return unfittedPotential(backend, { cutoff, density, basis, features }, 1000, kernel.zeta, 5, 105);
}

/** The sizes that the operation counts need, of every environment. */
export function environmentsOf(structures: readonly Structure[], { cutoff, density }: Hyperparameters): Environment[] {
  return structures.flatMap((structure) => {
    const { offsets, neighbors } = createNeighborList(structure, cutoff.radius);
    return Array.from(structure.species, (own, center): Environment => {
      const around = neighbors.subarray(offsets[center]!, offsets[center + 1]!);
      const elements = new Set(Array.from(around, (atom) => structure.species[atom]!));
      if (density.centerWeight !== 0) elements.add(own);
      return { pairs: around.length, elements: elements.size, atoms: new Set([center, ...around]).size };
    });
  });
}
