import { Option, type Command } from "commander";
import {
  InputError, meanFeatures, parseHyperparameters, readProperty, selectPoints, selectSupervisedPoints, type Backend, type Hyperparameters, type JobOptions, type Structure,
} from "../index.js";
import { peakMemory, reportingBeside, writeJson, type CommandIo } from "./command-io.js";
import { addConfigurationOptions, readConfiguration, type ConfigurationOptions } from "./configuration-option.js";
import { checkFiles } from "./files.js";
import { addBackendOptions, addSpeciesOption, formatBackend, seedNumber, share, wholeNumber, withBackend, type BackendOptions, type SpeciesOption } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { repeatable, scanStructures, type FileSummary, type RepeatableSource } from "./scan.js";
import { mostUncertain, readCommittee } from "./select-uncertain.js";
import { Stopwatch } from "./stopwatch.js";
import { checkFrameOutput, warnOfLosses, writeFrames } from "./write-frames.js";
import { warnOnce } from "./warnings.js";

type DifferenceMethod = "fps" | "cur" | "pcov-fps" | "pcov-cur";

interface Options extends BackendOptions, SpeciesOption, ConfigurationOptions {
  readonly count: number;
  readonly method: DifferenceMethod | "uncertainty";
  readonly model?: string;
  readonly property?: string;
  readonly perAtom?: boolean;
  readonly mixing: number;
  readonly seed: number;
  readonly out: string;
  readonly json?: boolean;
}

/** lather select: the structures that differ most from one another. */
export function addSelectCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("select")
    .summary("select the structures that differ most, or that a model knows least")
    .description(
      "Selects structures that differ as much as possible, by the mean feature vector of their atoms, or whose forces a model expects to be most wrong, " +
      "and writes them in the order of selection.",
    )
    .argument("<structures>", "structure file: extended XYZ, VASP, LAMMPS, …; plain or gzipped")
    .requiredOption("--count <n>", "structures to select", wholeNumber)
    .addOption(new Option("--method <name>", "farthest-point sampling or CUR decomposition, both in service of a property, or the largest expected errors")
      .choices(["fps", "cur", "pcov-fps", "pcov-cur", "uncertainty"]).default("fps"))
    .option("--model <file>", "model with a committee, for uncertainty")
    .option("--property <name>", "the number of a structure that pcov-fps and pcov-cur serve")
    .option("--per-atom", "divide it by the number of atoms")
    .option("--mixing <alpha>", "of pcov-fps and pcov-cur, from 0 (property) to 1 (features)", share, 0.5)
    .option("--seed <n>", "seed of random choices", seedNumber, 1)
    .requiredOption("--out <file>", "structure file to write, in the format of its name (extended XYZ if it says none)");
  addConfigurationOptions(command);
  addSpeciesOption(command);
  addBackendOptions(command)
    .option("--json", "report as one JSON object on standard output, with the indices")
    .addHelpText("after", `
The mean runs over all atoms of a structure, whatever their element; features resolve the elements around an atom, its own included.
With fps, the first n of the selected structures are themselves a selection of n. Everything that the file says about a structure is kept.
pcov-fps and pcov-cur look at the features and at a linear model of the property on them (THEORY.md, Eqs. 91 and 93).
With uncertainty, those with the largest expected error of a force component come first, by a model of \`lather fit --set committee.members=8\`;
frames that follow each other in a trajectory may then be much the same.

Examples:
  lather select trajectory.xyz --count 50 --method fps --out diverse.xyz
  lather select pool.xyz --count 50 --method pcov-cur --property energy --per-atom --out useful.xyz
  lather select trajectory.xyz --count 20 --method uncertainty --model silicon.json --out label-these.xyz`)
    .action((path: string, options: Options) => runSelect(path, options, io));
}

/** The chosen structures in the order of `indices`. */
async function pick(source: RepeatableSource, indices: readonly number[]): Promise<Structure[]> {
  const places = new Map(indices.map((structure, place) => [structure, place]));
  const chosen = new Array<Structure>(indices.length);
  let index = 0;
  for await (const structure of source()) {
    const place = places.get(index++);
    if (place !== undefined) chosen[place] = structure;
  }
  return chosen;
}

