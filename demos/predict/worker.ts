// Predictions, off the page's thread. The worker makes the library's backend, which brings workers of its own.
import { expose } from "comlink";
import {
  describeLabels, errorReport, findLabelKeys, InputError, inspectData, labelStructures, parseModel, parsePropertyModel, symbolOf,
  type Backend, type DataWarning, type JobOptions, type LabeledStructure, type Labels, type Potential, type PropertyModel, type Structure,
} from "lather";
import { recognizeFile } from "../file-kind.js";
import { modelLines } from "../model-words.js";
import { openBackend } from "../open-backend.js";
import { collectParity } from "../parity-points.js";
import { energyPoints, forcePoints, predictedStructure, predictionPrefix, summarize, virialPoints, writePredictions, type PredictedSet } from "../predicted-set.js";
import { readAllStructures, type Reading } from "../read-structures.js";
import type { PredictedStructure } from "../results.js";
import { throttle } from "../throttle.js";
import { configType, predictPropertyOf, propertyLines } from "./predict-property.js";
import type { Listener, PredictionJob, PredictionRequest, PredictionResult } from "./prediction-job.js";

type Model = { readonly potential: Potential } | { readonly property: PropertyModel };

let abort: AbortController | null = null;
let structureAt: ((index: number) => PredictedStructure) | null = null;

/** The text of a file, unpacked where it is gzip. */
async function readText(file: File): Promise<string> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (first !== 0x1f || second !== 0x8b) return file.text();
  return new Response(file.stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

/** @throws InputError as `parseModel`, naming the file as what it is where it is no model. */
async function readModel(file: File): Promise<Model> {
  const { kind, words } = await recognizeFile(file);
  if (kind === "property-model") return { property: parsePropertyModel(await readText(file), file.name) };
  if (kind === "model" || kind === "structures") {
    const text = await readText(file);
    if (kind === "model" || text.trimStart().startsWith("{")) return { potential: parseModel(text, file.name) };
  }
  const expected = "a model, as the page Train a potential or `lather fit` writes it";
  throw new InputError(kind === "structures" ? "this is no model" : `this is ${words}`, { file: file.name, expected, got: "another kind of file" });
}

/** Atomic numbers that a model has sparse points for. */
function speciesOf(model: Model): number[] {
  if ("property" in model) return [...model.property.species];
  const { species, terms } = model.potential;
  return species.filter((z) => terms.some(({ centers }) => centers.some((center) => center.species === z)));
}

function unlabeled(structure: Structure): LabeledStructure {
  const labels: Labels = { energy: null, forces: null, virial: null, configType: configType(structure) };
  return { structure, labels };
}

/** The labels of the file, or none: predictions need none. */
function label(structures: readonly Structure[]): { data: readonly LabeledStructure[]; words: string[]; warnings: readonly DataWarning[]; found: boolean } {
  const { energy, forces, virial } = findLabelKeys(structures);
  if ([energy, forces, virial].every((keys) => keys.length === 0)) return { data: structures.map(unlabeled), words: [], warnings: [], found: false };
  const { data, labels, warnings } = labelStructures(structures);
  return { data, words: labels.flatMap(describeLabels), warnings: [...warnings, ...inspectData(data)], found: true };
}

/** @throws InputError when the model has no sparse point for an element of the structures. */
function checkElements(model: Model, structures: readonly Structure[], file: string): string[] {
  const present = [...new Set(structures.flatMap((structure) => [...new Set(structure.species)]))].sort((a, b) => a - b);
  const known = speciesOf(model);
  const foreign = present.filter((z) => !known.includes(z));
  if (foreign.length === 0) return present.map(symbolOf);
  throw new InputError("the model does not know all elements of these structures", { file, expected: known.map(symbolOf).join(", "), got: foreign.map(symbolOf).join(", ") });
}

type Predicted = Omit<PredictionResult, "backend" | "seconds" | "atoms" | "elements">;

const NO_PARITY = { points: [], total: { train: 0, test: 0 } };

async function predictEnergies(backend: Backend, potential: Potential, structures: readonly Structure[], job: JobOptions): Promise<Predicted> {
  const { data, words, warnings, found } = label(structures);
  const evaluator = await backend.createEvaluator(potential);
  const predictions = await evaluator.predict(structures, { ...job, forces: true }).finally(() => evaluator.destroy());
  const set: PredictedSet = { name: "test", data, frames: structures.map((_, index) => index), predictions };
  structureAt = (index) => predictedStructure(set, index, potential);
  const prefix = predictionPrefix([set]);
  return {
    labels: words,
    warnings,
    errors: found ? errorReport(data, predictions) : null,
    energies: collectParity({ train: [], test: energyPoints(set, potential) }),
    forces: collectParity({ train: [], test: forcePoints(set) }),
    virials: collectParity({ train: [], test: virialPoints(set) }),
    property: null,
    structures: data.map((_, index) => summarize(set, index)),
    written: ["energy", "forces", "virial", "local_energy"].map((name) => prefix + name),
    predictions: writePredictions([set], prefix, { withSet: false }),
  };
}

async function predictValues(backend: Backend, model: PropertyModel, structures: readonly Structure[], job: JobOptions): Promise<Predicted> {
  const { result, written, file, structure } = await predictPropertyOf(backend, model, structures, job);
  structureAt = structure;
  return {
    labels: [], warnings: [], errors: null, energies: NO_PARITY, forces: NO_PARITY, virials: NO_PARITY, property: result,
    structures: structures.map((one, frame) => ({ set: "test", frame, configType: configType(one), atoms: one.species.length, worstForceError: null })),
    written: [written], predictions: file,
  };
}

async function run(backend: Backend, { model: modelFile, structures: file }: PredictionRequest, job: Omit<Reading, "onWarning">): Promise<PredictionResult> {
  const begun = performance.now();
  job.onProgress({ stage: "reading the model", done: 0, total: 0 });
  const model = await readModel(modelFile);
  job.signal.throwIfAborted();
  const { structures, warnings } = await readAllStructures({ kind: "file", file }, job);
  const elements = checkElements(model, structures, file.name);
  const predicted = "property" in model
    ? await predictValues(backend, model.property, structures, job)
    : await predictEnergies(backend, model.potential, structures, job);
  return {
    ...predicted,
    warnings: [...warnings, ...predicted.warnings],
    backend: backend.description,
    seconds: (performance.now() - begun) / 1000,
    atoms: structures.reduce((sum, { species }) => sum + species.length, 0),
    elements,
  };
}

const job: PredictionJob = {
  async describe(model: File) {
    const read = await readModel(model);
    return { name: model.name, lines: "property" in read ? propertyLines(read.property) : modelLines(read.potential) };
  },
  async predict(request: PredictionRequest, listener: Listener) {
    abort = new AbortController();
    const backend = await openBackend(request.processor, (words) => listener.backend(words));
    try {
      return await run(backend, request, { signal: abort.signal, onProgress: throttle((progress) => listener.progress(progress)) });
    } finally {
      backend.destroy();
    }
  },
  cancel() {
    abort?.abort();
  },
  structure(index: number) {
    return structureAt!(index);
  },
};

expose(job);
