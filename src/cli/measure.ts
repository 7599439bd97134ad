import { setImmediate } from "node:timers/promises";
import type { Command } from "commander";
import {
  createLinearAlgebra, globalReconstructionDistortion, globalReconstructionError, InputError, localReconstructionError, trainTestSplit,
} from "../index.js";
import { peakMemory, writeJson, type CommandIo } from "./command-io.js";
import { namingFiles, readFeatures, type FeatureFile } from "./feature-file.js";
import { seedNumber, singularCutoff, wholeNumber } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { Stopwatch } from "./stopwatch.js";
import { formatSignificant, formatTable } from "./table.js";

interface Options {
  readonly neighbors?: number;
  readonly cutoff?: number;
  readonly seed: number;
  readonly json?: boolean;
}

/** Neighbors of the paper's figures. */
const usualNeighbors = 20;

/** lather measure: two files of features in, how much of each is in the other out. */
export function addMeasureCommand(program: Command, io: CommandIo): void {
  program
    .command("measure")
    .summary("measure how much of one feature space is in another")
    .description(
      "Compares two feature sets of the same environments: how much of each a linear map of the other gives (GFRE, LFRE), and how far\n" +
      "that map is from a rotation (GFRD).",
    )
    .argument("<a>", ".npz file of `lather features`")
    .argument("<b>", ".npz file with other features of the same structures")
    .option("--neighbors <k>", `neighbors of the LFRE (default: ${usualNeighbors}, or all training rows where there are fewer)`, wholeNumber)
    .option("--cutoff <e>", "leave out singular values below this share of the largest (default: by cross-validation)", singularCutoff)
    .option("--seed <n>", "seed of the random halves for training and test", seedNumber, 1)
    .option("--json", "report as one JSON object on standard output")
    .addHelpText("after", `
"a to b" is the error of b from a: 0 when a has all the linear information of b, 1 when it has none. Maps are fitted to one half of the
rows and the errors are those of the other half (THEORY.md, Eqs. 39 to 41). The arrays "features" are compared, row by row.

Example:
  lather features molecules.xyz --config basis.json --out optimal.npz
  lather features molecules.xyz --set basis.nMax=12 --out primitive.npz
  lather measure optimal.npz primitive.npz`)
    .action((a: string, b: string, options: Options) => runMeasure([a, b], options, io));
}

/** @throws InputError when the rows of the files are not those of the same centers. */
function checkRows([a, b]: readonly [FeatureFile, FeatureFile], files: readonly [string, string]): void {
  if (a.rows !== b.rows) throw new InputError("the two files differ in rows", { file: files[1], expected: `${a.rows}`, got: `${b.rows}` });
  const at = a.centers && b.centers ? a.centers.findIndex((z, row) => z !== b.centers![row]) : -1;
  if (at < 0) return;
  const [expected, got] = [`atomic number ${a.centers![at]} as in ${files[0]}`, String(b.centers![at])];
  throw new InputError("the two files are not of the same centers", { file: files[1], atom: at, expected, got });
}

async function runMeasure(files: readonly [string, string], { neighbors, cutoff, seed, json }: Options, io: CommandIo): Promise<void> {
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  const [a, b] = await stopwatch.time("read", async () => [await readFeatures(files[0]), await readFeatures(files[1])] as const);
  checkRows([a, b], files);
  const algebra = await createLinearAlgebra();
  const split = trainTestSplit(a.rows, seed);
  const k = neighbors ?? Math.min(usualNeighbors, split.train.length);
  const measures = {
    gfre: (from: FeatureFile, to: FeatureFile) => globalReconstructionError(algebra, from, to, { split, cutoff }),
    gfrd: (from: FeatureFile, to: FeatureFile) => globalReconstructionDistortion(algebra, from, to, { split, cutoff }),
    lfre: (from: FeatureFile, to: FeatureFile) => localReconstructionError(algebra, from, to, k, { split, cutoff }),
  };
  const between = (from: FeatureFile, to: FeatureFile, measure: (typeof measures)["gfre"]): number =>
    namingFiles({ from: from.path, to: to.path }, () => measure(from, to).value);
  const results: Record<string, { a_to_b: number; b_to_a: number }> = {};
  try {
    for (const [index, [name, measure]] of Object.entries(measures).entries()) {
      progress.report({ stage: "measures", done: index, total: 3 });
      // Between two measures Ctrl-C is heard.
      await setImmediate();
      io.signal.throwIfAborted();
      results[name] = await stopwatch.time(name, () => ({ a_to_b: between(a, b, measure), b_to_a: between(b, a, measure) }));
    }
  } finally {
    progress.finish();
  }
  const { seconds } = stopwatch;
  if (json) {
    writeJson(io, {
      a: files[0], b: files[1], features: [a.size, b.size],
      rows: a.rows, train_rows: split.train.length, test_rows: split.test.length, seed, neighbors: k, cutoff: cutoff ?? null,
      ...results, seconds, peak_rss_mb: peakMemory(),
    });
    return;
  }
  const table = [["", "a to b", "b to a"], ...Object.entries(results).map(
    ([name, { a_to_b, b_to_a }]) => [name.toUpperCase(), formatSignificant(a_to_b), formatSignificant(b_to_a)],
  )];
  io.stdout.write(`a  ${files[0]}: ${a.size} features\nb  ${files[1]}: ${b.size} features\n\n${formatTable(table)}\n\n`);
  io.stdout.write(`${a.rows} environments, half of them for training; ${k} neighbors; ${seconds["total"]} s\n`);
}
