// The CPU backend: SIMD WebAssembly in float64 on a pool of workers. The same input gives the same bits on any number of threads.
import { doubleRounding, type DensityCovariance } from "../../basis/covariance.js";
import { NumericalError } from "../../errors.js";
import { featureLayout, speciesOf } from "../../features/feature-layout.js";
import { radialChannels, type Hyperparameters } from "../../features/hyperparameters.js";
import type { Potential } from "../../model/potential.js";
import type { Structure } from "../../structure/structure.js";
import type {
  Backend,
  CenterProjection,
  CovarianceOptions,
  DensityCoefficients,
  Evaluator,
  Features,
  FitCenter,
  FitRowMatrix,
  FitStructure,
  JobOptions,
  NormalEquations,
} from "../backend.js";
import { ComponentArrays, createCenterArrays } from "../center-arrays.js";
import { covarianceRequest } from "../covariance-request.js";
import { RecentlyUsed } from "../recently-used.js";
import { CpuEvaluator } from "./cpu-evaluator.js";
import type { FitSums, TaskLabels } from "./fit-rows.js";
import { ranges, wholeStructures } from "./partition.js";
import { createFeaturePlan, type KernelPlan } from "./plan.js";
import { WorkerPool } from "./worker-pool.js";

const NO_WEIGHTS = new Float64Array(0);

export class CpuBackend implements Backend {
  readonly kind = "cpu";
  readonly adapter = null;
  readonly #pool: WorkerPool;
  /** Plans of the feature calculations asked for last. */
  readonly #featurePlans = new RecentlyUsed<number>(4, (plan) => this.#pool.removePlan(plan));

  private constructor(pool: WorkerPool) {
    this.#pool = pool;
  }

  /** Starts the workers, one per thread. */
  static async create(threads: number): Promise<CpuBackend> {
    return new CpuBackend(await WorkerPool.create(threads));
  }

  get threads(): number {
    return this.#pool.threads;
  }

  get description(): string {
    return `CPU, ${this.threads} thread${this.threads === 1 ? "" : "s"}, SIMD WebAssembly (float64)`;
  }

