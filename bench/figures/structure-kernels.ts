// structure-kernels: energies of molecules (QM9) from 500 of them, by kernel ridge regression on kernels between structures, for every kind of kernel: errors on
// the others, and those of leaving one out. Formation energies, with a number per element taken off.
// node scripts/run.mjs bench/figures/structure-kernels.ts [--threads 1] [--resume]; the matches take minutes, and --resume keeps the runs that the results have
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  averagedSpectrum, compositions, createBackend, createLinearAlgebra, extensiveKernel, parseHyperparameters, readProperty, regressOnKernel, structureKernel,
  type StructureEnvironments, type StructureKernelSettings,
} from "../../src/index.js";
import { principalComponents } from "../../src/features/principal-components.js";
import { speciesOf } from "../../src/features/feature-layout.js";
import { readAllStructures } from "../../src/node/index.js";
import { dataPath, readConfiguration, root } from "../data.js";

const { values: options } = parseArgs({ options: { threads: { type: "string", default: "1" }, resume: { type: "boolean", default: false } } });
const results = resolve(root, "bench/results/figures/structure-kernels.json");
const training = 500;
const zetas = [1, 2];
const gammas = [1, 0.1, 0.01];

const molecules = await readAllStructures(dataPath("molecules/qm9_subset_600.xyz"));
const species = speciesOf(molecules);
const atoms = molecules.map((molecule) => molecule.species.length);
const perAtom = readProperty(molecules, "dft_formation_energy_per_atom_in_eV").values;
const energies = Float64Array.from(perAtom, (value, k) => value![0]! * atoms[k]!);
const counts = compositions(molecules, species);
const hyperparameters = parseHyperparameters(await readConfiguration(resolve(root, "bench/configs/qm9-energies.json")));
const algebra = await createLinearAlgebra();
const backend = await createBackend("cpu", { threads: Number(options.threads) });
const features = await backend.computeFeatures(molecules, hyperparameters, { species });
const coefficients = await backend.computeDensityCoefficients(molecules, hyperparameters, { species });
backend.destroy();

/** Principal components that leave out 1e-7 of the features: the same products, several times cheaper. */
function compressed(all: typeof features): StructureEnvironments {
  const sample = Float64Array.from({ length: 2000 * all.size }, (_, k) => all.values[(Math.floor(k / all.size) * 5) * all.size + (k % all.size)]!);
  const { projection, count, residual } = principalComponents(algebra, sample, all.size, 1e-7, Infinity);
  process.stderr.write(`${all.size} features, ${count} components, ${residual.toExponential(1)} left out\n`);
  return { ...all, values: algebra.multiply(all.values, projection, { m: all.centers.length, n: count, k: all.size }), size: count };
}

const environments = compressed(features);
const spectra = averagedSpectrum(coefficients, hyperparameters.basis.lMax);
const averaged: StructureEnvironments = { ...spectra, offsets: Int32Array.from({ length: molecules.length + 1 }, (_, k) => k), centers: new Uint8Array(molecules.length) };

interface Run {
  readonly kernel: string;
  readonly zeta: number;
  readonly gamma: number | null;
  readonly coupled: boolean;
  /** eV per molecule, and eV per atom. */
  readonly test_mae: number;
  readonly test_mae_per_atom: number;
  readonly leave_one_out_mae: number;
}

const runs: Run[] = options.resume ? (JSON.parse(await readFile(results, "utf8")) as { runs: Run[] }).runs : [];
async function run(kernel: string, set: StructureEnvironments, settings: StructureKernelSettings): Promise<void> {
  const { zeta: exponent, gamma = null, coupled = false } = settings;
  if (runs.some((known) => known.kernel === kernel && known.zeta === exponent && known.gamma === gamma && known.coupled === coupled)) return;
  const { values } = await structureKernel(set, null, settings);
  const all = settings.kind === "sum" ? values : extensiveKernel(values, atoms, atoms);
  const n = molecules.length;
  const part = (rows: readonly number[]): Float64Array => Float64Array.from({ length: rows.length * training }, (_, k) => all[rows[Math.floor(k / training)]! * n + (k % training)]!);
  const [train, test] = [[...molecules.keys()].slice(0, training), [...molecules.keys()].slice(training)];
  const elements = species.length;
  const { weights, baseline, leaveOneOut } = regressOnKernel(algebra, part(train), energies.slice(0, training), counts.subarray(0, training * elements));
  const predicted = algebra.multiply(part(test), weights, { m: test.length, n: 1, k: training });
  const known = algebra.multiply(counts.subarray(training * elements), baseline, { m: test.length, n: 1, k: elements });
  const errors = test.map((molecule, k) => Math.abs(energies[molecule]! - predicted[k]! - known[k]!));
  const mean = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const result = {
    kernel, zeta: settings.zeta!, gamma: settings.gamma ?? null, coupled: settings.coupled ?? false, test_mae: mean(errors),
    test_mae_per_atom: mean(errors.map((error, k) => error / atoms[test[k]!]!)), leave_one_out_mae: mean([...leaveOneOut].map(Math.abs)),
  };
  runs.push(result);
  process.stderr.write(`${kernel}, ζ ${result.zeta}, γ ${result.gamma ?? "–"}, ${result.coupled ? "coupled" : "by element"}: ${(1000 * result.test_mae).toFixed(0)} meV, ` +
    `${(1000 * result.test_mae_per_atom).toFixed(2)} meV/atom, leave one out ${(1000 * result.leave_one_out_mae).toFixed(0)} meV\n`);
  await mkdir(dirname(results), { recursive: true });
  const contents = { title: "Energies of molecules from kernels between structures", hyperparameters, training, test: test.length, runs };
  await writeFile(results, `${JSON.stringify(contents, null, 1)}\n`);
}

// What takes seconds first.
for (const zeta of [...zetas, 4]) {
  for (const coupled of [false, true]) await run("sum", environments, { kind: "sum", zeta, coupled });
  await run("averaged", averaged, { kind: "mean", zeta, coupled: true });
}
for (const zeta of zetas) {
  for (const coupled of [false, true]) {
    for (const gamma of gammas) await run("rematch", environments, { kind: "rematch", gamma, zeta, coupled });
    await run("best-match", environments, { kind: "best-match", zeta, coupled });
  }
}
