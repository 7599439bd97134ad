import { InvalidArgumentError, type Command } from "commander";
import { crossValidate, errorNames, InputError, type CrossValidation, type ErrorStatistics, type ErrorValues } from "../index.js";
import { peakMemory, writeJson, type CommandIo } from "./command-io.js";
import { readDataset, type DataReport } from "./dataset.js";
import { columnOf, formatErrors } from "./error-table.js";
import { checkFiles } from "./files.js";
import { addFitOptions, readFitConfiguration, type FitOptions } from "./fit-options.js";
import { dataRows, section } from "./fit-report.js";
import { addBackendOptions, addSpeciesOption, formatBackend, seedNumber, withBackend, type BackendOptions, type SpeciesOption } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { Stopwatch } from "./stopwatch.js";
import { formatSignificant, formatTable } from "./table.js";
import { printWarnings } from "./warnings.js";

interface Options extends BackendOptions, SpeciesOption, FitOptions {
  readonly train: readonly string[];
  readonly folds?: number | "all";
  readonly by: string;
  readonly seed: number;
  readonly closedForm?: boolean;
  readonly json?: boolean;
}

function foldCount(text: string): number | "all" {
  const value = Number(text);
  if (text === "all") return text;
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 2) throw new InvalidArgumentError("Expected a whole number, 2 or more, or \"all\".");
  return value;
}

/** lather validate: labelled structures in, errors of fits to most of them on the others out. */
export function addValidateCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("validate")
    .summary("cross-validate the settings of a fit")
    .description("Cross-validates a configuration: shares the structures out to folds, fits to all folds but one, in turn, and measures the errors on that one.")
    .requiredOption("--train <files...>", "labelled structures: extended XYZ, OUTCAR, NDJSON, …; plain or gzipped")
    .option("--folds <n>", "number of folds, \"all\": as many as structures or groups (default: 5)", foldCount)
    .option("--by <how>", "\"random\"; \"blocks\", contiguous in the order of the files; \"config_type\" or another comment-line key, whose groups stay whole", "random")
    .option("--seed <n>", "seed of the random choices", seedNumber, 1)
    .option("--closed-form", "all folds from one set of equations, features and sparse points from all structures; exact, and fast for many folds");
  addFitOptions(command);
  addSpeciesOption(command);
  addBackendOptions(command)
    .option("--json", "report as one JSON object on standard output, with the indices of each fold")
    .addHelpText("after", `
Errors are pooled over all structures, each predicted by the fit that did not see it; ± is the standard error over the folds, s/√k. Frames of a
trajectory resemble their neighbors: --by blocks keeps these together, and --by KEY what belongs together by a comment-line entry.
Isolated atoms that give the zero of energy are in every fit and are not tested.

--closed-form gives exactly the errors of fits to the other folds that use the features and sparse points chosen from all structures, without their
labels. It keeps all rows in memory, and is refused where labels shape the features (gamma below 1 in an optimal basis).

Examples:
  lather validate --train train.xyz --config my.json
  lather validate --train md.xyz --folds 10 --by blocks --sparse 300 --json
  lather validate --train train.xyz --folds all --closed-form`)
    .action((options: Options) => runValidate(options, io));
}

/** Rows of folds up to which the table shows them. */
const MOST_ROWS = 20;
const LONGEST_NAME = 40;

function foldName(groups: readonly string[] | null, f: number): string {
  if (groups === null) return String(f + 1);
  const name = `${f + 1}: ${groups.join(", ")}`;
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
}

/** The table of folds: errors of each, of all pooled, and their standard error. */
function formatFolds({ folds, pooled, standardError }: CrossValidation): string {
  const shown = errorNames.filter((name) => pooled[name] !== null);
  const cells = (values: ErrorStatistics | ErrorValues): string[] =>
    shown.map((name) => formatSignificant(values[name] === null ? null : values[name] * columnOf(name).scale));
  const rows = folds.length > MOST_ROWS ? [] : folds.map(({ groups, errors }, f) => [foldName(groups, f), String(errors.structures), String(errors.atoms), ...cells(errors)]);
  return formatTable([
    ["fold", "structures", "atoms", ...shown.map((name) => columnOf(name).title)],
    ["", "", "", ...shown.map((name) => columnOf(name).unit)],
    ...rows,
    ["pooled", String(pooled.structures), String(pooled.atoms), ...cells(pooled)],
    ["± over folds", "", "", ...cells(standardError)],
  ]);
}

function formatReport(result: CrossValidation, data: DataReport, { by, seed, closedForm }: Options, backend: string): string {
  const { folds, pooled, isolatedAtoms } = result;
  const way = by === "random" ? `random, seed ${seed}` : by === "blocks" ? "contiguous blocks" : `groups of ${by}`;
  const remarks = [
    ...(closedForm ? ["  in closed form: features and sparse points are those that all structures give, the labels of a fold were left out"] : []),
    ...(isolatedAtoms > 0 ? [`  ${isolatedAtoms} isolated ${isolatedAtoms === 1 ? "atom is" : "atoms are"} in every fit and not tested`] : []),
  ];
  return [
    section("Data", dataRows("train", data)),
    `Backend\n  ${backend}\n`,
    [`Cross-validation: ${folds.length} folds, ${way}`, ...remarks, formatFolds(result), ""].join("\n"),
    ...(Object.keys(pooled.by_config_type).length > 1 ? [`Pooled errors by config_type\n${formatErrors(pooled)}\n`] : []),
  ].join("\n");
}

/** The error with the option that the library's key stands for. */
function withOption(error: unknown): unknown {
  if (!(error instanceof InputError) || error.details.key !== "folds") return error;
  return new InputError(error.what, { ...error.details, key: "--folds" });
}

async function runValidate(options: Options, io: CommandIo): Promise<void> {
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  const { configuration } = await readFitConfiguration(options);
  await checkFiles({ inputs: { "--train": options.train, "--config": options.config }, outputs: {} });
  const { data, report, warnings } = await stopwatch.time("read", () => readDataset(options.train, configuration.keys, io.signal, options));
  printWarnings(warnings, io);
  const { folds, by, seed, closedForm } = options;
  try {
    await withBackend(options, report.atoms, async (backend, used) => {
      const job = { folds, by, seed, closedForm, signal: io.signal, onProgress: progress.report };
      const result = await stopwatch.time("folds", () => crossValidate(backend, data, configuration, job)).catch((error: unknown) => Promise.reject(withOption(error)));
      progress.finish();
      printWarnings(result.warnings, io);
      if (options.json) {
        writeJson(io, {
          ...used, warnings: [...warnings, ...result.warnings], seconds: stopwatch.seconds, peak_rss_mb: peakMemory(), data: { train: report }, configuration,
          by, seed, closed_form: closedForm === true, isolated_atoms: result.isolatedAtoms,
          folds: result.folds.map(({ members, ...fold }) => ({ members: [...members], ...fold })), pooled: result.pooled, standard_error: result.standardError,
        });
      } else io.stdout.write(`${formatReport(result, report, options, formatBackend(used, options))}\n${stopwatch.seconds["total"]} s\n`);
    });
  } finally {
    progress.finish();
  }
}
