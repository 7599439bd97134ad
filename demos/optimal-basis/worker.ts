// Covariances and their directions, off the page's thread. It makes the library's backend, which brings workers of its own.
import { expose, transfer } from "comlink";
import {
  createOptimalBasis, formatBasisConfiguration, InputError, parseHyperparameters, symbolOf, type Backend, type Hyperparameters, type Progress,
} from "lather";
import { openBackend } from "../open-backend.js";
import { throttle } from "../throttle.js";
import type { BasisJob, BasisRequest, BasisResult, DensityRequest, Listener } from "./basis-job.js";
import { computeDensity, type DensitySource } from "./environment-density.js";
import { createRadialCurves } from "./radial-curves.js";
import { keepFirst } from "./kept-functions.js";
import { readStructures } from "./structures.js";

let abort: AbortController | null = null;
/** What the finished computation was about. */
let shown: DensitySource | null = null;

async function readTable(file: File | null): Promise<unknown> {
  const expected = '{ "step": 0.01, "functions": [[…], …] }: Å, and values in Å^(−3/2) from r = 0 to the cutoff';
  if (file === null) throw new InputError("a basis of kind “table” needs its functions", { expected, got: "no file" });
  const text = await file.text();
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InputError("the table of functions cannot be read", { file: file.name, expected, got: (error as Error).message });
  }
}

async function readHyperparameters({ hyperparameters, table }: BasisRequest): Promise<Hyperparameters> {
  const { basis } = hyperparameters;
  if (!("kind" in basis) || basis.kind !== "table") return parseHyperparameters(hyperparameters);
  return parseHyperparameters({ ...hyperparameters, basis: { ...basis, table: await readTable(table) } });
}

async function run(backend: Backend, request: BasisRequest, signal: AbortSignal, onProgress: (progress: Progress) => void): Promise<BasisResult> {
  const begun = performance.now();
  const hyperparameters = await readHyperparameters(request);
  const { structures: chosen, frames, total } = await readStructures(request.source, request.structures, { signal, onProgress });
  const species = [...new Set(chosen.flatMap((structure) => [...structure.species]))].sort((a, b) => a - b);
  const { mixed } = request;
  // Every direction: how many are shown is the sliders' choice.
  const channels = hyperparameters.basis.nMax * (mixed ? species.length : 1);
  onProgress({ stage: "density coefficients", done: 0, total: 0 });
  const basis = await createOptimalBasis(backend, chosen, hyperparameters, { mixed, species, channels, signal, onProgress });
  signal.throwIfAborted();
  onProgress({ stage: "radial functions", done: 0, total: 0 });
  shown = { structures: chosen, hyperparameters: basis.hyperparameters, species };
  return {
    backend: backend.description,
    seconds: (performance.now() - begun) / 1000,
    data: { name: request.source.kind === "file" ? request.source.file.name : request.source.name, used: chosen.length, total, environments: basis.environments },
    elements: species.map((z) => symbolOf(z)),
    radius: hyperparameters.cutoff.radius,
    directions: basis.directions,
    ...createRadialCurves(basis.hyperparameters),
    frames,
    atoms: Int32Array.from(chosen, (structure) => structure.species.length),
  };
}

const job: BasisJob = {
  async compute(request: BasisRequest, listener: Listener) {
    abort = new AbortController();
    const backend = await openBackend(request.processor, (words) => listener.backend(words));
    try {
      return await run(backend, request, abort.signal, throttle((progress) => listener.progress(progress)));
    } finally {
      backend.destroy();
    }
  },
  cancel() {
    abort?.abort();
  },
  configuration(kept: number) {
    return formatBasisConfiguration(keepFirst(shown!.hyperparameters, kept));
  },
  density(request: DensityRequest) {
    const result = computeDensity(shown!, request);
    return transfer(result, [result.density.buffer, result.rebuilt.buffer]);
  },
};

expose(job);
