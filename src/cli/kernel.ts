import { InvalidArgumentError, Option, type Command } from "commander";
import {
  averagedSpectrum, compositions, createLinearAlgebra, extensiveKernel, formatNpz, InputError, readProperty, regressOnKernel,
  structureKernel, type Backend, type Hyperparameters, type JobOptions, type Structure, type StructureEnvironments, type StructureKernel,
  type StructureKernelKind, type StructureKernelSettings,
} from "../index.js";
import { readAllStructures, writeAtomically } from "../node/index.js";
import { peakMemory, reportingBeside, writeJson, type CommandIo } from "./command-io.js";
import { addConfigurationOptions, readConfiguration, type ConfigurationOptions } from "./configuration-option.js";
import { checkFiles } from "./files.js";
import { madeFeatures } from "./made-features.js";
import { addBackendOptions, addSpeciesOption, formatBackend, withBackend, type BackendOptions, type SpeciesOption } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { countAtoms } from "./scan.js";
import { Stopwatch } from "./stopwatch.js";
import { formatSignificant } from "./table.js";
import { warnOnce } from "./warnings.js";

interface Options extends BackendOptions, SpeciesOption, ConfigurationOptions {
  readonly kind: StructureKernelKind | "averaged";
  readonly gamma?: number;
  readonly coupled?: boolean;
  readonly normalize?: boolean;
  readonly property?: string;
  readonly intensive?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

function positive(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError("Expected a number above 0, for example 0.1.");
  return value;
}

/** lather kernel: similarities of whole structures, and how well a property follows them. */
export function addKernelCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("kernel")
    .summary("compute kernels between structures, and test regression on them")
    .description("Computes the kernels between structures and says how well they predict a property of a structure from the others.")
    .argument("<a>", "structure file: extended XYZ, VASP, LAMMPS, …; plain or gzipped")
    .argument("[b]", "structures to compare them with (default: with one another)")
    .addOption(new Option("--kind <name>", "what is made of the kernels between environments").choices(["sum", "mean", "best-match", "rematch", "averaged"]).default("mean"))
    .option("--gamma <g>", "entropy of rematch, in units of the kernel", positive)
    .option("--coupled", "compare environments of different elements, too")
    .option("--normalize", "divide by the kernels of the structures with themselves")
    .option("--property <name>", "a number of each structure to be learned from the others")
    .option("--intensive", "the property does not grow with the structure")
    .option("--out <file>", ".npz file to write");
  addConfigurationOptions(command);
  addSpeciesOption(command);
  addBackendOptions(command)
    .option("--json", "report as one JSON object on standard output")
    .addHelpText("after", `
sum and mean run over all pairs of environments; best-match pairs them so that the kernel is largest; rematch does so with an entropy:
the best match for a small gamma, the mean for a large one; averaged takes the mean of the density coefficients before the invariants are
made (THEORY.md, Eqs. 81 and 84 to 86). The configuration gives cutoff, density, basis and features, and kernel.zeta.
With --property, kernel ridge regression with the noise of least leave-one-out error (Eq. 87). A property grows with the structure, like an
energy, and then has a baseline per element and a kernel times the numbers of atoms (but for sum), unless --intensive is given.

Arrays of the .npz file:
  kernel  float64 [a][b]    self_a, self_b  float64 [structure], kernels with themselves: d² = self_a + self_b − 2 kernel

Examples:
  lather kernel molecules.xyz --kind rematch --gamma 0.05 --normalize --out kernel.npz
  lather kernel molecules.xyz --kind mean --property energy --set kernel.zeta=2`)
    .action((a: string, b: string | undefined, options: Options) => runKernel(a, b, options, io));
}

/** Environments of the structures, or, for averaged coefficients, one vector for each structure. */
async function environmentsOf(
  backend: Backend, structures: readonly Structure[], hyperparameters: Hyperparameters, species: readonly number[], averaged: boolean, job: JobOptions,
): Promise<StructureEnvironments> {
  if (!averaged) return backend.computeFeatures(structures, hyperparameters, { ...job, species });
  const { values, size } = averagedSpectrum(
    await backend.computeDensityCoefficients(structures, hyperparameters, { ...job, species }), hyperparameters.basis.lMax, hyperparameters.features.normalize,
  );
  const offsets = Int32Array.from({ length: structures.length + 1 }, (_, k) => k);
  return { values, size, offsets, centers: new Uint8Array(structures.length) };
}

/** Numbers of the property, one per structure. */
function targetsOf(structures: readonly Structure[], name: string, file: string): Float64Array {
  const { kind, perAtom, values } = readProperty(structures, name);
  const what = perAtom ? `a ${kind} per atom` : `a ${kind}`;
  if (kind !== "scalar" || perAtom) throw new InputError("not a number per structure", { file, key: name, expected: "a scalar of each structure", got: what });
  return Float64Array.from(values, (value, structure) => {
    if (value) return value[0]!;
    throw new InputError("a structure without the property", { file, structure, key: name, expected: "a number", got: "none" });
  });
}

interface PropertyReport {
  readonly property: string;
  readonly intensive: boolean;
  readonly mae: number;
  readonly rmse: number;
  readonly mae_per_atom: number;
  readonly spread: number;
  readonly regularization: number;
}

