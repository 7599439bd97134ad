import { basename } from "node:path";
import { Option, type Command } from "commander";
import {
  calibrateCommittee, fitPotential, formatModel, InputError, inspectData, inspectErrors, inspectTestData, latherVersion, measureErrors, propertySizes, type ErrorReport, type FitConfiguration,
  type JobOptions, type Potential, type PropertyKind,
} from "../index.js";
import { writeAtomically } from "../node/index.js";
import { addAutoOptions, checkAutoOptions, chooseConfiguration, configurationFileOf, type AutoOptions } from "./auto.js";
import { peakMemory, reportingBeside, writeJson, type CommandIo } from "./command-io.js";
import { readDataset, type Dataset } from "./dataset.js";
import { checkFiles } from "./files.js";
import { addFitOptions, readFitConfiguration, type FitOptions } from "./fit-options.js";
import { runPropertyFit } from "./fit-property.js";
import { formatFitReport, type FitReport } from "./fit-report.js";
import { addBackendOptions, addClusterOption, addSpeciesOption, formatBackend, withBackend, type BackendOptions, type SpeciesOption } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { Stopwatch } from "./stopwatch.js";
import { printWarnings } from "./warnings.js";

interface Options extends BackendOptions, SpeciesOption, FitOptions, AutoOptions {
  readonly train: readonly string[];
  readonly test?: readonly string[];
  readonly model: string;
  readonly property?: string;
  readonly propertyKind?: PropertyKind;
  readonly mean?: boolean;
  readonly json?: boolean;
}

/** lather fit: labelled structures in, a potential out. */
export function addFitCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("fit")
    .summary("train a potential on energies, forces and virials")
    .description(
      "Trains a sparse Gaussian-process potential on structures with energies, forces and virials, measures its errors, and writes it to a file.",
    )
    .requiredOption("--train <files...>", "training data: extended XYZ, OUTCAR, NDJSON, …; plain or gzipped")
    .option("--test <files...>", "held-out data on which the errors are measured too")
    .requiredOption("--model <file>", "model file to write");
  addFitOptions(addAutoOptions(command))
    .option("--property <name>", "fit this entry of the comment lines, or this column, instead of energies and forces: 1, 3, 6, 9 or 27 numbers")
    .addOption(new Option("--property-kind <kind>", "what these numbers are; by their number when not given").choices(Object.keys(propertySizes)))
    .option("--mean", "a property of a structure is the mean over its atoms, not the sum");
  addSpeciesOption(command);
  addClusterOption(addBackendOptions(command))
    .option("--json", "report as one JSON object on standard output")
    .addHelpText("after", `
Errors: MAE and RMSE of energies and virials per atom and of force components, for all structures and for each config_type.
The --json report gives energies and virials in eV/atom and forces in eV/Å; energies compare total energies divided by the number of atoms.

A property (--property) is taken as a scalar, a vector, a symmetric tensor (xx yy zz yz xz xy), a tensor or a tensor of third rank; its errors are in
the units of the file and in shares of the spread of its values, and \`lather predict\` writes it under the same name.

With --auto the settings are tried on parts of the training data, by cross-validation, and the best so far is written beside the model
(silicon.config.json); --config with this file repeats the fit.
A committee (--set committee.members=8) is fitted beside the potential to random subsets of the structures, for \`lather predict --uncertainty\`.
What its spread means in errors is measured on --test, or else on the training structures that members left out, and told in the report.

Examples:
  lather fit --train train.xyz --test test.xyz --model silicon.json
  lather fit --train train.xyz --model silicon.json --auto --budget 5min
  lather fit --train train.xyz --config my.json --sparse 500 --set noise.forces=0.1 --virial-key none --model silicon.json --json
  lather fit --train water.xyz --property mu --model dipole.json`)
    .action((options: Options) => {
      const { property } = options;
      if (property !== undefined) {
        if (options.auto) throw new InputError("settings are not chosen for properties", { key: "--auto", expected: "a fit of energies, forces or virials", got: `--property ${property}` });
        return runPropertyFit({ ...options, property }, io);
      }
      const alone = options.mean ? "--mean" : options.propertyKind ? "--property-kind" : undefined;
      if (alone) throw new InputError("an option without --property", { key: alone, expected: "--property NAME beside it", got: "none" });
      return runFit(options, io);
    });
}

