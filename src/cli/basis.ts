import { InvalidArgumentError, type Command } from "commander";
import {
  atomicNumberOf, createOptimalBasis, createSupervisedBasis, InputError, parseFitConfiguration, parseHyperparameters, symbolOf,
  type FitConfiguration, type OptimalBasisOptions, type Structure,
} from "../index.js";
import { readAllStructures, writeAtomically } from "../node/index.js";
import { formatBasis, formatShare, summarizeBasis } from "./basis-summary.js";
import { peakMemory, writeJson, type CommandIo } from "./command-io.js";
import { addConfigurationOptions, readConfiguration, type ConfigurationOptions } from "./configuration-option.js";
import { readDataset } from "./dataset.js";
import { checkOutput } from "./files.js";
import { addBackendOptions, backendReport, wholeNumber, withBackend, type BackendOptions } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { formatBasisReport } from "./report/basis-report.js";
import { Stopwatch } from "./stopwatch.js";
import { formatOptimization, summarizeOptimization } from "./supervised-summary.js";

interface Options extends BackendOptions, ConfigurationOptions {
  readonly keep?: number;
  readonly threshold?: number;
  readonly mixed?: boolean;
  readonly centers?: readonly number[];
  readonly optimize?: boolean;
  readonly out: string;
  readonly report?: string;
  readonly json?: boolean;
}

type Choice = Pick<OptimalBasisOptions, "channels" | "threshold" | "mixed">;

function share(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value >= 0 && value < 1)) throw new InvalidArgumentError("Expected a number from 0 to below 1, for example 1e-4.");
  return value;
}

/** "C,O" as atomic numbers. */
function elements(text: string): number[] {
  return text.split(",").map((symbol) => {
    const z = atomicNumberOf(symbol.trim());
    if (z === undefined) throw new InvalidArgumentError(`Expected element symbols such as C,O; "${symbol.trim()}" is none.`);
    return z;
  });
}

/** lather basis: structures in, the radial functions that carry most of their variance out. */
export function addBasisCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("basis")
    .summary("build the optimal radial basis of a dataset")
    .description(
      "Contracts the radial basis of a configuration to the functions that carry most of the variance of the density coefficients,\n" +
      "and writes the configuration with the contraction in it: a file for --config of `lather fit` and `lather features`.",
    )
    .argument("<structures>", "extended XYZ file, plain or gzipped")
    .option("--keep <q>", "functions for every element and l, or for every l with --mixed", wholeNumber)
    .option("--threshold <t>", "as many as leave out this share of the variance of each element and l", share)
    .option("--mixed", "one density for all elements: functions that mix elements and radial channels")
    .option("--centers <elements>", "only environments of these elements, for example C,O", elements)
    .option("--optimize", "from there downhill on the errors of fits to the energies and forces in the file; takes a minute or more")
    .requiredOption("--out <file>", "configuration file to write")
    .option("--report <file>", "HTML file with plots of the functions, their eigenvalues and the residual variance");
  addConfigurationOptions(command);
  addBackendOptions(command)
    .option("--json", "report as one JSON object on standard output")
    .addHelpText("after", `
With both --keep and --threshold the smaller number counts; with neither, optimalBasis of the configuration. The primitive basis, which is
best taken large, and what the functions depend on (cutoff, density) are those of the configuration; with --optimize kernel and noise too.
It pays where few functions are kept; the report says what it gained on labels that it did not see.

Examples:
  lather basis molecules.xyz --set basis.nMax=12 --threshold 1e-4 --mixed --out basis.json --report basis.html
  lather basis silicon.xyz --set basis.nMax=12 --keep 3 --optimize --out basis.json
  lather fit --train molecules.xyz --config basis.json --model molecules.json`)
    .action((path: string, options: Options) => runBasis(path, options, io));
}

/** The size of the basis: the command line's, or else the configuration's. @throws InputError when there is none in either. */
function chooseSize({ keep, threshold, mixed }: Options, { optimalBasis }: FitConfiguration): Choice {
  if (keep !== undefined || threshold !== undefined) return { channels: keep, threshold, mixed: mixed ?? optimalBasis?.mixed ?? false };
  if (!optimalBasis) {
    const expected = "--keep, --threshold, or optimalBasis in the configuration";
    throw new InputError("size of the optimal basis", { expected, got: "none" });
  }
  return { channels: optimalBasis.channels ?? undefined, threshold: optimalBasis.threshold ?? undefined, mixed: mixed ?? optimalBasis.mixed };
}

