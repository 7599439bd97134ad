import { extname } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { errorNames, InputError, learningCurve, type LearningCurve } from "../index.js";
import { writeAtomically } from "../node/index.js";
import { peakMemory, writeJson, type CommandIo } from "./command-io.js";
import { readDataset, type Dataset } from "./dataset.js";
import { columnOf } from "./error-table.js";
import { checkFiles } from "./files.js";
import { addFitOptions, readFitConfiguration, type FitOptions } from "./fit-options.js";
import { dataRows, section } from "./fit-report.js";
import { addBackendOptions, addSpeciesOption, formatBackend, seedNumber, wholeNumber, withBackend, type BackendOptions, type SpeciesOption } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { formatCurvePage, formatCurvePicture } from "./report/learning-curve-plot.js";
import { Stopwatch } from "./stopwatch.js";
import { formatSignificant, formatTable } from "./table.js";
import { printWarnings } from "./warnings.js";

interface Options extends BackendOptions, SpeciesOption, FitOptions {
  readonly train: readonly string[];
  readonly test?: readonly string[];
  readonly sizes?: readonly number[];
  readonly repeats: number;
  readonly seed: number;
  readonly plot?: string;
  readonly json?: boolean;
}

function sizeList(text: string): number[] {
  return text.split(",").map((part) => {
    const value = Number(part.trim());
    if (!/^\s*\d+\s*$/.test(part) || !Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("Expected whole numbers, as 10,30,100.");
    return value;
  });
}

/** lather learning-curve: labelled structures in, errors against the number of training structures out. */
export function addLearningCurveCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("learning-curve")
    .summary("errors against the number of training structures")
    .description("Fits to random subsets of growing size, several of each, and measures the errors on the same test structures: what more data would bring.")
    .requiredOption("--train <files...>", "labelled structures to draw from: extended XYZ, OUTCAR, NDJSON, …; plain or gzipped")
    .option("--test <files...>", "structures to test on (default: a random fifth of the training files, the same for all fits)")
    .option("--sizes <list>", "numbers of training structures, as 10,30,100 (default: n/16, n/8, n/4, n/2, n)", sizeList)
    .option("--repeats <n>", "random subsets of each size", wholeNumber, 5)
    .option("--seed <n>", "seed of the random choices", seedNumber, 1)
    .option("--plot <file>", "plot with logarithmic axes and error bars: .svg, or .html with the table");
  addFitOptions(command);
  addSpeciesOption(command);
  addBackendOptions(command)
    .option("--json", "report as one JSON object on standard output, with the errors of every fit")
    .addHelpText("after", `
The subsets of a repeat are nested; ± is the standard deviation over the repeats. Of all structures there is one fit. Where a subset has fewer
environments than sparse.count, all of them are sparse points; a number of points that stays the same bends the curve at its end.
Isolated atoms that give the zero of energy are in every subset, and are not counted.

Example:
  lather learning-curve --train train.xyz --test test.xyz --sizes 10,30,100 --repeats 5 --plot curve.svg`)
    .action((options: Options) => runLearningCurve(options, io));
}

/** Mean ± standard deviation, the latter with two digits. */
function withDeviation(mean: number | null, deviation: number | null, scale: number): string {
  const text = formatSignificant(mean === null ? null : mean * scale);
  return deviation === null ? text : `${text} ± ${formatSignificant(deviation * scale, 2)}`;
}

/** Head, units, and a row for each size. */
function curveRows({ points }: LearningCurve): string[][] {
  const shown = errorNames.filter((name) => points.some(({ mean }) => mean[name] !== null));
  return [
    ["structures", "atoms", "sparse points", "fits", ...shown.map((name) => columnOf(name).title)],
    ["", "", "", "", ...shown.map((name) => columnOf(name).unit)],
    ...points.map(({ structures, atoms, sparse, repeats, mean, deviation }) => [
      String(structures), String(Math.round(atoms)), String(Math.round(sparse)), String(repeats), ...shown.map((name) => withDeviation(mean[name], deviation[name], columnOf(name).scale)),
    ]),
  ];
}

function formatReport(curve: LearningCurve, train: Dataset, test: Dataset | null, { repeats, seed }: Options, backend: string): string {
  const held = test ? "" : `, ${curve.test} of the structures held out`;
  const atoms = curve.isolatedAtoms > 0 ? `  ${curve.isolatedAtoms} isolated ${curve.isolatedAtoms === 1 ? "atom is" : "atoms are"} in every fit and not counted\n` : "";
  return [
    section("Data", [...dataRows("train", train.report), ...(test ? dataRows("test", test.report) : [])]),
    `Backend\n  ${backend}\n`,
    `Errors on the test structures: mean ± standard deviation over up to ${repeats} random subsets, seed ${seed}${held}\n${atoms}${formatTable(curveRows(curve))}\n`,
  ].join("\n");
}

/** @throws InputError for other names than those of a picture or a page. */
function plotKind(path: string): "svg" | "html" {
  const extension = extname(path).toLowerCase();
  if (extension === ".svg" || extension === ".html") return extension === ".svg" ? "svg" : "html";
  throw new InputError("the plot has no format", { file: path, key: "--plot", expected: "a name ending in .svg or .html", got: extension === "" ? "none" : extension });
}

async function runLearningCurve(options: Options, io: CommandIo): Promise<void> {
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  const { sizes, repeats, seed, plot } = options;
  const kind = plot === undefined ? null : plotKind(plot);
  const { configuration } = await readFitConfiguration(options);
  await checkFiles({ inputs: { "--train": options.train, "--test": options.test, "--config": options.config }, outputs: { "--plot": plot } });
  const read = (files: readonly string[]): Promise<Dataset> => readDataset(files, configuration.keys, io.signal, options);
  const [train, test] = await stopwatch.time("read", async () => [await read(options.train), options.test ? await read(options.test) : null] as const);
  const ofLabels = [...train.warnings, ...(test?.warnings ?? [])];
  printWarnings(ofLabels, io);
  try {
    await withBackend(options, train.report.atoms, async (backend, used) => {
      const job = { sizes, repeats, seed, test: test?.data, signal: io.signal, onProgress: progress.report };
      const curve = await stopwatch.time("fits", () => learningCurve(backend, train.data, configuration, job));
      progress.finish();
      printWarnings(curve.warnings, io);
      if (plot !== undefined) {
        const text = kind === "svg" ? formatCurvePicture(curve) : formatCurvePage(curve, curveRows(curve));
        await stopwatch.time("write", () => writeAtomically(plot, (sink) => sink.write(text), io));
      }
      if (options.json) {
        writeJson(io, {
          ...used, warnings: [...ofLabels, ...curve.warnings], seconds: stopwatch.seconds, peak_rss_mb: peakMemory(),
          data: { train: train.report, test: test?.report ?? null }, configuration, repeats, seed, pool: curve.pool, test_structures: curve.test,
          isolated_atoms: curve.isolatedAtoms, points: curve.points, ...(plot !== undefined && { plot }),
        });
        return;
      }
      const end = `${plot === undefined ? "" : `Plot: ${plot}\n`}${stopwatch.seconds["total"]} s\n`;
      io.stdout.write(`${formatReport(curve, train, test, options, formatBackend(used, options))}\n${end}`);
    });
  } finally {
    progress.finish();
  }
}
