// The CPU backend: SIMD WebAssembly in float64 on a pool of workers. The same input gives the same bits on any number of threads.
import { doubleRounding, type DensityCovariance } from "../../basis/covariance.js";
import { NumericalError } from "../../errors.js";
import { checkSpecies, featureLayout, speciesOf } from "../../features/feature-layout.js";
import { radialChannels } from "../../basis/hyperparameters.js";
import type { Hyperparameters } from "../../features/hyperparameters.js";
import { validateHyperparameters } from "../../features/validate-hyperparameters.js";
import { createLinearAlgebra } from "../../linalg/linear-algebra.js";
import { bestKernelBuild } from "../../linalg/wasm-kernels.js";
import type { Potential } from "../../model/potential.js";
import { farthestPoints } from "../../selection/fps.js";
import type { Structure } from "../../structure/structure.js";
import type {
  Backend, CenterProjection, CovarianceOptions, DensityCoefficients, Evaluator, Features, FitTerm, FitRowMatrix, FitStructure,
  JobOptions, NormalEquations,
} from "../backend.js";
import { ComponentArrays, createCenterArrays } from "../center-arrays.js";
import { collectFitRows, collectNormalEquations, firstOf } from "../collect-fit.js";
import { covarianceRequest } from "../covariance-request.js";
import { RecentlyUsed } from "../recently-used.js";
import { CpuEvaluator } from "./cpu-evaluator.js";
import type { KernelRows } from "./kernel-rows.js";
import { ranges, wholeStructures } from "./partition.js";
import type { PlanRecipe } from "./plan-recipe.js";
import type { TaskPool } from "./task-pool.js";
import type { Task } from "./tasks.js";
import { WorkerPool } from "./worker-pool.js";
import { labelsOf, type FitPart } from "./whitened-rows.js";

type FitTask = Extract<Task, { kind: "rows" | "row sums" }>;

type Item<Tasks> = Tasks extends AsyncGenerator<infer T> ? T : never;

export class CpuBackend implements Backend {
  readonly kind = "cpu";
  readonly adapter = null;
  readonly #pool: TaskPool;
  readonly #place: (() => string) | undefined;
  /** Plans of the feature calculations asked for last. */
  readonly #featurePlans = new RecentlyUsed<number>(4, (plan) => this.#pool.removePlan(plan));

  private constructor(pool: TaskPool, place?: () => string) {
    this.#pool = pool;
    this.#place = place;
  }

  /** The same tasks, the same sums and so the same bits on a pool of the caller's, which is destroyed with the backend; `place` describes it. */
  static over(pool: TaskPool, place: () => string): CpuBackend {
    return new CpuBackend(pool, place);
  }

  /** Starts the workers, one per thread. */
  static async create(threads: number): Promise<CpuBackend> {
    return new CpuBackend(await WorkerPool.create(threads));
  }

  get threads(): number {
    return this.#pool.threads;
  }

  get description(): string {
    const where = this.#place?.() ?? `CPU, ${this.threads} thread${this.threads === 1 ? "" : "s"}`;
    return `${where}, SIMD WebAssembly (float64${bestKernelBuild() === "fused" ? ", fused multiply-add" : ""})`;
  }

  async computeDensityCoefficients(
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    options: JobOptions & { readonly species?: readonly number[] } = {},
  ): Promise<DensityCoefficients> {
    const { lMax } = hyperparameters.basis;
    const species = options.species ?? speciesOf(structures);
    const full = { ...hyperparameters, features: { kind: "power-spectrum" as const, normalize: true } };
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
    for await (const { task, result } of this.#pool.map<Item<typeof tasks>, Float64Array>(plan, tasks, signal)) {
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
    validateHyperparameters(hyperparameters);
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
    for await (const { task, result } of this.#pool.map<Item<typeof tasks>, Float64Array>(plan, tasks, signal)) {
      arrays.values.set(result, (arrays.offsets[task.first]! + task.structures[0]!.first) * size);
      done += result.length / size;
      onProgress?.({ stage: kind, done, total });
    }
    return arrays;
  }

  #featurePlan(hyperparameters: Hyperparameters, species: readonly number[]): number {
    const key = JSON.stringify([hyperparameters.cutoff, hyperparameters.density, hyperparameters.basis, hyperparameters.features, species]);
    return this.#featurePlans.get(key, () => this.#pool.addPlan({ kind: "features", hyperparameters, species }));
  }

  async computeFeatureAdjoints(
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    gradients: readonly Float64Array[],
    { signal, onProgress }: JobOptions = {},
  ): Promise<Float64Array[]> {
    validateHyperparameters(hyperparameters);
    structures.forEach((structure, index) => checkSpecies(structure, species, index));
    const out: Float64Array[] = [];
    const tasks = mapAsync(wholeStructures(structures), (part) => ({
      kind: "adjoints" as const, structures: part.structures, gradients: gradients.slice(part.first, part.first + part.structures.length),
    }));
    for await (const { result } of this.#pool.map<Item<typeof tasks>, Float64Array[]>(this.#featurePlan(hyperparameters, species), tasks, signal)) {
      out.push(...result);
      onProgress?.({ stage: "features", done: out.length, total: structures.length });
    }
    return out;
  }

