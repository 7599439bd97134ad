// What is timed: the systems of peers.md, potentials for them, and where the shared data lie.
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  createNeighborList, createStructure, findLabelKeys, parseConfigurationText, parseFitConfiguration, readLabels,
  type Backend, type FitConfiguration, type Hyperparameters, type LabeledStructure, type Potential, type Structure,
} from "../src/index.js";
import { readAllStructures } from "../src/node/index.js";
import { createRandom } from "../src/selection/random.js";
import type { Environment } from "./operations.js";

/** Shared data that a case needs and this machine lacks. */
export class AbsentData extends Error {}

/** The repository: bench/ when run from its sources, node_modules/.cache/lather/ when bundled by scripts/run.mjs. */
function repositoryRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(resolve(folder, "package.json"))) {
    if (folder === dirname(folder)) throw new Error("no package.json above the benchmark");
    folder = dirname(folder);
  }
  return folder;
}

export const root = repositoryRoot();

/** @throws AbsentData naming the file that is not there. */
export function dataPath(relative: string): string {
  const path = resolve(process.env["LATHER_DATA"] ?? resolve(root, "../shared/data"), relative);
  if (!existsSync(path)) throw new AbsentData(`${path} not found; LATHER_DATA names another folder`);
  return path;
}

const DIAMOND = [
  [0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0], [0.25, 0.25, 0.25], [0.25, 0.75, 0.75], [0.75, 0.25, 0.75], [0.75, 0.75, 0.25],
] as const;
const LATTICE_CONSTANT = 5.431;

/** Diamond silicon, repeat³ cubic cells, Gaussian noise of 0.05 Å on every coordinate; 4 gives Si512. */
export function diamondSilicon(repeat = 4, seed = 1): Structure {
  const random = createRandom(seed);
  const positions: number[] = [];
  for (let x = 0; x < repeat; x++) {
    for (let y = 0; y < repeat; y++) {
      for (let z = 0; z < repeat; z++) {
        for (const [u, v, w] of DIAMOND) {
          for (const fraction of [x + u, y + v, z + w]) positions.push(LATTICE_CONSTANT * fraction + 0.05 * random.normal());
        }
      }
    }
  }
  const side = LATTICE_CONSTANT * repeat;
  return createStructure({ species: new Array<number>(positions.length / 3).fill(14), positions, cell: [side, 0, 0, 0, side, 0, 0, 0, side] });
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

/** The first 200 molecules of the qm9 subset. */
export async function mol200(): Promise<Structure[]> {
  return (await readAllStructures(dataPath("molecules/qm9_subset_600.xyz"))).slice(0, 200);
}

/** `points` environments of another draw of the same noise as sparse points, with random weights: costs as much as a fitted potential. */
export async function unfittedPotential(
  backend: Backend, hyperparameters: Hyperparameters, points: number, zeta: number, repeat = 4,
): Promise<Potential> {
  const { values, size, species } = await backend.computeFeatures([diamondSilicon(repeat, 2)], hyperparameters);
  if (values.length < points * size) throw new Error(`${values.length / size} environments are too few for ${points} sparse points`);
  const random = createRandom(3);
  const weights = Float64Array.from({ length: points }, () => random.normal());
  const center = { species: species[0]!, projection: null, size, sparsePoints: values.slice(0, points * size), weights };
  return { hyperparameters, species, zeta, baseline: new Map([[species[0]!, -4]]), centers: [center], provenance: {} };
}

export const zuoConfigurationPath = resolve(root, "bench/configs/zuo2020-si.json");

export function zuoConfiguration(text: string): FitConfiguration {
  return parseFitConfiguration(parseConfigurationText(text, zuoConfigurationPath), zuoConfigurationPath);
}

export async function readLabeled(path: string, keys: FitConfiguration["keys"]): Promise<LabeledStructure[]> {
  const structures = await readAllStructures(path);
  const found = findLabelKeys(structures, keys);
  return structures.map((structure, index) => ({ structure, labels: readLabels(structure, found, { file: path, structure: index }) }));
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