/** @throws InputError for what the covariances need not be known to see is wrong. */
function checkChoice(
  { channels, mixed }: Choice, centers: readonly number[] | undefined, nMax: number, structures: readonly Structure[], file: string,
): void {
  const species = [...new Set(structures.flatMap((structure) => [...new Set(structure.species)]))].sort((a, b) => a - b);
  const absent = centers?.find((z) => !species.includes(z));
  if (absent !== undefined) {
    const expected = species.map((z) => symbolOf(z)).join(", ");
    throw new InputError("no center of this element", { file, key: "--centers", expected, got: symbolOf(absent) });
  }
  const most = mixed ? nMax * species.length : nMax;
  if (channels === undefined || channels <= most) return;
  const expected = mixed ? `1 to ${most} (basis.nMax × ${species.length} elements)` : `1 to ${most} (basis.nMax)`;
  throw new InputError("more functions than primitive ones", { file, key: "--keep", expected, got: String(channels) });
}

/** JSON with every list of numbers on one line. */
export function formatBasisConfiguration(configuration: FitConfiguration): string {
  // A string of JSON holds no line break, so that this finds lists alone.
  const oneLine = (_: string, items: string): string => `[${items.trim().replace(/\s*\n\s*/g, " ")}]`;
  return `${JSON.stringify(configuration, null, 2).replace(/\[\n([^[\]]*)\]/g, oneLine)}\n`;
}

async function runBasis(path: string, options: Options, io: CommandIo): Promise<void> {
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  const configuration = await readConfiguration(options);
  const choice = chooseSize(options, configuration);
  if (options.optimize && options.centers) {
    const expected = "none with --optimize, which needs all environments of a structure";
    throw new InputError("environments of some elements only", { key: "--centers", expected, got: options.centers.map(symbolOf).join(", ") });
  }
  for (const file of [options.out, options.report]) if (file !== undefined) await checkOutput(file);
  const data = options.optimize ? (await stopwatch.time("read", () => readDataset([path], configuration.keys, io.signal))).data : null;
  const structures = data?.map(({ structure }) => structure) ?? (await stopwatch.time("read", () => readAllStructures(path)));
  checkChoice(choice, options.centers, configuration.basis.nMax, structures, path);
  io.signal.throwIfAborted();
  try {
    await withBackend(options, async (backend) => {
      const job = { ...choice, signal: io.signal, onProgress: progress.report };
      const supervised = data && (await stopwatch.time("basis", () => createSupervisedBasis(backend, data, configuration, job)));
      const basis = supervised ?? (await stopwatch.time("basis", () => createOptimalBasis(backend, structures, parseHyperparameters(configuration), {
        ...job, ...(options.centers && { centers: options.centers }),
      })));
      progress.finish();
      // A fit with this file takes the functions as they are and builds no other ones.
      const text = formatBasisConfiguration(parseFitConfiguration({ ...configuration, ...basis.hyperparameters, optimalBasis: null }));
      await stopwatch.time("write", async () => {
        // The report first: when it fails, there is no configuration either.
        if (options.report !== undefined) {
          const html = formatBasisReport(basis, { file: path, structures: structures.length, centers: options.centers ?? null });
          await writeAtomically(options.report, (sink) => sink.write(html), { signal: io.signal });
        }
        await writeAtomically(options.out, (sink) => sink.write(text), { signal: io.signal });
      });
      const { seconds } = stopwatch;
      if (options.json) {
        writeJson(io, {
          ...backendReport(backend), seconds, peak_rss_mb: peakMemory(), structures: structures.length,
          ...summarizeBasis(basis), ...(supervised && { optimization: summarizeOptimization(supervised) }),
          out: options.out, ...(options.report !== undefined && { report: options.report }),
        });
      } else {
        const left = formatShare(basis.residualVariance);
        io.stdout.write(`${options.out}: optimal basis of ${basis.environments} environments, residual variance ${left}\n\n`);
        io.stdout.write(`Functions kept\n${formatBasis(basis)}\n`);
        if (supervised) io.stdout.write(`${formatOptimization(supervised)}\n`);
        if (options.report !== undefined) io.stdout.write(`Report: ${options.report}\n`);
        io.stdout.write(`${backend.description}: ${seconds["total"]} s\n`);
      }
    });
  } finally {
    progress.finish();
  }
}
