import { Option, type Command } from "commander";
import { InputError, parseHyperparameters, selectPoints, type Backend, type Hyperparameters, type JobOptions, type Structure } from "../index.js";
import { peakMemory, reportingBeside, writeJson, type CommandIo } from "./command-io.js";
import { addConfigurationOptions, readConfiguration, type ConfigurationOptions } from "./configuration-option.js";
import { checkFiles } from "./files.js";
import { addBackendOptions, addSpeciesOption, formatBackend, seedNumber, wholeNumber, withBackend, type BackendOptions, type SpeciesOption } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { repeatable, scanStructures, type FileSummary, type RepeatableSource } from "./scan.js";
import { mostUncertain, readCommittee } from "./select-uncertain.js";
import { Stopwatch } from "./stopwatch.js";
import { checkFrameOutput, warnOfLosses, writeFrames } from "./write-frames.js";
import { warnOnce } from "./warnings.js";

interface Options extends BackendOptions, SpeciesOption, ConfigurationOptions {
  readonly count: number;
  readonly method: "fps" | "cur" | "uncertainty";
  readonly model?: string;
  readonly seed: number;
  readonly out: string;
  readonly json?: boolean;
}

/** Atoms whose features are in memory at one time. */
const batchAtoms = 4096;

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
    .addOption(new Option("--method <name>", "farthest-point sampling, CUR decomposition, or the largest expected errors").choices(["fps", "cur", "uncertainty"]).default("fps"))
    .option("--model <file>", "model with a committee, for uncertainty")
    .option("--seed <n>", "seed of random choices", seedNumber, 1)
    .requiredOption("--out <file>", "structure file to write, in the format of its name (extended XYZ if it says none)");
  addConfigurationOptions(command);
  addSpeciesOption(command);
  addBackendOptions(command)
    .option("--json", "report as one JSON object on standard output, with the indices")
    .addHelpText("after", `
The mean runs over all atoms of a structure, whatever their element; features resolve the elements around an atom, its own included.
With fps, the first n of the selected structures are themselves a selection of n. Everything that the file says about a structure is kept.
With uncertainty, those with the largest expected error of a force component come first, by a model of \`lather fit --set committee.members=8\`;
frames that follow each other in a trajectory may then be much the same.

Examples:
  lather select trajectory.xyz --count 50 --method fps --out diverse.xyz
  lather select trajectory.xyz --count 20 --method uncertainty --model silicon.json --out label-these.xyz`)
    .action((path: string, options: Options) => runSelect(path, options, io));
}

/** Mean feature vector of each structure, [structure][feature]; a bounded number of atoms in memory. */
async function meanFeatures(
  source: RepeatableSource, { structures, atoms, species }: FileSummary, backend: Backend, hyperparameters: Hyperparameters, { signal, onProgress }: JobOptions,
) {
  let values = new Float64Array(0);
  let size = 0;
  let done = 0;
  let seen = 0;
  let batch: Structure[] = [];
  const flush = async (): Promise<void> => {
    const features = await backend.computeFeatures(batch, hyperparameters, { signal, species });
    size = features.size;
    if (values.length === 0) values = new Float64Array(structures * size);
    batch.forEach((structure, index) => {
      const mean = values.subarray((done + index) * size, (done + index + 1) * size);
      for (let center = features.offsets[index]!; center < features.offsets[index + 1]!; center++) {
        for (let f = 0; f < size; f++) mean[f]! += features.values[center * size + f]! / structure.species.length;
      }
    });
    done += batch.length;
    seen += batch.reduce((sum, structure) => sum + structure.species.length, 0);
    onProgress?.({ stage: "features", done: seen, total: atoms });
    batch = [];
  };
  let pending = 0;
  for await (const structure of source()) {
    batch.push(structure);
    pending += structure.species.length;
    if (pending < batchAtoms) continue;
    await flush();
    pending = 0;
  }
  if (batch.length > 0) await flush();
  return { values, size };
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

async function mostDifferent(
  source: RepeatableSource, summary: FileSummary, count: number, backend: Backend, hyperparameters: Hyperparameters,
  how: { method: "fps" | "cur"; seed: number }, stopwatch: Stopwatch, job: JobOptions,
): Promise<{ indices: number[]; features: number }> {
  const means = await stopwatch.time("features", () => meanFeatures(source, summary, backend, hyperparameters, job));
  const indices = await stopwatch.time("select", async () => [...(await selectPoints(means.values, means.size, count, how))]);
  return { indices, features: means.size };
}

async function runSelect(path: string, options: Options, terminal: CommandIo): Promise<void> {
  const io = reportingBeside(terminal, [options.out]);
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  const { count, method, seed } = options;
  const byModel = method === "uncertainty";
  if (!byModel && options.model !== undefined) throw new InputError("a model without use", { key: "--model", expected: "--method uncertainty beside it", got: `--method ${method}` });
  if (byModel && (options.config !== undefined || options.set !== undefined)) {
    throw new InputError("the model says what its features are", { key: options.config === undefined ? "--set" : "--config", expected: "none with --method uncertainty", got: "one" });
  }
  const hyperparameters = byModel ? null : parseHyperparameters(await readConfiguration(options));
  checkFrameOutput(options.out);
  await checkFiles({ inputs: { structures: path, "--config": options.config, "--model": options.model }, outputs: { "--out": options.out } });
  const potential = byModel ? await readCommittee(options.model) : null;
  const source = await repeatable(path, { species: options.species, onWarning: warnOnce(io) });
  const summary = await stopwatch.time("read", () => scanStructures(source, io.signal));
  warnOfLosses(options.out, summary.names, io);
  if (count > summary.structures) throw new InputError(
    "fewer structures than asked for", { file: path, key: "--count", expected: `1 to ${summary.structures}`, got: String(count) }
  );
  try {
    await withBackend(options, summary.atoms, async (backend, used) => {
      const job = { signal: io.signal, onProgress: progress.report };
      const { indices, ...told } = potential
        ? await stopwatch.time("predict", () => mostUncertain(source, count, backend, potential, summary.atoms, job))
        : await mostDifferent(source, summary, count, backend, hyperparameters!, { method: method as "fps" | "cur", seed }, stopwatch, job);
      progress.finish();
      await stopwatch.time("write", async () => writeFrames(options.out, await pick(source, indices), io));
      const { seconds } = stopwatch;
      const fewer = indices.length < count ? ` (of the ${count} asked for, the rest repeats structures that were taken)` : "";
      if (options.json) {
        writeJson(io, {
          ...used, seconds, peak_rss_mb: peakMemory(),
          structures: summary.structures, ...told, method, seed, selected: indices, out: options.out,
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
