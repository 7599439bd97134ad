import { InvalidArgumentError, type Command } from "commander";
import {
  atomicNumberOf, createOptimalBasis, createSupervisedBasis, energyTarget, findLabelKeys, formatBasisConfiguration, InputError, labelStructures, propertyTarget,
  symbolOf,
  type DataWarning, type FitConfiguration, type OptimalBasisOptions, type Structure,
} from "../index.js";
import { readAllStructures, writeAtomically } from "../node/index.js";
import { formatBasis, formatShare, summarizeBasis } from "./basis-summary.js";
import { peakMemory, reportingBeside, writeJson, type CommandIo } from "./command-io.js";
import { addConfigurationOptions, readConfiguration, type ConfigurationOptions } from "./configuration-option.js";
import { readDataset } from "./dataset.js";
import { checkFiles } from "./files.js";
import { addBackendOptions, addSpeciesOption, formatBackend, wholeNumber, withBackend, type BackendOptions, type SpeciesOption } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { formatBasisReport } from "./report/basis-report.js";
import { measureReconstruction } from "./report/reconstruction.js";
import { Stopwatch } from "./stopwatch.js";
import { formatOptimization, summarizeOptimization } from "./supervised-summary.js";
import { countAtoms } from "./scan.js";
import { formatSignificant } from "./table.js";
import { printWarnings } from "./warnings.js";

interface Options extends BackendOptions, SpeciesOption, ConfigurationOptions {
  readonly keep?: number;
  readonly threshold?: number;
  readonly mixed?: boolean;
  readonly centerDependent?: boolean;
  readonly centers?: readonly number[];
  readonly target?: string;
  readonly gamma?: number;
  readonly optimize?: boolean;
  readonly out: string;
  readonly report?: string;
  readonly json?: boolean;
}

type Choice = Pick<OptimalBasisOptions, "channels" | "threshold" | "mixed" | "centerDependent"> & { readonly gamma: number };

/** The scalar that the functions of l = 0 serve, and its name in the file. */
type Target = { readonly key: string; readonly values: NonNullable<OptimalBasisOptions["target"]> };

function share(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value >= 0 && value < 1)) throw new InvalidArgumentError("Expected a number from 0 to below 1, for example 1e-4.");
  return value;
}

function mixing(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError("Expected a number from 0 (the target alone) to 1 (variance alone).");
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
    .argument("<structures>", "structure file: extended XYZ, VASP, LAMMPS, …; plain or gzipped")
    .option("--keep <q>", "functions for every element and l, or for every l with --mixed", wholeNumber)
    .option("--threshold <t>", "as many as leave out this share of the variance of each element and l", share)
    .option("--mixed", "one density for all elements: functions that mix elements and radial channels")
    .option("--center-dependent", "functions of their own for the centers of each element")
    .option("--gamma <g>", "below 1 the functions of l = 0 also serve a target: from 1 (variance alone) to 0 (the target alone)", mixing)
    .option("--target <key>", "scalar of the comment lines, or per-atom column, for --gamma (default: the energies minus their baseline)")
    .option("--centers <elements>", "only environments of these elements, for example C,O", elements)
    .option("--optimize", "from there downhill on the errors of fits to the energies and forces in the file; takes a minute or more")
    .requiredOption("--out <file>", "configuration file to write")
    .option("--report <file>", "HTML file with plots of the functions, their eigenvalues, residual variance and reconstruction errors");
  addConfigurationOptions(command);
  addSpeciesOption(command);
  addBackendOptions(command)
    .option("--json", "report as one JSON object on standard output")
    .addHelpText("after", `
With both --keep and --threshold the smaller number counts; with neither, optimalBasis of the configuration. The primitive basis, which is
best taken large, and what the functions depend on (cutoff, density) are those of the configuration; with --optimize kernel and noise too.
A target per structure belongs to the sum over its environments; its mean is taken off. --optimize pays where few functions are kept; the
report says what it gained on labels that it did not see.

Examples:
  lather basis molecules.xyz --set basis.nMax=12 --threshold 1e-4 --mixed --out basis.json --report basis.html
  lather basis silicon.xyz --set basis.nMax=12 --keep 3 --optimize --out basis.json
  lather fit --train molecules.xyz --config basis.json --model molecules.json`)
    .action((path: string, options: Options) => runBasis(path, options, io));
}

