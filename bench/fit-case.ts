// fit-zuo-si: a whole fit, from the file to the potential, and its errors; the potential is kept for energy-forces-si512-zuo.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import {
  createBackend, fitPotential, formatModel, latherVersion, measureErrors, parseModel, type FitConfiguration, type LabeledStructure, type Potential,
} from "../src/index.js";
import { writeAtomically } from "../src/node/index.js";
import { demand, type Check } from "./checks.js";
import { AbsentData, dataPath, readLabeled, root } from "./data.js";
import type { Prepare } from "./energy-force-cases.js";
import { unfitted } from "./generated-cases.js";
import { fitPasses } from "./gpu-fit-operations.js";
import { listSizeOf } from "./gpu-list-operations.js";
import { createTimedBackend, reportPasses } from "./gpu-passes.js";
import type { PassCounts } from "./gpu-operations.js";
import { farthestPointOperations, fitRowOperations, normalEquationOperations, solveOperations, trafficBytes } from "./operations.js";
import { peakMemory, processorSeconds } from "./process-meter.js";
import type { JobReport } from "./result.js";
import type { Setting } from "./setting.js";
import { ZUO_CONFIGURATION, environmentsOf } from "./systems.js";

const TRAIN = "zuo2020/Si_train.xyz";
const TEST = "zuo2020/Si_test.xyz";

interface Files {
  readonly train: string;
  readonly test: string;
}

/** Operations of the stages, and the counted bytes. */
interface Counts {
  readonly rows: number;
  readonly selection: number;
  readonly solve: number;
  readonly bytes: number;
}

/** For data of one element. */
function countFit(configuration: FitConfiguration, train: readonly LabeledStructure[], { terms: [term] }: Potential, rows: number): Counts {
  const { basis, features: { normalize }, kernel: { zeta } } = configuration;
  const { size: components, projection, weights } = term!.centers[0]!;
  const points = weights.length;
  const size = { components: projection ? components : null, points, zeta };
  const environments = environmentsOf(train.map(({ structure }) => structure), configuration);
  const covariances = environments.reduce((sum, environment) => sum + fitRowOperations(basis, environment, normalize, size), 0);
  return {
    rows: covariances + rows * normalEquationOperations(points),
    // Leverage scores cost a decomposition that is not counted.
    selection: configuration.sparse.method === "fps" ? farthestPointOperations(environments.length, components, points, zeta) : 0,
    solve: solveOperations(components, points, zeta),
    bytes: environments.reduce((sum, environment) => sum + trafficBytes(environment, 0), 0),
  };
}

/** For compressed data of one element with forces, and no farthest points. */
function countPasses(configuration: FitConfiguration, train: readonly LabeledStructure[], { species, terms: [term] }: Potential): PassCounts {
  const { zeta, centers: [center] } = term!;
  const structures = train.map(({ structure }) => structure);
  const lists = listSizeOf(structures, configuration.cutoff.radius);
  const size = {
    components: center!.size, points: center!.weights.length, zeta, structures: structures.map((structure) => structure.species.length),
  };
  return fitPasses(configuration, species, environmentsOf(structures, configuration), lists, size);
}

/** A fit that is worse than its own baseline is no fit: force errors against the mean size of a force component. */
function checkFit(mae: number | null, test: readonly LabeledStructure[]): Check {
  const forces = test.flatMap(({ labels }) => [...(labels.forces ?? [])]);
  const size = forces.reduce((sum, force) => sum + Math.abs(force), 0) / forces.length;
  return demand({ what: "test MAE of forces relative to the mean |F|", error: (mae ?? NaN) / size, tolerance: 0.5 });
}

