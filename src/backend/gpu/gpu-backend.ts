// The GPU backend: features, energies, forces and virials in float32 on a WebGPU device, what is summed or inverted in float64 on the host.
// The rows of a fit are computed on the CPU, by a CPU backend that is started when the first fit needs it.
import type { DensityCovariance } from "../../basis/covariance.js";
import { NumericalError } from "../../errors.js";
import { featureLayout, speciesOf } from "../../features/feature-layout.js";
import { radialChannels, type Hyperparameters } from "../../features/hyperparameters.js";
import { validateHyperparameters } from "../../features/validate-hyperparameters.js";
import type { Potential } from "../../model/potential.js";
import type { Structure } from "../../structure/structure.js";
import type {
  AdapterReport,
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
import { CpuBackend } from "../cpu/cpu-backend.js";
import { RecentlyUsed } from "../recently-used.js";
import { ComponentProjections } from "./component-projections.js";
import { GpuContext } from "./context.js";
import { sumCovariance } from "./covariance-job.js";
import { describeDevice, openDevice } from "./device.js";
import { featureChunks, type FeatureOutput } from "./feature-job.js";
import { FeaturePipeline } from "./feature-pipeline.js";
import { GpuEvaluator } from "./gpu-evaluator.js";
import type { PassTime } from "./pass-timer.js";

type FeatureOptions = JobOptions & { readonly species?: readonly number[] };

export interface GpuBackendOptions {
  /** The caller's own device; it is not destroyed with the backend. */
  readonly device?: GPUDevice | undefined;
  /** Take an adapter that computes on the processor when there is no other. */
  readonly acceptSoftware: boolean;
  /** Threads of the CPU backend that makes the rows of a fit. */
  readonly threads: number;
  /** Most centers that are computed at once; the results do not depend on it. */
  readonly chunkRows?: number;
  /** Take the time of every pass, which makes a job a little slower; off by default. */
  readonly timePasses?: boolean;
}

/** On a software adapter a chunk must not take seconds. */
const SOFTWARE_ROWS = 512;
/** Of covariances, relative to the largest eigenvalue: products in float32, of which a single environment averages none. */
const COVARIANCE_ROUNDING = 1e-7;
/** Feature sets kept ready. */
const KEPT = 4;

export class GpuBackend implements Backend {
  readonly kind = "gpu";
  readonly threads: number;
  readonly #context: GpuContext;
  readonly #rowLimit: number;
  readonly #pipelines = new RecentlyUsed<Promise<FeaturePipeline>>(KEPT, (old) => void old.then((ready) => ready.destroy()));
  #cpu: Promise<CpuBackend> | null = null;

  private constructor(context: GpuContext, { threads, chunkRows }: GpuBackendOptions) {
    this.#context = context;
    this.threads = threads;
    this.#rowLimit = chunkRows ?? (context.adapter.software ? SOFTWARE_ROWS : Infinity);
  }

  /** @throws GpuError when there is no GPU to be had, or when passes are to be timed and it cannot. */
  static async create(options: GpuBackendOptions): Promise<GpuBackend> {
    const { device, timePasses = false } = options;
    const open = device ? describeDevice(device) : await openDevice(options.acceptSoftware);
    const context = new GpuContext(open, device === undefined, timePasses);
    return new GpuBackend(context, options);
  }

  get description(): string {
    const { name, software } = this.adapter;
    const cpu = `rows of a fit on the CPU, ${this.threads} thread${this.threads === 1 ? "" : "s"}`;
    return `GPU${software ? " in software (slow)" : ""}, ${name}, WebGPU (float32); ${cpu}`;
  }

  get adapter(): AdapterReport {
    const { adapter, device, maxBytes } = this.#context;
    const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
    return { ...adapter, limits: { maxBufferSize, maxStorageBufferBindingSize, usedBufferSize: maxBytes } };
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
    const full: Hyperparameters = { ...hyperparameters, features: { ...hyperparameters.features, kind: "power-spectrum" } };
    const { densities } = featureLayout(full, species);
    const [orders, channels] = [(basis.lMax + 1) ** 2, radialChannels(basis)];
    const nStride = 4 * Math.ceil(channels / 4);
    const block = orders * channels;
    const output: FeatureOutput = { buffer: "coefficients", stride: densities * orders * nStride, withSpectrum: false };
    return this.#perCenter("coefficients", structures, full, species, densities * block, output, options, (from, to) => {
      for (let a = 0; a < densities; a++) {
        for (let n = 0; n < channels; n++)
          for (let lm = 0; lm < orders; lm++) to[a * block + n * orders + lm] = from[(a * orders + lm) * nStride + n]!;
      }
    });
  }

  async computeCovariance(
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    options: CovarianceOptions = {},
  ): Promise<DensityCovariance> {
    const request = covarianceRequest(structures, hyperparameters, options, COVARIANCE_ROUNDING);
    const pipeline = await this.#pipeline(request.primitive, request.species);
    await sumCovariance(this.#context, pipeline, structures, request, this.#rowLimit, options);
    const { covariance } = request;
    if (!covariance.sums.every(Number.isFinite)) throw new NumericalError("a density coefficient is not finite", { expected: "finite coordinates" });
    return covariance;
  }

  async computeFeatures(structures: readonly Structure[], hyperparameters: Hyperparameters, options: FeatureOptions = {}): Promise<Features> {
    const species = options.species ?? speciesOf(structures);
    const { size } = featureLayout(hyperparameters, species);
    const output: FeatureOutput = { buffer: "features", stride: 4 * Math.ceil(size / 4), withSpectrum: true };
    return this.#perCenter("features", structures, hyperparameters, species, size, output, options, (from, to) => to.set(from.subarray(0, size)));
  }

  async #perCenter(
    stage: string,
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    size: number,
    output: FeatureOutput,
    { signal, onProgress }: JobOptions,
    copyRow: (from: Float32Array, to: Float64Array) => void,
  ): Promise<Features> {
    const arrays = createCenterArrays(structures, hyperparameters, species, size);
    const { values, centers } = arrays;
    const pipeline = await this.#pipeline(hyperparameters, species);
    let done = 0;
    for await (const chunk of featureChunks(this.#context, pipeline, structures, output, this.#rowLimit, signal)) {
      chunk.centers.forEach((center, row) =>
        copyRow(chunk.values.subarray(row * output.stride, (row + 1) * output.stride), values.subarray(center * size, (center + 1) * size)),
      );
      done += chunk.centers.length;
      onProgress?.({ stage, done, total: centers.length });
    }
    return arrays;
  }

  #pipeline({ cutoff, density, basis, features }: Hyperparameters, species: readonly number[]): Promise<FeaturePipeline> {
    const key = JSON.stringify([cutoff, density, basis, features, species]);
    return this.#pipelines.get(key, () => {
      const pipeline = FeaturePipeline.create(this.#context, { cutoff, density, basis, features }, species);
      pipeline.catch(() => this.#pipelines.forget(key));
      return pipeline;
    });
  }

  async computeComponents(
    structures: readonly Structure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    centers: readonly CenterProjection[],
    { signal, onProgress }: JobOptions = {},
  ): Promise<Map<number, Float64Array>> {
    validateHyperparameters(hyperparameters);
    const components = new ComponentArrays(structures, species, centers);
    const pipeline = await this.#pipeline(hyperparameters, species);
    const projections = await ComponentProjections.create(this.#context, pipeline.resident, species, centers);
    try {
      const { total, sizes } = components;
      const { stride } = projections.output;
      let done = 0;
      for await (const { elements, values } of featureChunks(this.#context, pipeline, structures, projections.output, this.#rowLimit, signal)) {
        elements.forEach((s, row) => {
          components.append(s, values.subarray(row * stride, row * stride + sizes[s]!));
        });
        done += elements.length;
        onProgress?.({ stage: "features", done, total });
      }
      return components.byElement;
    } finally {
      projections.destroy();
    }
  }

  async accumulateNormalEquations(
    structures: readonly FitStructure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    zeta: number,
    centers: readonly FitCenter[],
    options: JobOptions = {},
  ): Promise<NormalEquations> {
    return (await this.#rowBackend()).accumulateNormalEquations(structures, hyperparameters, species, zeta, centers, options);
  }

  async computeFitRows(
    structures: readonly FitStructure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    zeta: number,
    centers: readonly FitCenter[],
    options: JobOptions = {},
  ): Promise<FitRowMatrix> {
    return (await this.#rowBackend()).computeFitRows(structures, hyperparameters, species, zeta, centers, options);
  }

  #rowBackend(): Promise<CpuBackend> {
    this.#context.check();
    return (this.#cpu ??= CpuBackend.create(this.threads));
  }

  async createEvaluator(potential: Potential): Promise<Evaluator> {
    return GpuEvaluator.create(this.#context, potential, this.#rowLimit);
  }

  destroy(): void {
    this.#context.destroy();
    this.#pipelines.clear();
    void this.#cpu?.then((cpu) => cpu.destroy());
    this.#cpu = null;
  }
}
