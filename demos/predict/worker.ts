// Predictions, off the page's thread. The worker makes the library's backend, which brings workers of its own.
import { expose } from "comlink";
import {
  describeLabels, errorReport, findLabelKeys, InputError, inspectData, labelStructures, parseModel, symbolOf,
  type Backend, type DataWarning, type LabeledStructure, type Labels, type Potential, type Progress, type Structure,
} from "lather";
import { recognizeFile } from "../file-kind.js";
import { modelLines } from "../model-words.js";
import { openBackend } from "../open-backend.js";
import { collectParity } from "../parity-points.js";
import { energyPoints, forcePoints, predictedStructure, predictionPrefix, summarize, writePredictions, type PredictedSet } from "../predicted-set.js";
import { readAllStructures } from "../read-structures.js";
import { throttle } from "../throttle.js";
import type { Listener, PredictionJob, PredictionRequest, PredictionResult } from "./prediction-job.js";

let abort: AbortController | null = null;
let shown: PredictedSet | null = null;

/** The text of a file, unpacked where it is gzip. */
async function readText(file: File): Promise<string> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (first !== 0x1f || second !== 0x8b) return file.text();
  return new Response(file.stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

/** @throws InputError as `parseModel`, naming the file as what it is where it is no model. */
async function readModel(file: File): Promise<Potential> {
  const { kind, words } = await recognizeFile(file);
  if (kind === "model" || kind === "structures") {
    const text = await readText(file);
    if (kind === "model" || text.trimStart().startsWith("{")) return parseModel(text, file.name);
  }
  const expected = "a model of energies and forces, as this page or `lather fit` writes it";
  const got = kind === "property-model" ? "a property; `lather predict` predicts with it" : "another kind of file";
  throw new InputError(kind === "structures" ? "this is no model" : `this is ${words}`, { file: file.name, expected, got });
}

/** A structure's configuration type, for structures without labels. */
function unlabeled(structure: Structure): LabeledStructure {
  const config = structure.info.get("config_type");
  const labels: Labels = { energy: null, forces: null, virial: null, configType: typeof config === "string" ? config : "default" };
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
function checkElements({ species, terms }: Potential, structures: readonly Structure[], file: string): string[] {
  const present = [...new Set(structures.flatMap((structure) => [...new Set(structure.species)]))].sort((a, b) => a - b);
  const known = species.filter((z) => terms.some(({ centers }) => centers.some((center) => center.species === z)));
  const foreign = present.filter((z) => !known.includes(z));
  if (foreign.length === 0) return present.map(symbolOf);
  throw new InputError("the model does not know all elements of these structures", { file, expected: known.map(symbolOf).join(", "), got: foreign.map(symbolOf).join(", ") });
}

async function run(backend: Backend, { model, structures: file }: PredictionRequest, signal: AbortSignal, onProgress: (progress: Progress) => void): Promise<PredictionResult> {
  const begun = performance.now();
  onProgress({ stage: "reading the model", done: 0, total: 0 });
  const potential = await readModel(model);
  signal.throwIfAborted();
  const { structures, warnings: ofFile } = await readAllStructures({ kind: "file", file }, { signal, onProgress });
  const elements = checkElements(potential, structures, file.name);
  const { data, words, warnings, found } = label(structures);
  const evaluator = await backend.createEvaluator(potential);
  const predictions = await evaluator.predict(structures, { signal, onProgress, forces: true }).finally(() => evaluator.destroy());
  const set: PredictedSet = { name: "test", data, frames: structures.map((_, index) => index), predictions };
  shown = set;
  const prefix = predictionPrefix([set]);
  return {
    backend: backend.description,
    seconds: (performance.now() - begun) / 1000,
    atoms: structures.reduce((sum, { species }) => sum + species.length, 0),
    elements,
    labels: words,
    warnings: [...ofFile, ...warnings],
    errors: found ? errorReport(data, predictions) : null,
    energies: collectParity({ train: [], test: energyPoints(set, potential) }),
    forces: collectParity({ train: [], test: forcePoints(set) }),
    structures: data.map((_, index) => summarize(set, index)),
    written: ["energy", "forces", "virial", "local_energy"].map((name) => prefix + name),
    predictions: writePredictions([set], prefix, { withSet: false }),
  };
}

const job: PredictionJob = {
  async describe(model: File) {
    return { name: model.name, lines: modelLines(await readModel(model)) };
  },
  async predict(request: PredictionRequest, listener: Listener) {
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
  structure(index: number) {
    return predictedStructure(shown!, index);
  },
};

expose(job);