/** The property of each structure; one structure in memory at a time. */
async function targetOf(source: RepeatableSource, name: string, { perAtom }: Options): Promise<Float64Array> {
  const values: number[] = [];
  for await (const structure of source()) {
    const where = { structure: values.length, ...structure.origin, key: name };
    if (!structure.info.has(name)) throw new InputError("a structure without the property", { ...where, expected: "a number", got: "none" });
    const { kind, values: [own] } = readProperty([structure], name);
    if (kind !== "scalar") throw new InputError("not a number per structure", { ...where, expected: "a scalar of each structure", got: `a ${kind}` });
    values.push(own![0]! / (perAtom ? structure.species.length : 1));
  }
  return Float64Array.from(values);
}

/** Structures that differ in their features, or in what the features say of a property. */
async function mostDifferent(
  source: RepeatableSource, summary: FileSummary, count: number, backend: Backend, hyperparameters: Hyperparameters,
  how: { method: DifferenceMethod; seed: number; mixing: number; target: Float64Array | null }, stopwatch: Stopwatch, job: JobOptions,
): Promise<{ indices: number[]; features: number }> {
  const means = await stopwatch.time("features", () => meanFeatures(backend, source(), hyperparameters, summary, job));
  const { method, seed, mixing, target } = how;
  const indices = await stopwatch.time("select", async () => [...(await (method === "pcov-fps" || method === "pcov-cur"
    ? selectSupervisedPoints(means.values, means.size, count, { method, target: target!, mixing, seed, ...job })
    : selectPoints(means.values, means.size, count, { method, seed })))]);
  return { indices, features: means.size };
}

async function runSelect(path: string, options: Options, terminal: CommandIo): Promise<void> {
  const io = reportingBeside(terminal, [options.out]);
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  const { count, method, seed, property, mixing } = options;
  const byModel = method === "uncertainty";
  const supervised = method === "pcov-fps" || method === "pcov-cur";
  if (!byModel && options.model !== undefined) throw new InputError("a model without use", { key: "--model", expected: "--method uncertainty beside it", got: `--method ${method}` });
  if (byModel && (options.config !== undefined || options.set !== undefined)) {
    throw new InputError("the model says what its features are", { key: options.config === undefined ? "--set" : "--config", expected: "none with --method uncertainty", got: "one" });
  }
  if (supervised !== (property !== undefined)) throw new InputError(
    supervised ? `${method} needs a property` : `${method} knows no property`, { key: "--property", expected: supervised ? "the name of a number in the file" : "none", got: property ?? "none" },
  );
  const hyperparameters = byModel ? null : parseHyperparameters(await readConfiguration(options));
  checkFrameOutput(options.out);
  await checkFiles({ inputs: { structures: path, "--config": options.config, "--model": options.model }, outputs: { "--out": options.out } });
  const potential = byModel ? await readCommittee(options.model) : null;
  const source = await repeatable(path, { species: options.species, onWarning: warnOnce(io) });
  const summary = await stopwatch.time("read", () => scanStructures(source, io.signal));
  const target = property === undefined ? null : await targetOf(source, property, options);
  warnOfLosses(options.out, summary.names, io);
  if (count > summary.structures) throw new InputError(
    "fewer structures than asked for", { file: path, key: "--count", expected: `1 to ${summary.structures}`, got: String(count) }
  );
  try {
    await withBackend(options, summary.atoms, async (backend, used) => {
      const job = { signal: io.signal, onProgress: progress.report };
      const { indices, ...told } = potential
        ? await stopwatch.time("predict", () => mostUncertain(source, count, backend, potential, summary.atoms, job))
        : await mostDifferent(source, summary, count, backend, hyperparameters!, { method: method as DifferenceMethod, seed, mixing, target }, stopwatch, job);
      progress.finish();
      await stopwatch.time("write", async () => writeFrames(options.out, await pick(source, indices), io));
      const { seconds } = stopwatch;
      const fewer = indices.length < count ? ` (of the ${count} asked for, the rest repeats structures that were taken)` : "";
      if (options.json) {
        writeJson(io, {
          ...used, seconds, peak_rss_mb: peakMemory(),
          structures: summary.structures, ...told, method, ...(supervised && { property, mixing }), seed, selected: indices, out: options.out,
        });
      } else {
        io.stdout.write(`${options.out}: ${indices.length} of ${summary.structures} structures by ${method}${fewer}\n`);
        io.stdout.write(`indices in the input, from 0, in the order of selection: ${indices.join(" ")}\n`);
        io.stdout.write(`${formatBackend(used, options)}: ${seconds["total"]} s\n`);
      }
    });
  } finally {
    progress.finish();
  }
}
