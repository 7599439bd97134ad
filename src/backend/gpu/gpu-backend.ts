// The GPU backend: features, energies, forces and virials in float32 on a WebGPU device, what is summed or inverted in float64 on the host.
// The rows of a fit are computed on the CPU, by a CPU backend that is started when the first fit needs it.
import { checkSpecies, featureLayout, speciesOf } from "../../features/feature-layout.js";
import { radialChannels, type Hyperparameters } from "../../features/hyperparameters.js";
import { validateHyperparameters } from "../../features/validate-hyperparameters.js";
import type { Potential } from "../../model/potential.js";
import type { Structure } from "../../structure/structure.js";
import type {
  Backend,
  CenterProjection,
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
import { collectFitRows, collectNormalEquations } from "../collect-fit.js";
import { CpuBackend } from "../cpu/cpu-backend.js";
import type { FitPart } from "../cpu/whitened-rows.js";
import { RecentlyUsed } from "../recently-used.js";
import { ComponentProjections } from "./component-projections.js";
import { GpuContext } from "./context.js";
import { describeDevice, openDevice, type AdapterDescription } from "./device.js";
import { featureChunks, type FeatureOutput } from "./feature-job.js";
import { FeaturePipeline } from "./feature-pipeline.js";
import { fitRows, mostRows } from "./fit-job.js";
import { FitPipeline } from "./fit-pipeline.js";
import { GpuEvaluator } from "./gpu-evaluator.js";

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
}

/** On a software adapter a chunk must not take seconds. */
const SOFTWARE_ROWS = 512;
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

  /** @throws GpuError when there is no GPU to be had. */
  static async create(options: GpuBackendOptions): Promise<GpuBackend> {
    const { device } = options;
    const context = device ? new GpuContext(describeDevice(device), false) : new GpuContext(await openDevice(options.acceptSoftware), true);
    return new GpuBackend(context, options);
  }

  get description(): string {
    const { vendor, architecture, device, description, software } = this.adapter;
    const name = [description || device, `${vendor} ${architecture}`.trim()].filter((part) => part !== "").join(", ") || "unnamed adapter";
    const cpu = `rows of a fit on the CPU, ${this.threads} thread${this.threads === 1 ? "" : "s"}`;
    return `GPU${software ? " in software (slow)" : ""}, ${name}, WebGPU (float32); ${cpu}`;
  }

  get adapter(): AdapterDescription {
    return this.#context.adapter;
  }

  /** Limits of the device that matter here. */
  get limits(): { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number; readonly usedBufferSize: number } {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#context.device.limits;
    return { maxBufferSize, maxStorageBufferBindingSize, usedBufferSize: this.#context.maxBytes };
  }

  /** Buffers that exist on the GPU now. */
  get bufferCount(): number {
    return this.#context.bufferCount;
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
    return collectNormalEquations(this.#fitParts(structures, hyperparameters, species, zeta, centers, false, options), centers);
  }

  async computeFitRows(
    structures: readonly FitStructure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    zeta: number,
    centers: readonly FitCenter[],
    options: JobOptions = {},
  ): Promise<FitRowMatrix> {
    return collectFitRows(this.#fitParts(structures, hyperparameters, species, zeta, centers, true, options), centers);
  }

  async *#fitParts(
    structures: readonly FitStructure[],
    hyperparameters: Hyperparameters,
    species: readonly number[],
    zeta: number,
    centers: readonly FitCenter[],
    keepRows: boolean,
    options: JobOptions,
  ): AsyncGenerator<FitPart> {
    validateHyperparameters(hyperparameters);
    structures.forEach(({ structure }, index) => checkSpecies(structure, species, index));
    const context = this.#context;
    const features = await this.#pipeline(hyperparameters, species);
    const limits = { centers: this.#rowLimit, rows: mostRows(context, structures) };
    const pipeline = await FitPipeline.create(context, features, species, zeta, centers, limits);
    try {
      const rows = fitRows(context, pipeline, species, structures, options.signal);
      yield* (await this.#host()).whitenRows(structures, rows, centers, keepRows, options);
    } finally {
      pipeline.destroy();
    }
  }

  #host(): Promise<CpuBackend> {
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
