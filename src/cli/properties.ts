import { InvalidArgumentError, Option, type Command } from "commander";
import { atomicNumberOf, createEnergyModel, diamondProperties, parseModel, symbolOf, type DiamondProperties, type Potential } from "../index.js";
import { writeJson, type CommandIo } from "./command-io.js";
import { readText } from "./files.js";
import { addBackendOptions, formatBackend, positiveNumber, wholeNumber, withBackend, type BackendOptions } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { Stopwatch } from "./stopwatch.js";
import { formatTable } from "./table.js";
import { printWarnings } from "./warnings.js";

interface Options extends BackendOptions {
  readonly structure: "diamond";
  readonly element: number;
  readonly lattice?: number;
  readonly supercell: number;
  readonly json?: boolean;
}

function element(text: string): number {
  const z = atomicNumberOf(text);
  if (z === undefined) throw new InvalidArgumentError("Expected an element symbol such as Si.");
  return z;
}

/** lather properties: what models say of a crystal, beside each other. */
export function addPropertiesCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("properties")
    .summary("compute properties of a crystal with models")
    .description("Computes lattice constant, elasticity, vacancy and surface energies of a crystal with one or several models of `lather fit`, and prints them beside each other.")
    .argument("<models...>", "model files of `lather fit`")
    .addOption(new Option("--structure <name>", "crystal structure").choices(["diamond"]).default("diamond"))
    .requiredOption("--element <symbol>", "element of the crystal, as Si", element)
    .option("--lattice <Å>", "lattice constant to begin with (default: atoms with covalent radii in contact)", positiveNumber)
    .option("--supercell <n>", "cubic cells along each axis around the vacancy; 2: 64 atoms, 3: 216", wholeNumber, 2);
  addBackendOptions(command)
    .option("--json", "report as one JSON object on standard output")
    .addHelpText("after", `
a0 where the pressure vanishes; B0 and B0' of the Birch–Murnaghan equation of state; elastic constants from stresses, with relaxed atoms; the vacancy
at the volume of the crystal, the lower of two minima; surface energies of slabs, ideal ("unrelaxed"), relaxed without reconstruction, and with the
dimers of (100) 2 × 1.

Example:
  lather properties silicon.json other.json --element Si`)
    .action((models: string[], options: Options) => runProperties(models, options, io));
}

const rows: readonly (readonly [string, string, number, (properties: DiamondProperties) => number])[] = [
  ["a0", "Å", 4, ({ latticeConstant }) => latticeConstant],
  ["energy", "eV/atom", 4, ({ energy }) => energy],
  ["B0", "GPa", 1, ({ bulkModulus }) => bulkModulus],
  ["B0'", "", 2, ({ bulkModulusDerivative }) => bulkModulusDerivative],
  ["C11", "GPa", 1, ({ c11 }) => c11],
  ["C12", "GPa", 1, ({ c12 }) => c12],
  ["C44", "GPa", 1, ({ c44 }) => c44],
  ["vacancy, unrelaxed", "eV", 3, ({ vacancy }) => vacancy.unrelaxed],
  ["vacancy", "eV", 3, ({ vacancy }) => vacancy.relaxed],
  ["(111), unrelaxed", "J/m²", 3, ({ surface111 }) => surface111.unrelaxed],
  ["(111)", "J/m²", 3, ({ surface111 }) => surface111.relaxed],
  ["(100), unrelaxed", "J/m²", 3, ({ surface100 }) => surface100.unrelaxed],
  ["(100)", "J/m²", 3, ({ surface100 }) => surface100.relaxed],
  ["(100) 2×1", "J/m²", 3, ({ surface100 }) => surface100.dimerized],
];

/** File names where these tell the models apart. */
function headings(paths: readonly string[]): readonly string[] {
  const names = paths.map((path) => path.split("/").at(-1)!);
  return new Set(names).size === names.length ? names : paths;
}

async function runProperties(paths: readonly string[], options: Options, io: CommandIo): Promise<void> {
  const { structure, element: species, lattice, supercell } = options;
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  const potentials: Potential[] = [];
  for (const path of paths) potentials.push(parseModel(await readText(path, "model"), path));
  try {
    await withBackend(options, 8 * supercell ** 3, async (backend, used) => {
      const results: DiamondProperties[] = [];
      for (const potential of potentials) {
        const { model, destroy } = await createEnergyModel(backend, potential);
        try {
          const onProgress = ({ stage, done, total }: { stage: string; done: number; total: number }): void => progress.report({ stage, done: results.length * total + done, total: potentials.length * total });
          results.push(await stopwatch.time("properties", () => diamondProperties(model, species, { latticeConstant: lattice, supercell, signal: io.signal, onProgress })));
        } finally {
          destroy();
        }
      }
      progress.finish();
      const unfinished = paths.filter((_, k) => !results[k].converged);
      printWarnings(unfinished.map((file) => ({ code: "not-converged", file, text: `with ${file} not every relaxation converged` })), io);
      if (options.json) {
        writeJson(io, { ...used, seconds: stopwatch.seconds, structure, element: symbolOf(species), supercell, models: results.map((result, k) => ({ model: paths[k], ...result })) });
        return;
      }
      const table = rows.map(([name, unit, digits, value]) => [name, ...results.map((result) => value(result).toFixed(digits)), unit]);
      io.stdout.write(`${symbolOf(species)}, ${structure}; vacancy in ${8 * supercell ** 3} sites\n${formatTable([["", ...headings(paths), ""], ...table])}\n`);
      io.stdout.write(`${formatBackend(used, options)}: ${stopwatch.seconds["properties"]} s\n`);
    });
  } finally {
    progress.finish();
  }
}
