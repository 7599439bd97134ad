import { InvalidArgumentError, type Command } from "commander";
import {
  compareStructures, symbolOf, type ComparedFrame, type SetDistances, type Structure, type StructureComparison,
} from "../index.js";
import { readAllStructures, writeAtomically } from "../node/index.js";
import { peakMemory, reportingBeside, writeJson, type CommandIo } from "./command-io.js";
import { addConfigurationOptions, readConfiguration, type ConfigurationOptions } from "./configuration-option.js";
import { checkFiles } from "./files.js";
import { madeFeatures } from "./made-features.js";
import { addBackendOptions, addSpeciesOption, formatBackend, withBackend, type BackendOptions, type BackendReport, type SpeciesOption } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { countAtoms } from "./scan.js";
import { Stopwatch } from "./stopwatch.js";
import { formatSignificant, formatTable } from "./table.js";
import { warnOnce } from "./warnings.js";

interface Options extends BackendOptions, SpeciesOption, ConfigurationOptions {
  readonly radius?: number;
  readonly tolerance: number;
  readonly settings?: string;
  readonly json?: boolean;
}

/** Structures that the table for people lists. */
const longestTable = 20;
const usualTolerance = 1e-3;

/** Distance of features, whose length is 1 unless they are not normalized. */
function featureDistance(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value >= 0 && Number.isFinite(value))) throw new InvalidArgumentError("Expected a distance, 0 or more, for example 0.05.");
  return value;
}

/** lather compare: which structures of one file the other does not know, and which it has already. */
export function addCompareCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("compare")
    .summary("compare two sets of structures: what is new, what is in both")
    .description(
      "Says how far every structure of the second file is from the first, by its mean features and by the environment that the first file\n" +
      "knows least; which structures both files have; and how far the two sets are from each other.",
    )
    .argument("<a>", "structures that are known, for example a training set; any format, plain or gzipped")
    .argument("<b>", "structures to be compared with them")
    .option("--radius <d>", "distance from which on something is new (default: what 95 % of a have from the rest of a)", featureDistance)
    .option("--tolerance <d>", "distance up to which structures are the same", featureDistance, usualTolerance)
    .option("--settings <file>", "write the settings of the features, with all that was made from the first file, as a configuration");
  addConfigurationOptions(command);
  addSpeciesOption(command);
  addBackendOptions(command)
    .option("--json", "report as one JSON object on standard output, with every structure")
    .addHelpText("after", `
Distances are those of the features, |p − p'|, whose length is 1 unless features.normalize is false (THEORY.md, Eqs. 19 and 81 to 83): of the
means over the atoms of two structures, or of single environments of one element. Features know nothing of place, orientation, order of
atoms and repetition of a cell; what differs in these alone is the same, and "identical" where the files have the same numbers to 1e-4 Å.
Cutoff, density, basis and features are those of the configuration; an optimal basis and a multispectrum are made from a.
Structures are counted from 0, in the order of their file.

Example:
  lather compare train.xyz new.xyz
  lather compare train.xyz test.xyz --set cutoff.radius=4 --json`)
    .action((a: string, b: string, options: Options) => runCompare([a, b], options, io));
}

function setReport({ farthest, hausdorff, mean, coverage }: SetDistances): object {
  return {
    hausdorff, farthest_b_from_a: farthest.bFromA, farthest_a_from_b: farthest.aFromB, mean_b_from_a: mean.bFromA, mean_a_from_b: mean.aFromB,
    coverage_b_by_a: coverage?.bByA ?? null, coverage_a_by_b: coverage?.aByB ?? null,
  };
}

function jsonReport({ frames, shared, structures, environments, radii, features }: StructureComparison): object {
  return {
    features,
    radii: { environments: radii.environments, largest: radii.largest, structures: radii.structures },
    structures: setReport(structures), environments: setReport(environments),
    shared,
    new: newest(frames).filter(([, { isNew }]) => isNew === true).map(([index]) => index),
    frames: frames.map(({ nearest, distance, largest, atom, isNew }) => ({ nearest, distance, largest, atom, new: isNew })),
  };
}

/** Structures of b with their indices, the least known first. */
function newest(frames: readonly ComparedFrame[]): [number, ComparedFrame][] {
  return [...frames.entries()].sort(([i, one], [j, other]) => other.largest - one.largest || i - j);
}

function percent(share: number | undefined): string {
  return share === undefined ? "–" : `${(100 * share).toFixed(1)} %`;
}