/** The size of the basis: the command line's, or else the configuration's. @throws InputError when there is none in either. */
function chooseSize({ keep, threshold, ...options }: Options, { optimalBasis }: FitConfiguration): Choice {
  const form = {
    mixed: options.mixed ?? optimalBasis?.mixed ?? false,
    centerDependent: options.centerDependent ?? optimalBasis?.centerDependent ?? false,
    gamma: options.gamma ?? optimalBasis?.gamma ?? 1,
  };
  if (options.target !== undefined && options.gamma === undefined && form.gamma === 1) {
    throw new InputError("a target that would not count", { key: "--target", expected: "--gamma with it, for example --gamma 0.5", got: "none" });
  }
  if (keep !== undefined || threshold !== undefined) return { channels: keep, threshold, ...form };
  if (!optimalBasis) {
    const expected = "--keep, --threshold, or optimalBasis in the configuration";
    throw new InputError("size of the optimal basis", { expected, got: "none" });
  }
  return { channels: optimalBasis.channels ?? undefined, threshold: optimalBasis.threshold ?? undefined, ...form };
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

/**
 * The target that γ below 1 or the command line ask for; energies, also where they are named, without their baseline.
 * @throws InputError when the file does not have it.
 */
function readTarget(
  { target, centers }: Options, { gamma }: Choice, configuration: FitConfiguration, structures: readonly Structure[], file: string,
  warn: (warnings: readonly DataWarning[]) => void,
): Target | null {
  if (target === undefined && gamma === 1) return null;
  try {
    const alone = { ...configuration.keys, forces: false, virial: false, forcesUnit: null, virialUnit: null } as const;
    const { energy } = findLabelKeys(structures, alone);
    if (target !== undefined && !energy.some(({ key }) => key === target)) return { key: target, values: propertyTarget(structures, target, centers) };
    if (energy.length === 0) {
      const expected = "energies in the file, or --target with another scalar";
      throw new InputError("no energies for --gamma", { key: "--gamma", expected, got: "none" });
    }
    const { data, warnings } = labelStructures(structures, target === undefined ? alone : { ...alone, energy: target });
    warn(warnings);
    return { key: target ?? energy.map(({ key }) => key).join(", "), values: energyTarget(data, configuration) };
  } catch (error) {
    // An error about a structure names the file already.
    throw error instanceof InputError && error.details.file === undefined ? new InputError(error.what, { file, ...error.details }) : error;
  }
}

/** @throws InputError for what a basis made for a fit cannot be told besides. */
function checkOptimization({ centers, target }: Options, { centerDependent, gamma }: Choice): void {
  const refused = (
    [["--centers", centers !== undefined], ["--center-dependent", centerDependent], ["--target", target !== undefined], ["--gamma", gamma !== 1]] as const
  ).find(([, given]) => given);
  if (!refused) return;
  const expected = "none with --optimize, which takes all environments and the energies and forces of the file";
  throw new InputError("an option that --optimize leaves no room for", { key: refused[0], expected, got: "one" });
}

async function runBasis(path: string, options: Options, terminal: CommandIo): Promise<void> {
  const io = reportingBeside(terminal, [options.out, options.report]);
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  const configuration = await readConfiguration(options);
  if (configuration.pseudoElements) {
    const expected = "null: an optimal basis with --mixed mixes the elements in its own way";
    throw new InputError("pseudo-elements beside an optimal basis", { key: "pseudoElements", expected, got: JSON.stringify(configuration.pseudoElements) });
  }
  const choice = chooseSize(options, configuration);
  if (options.optimize) checkOptimization(options, choice);
  const inputs = { structures: path, "--config": options.config };
  await checkFiles({ inputs, outputs: { "--out": options.out, "--report": options.report } });
  const warnings: DataWarning[] = [];
  const warn = (some: readonly DataWarning[]): void => {
    warnings.push(...some);
    printWarnings(some, io);
  };
  const dataset = options.optimize ? await stopwatch.time("read", () => readDataset([path], configuration.keys, io.signal, options)) : null;
  if (dataset) warn(dataset.warnings);
  const data = dataset?.data ?? null;
  const structures = data?.map(({ structure }) => structure) ?? (await stopwatch.time("read", () => readAllStructures(path, { species: options.species, onWarning: (warning) => warn([warning]) })));
  checkChoice(choice, options.centers, configuration.basis.nMax, structures, path);
  const target = readTarget(options, choice, configuration, structures, path, warn);
  io.signal.throwIfAborted();
  try {
    await withBackend(options, countAtoms(structures), async (backend, used) => {
      const job = { ...choice, signal: io.signal, onProgress: progress.report };
      const supervised = data && (await stopwatch.time("basis", () => createSupervisedBasis(backend, data, configuration, job)));
      const basis = supervised ?? (await stopwatch.time("basis", () => createOptimalBasis(backend, structures, configuration, {
        ...job, centers: options.centers, target: target?.values,
      })));
      progress.finish();
      const html = options.report === undefined ? "" : await stopwatch.time("report", async () => {
        const centers = options.centers ?? null;
        const reconstruction = await measureReconstruction(backend, structures, centers, basis, io.signal);
        return formatBasisReport(basis, { file: path, structures: structures.length, centers, reconstruction });
      });
      const text = formatBasisConfiguration({ ...configuration, ...basis.hyperparameters });
      await stopwatch.time("write", async () => {
        // The report first: when it fails, there is no configuration either.
        if (options.report !== undefined) await writeAtomically(options.report, (sink) => sink.write(html), io);
        await writeAtomically(options.out, (sink) => sink.write(text), io);
      });
      const { seconds } = stopwatch;
      if (options.json) {
        writeJson(io, {
          ...used, seconds, peak_rss_mb: peakMemory(), structures: structures.length,
          ...summarizeBasis(basis), target: target && { key: target.key, gamma: choice.gamma, explained: basis.explained },
          ...(supervised && { optimization: summarizeOptimization(supervised) }),
          warnings, out: options.out, ...(options.report !== undefined && { report: options.report }),
        });
      } else {
        const left = formatShare(basis.residualVariance);
        io.stdout.write(`${options.out}: optimal basis of ${basis.environments} environments, residual variance ${left}\n\n`);
        io.stdout.write(`Functions kept\n${formatBasis(basis)}\n`);
        if (target) {
          const explained = formatSignificant(basis.explained!);
          io.stdout.write(`Target ${target.key}, γ = ${choice.gamma}: linear in all functions of l = 0, R² ${explained}\n`);
        }
        if (supervised) io.stdout.write(`${formatOptimization(supervised)}\n`);
        if (options.report !== undefined) io.stdout.write(`Report: ${options.report}\n`);
        io.stdout.write(`${formatBackend(used, options)}: ${seconds["total"]} s\n`);
      }
    });
  } finally {
    progress.finish();
  }
}