/** What the model file remembers of its making. */
function provenanceOf(
  train: Dataset, test: Dataset | null, configuration: FitConfiguration, errors: ErrorReport, testErrors: ErrorReport | null,
): Potential["provenance"] {
  const names = (files: readonly string[]): string => files.map((file) => basename(file)).join(", ");
  const entries = (prefix: string, report: ErrorReport | null): [string, number][] =>
    report === null ? [] : Object.entries(report).flatMap(
      ([name, value]): [string, number][] => (typeof value === "number" ? [[`${prefix}_${name}`, value]] : []),
    );
  return {
    lather: latherVersion,
    train: names(train.report.files),
    ...(test && { test: names(test.report.files) }),
    configuration: JSON.stringify(configuration),
    ...Object.fromEntries([...entries("train", errors), ...entries("test", testErrors)]),
  };
}

async function runFit(options: Options, terminal: CommandIo): Promise<void> {
  const io = reportingBeside(terminal, [options.model]);
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  checkAutoOptions(options);
  const { configuration: read, given } = await readFitConfiguration(options);
  const inputs = { "--train": options.train, "--test": options.test, "--config": options.config };
  await checkFiles({ inputs, outputs: { "--model": options.model, ...(options.auto && { "--auto": configurationFileOf(options.model) }) } });
  const { train, test } = await stopwatch.time("read", async () => ({
    train: await readDataset(options.train, read.keys, io.signal, options),
    test: options.test ? await readDataset(options.test, read.keys, io.signal, options) : null,
  }));
  const ofLabels = [...train.warnings, ...(test?.warnings ?? [])];
  printWarnings(ofLabels, io);
  try {
    await withBackend(options, train.report.atoms + (test?.report.atoms ?? 0), async (backend, used) => {
      const job = { signal: io.signal, onProgress: progress.report };
      const chosen = options.auto ? await stopwatch.time("settings", () => chooseConfiguration(backend, train, read, given, options, io, progress)) : null;
      const configuration = chosen?.configuration ?? read;
      const { potential: fitted, diagnostics, seconds, warnings: doubts } = await fitPotential(backend, train.data, configuration, job);
      stopwatch.add(seconds);
      // Data that no member knows tell more than what some of them left out.
      const potential = test && fitted.committee
        ? await stopwatch.time("calibration_test", () => calibrateCommittee(backend, fitted, test.data, job)) : fitted;
      const measure = async (name: "train" | "test", { data }: Dataset): Promise<ErrorReport> => {
        const onProgress: JobOptions["onProgress"] = ({ done, total }) => progress.report({ stage: `errors (${name})`, done, total });
        return (await stopwatch.time(`errors_${name}`, () => measureErrors(backend, potential, data, { signal: io.signal, onProgress }))).errors;
      };
      const trainErrors = await measure("train", train);
      const testErrors = test && (await measure("test", test));
      progress.finish();
      const ofFit = [
        ...doubts, ...inspectErrors(trainErrors, configuration, diagnostics.noise),
        ...(test ? [...inspectData(test.data), ...inspectTestData(train.data, test.data)] : []),
      ];
      printWarnings(ofFit, io);
      const provenance = { ...potential.provenance, ...provenanceOf(train, test, configuration, trainErrors, testErrors) };
      const text = formatModel({ ...potential, provenance });
      await stopwatch.time("write", () => writeAtomically(options.model, (sink) => sink.write(text), io));
      const report: FitReport = {
        ...used,
        warnings: [...ofLabels, ...ofFit],
        seconds: stopwatch.seconds,
        peak_rss_mb: peakMemory(),
        sparse: Object.values(diagnostics.sparse).reduce((sum, count) => sum + count, 0),
        sparse_by_element: diagnostics.sparse,
        features: diagnostics.features,
        components: diagnostics.components,
        baseline: diagnostics.baseline,
        core: diagnostics.core,
        jitter: diagnostics.jitter,
        weight_sum: diagnostics.weightSum,
        environments: diagnostics.environments,
        rows: diagnostics.rows,
        noise: diagnostics.noise,
        committee: potential.committee ?? null,
        data: { train: train.report, test: test?.report ?? null },
        configuration,
        tuning: chosen?.report ?? null,
        model: options.model,
        model_bytes: Buffer.byteLength(text),
        train: trainErrors,
        test: testErrors,
      };
      if (options.json) writeJson(io, report);
      else io.stdout.write(formatFitReport(report, formatBackend(used, options)));
    }, (text) => void io.stderr.write(text));
  } finally {
    progress.finish();
  }
}
