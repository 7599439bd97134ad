import { setImmediate } from "node:timers/promises";
import { InvalidArgumentError, Option, type Command } from "commander";
import { createLinearAlgebra, formatNpz, InputError, selectFeatures, selectSupervisedFeatures, subsetReconstructionError, takeColumns, trainTestSplit } from "../index.js";
import { writeAtomically } from "../node/index.js";
import { peakMemory, reportingBeside, writeJson, type CommandIo } from "./command-io.js";
import { readFeatures, type FeatureFile } from "./feature-file.js";
import { checkFiles } from "./files.js";
import { seedNumber, share, singularCutoff, wholeNumber } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { Stopwatch } from "./stopwatch.js";
import { formatSignificant, formatTable } from "./table.js";

interface Options {
  readonly counts: readonly number[];
  readonly method: "fps" | "cur" | "pcov-fps" | "pcov-cur";
  readonly target?: string;
  readonly mixing: number;
  readonly cutoff?: number;
  readonly seed: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** "10,20,50" */
function wholeNumbers(text: string): number[] {
  const values = text.split(",").map((part) => wholeNumber(part.trim()));
  if (new Set(values).size === values.length) return values;
  throw new InvalidArgumentError("Expected different whole numbers, for example 10,20,50.");
}

/** lather select-features: the columns that stand for all of them, and what is lost without the others. */
export function addSelectFeaturesCommand(program: Command, io: CommandIo): void {
  program
    .command("select-features")
    .summary("select the features that stand for all, and measure what is lost")
    .description("Selects columns of a feature matrix and measures how much of all features a linear map of the selected ones gives (GFRE).")
    .argument("<features>", ".npz file of `lather features`")
    .requiredOption("--counts <list>", "features to select; several numbers, separated by commas, make a table", wholeNumbers)
    .addOption(new Option("--method <name>", "CUR decomposition or farthest-point sampling, and both in service of a target").choices(["cur", "fps", "pcov-cur", "pcov-fps"]).default("cur"))
    .option("--target <array>", "array of the .npz file, float64 [atom], that pcov-cur and pcov-fps serve")
    .option("--mixing <alpha>", "of pcov-cur and pcov-fps, from 0 (target) to 1 (features)", share, 0.5)
    .option("--cutoff <e>", "leave out singular values below this share of the largest (default: by cross-validation)", singularCutoff)
    .option("--seed <n>", "seed of the random halves, and of the first feature of fps", seedNumber, 1)
    .option("--out <file>", ".npz file to write, with the features of the largest selection")
    .option("--json", "report as one JSON object on standard output, with the columns")
    .addHelpText("after", `
Features are selected on, and maps are fitted to, one half of the rows; the GFRE (THEORY.md, Eq. 39) is that of the other half: 0 when the
selected features have all the linear information of the whole, 1 when they have none. pcov-cur and pcov-fps look at a linear model of the
target as well (Eqs. 92 and 93); numpy.savez adds an array for it. The file written has the arrays of the one read, with
fewer features, and their columns in it, from 0, as the array "columns".

Example:
  lather features molecules.xyz --out all.npz
  lather select-features all.npz --counts 50,100,200 --method cur --out selected.npz`)
    .action((path: string, options: Options) => runSelectFeatures(path, options, io));
}

/** The target of the rows. */
function targetOf(file: FeatureFile, name: string): Float64Array {
  const array = file.arrays[name];
  if (array?.data instanceof Float64Array && array.data.length === file.rows) return array.data;
  const got = array ? `${array.shape.join(" × ")} of ${array.data.constructor.name}` : "no such array";
  throw new InputError("not a target", { file: file.path, key: name, expected: `float64 [${file.rows}]`, got });
}

/** The file's arrays with some columns of the features. */
function subsetFile(file: FeatureFile, columns: Int32Array): Uint8Array {
  const { values, size } = takeColumns(file, columns);
  return formatNpz({ ...file.arrays, features: { data: values, shape: [file.rows, size] }, columns: { data: columns, shape: [size] } });
}

async function runSelectFeatures(path: string, { counts, method, target, mixing, cutoff, seed, out, json }: Options, terminal: CommandIo): Promise<void> {
  const io = reportingBeside(terminal, [out]);
  const supervised = method === "pcov-cur" || method === "pcov-fps";
  if (supervised !== (target !== undefined)) throw new InputError(
    supervised ? `${method} needs a target` : `${method} knows no target`, { key: "--target", expected: supervised ? "the name of an array" : "none", got: target ?? "none" },
  );
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  await checkFiles({ inputs: { features: path }, outputs: { "--out": out } });
  const file = await stopwatch.time("read", () => readFeatures(path));
  const { values, size, rows } = file;
  const most = Math.max(...counts);
  if (most > size) throw new InputError("fewer features than asked for", { file: path, key: "--counts", expected: `1 to ${size}`, got: String(most) });
  const split = trainTestSplit(rows, seed);
  const training = new Float64Array(split.train.length * size);
  split.train.forEach((row, index) => training.set(values.subarray(row * size, (row + 1) * size), index * size));
  const algebra = await createLinearAlgebra();
  const job = { signal: io.signal, onProgress: progress.report };
  const selections: { count: number; gfre: number; columns: Int32Array }[] = [];
  try {
    const chosen = await stopwatch.time("select", async () => {
      if (!supervised) return selectFeatures(training, size, counts, { method, seed, ...job });
      const values = targetOf(file, target!);
      const all = await selectSupervisedFeatures(training, size, most, { method, target: Float64Array.from(split.train, (row) => values[row]!), mixing, seed, ...job });
      // The first n of a selection are a selection of n.
      return counts.map((count) => all.slice(0, count));
    });
    for (const [index, columns] of chosen.entries()) {
      progress.report({ stage: "measures", done: index, total: chosen.length });
      // Between two measures Ctrl-C is heard.
      await setImmediate();
      io.signal.throwIfAborted();
      const { value } = await stopwatch.time("gfre", () => subsetReconstructionError(algebra, file, columns, { split, cutoff }));
      selections.push({ count: columns.length, gfre: value, columns });
    }
  } finally {
    progress.finish();
  }
  const { columns: largest } = selections[counts.indexOf(most)]!;
  if (out !== undefined) {
    await stopwatch.time("write", () => writeAtomically(out, (sink) => sink.write(subsetFile(file, largest)), io));
  }
  const { seconds } = stopwatch;
  if (json) {
    writeJson(io, {
      features: size, rows, train_rows: split.train.length, test_rows: split.test.length, method, ...(supervised && { target, mixing }), seed, cutoff: cutoff ?? null,
      selections: selections.map(({ count, gfre, columns }) => ({ count, gfre, columns: [...columns] })),
      out: out ?? null, seconds, peak_rss_mb: peakMemory(),
    });
    return;
  }
  const table = [["features", "GFRE"], ...selections.map(({ count, gfre }) => [String(count), formatSignificant(gfre)])];
  io.stdout.write(`${path}: ${size} features of ${rows} environments, half of them for training; ${method}\n\n${formatTable(table)}\n\n`);
  if (out !== undefined) io.stdout.write(`${out}: ${largest.length} features\n`);
  io.stdout.write(`${seconds["total"]} s\n`);
}
