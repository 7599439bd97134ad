// The GPU backend: features, energies, forces, virials and the rows of a fit in float32 on a WebGPU device, what is summed or inverted in float64 on
// the host. The sums of a fit, and all rows of a fit of chains or of several terms, are the work of a CPU backend, which is started when it is needed.
import type { DensityCovariance } from "../../basis/covariance.js";
import { NumericalError } from "../../errors.js";
import { hasChain } from "../../features/feature-chain.js";
import { checkSpecies, featureLayout, speciesOf } from "../../features/feature-layout.js";
import { radialChannels } from "../../basis/hyperparameters.js";
import type { Hyperparameters } from "../../features/hyperparameters.js";
import { validateHyperparameters } from "../../features/validate-hyperparameters.js";
import type { Potential } from "../../model/potential.js";
import { originOf, withOrigins } from "../../structure/origin.js";
import type { Structure } from "../../structure/structure.js";
import type {
  AdapterReport, Backend, CenterProjection, CovarianceOptions, DensityCoefficients, Evaluator, Features, FitRowMatrix, FitStructure, FitTerm,
  JobOptions, NormalEquations,
} from "../backend.js";
import { ComponentArrays, createCenterArrays } from "../center-arrays.js";
import { covarianceRequest } from "../covariance-request.js";
import { collectFitRows, collectNormalEquations, firstOf } from "../collect-fit.js";
import { CpuBackend } from "../cpu/cpu-backend.js";
import { createSumEvaluator, residentParts } from "../sum-evaluator.js";
import type { FitPart } from "../cpu/whitened-rows.js";
import { ComponentProjections } from "./component-projections.js";
import type { GpuContext } from "./context.js";
import { covarianceParts } from "./covariance-job.js";
import type { Piece, SessionKeeper } from "./device-loss.js";
import { farthestPoints } from "./farthest-points-job.js";
import { copyNumbers, featureChunks, type CopyRow, type FeatureOutput } from "./feature-job.js";
import { fitParts } from "./fit-job.js";
import { GpuEvaluator } from "./gpu-evaluator.js";
import { openSessions, type GpuBackendOptions } from "./open-sessions.js";
import type { PassTime } from "./pass-timer.js";
import { UncertainEvaluator } from "./uncertain-evaluator.js";
import { countAtoms, groupByGroup, optionsFrom } from "./rest-of-job.js";

type FeatureOptions = JobOptions & { readonly species?: readonly number[] };

/** What takes over when the device is lost. */
const CPU_METHODS = { coefficients: "computeDensityCoefficients", features: "computeFeatures" } as const;
/** Of covariances, relative to the largest eigenvalue: products in float32, of which a single environment averages none. */
const COVARIANCE_ROUNDING = 1e-7;

export class GpuBackend implements Backend {
  readonly kind = "gpu";
  readonly threads: number;
  readonly #keeper: SessionKeeper;
  #cpu: Promise<CpuBackend> | null = null;

  private constructor(keeper: SessionKeeper, threads: number) {
    this.#keeper = keeper;
    this.threads = threads;
  }

  /** @throws GpuError when there is no GPU to be had, or when passes are to be timed and it cannot. */
  static async create(options: GpuBackendOptions): Promise<GpuBackend> {
    return new GpuBackend(await openSessions(options), options.threads);
  }

  get description(): string {
    const { name, software } = this.adapter;
    const cpu = `sums of a fit, and rows of chains and of several terms, in float64 on the CPU, ${this.threads} thread${this.threads === 1 ? "" : "s"}`;
    return `GPU${software ? " in software (slow)" : ""}, ${name}, WebGPU (float32); ${cpu}`;
  }