/** Files and configuration as arguments, so that smaller ones can be put in their place. */
export async function runFit(
  name: string, files: Files, configuration: FitConfiguration, { kind, threads, timestamps }: Setting,
): Promise<{ report: JobReport; potential: Potential }> {
  // A fit is too long to be done twice, and its passes are few: they are timed as it goes.
  const timed = kind === "gpu" && timestamps ? await createTimedBackend(threads) : null;
  const backend = timed ?? (await createBackend(kind, { threads }));
  try {
    const [start, processor] = [performance.now(), processorSeconds()!];
    const train = await readLabeled(files.train, configuration.keys);
    const read = (performance.now() - start) / 1000;
    const { potential, diagnostics, seconds: stages } = await fitPotential(backend, train, configuration);
    const seconds = (performance.now() - start) / 1000;
    const busy = processorSeconds()! - processor;
    const times = timed && (await timed.readPassTimes());
    const peak_rss_mb = peakMemory();
    const test = await readLabeled(files.test, configuration.keys);
    const measuring = performance.now();
    const testErrors = (await measureErrors(backend, potential, test)).errors;
    const testSeconds = (performance.now() - measuring) / 1000;
    const trainErrors = (await measureErrors(backend, potential, train)).errors;
    const [points, components] = [potential.terms[0]!.centers[0]!.weights.length, potential.terms[0]!.centers[0]!.size];
    const counts = countFit(configuration, train, potential, diagnostics.rows);
    const passes = kind === "gpu" && { passes: reportPasses(times, countPasses(configuration, train, potential)) };
    const total = counts.rows + counts.selection + counts.solve;
    const rate = (operations: number, time: number | undefined): number => operations / (time ?? NaN) / 1e9;
    const atoms = diagnostics.environments;
    const report: JobReport = {
      name, backend: backend.kind, threads: backend.threads, atoms, seconds,
      stages: { read, ...stages, "errors on the test data (not in the total)": testSeconds },
      gflops: rate(total, seconds), stage_gflops: { "kernel rows": rate(counts.rows, stages["kernel rows"]) },
      operations_per_atom: total / atoms,
      bytes_per_atom: counts.bytes / atoms,
      peak_rss_mb, repetitions: 1, busy_cores: busy / seconds, checks: [checkFit(testErrors.force_mae, test)],
      sparse: points, features: diagnostics.features, components, weight_sum: diagnostics.weightSum, jitter: diagnostics.jitter, configuration,
      train: trainErrors, test: testErrors, ...passes,
    };
    return { report, potential };
  } finally {
    backend.destroy();
  }
}

/** Configuration, defaults included, and data, and the name of their model, which changes when any of them does. */
async function zuoInputs(): Promise<{ files: Files; configuration: FitConfiguration; cached: string }> {
  const files = { train: dataPath(TRAIN), test: dataPath(TEST) };
  const configuration = ZUO_CONFIGURATION;
  const hash = createHash("sha256").update(latherVersion).update(JSON.stringify(configuration)).update(await readFile(files.train));
  const key = hash.digest("hex").slice(0, 16);
  return { files, configuration, cached: resolve(root, `node_modules/.cache/lather/bench-zuo2020-si-${key}.lather.json`) };
}

/** Runs the fit afresh and leaves its model in the cache. */
export async function runZuoFit(name: string, setting: Setting): Promise<JobReport> {
  const { files, configuration, cached } = await zuoInputs();
  const { report, potential } = await runFit(name, files, configuration, setting);
  await mkdir(resolve(cached, ".."), { recursive: true });
  const model = formatModel(potential);
  await writeAtomically(cached, (sink) => sink.write(model));
  return report;
}

/** Whether the model of today's configuration and data is in the cache. */
export async function zuoModelCached(): Promise<boolean> {
  return existsSync((await zuoInputs()).cached);
}

/** The model that `runZuoFit` left in the cache. */
export const fittedZuo: Prepare = async () => {
  const { cached } = await zuoInputs();
  return { potential: parseModel(await readFile(cached, "utf8"), cached), model: `fitted to zuo2020 Si (cached: ${cached.slice(root.length + 1)})` };
};

/** A model of the caller's choice; else the cached one where it is there, and one of the same sizes where it is not. */
export function zuoOrUnfitted(file: string | undefined): Prepare {
  return async (cpu) => {
    if (file !== undefined) return { potential: parseModel(await readFile(file, "utf8"), file), model: file };
    const isCached = await zuoModelCached().catch((error: unknown) => {
      if (error instanceof AbsentData) return false;
      throw error;
    });
    return isCached ? fittedZuo(cpu) : unfitted(cpu);
  };
}