function formatComparison({ frames, shared, structures, environments, radii }: StructureComparison, b: readonly Structure[]): string {
  const both = ({ bFromA, aFromB }: SetDistances["mean"]): string[] => [formatSignificant(bFromA), formatSignificant(aFromB)];
  const sets = [
    ["", "b from a", "a from b"],
    ["structures, farthest", ...both(structures.farthest)], ["structures, mean", ...both(structures.mean)],
    ["structures, known", percent(structures.coverage?.bByA), percent(structures.coverage?.aByB)],
    ["environments, farthest", ...both(environments.farthest)], ["environments, mean", ...both(environments.mean)],
    ["environments, known", percent(environments.coverage?.bByA), percent(environments.coverage?.aByB)],
  ];
  const [hausdorff, known] = [formatSignificant(structures.hausdorff), `${formatSignificant(radii.structures)} and ${formatSignificant(radii.environments)}`];
  const identical = shared.filter((pair) => pair.identical).length;
  const pairs = shared.slice(0, longestTable).map((pair) => `${pair.b} = ${pair.a}`).join(", ");
  const more = shared.length > longestTable ? ", …" : "";
  const sharedLine = `in both: ${shared.length} structures of b, ${identical} of them identical${shared.length === 0 ? "" : ` (b = a: ${pairs}${more})`}`;
  const order = newest(frames);
  const count = order.filter(([, { isNew }]) => isNew === true).length;
  const listed = radii.largest === null ? order : order.slice(0, count);
  const newLine = radii.largest === null
    ? "a has one structure and no scale of its own: all of b, the least known first (--radius says what is new)"
    : `new in b: ${count} of ${b.length} structures, with an environment farther than ${formatSignificant(radii.largest)} from those of a`;
  const table = [["structure", "environment", "atom", "mean", "nearest in a"], ...listed.slice(0, longestTable).map(([index, { largest, atom, distance, nearest }]) => [
    String(index), formatSignificant(largest), `${symbolOf(b[index]!.species[atom]!)} ${atom}`, formatSignificant(distance), String(nearest),
  ])];
  const rest = listed.length > longestTable ? `\n  and ${listed.length - longestTable} more (--json lists all)` : "";
  return `${formatTable(sets)}\n\nHausdorff distance ${hausdorff} (structures); known: within ${known}\n${sharedLine}\n${newLine}\n` +
    (listed.length === 0 ? "" : `\n${formatTable(table)}${rest}\n`);
}

async function runCompare(files: readonly [string, string], options: Options, terminal: CommandIo): Promise<void> {
  const { settings } = options;
  const io = reportingBeside(terminal, [settings]);
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  const configuration = await readConfiguration(options);
  await checkFiles({ inputs: { structures: files, "--config": options.config }, outputs: { "--settings": settings } });
  const read = (path: string): Promise<Structure[]> => readAllStructures(path, { species: options.species, onWarning: warnOnce(io) });
  const [a, b] = await stopwatch.time("read", async () => [await read(files[0]), await read(files[1])] as const);
  io.signal.throwIfAborted();
  const atoms: readonly [number, number] = [countAtoms(a), countAtoms(b)];
  try {
    await withBackend(options, atoms[0] + atoms[1], async (backend, used) => {
      const { radius, tolerance } = options;
      const job = { signal: io.signal, onProgress: progress.report };
      const hyperparameters = await stopwatch.time("settings", () => madeFeatures(backend, a, configuration, job));
      const comparison = await stopwatch.time("compare", () => compareStructures(backend, a, b, hyperparameters, { radius, tolerance, ...job }));
      progress.finish();
      if (settings !== undefined) await writeAtomically(settings, (sink) => sink.write(`${JSON.stringify(hyperparameters)}\n`), io);
      writeReport(comparison, files, b, { a: a.length, b: b.length, atoms }, options, used, stopwatch.seconds, io);
    });
  } finally {
    progress.finish();
  }
}

function writeReport(
  comparison: StructureComparison, files: readonly [string, string], b: readonly Structure[],
  counts: { readonly a: number; readonly b: number; readonly atoms: readonly [number, number] }, options: Options, used: BackendReport,
  seconds: Readonly<Record<string, number>>, io: CommandIo,
): void {
  if (options.json) {
    const { tolerance } = options;
    writeJson(io, {
      ...used, a: files[0], b: files[1], structures_a: counts.a, structures_b: counts.b, atoms_a: counts.atoms[0], atoms_b: counts.atoms[1], tolerance,
      ...jsonReport(comparison), seconds, peak_rss_mb: peakMemory(),
    });
    return;
  }
  const line = (name: string, file: string, structures: number, atoms: number): string => `${name}  ${file}: ${structures} structures, ${atoms} atoms\n`;
  io.stdout.write(line("a", files[0], counts.a, counts.atoms[0]) + line("b", files[1], counts.b, counts.atoms[1]));
  io.stdout.write(`\n${formatComparison(comparison, b)}\n${formatBackend(used, options)}: ${seconds["total"]} s\n`);
}