  async computeComponents(
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    centers: readonly CenterProjection[],
    { signal, onProgress }: JobOptions = {},
  ): Promise<Map<number, Float64Array>> {
    const components = new ComponentArrays(structures, species, centers);
    const plan = this.#pool.addPlan({ kind: "components", hyperparameters, species, centers });
    try {
      const { total } = components;
      let done = 0;
      const tasks = mapAsync(ranges(structures), (part) => ({ ...part, kind: "components" as const }));
      for await (const { task, result } of this.#pool.map<Item<typeof tasks>, Float64Array[]>(plan, tasks, signal)) {
        result.forEach((values, element) => components.append(element, values));
        done += task.structures.reduce((sum, { first, end }) => sum + end - first, 0);
        onProgress?.({ stage: "features", done, total });
      }
    } finally {
      this.#pool.removePlan(plan);
    }
    return components.byElement;
  }

  accumulateNormalEquations(structures: readonly FitStructure[], species: readonly number[], terms: readonly FitTerm[], options?: JobOptions): Promise<NormalEquations> {
    return firstOf(this.accumulateGroups([structures], species, terms, options));
  }

  accumulateGroups(
    groups: readonly (readonly FitStructure[])[],
    species: readonly number[],
    terms: readonly FitTerm[],
    options: JobOptions = {},
  ): AsyncGenerator<NormalEquations> {
    return collectNormalEquations(this.fitParts(groups, species, terms, false, options), terms, groups.map(({ length }) => length));
  }

  async computeFitRows(
    structures: readonly FitStructure[],
    species: readonly number[],
    terms: readonly FitTerm[],
    options: JobOptions = {},
  ): Promise<FitRowMatrix> {
    return collectFitRows(this.fitParts([structures], species, terms, true, options), terms);
  }

  /** The parts of a fit, in the order of the groups and their structures, each of one group; the contract's methods put them together. */
  fitParts(
    groups: readonly (readonly FitStructure[])[],
    species: readonly number[],
    terms: readonly FitTerm[],
    keepRows: boolean,
    options: JobOptions,
  ): AsyncGenerator<FitPart> {
    async function* tasks(): AsyncGenerator<FitTask> {
      for (const structures of groups) {
        let left = structures.length;
        for await (const part of wholeStructures(structures.map(({ structure }) => structure))) {
          left -= part.structures.length;
          yield { kind: "rows", structures: part.structures, labels: labelsOf(structures, part), keepRows, endsSum: left === 0 };
        }
      }
    }
    return this.#partsOf({ kind: "fit", species, terms }, tasks(), groups.flat(), options);
  }

  /**
   * The same with rows of forces and virials that were computed elsewhere; those of the energies are computed here.
   * @param rows of every structure, in order
   */
  fitPartsFrom(
    rows: AsyncIterator<KernelRows>,
    structures: readonly FitStructure[],
    species: readonly number[],
    terms: readonly FitTerm[],
    keepRows: boolean,
    options: JobOptions,
  ): AsyncGenerator<FitPart> {
    const tasks = mapAsync(wholeStructures(structures.map(({ structure }) => structure)), async (part) => {
      const own: KernelRows[] = [];
      while (own.length < part.structures.length) own.push((await rows.next()).value as KernelRows);
      return { kind: "row sums" as const, structures: part.structures, rows: own, labels: labelsOf(structures, part), keepRows };
    });
    return this.#partsOf({ kind: "fit", species, terms }, tasks, structures, options);
  }

  async *#partsOf(
    recipe: PlanRecipe,
    tasks: AsyncIterable<FitTask>,
    structures: readonly FitStructure[],
    { signal, onProgress }: JobOptions,
  ): AsyncGenerator<FitPart> {
    const plan = this.#pool.addPlan(recipe);
    try {
      const ends = [0];
      for (const { structure } of structures) ends.push(ends.at(-1)! + structure.species.length);
      let done = 0;
      for await (const { result } of this.#pool.map<FitTask, FitPart>(plan, tasks, signal)) {
        done += result.structures;
        onProgress?.({ stage: "kernel rows", done: ends[done]!, total: ends.at(-1)! });
        yield result;
      }
    } finally {
      this.#pool.removePlan(plan);
    }
  }

  /** On the calling thread: every step needs the one before. */
  async *farthestPoints(
    points: Float64Array,
    size: number,
    count: number,
    zeta: number,
    first: number | readonly number[],
    { signal }: Pick<JobOptions, "signal"> = {},
  ): AsyncGenerator<number> {
    for await (const index of farthestPoints(await createLinearAlgebra(), points, size, count, zeta, first)) {
      signal?.throwIfAborted();
      yield index;
    }
  }

  async createEvaluator(potential: Potential): Promise<Evaluator> {
    return new CpuEvaluator(this.#pool, potential);
  }

  destroy(): void {
    this.#pool.destroy();
  }
}

async function* mapAsync<T, R>(items: AsyncIterable<T>, change: (item: T) => R | Promise<R>): AsyncGenerator<R> {
  for await (const item of items) yield change(item);
}
