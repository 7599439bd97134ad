// Where the shared data lie, and reading them; Node only.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  labelStructures, parseConfigurationText, parseFitConfiguration, type FitConfiguration, type LabeledStructure, type Structure,
} from "../src/index.js";
import { readAllStructures } from "../src/node/index.js";

/** Shared data that a case needs and this machine lacks. */
export class AbsentData extends Error {}

/**
 * The repository: bench/ when run from its sources, node_modules/.cache/lather/ when bundled by scripts/run.mjs; the program's own folder where the
 * bundle is alone.
 */
function repositoryRoot(): string {
  const own = dirname(fileURLToPath(import.meta.url));
  for (let folder = own; folder !== dirname(folder); folder = dirname(folder)) if (existsSync(resolve(folder, "package.json"))) return folder;
  return own;
}

export const root = repositoryRoot();

/** @throws AbsentData naming the file that is not there. */
export function dataPath(relative: string): string {
  const path = resolve(process.env["LATHER_DATA"] ?? resolve(root, "../shared/data"), relative);
  if (!existsSync(path)) throw new AbsentData(`${path} not found; LATHER_DATA names another folder`);
  return path;
}

/** The first 200 molecules of the qm9 subset. */
export async function mol200(): Promise<Structure[]> {
  return (await readAllStructures(dataPath("molecules/qm9_subset_600.xyz"))).slice(0, 200);
}

export async function readConfiguration(path: string): Promise<FitConfiguration> {
  return parseFitConfiguration(parseConfigurationText(await readFile(path, "utf8"), path), path);
}

export async function readLabeled(path: string, keys: FitConfiguration["keys"]): Promise<LabeledStructure[]> {
  const structures = await readAllStructures(path);
  return [...labelStructures(structures, keys).data];
}