  get #context(): GpuContext {
    return this.#keeper.current.context;
  }

  get adapter(): AdapterReport {
    return this.#context.report;
  }

  /** Buffers that exist on the GPU now. */
  get bufferCount(): number {
    return this.#context.bufferCount;
  }

  /** Times of the passes since the last call, by program; empty unless they are taken. */
  async readPassTimes(): Promise<ReadonlyMap<string, PassTime>> {
    const { timer } = this.#context;
    return timer ? this.#context.run("reading the times of the passes", () => timer.read()) : new Map<string, PassTime>();
  }

  async computeDensityCoefficients(
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    options: FeatureOptions = {},
  ): Promise<DensityCoefficients> {
    const { basis } = hyperparameters;
    const species = options.species ?? speciesOf(structures);
    const full: Hyperparameters = { ...hyperparameters, features: { kind: "power-spectrum", normalize: true } };
    const { densities } = featureLayout(full, species);
    const [orders, channels] = [(basis.lMax + 1) ** 2, radialChannels(basis)];
    const nStride = 4 * Math.ceil(channels / 4);
    const block = orders * channels;
    const output: FeatureOutput = { buffer: "coefficients", stride: densities * orders * nStride, withSpectrum: false };
    const copy: CopyRow = (from, at, to, place) => {
      for (let a = 0; a < densities; a++) {
        for (let n = 0; n < channels; n++)
          for (let lm = 0; lm < orders; lm++) to[place + a * block + n * orders + lm] = from[at + (a * orders + lm) * nStride + n]!;
      }
    };
    return this.#perCenter("coefficients", structures, full, species, densities * block, output, options, copy);
  }

  async computeCovariance(
    given: readonly Structure[],
    hyperparameters: Hyperparameters,
    options: CovarianceOptions = {},
  ): Promise<DensityCovariance> {
    const structures = withOrigins(given);
    const request = covarianceRequest(structures, hyperparameters, options, COVARIANCE_ROUNDING);
    const { covariance, primitive, species, weights, count } = request;
    const add = (sums: Float64Array): void => sums.forEach((value, k) => (covariance.sums[k]! += value));
    const parts = this.#keeper.run(
      async function* (session, first) {
        yield* covarianceParts(session, await session.pipeline(primitive, species), structures, first, request, options.signal);
      },
      async (first) => {
        const cpu = await this.#host();
        add((await cpu.computeCovariance(structures.slice(first), primitive, { ...options, species, weights: weights.subarray(first) })).sums);
      },
    );
    let done = 0;
    for await (const { sums, centers } of parts) {
      add(sums);
      done += centers;
      options.onProgress?.({ stage: "covariance", done, total: count });
    }
    if (!covariance.sums.every(Number.isFinite)) throw new NumericalError("a density coefficient is not finite", { expected: "finite coordinates" });
    return covariance;
  }

  async computeFeatures(structures: readonly Structure[], hyperparameters: Hyperparameters, options: FeatureOptions = {}): Promise<Features> {
    validateHyperparameters(hyperparameters);
    const species = options.species ?? speciesOf(structures);
    const { size } = featureLayout(hyperparameters, species);
    const output: FeatureOutput = { buffer: "features", stride: 4 * Math.ceil(size / 4), withSpectrum: true };
    return this.#perCenter("features", structures, hyperparameters, species, size, output, options, copyNumbers(size));
  }

  async #perCenter(
    stage: keyof typeof CPU_METHODS,
    given: readonly Structure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    size: number,
    output: FeatureOutput,
    options: JobOptions,
    copyRow: CopyRow,
  ): Promise<Features> {
    const structures = withOrigins(given);
    const arrays = createCenterArrays(structures, hyperparameters, species, size);
    const { values, centers, offsets } = arrays;
    const total = centers.length;
    const chunks = this.#keeper.run(
      async function* (session, first) {
        yield* featureChunks(session, await session.pipeline(hyperparameters, species), structures, first, output, options.signal);
      },
      async (first) => {
        const rest = { species, ...optionsFrom(options, offsets[first]!, total) };
        const found = await (await this.#host())[CPU_METHODS[stage]](structures.slice(first), hyperparameters, rest);
        values.set(found.values, offsets[first]! * size);
      },
    );
    for await (const chunk of chunks) {
      for (let row = 0; row < chunk.centers.length; row++) copyRow(chunk.values, row * output.stride, values, chunk.centers[row]! * size);
      options.onProgress?.({ stage, done: chunk.done, total });
    }
    return arrays;
  }

  /** On the CPU: a few structures at a time, whose derivatives are wanted to the last digit. */
  async computeFeatureAdjoints(...request: Parameters<Backend["computeFeatureAdjoints"]>): Promise<Float64Array[]> {
    return (await this.#host()).computeFeatureAdjoints(...request);
  }

  async computeComponents(
    given: readonly Structure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    centers: readonly CenterProjection[],
    options: JobOptions = {},
  ): Promise<Map<number, Float64Array>> {
    validateHyperparameters(hyperparameters);
    const structures = withOrigins(given);
    const components = new ComponentArrays(structures, species, centers);
    const { total, sizes } = components;
    const chunks = this.#keeper.run(
      async function* (session, first) {
        const pipeline = await session.pipeline(hyperparameters, species);
        const projections = await ComponentProjections.create(session.context, pipeline.resident, species, centers);
        try {
          yield* featureChunks(session, pipeline, structures, first, projections.output, options.signal);
        } finally {
          projections.destroy();
        }
      },
      async (first) => {
        const rest = structures.slice(first);
        const done = total - countAtoms(rest);
        const cpu = await this.#host();
        components.setLast(await cpu.computeComponents(rest, hyperparameters, species, centers, optionsFrom(options, done, total)));
      },
    );
    for await (const { centers: rows, elements, values, done } of chunks) {
      const stride = values.length / rows.length;
      for (let row = 0; row < rows.length; row++) {
        const element = elements[row]!;
        components.set(rows[row]!, element, values.subarray(row * stride, row * stride + sizes[element]!));
      }
      options.onProgress?.({ stage: "features", done, total });
    }
    return components.byElement;
  }

  accumulateNormalEquations(structures: readonly FitStructure[], species: readonly number[], terms: readonly FitTerm[], options: JobOptions = {}): Promise<NormalEquations> {
    return firstOf(collectNormalEquations(this.#fitParts(structures, species, terms, false, options), terms, [structures.length]));
  }

  accumulateGroups(...request: Parameters<Backend["accumulateGroups"]>): AsyncGenerator<NormalEquations> {
    return groupByGroup(this, ...request);
  }

  async computeFitRows(structures: readonly FitStructure[], species: readonly number[], terms: readonly FitTerm[], options: JobOptions = {}): Promise<FitRowMatrix> {
    return collectFitRows(this.#fitParts(structures, species, terms, true, options), terms);
  }

  async *#fitParts(
    given: readonly FitStructure[],
    species: readonly number[],
    terms: readonly FitTerm[],
    keepRows: boolean,
    options: JobOptions,
  ): AsyncGenerator<FitPart> {
    for (const { hyperparameters } of terms) validateHyperparameters(hyperparameters);
    const structures = given.map((own, index) => ({ ...own, structure: { ...own.structure, origin: originOf(own.structure, index) } }));
    structures.forEach(({ structure }, index) => checkSpecies(structure, species, index));
    const cpu = await this.#host();
    const [term, ...others] = terms;
    if (others.length > 0 || hasChain(term!.hyperparameters)) return yield* cpu.fitParts([structures], species, terms, keepRows, options);
    const total = countAtoms(structures.map(({ structure }) => structure));
    const rest = (first: number): [readonly FitStructure[], JobOptions] => {
      const left = structures.slice(first);
      return [left, optionsFrom(options, total - countAtoms(left.map(({ structure }) => structure)), total)];
    };
    yield* this.#keeper.run(
      (session, first) => {
        const [left, own] = rest(first);
        return fitParts(session, cpu, { structures: left, species, term: term! }, keepRows, own);
      },
      async function* (first) {
        const [left, own] = rest(first);
        yield* cpu.fitParts([left], species, terms, keepRows, own);
      },
    );
  }

  #host(): Promise<CpuBackend> {
    return (this.#cpu ??= CpuBackend.create(this.threads));
  }

  farthestPoints(
    points: Float64Array,
    size: number,
    count: number,
    zeta: number,
    first: number,
    { signal }: Pick<JobOptions, "signal"> = {},
  ): AsyncGenerator<number> {
    return farthestPoints(this.#keeper, () => this.#host(), { points, size, count, zeta, first }, signal);
  }

  async createEvaluator(potential: Potential): Promise<Evaluator> {
    return new UncertainEvaluator(potential, await this.#createEvaluator(potential), async () => (await this.#host()).createEvaluator(potential));
  }

  async #createEvaluator(potential: Potential): Promise<Evaluator> {
    const [single, ...others] = residentParts(potential);
    if (!single || others.length > 0) return createSumEvaluator(residentParts(potential), (part) => this.#createEvaluator(part));
    const created = this.#keeper.run<Piece & { evaluator: Evaluator }>(
      async function* ({ context, rowLimit }) {
        yield { structures: 0, evaluator: await GpuEvaluator.create(context, single, rowLimit) };
      },
      async function* (this: GpuBackend) {
        yield { structures: 0, evaluator: await (await this.#host()).createEvaluator(single) };
      }.bind(this),
    );
    return (await created.next()).value!.evaluator;
  }

  destroy(): void {
    this.#keeper.destroy();
    void this.#cpu?.then((cpu) => cpu.destroy());
    this.#cpu = null;
  }
}