  async computeDensityCoefficients(
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    options: JobOptions & { readonly species?: readonly number[] } = {},
  ): Promise<DensityCoefficients> {
    const { lMax } = hyperparameters.basis;
    const species = options.species ?? speciesOf(structures);
    const full = { ...hyperparameters, features: { ...hyperparameters.features, kind: "power-spectrum" as const } };
    return this.#perCenter(
      "coefficients",
      structures,
      full,
      species,
      featureLayout(full, species).densities * radialChannels(full.basis) * (lMax + 1) ** 2,
      options,
    );
  }

  async computeCovariance(
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    options: CovarianceOptions = {},
  ): Promise<DensityCovariance> {
    const { signal, onProgress } = options;
    const { primitive, species, covariance, blockOf, weights } = covarianceRequest(structures, hyperparameters, options, doubleRounding);
    const { mixed, centers, sums } = covariance;
    const plan = this.#featurePlan(primitive, species);
    const total = structures.reduce((sum, structure) => sum + structure.species.length, 0);
    let done = 0;
    const tasks = mapAsync(ranges(structures), (part) => ({
      ...part,
      kind: "covariance" as const,
      sums: { centers: centers?.length ?? 1, mixed, blockOf, weights: weights.slice(part.first, part.first + part.structures.length) },
    }));
    for await (const { task, result } of this.#pool.map<typeof tasks extends AsyncGenerator<infer T> ? T : never, Float64Array>(
      plan,
      tasks,
      signal,
    )) {
      for (let k = 0; k < sums.length; k++) sums[k]! += result[k]!;
      done += task.structures.reduce((sum, { first, end }) => sum + end - first, 0);
      onProgress?.({ stage: "covariance", done, total });
    }
    if (!sums.every(Number.isFinite)) throw new NumericalError("a density coefficient is not finite", { expected: "finite coordinates" });
    return covariance;
  }

  async computeFeatures(
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    options: JobOptions & { readonly species?: readonly number[] } = {},
  ): Promise<Features> {
    const species = options.species ?? speciesOf(structures);
    return this.#perCenter("features", structures, hyperparameters, species, featureLayout(hyperparameters, species).size, options);
  }

  async #perCenter(
    kind: "coefficients" | "features",
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    size: number,
    { signal, onProgress }: JobOptions,
  ): Promise<Features> {
    const arrays = createCenterArrays(structures, hyperparameters, species, size);
    const total = arrays.centers.length;
    const plan = this.#featurePlan(hyperparameters, species);
    let done = 0;
    const tasks = mapAsync(ranges(structures), (part) => ({ ...part, kind }));
    for await (const { task, result } of this.#pool.map<typeof tasks extends AsyncGenerator<infer T> ? T : never, Float64Array>(
      plan,
      tasks,
      signal,
    )) {
      arrays.values.set(result, (arrays.offsets[task.first]! + task.structures[0]!.first) * size);
      done += result.length / size;
      onProgress?.({ stage: kind, done, total });
    }
    return arrays;
  }

  #featurePlan(hyperparameters: Hyperparameters, species: readonly number[]): number {
    const key = JSON.stringify([hyperparameters.cutoff, hyperparameters.density, hyperparameters.basis, hyperparameters.features, species]);
    return this.#featurePlans.get(key, () => this.#pool.addPlan({ features: createFeaturePlan(hyperparameters, species), kernel: null }));
  }

  async computeComponents(
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    centers: readonly CenterProjection[],
    { signal, onProgress }: JobOptions = {},
  ): Promise<Map<number, Float64Array>> {
    const components = new ComponentArrays(structures, species, centers);
    const kernel: KernelPlan = {
      zeta: 1,
      centers: centers.map((center) => ({ ...center, sparsePoints: NO_WEIGHTS, weights: NO_WEIGHTS, factor: null })),
    };
    const plan = this.#pool.addPlan({ features: createFeaturePlan(hyperparameters, species), kernel });
    try {
      const { total } = components;
      let done = 0;
      const tasks = mapAsync(ranges(structures), (part) => ({ ...part, kind: "components" as const }));
      for await (const { task, result } of this.#pool.map<typeof tasks extends AsyncGenerator<infer T> ? T : never, Float64Array[]>(
        plan,
        tasks,
        signal,
      )) {
        result.forEach((values, element) => components.append(element, values));
        done += task.structures.reduce((sum, { first, end }) => sum + end - first, 0);
        onProgress?.({ stage: "features", done, total });
      }
    } finally {
      this.#pool.removePlan(plan);
    }
    return components.byElement;
  }

  async accumulateNormalEquations(
    structures: readonly FitStructure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    zeta: number,
    centers: readonly FitCenter[],
    options: JobOptions = {},
  ): Promise<NormalEquations> {
    const columns = fitColumns(centers);
    const padded = columns.padded;
    const gram = new Float64Array(padded * padded);
    const right = new Float64Array(padded);
    let rows = 0;
    for await (const sums of this.#fitSums(structures, hyperparameters, species, zeta, centers, false, options)) {
      const [partGram, partRight] = [sums.gram!, sums.right!];
      for (let row = 0; row < padded; row++) for (let k = row * padded, end = k + row; k <= end; k++) gram[k]! += partGram[k]!;
      for (let k = 0; k < padded; k++) right[k]! += partRight[k]!;
      rows += sums.targets.length;
    }
    const { count, of } = columns;
    const out = new Float64Array(count * count);
    for (let i = 0; i < count; i++) for (let j = 0; j <= i; j++) out[i * count + j] = out[j * count + i] = gram[of[i]! * padded + of[j]!]!;
    return { gram: out, right: Float64Array.from(of, (column) => right[column]!), rows };
  }

  async computeFitRows(
    structures: readonly FitStructure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    zeta: number,
    centers: readonly FitCenter[],
    options: JobOptions = {},
  ): Promise<FitRowMatrix> {
    const { count, padded, of } = fitColumns(centers);
    const parts: FitSums[] = [];
    for await (const sums of this.#fitSums(structures, hyperparameters, species, zeta, centers, true, options)) parts.push(sums);
    const total = parts.reduce((sum, { targets }) => sum + targets.length, 0);
    const values = new Float64Array(total * count);
    const targets = new Float64Array(total);
    let row = 0;
    for (const part of parts) {
      targets.set(part.targets, row);
      for (let k = 0; k < part.targets.length; k++, row++) for (let j = 0; j < count; j++) values[row * count + j] = part.rows![k * padded + of[j]!]!;
    }
    return { values, targets };
  }

  async *#fitSums(
    structures: readonly FitStructure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    zeta: number,
    centers: readonly FitCenter[],
    keepRows: boolean,
    { signal, onProgress }: JobOptions,
  ): AsyncGenerator<FitSums> {
    const kernel: KernelPlan = { zeta, centers: centers.map((center) => ({ ...center, weights: NO_WEIGHTS })) };
    const plan = this.#pool.addPlan({ features: createFeaturePlan(hyperparameters, species), kernel });
    try {
      const total = structures.reduce((sum, { structure }) => sum + structure.species.length, 0);
      let done = 0;
      const tasks = mapAsync(wholeStructures(structures.map(({ structure }) => structure)), (part) => ({
        ...part,
        kind: "rows" as const,
        keepRows,
        labels: structures
          .slice(part.first, part.first + part.structures.length)
          .map(({ energy, forces, virial, weights }): TaskLabels => ({ energy, forces, virial, weights })),
      }));
      for await (const { task, result } of this.#pool.map<typeof tasks extends AsyncGenerator<infer T> ? T : never, FitSums>(plan, tasks, signal)) {
        done += task.structures.reduce((sum, { end }) => sum + end, 0);
        onProgress?.({ stage: "kernel rows", done, total });
        yield result;
      }
    } finally {
      this.#pool.removePlan(plan);
    }
  }

  async createEvaluator(potential: Potential): Promise<Evaluator> {
    return new CpuEvaluator(this.#pool, potential);
  }

  destroy(): void {
    this.#pool.destroy();
  }
}

/** Columns of a fit with and without the padding to even numbers of points per element. */
function fitColumns(centers: readonly FitCenter[]): { count: number; padded: number; of: number[] } {
  const of: number[] = [];
  let padded = 0;
  for (const { sparsePoints, size } of [...centers].sort((a, b) => a.species - b.species)) {
    const points = sparsePoints.length / size;
    for (let point = 0; point < points; point++) of.push(padded + point);
    padded += points + (points & 1);
  }
  return { count: of.length, padded, of };
}

async function* mapAsync<T, R>(items: AsyncIterable<T>, change: (item: T) => R): AsyncGenerator<R> {
  for await (const item of items) yield change(item);
}