async function regress(
  structures: readonly Structure[], file: string, { values }: StructureKernel, species: readonly number[], { property: name, kind, normalize, intensive = false }: Options,
): Promise<PropertyReport> {
  const targets = targetsOf(structures, name!, file);
  const n = targets.length;
  if (n < 3) throw new InputError("too few structures to leave one out", { file, key: "--property", expected: "3 structures or more", got: String(n) });
  const atoms = structures.map(({ species: own }) => own.length);
  const grown = intensive || (kind === "sum" && !normalize) ? values : extensiveKernel(values, atoms, atoms);
  const { leaveOneOut, regularization } = regressOnKernel(await createLinearAlgebra(), grown, targets, intensive ? null : compositions(structures, species));
  const average = targets.reduce((sum, y) => sum + y / n, 0);
  const mean = (of: (e: number, i: number) => number): number => leaveOneOut.reduce((sum, e, i) => sum + of(e, i) / n, 0);
  return {
    property: name!, intensive, mae: mean(Math.abs), rmse: Math.sqrt(mean((e) => e * e)), mae_per_atom: mean((e, i) => Math.abs(e) / atoms[i]!),
    spread: Math.sqrt(targets.reduce((sum, y) => sum + (y - average) ** 2 / n, 0)), regularization,
  };
}

async function runKernel(pathA: string, pathB: string | undefined, options: Options, terminal: CommandIo): Promise<void> {
  const io = reportingBeside(terminal, [options.out]);
  const { kind, gamma, coupled, normalize, property, out } = options;
  if (kind === "rematch" && gamma === undefined) throw new InputError("rematch needs an entropy", { key: "--gamma", expected: "a number above 0", got: "none" });
  if (property !== undefined && pathB !== undefined) throw new InputError("one file to learn a property from", { key: "--property", expected: "no second file", got: pathB });
  if (property === undefined && out === undefined) throw new InputError("nothing to do", { expected: "--out, --property or both", got: "neither" });
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  const configuration = await readConfiguration(options);
  await checkFiles({ inputs: { structures: [pathA, ...(pathB === undefined ? [] : [pathB])], "--config": options.config }, outputs: { "--out": out } });
  const read = (path: string): Promise<Structure[]> => readAllStructures(path, { species: options.species, onWarning: warnOnce(io) });
  const [a, b] = await stopwatch.time("read", async () => [await read(pathA), pathB === undefined ? null : await read(pathB)] as const);
  const all = [...a, ...(b ?? [])];
  const species = [...new Set(all.flatMap((structure) => [...structure.species]))].sort((x, y) => x - y);
  // One vector stands for a structure then: the mean over one.
  const settings: StructureKernelSettings = { kind: kind === "averaged" ? "mean" : kind, gamma, zeta: configuration.kernel.zeta, coupled: coupled || kind === "averaged", normalize };
  try {
    await withBackend(options, countAtoms(all), async (backend, used) => {
      const job = { signal: io.signal, onProgress: progress.report };
      const [one, other] = await stopwatch.time("features", async () => {
        const hyperparameters = await madeFeatures(backend, a, configuration, job);
        const compute = (structures: readonly Structure[]): Promise<StructureEnvironments> => environmentsOf(backend, structures, hyperparameters, species, kind === "averaged", job);
        return [await compute(a), b && (await compute(b))] as const;
      });
      const kernel = await stopwatch.time("kernel", () => structureKernel(one, other, settings, job));
      progress.finish();
      const report = property === undefined ? null : await stopwatch.time("regression", () => regress(a, pathA, kernel, species, options));
      const [rows, columns] = [kernel.selfA.length, kernel.selfB.length];
      if (out !== undefined) {
        const bytes = formatNpz({
          kernel: { data: kernel.values, shape: [rows, columns] }, self_a: { data: kernel.selfA, shape: [rows] }, self_b: { data: kernel.selfB, shape: [columns] },
        });
        await stopwatch.time("write", () => writeAtomically(out, (sink) => sink.write(bytes), io));
      }
      const { seconds } = stopwatch;
      if (options.json) {
        writeJson(io, { ...used, kind, gamma: gamma ?? null, zeta: settings.zeta, coupled: settings.coupled, normalize: normalize ?? false, structures: [rows, columns], features: one.size, leave_one_out: report, out: out ?? null, seconds, peak_rss_mb: peakMemory() });
        return;
      }
      if (out !== undefined) io.stdout.write(`${out}: ${kind} kernel of ${rows} × ${columns} structures\n`);
      if (report) {
        const perAtom = report.intensive ? "" : `, ${formatSignificant(report.mae_per_atom)} per atom`;
        io.stdout.write(`${property} of each of ${rows} structures from the others: mean absolute error ${formatSignificant(report.mae)}${perAtom}; rmse ${formatSignificant(report.rmse)} of a spread of ${formatSignificant(report.spread)}\n`);
      }
      io.stdout.write(`${formatBackend(used, options)}: ${seconds["total"]} s\n`);
    });
  } finally {
    progress.finish();
  }
}
