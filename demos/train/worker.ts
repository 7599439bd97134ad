// The training job, off the page's thread. It makes the library's backend, which brings workers of its own.
import { expose } from "comlink";
import {
  describeLabels, fitPotential, formatModel, InputError, inspectData, inspectErrors, inspectTestData, labelStructures, measureErrors,
  parseFitConfiguration, readAnyStructures,
  type Backend, type DataWarning, type FitConfiguration, type Progress, type Structure,
} from "lather";
import { openBackend } from "../open-backend.js";
import { throttle } from "../throttle.js";
import { collectParity } from "./parity-points.js";
import { energyPoints, forceErrors, forcePoints, summarize, writePredictions, type LabeledSet, type PredictedSet } from "./predicted-set.js";
import { holdOut } from "./split.js";
import type {
  Listener, SetName, Source, StructureErrors, TrainingJob, TrainingRequest, TrainingResult,
} from "./training-job.js";

type Report = (progress: Progress) => void;

const SPLIT_SEED = 1;

let abort: AbortController | null = null;
let shown: { set: PredictedSet; index: number }[] = [];

/** The stream of a source and its length in bytes; 0 when unknown. */
async function open(source: Source, signal: AbortSignal): Promise<{ stream: ReadableStream<Uint8Array>; bytes: number; name: string }> {
  if (source.kind === "file") {
    const { file } = source;
    if (file.size === 0) throw new InputError("the file is empty", { file: file.name, expected: "structures", got: "0 bytes" });
    return { stream: file.stream(), bytes: file.size, name: file.name };
  }
  const { address, name } = source;
  const response = await fetch(address, { signal });
  if (!response.ok || !response.body) {
    throw new InputError("the embedded data could not be loaded", { file: name, expected: "HTTP 200", got: `HTTP ${response.status}` });
  }
  return { stream: response.body, bytes: Number(response.headers.get("content-length") ?? 0), name };
}

/** Reads a whole file as a stream and reports how much of it has gone by. */
async function readStructures(
  source: Source, signal: AbortSignal, progress: Report,
): Promise<{ structures: readonly Structure[]; warnings: readonly DataWarning[] }> {
  const { stream, bytes, name } = await open(source, signal);
  let seen = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      progress({ stage: `reading ${name}`, done: Math.min(seen, bytes || seen), total: bytes });
      controller.enqueue(chunk);
    },
  });
  const structures: Structure[] = [];
  const warnings: DataWarning[] = [];
  for await (const structure of readAnyStructures(stream.pipeThrough(counter), { file: name, onWarning: (warning) => warnings.push(warning) })) {
    signal.throwIfAborted();
    structures.push(structure);
  }
  if (structures.length === 0) {
    const expected = "structures in extended XYZ or a file of VASP, LAMMPS, CP2K, CIF or ASE";
    throw new InputError("no structures in the file", { file: name, expected, got: "blank lines" });
  }
  return { structures, warnings };
}

function nameOf(source: Source): string {
  return source.kind === "file" ? source.file.name : source.name;
}

/** Labels of all structures of a file, a sentence about where they were found, and warnings. */
function label(
  { structures, warnings: ofFile }: { readonly structures: readonly Structure[]; readonly warnings: readonly DataWarning[] }, source: Source, { keys }: FitConfiguration,
): { set: LabeledSet; sentence: string; warnings: readonly DataWarning[] } {
  const { data, labels, warnings } = labelStructures(structures, keys);
  const sentence = `${nameOf(source)}: ${labels.flatMap(describeLabels).join("; ")}`;
  return { set: { data, frames: structures.map((_, index) => index) }, sentence, warnings: [...ofFile, ...warnings] };
}

function select(set: LabeledSet, indices: readonly number[]): LabeledSet {
  return { data: indices.map((index) => set.data[index]!), frames: indices.map((index) => set.frames[index]!) };
}

interface LoadedSets extends Pick<TrainingResult, "split" | "labels" | "warnings"> {
  readonly train: LabeledSet;
  readonly test: LabeledSet;
}

async function loadSets(request: TrainingRequest, configuration: FitConfiguration, signal: AbortSignal, progress: Report): Promise<LoadedSets> {
  const train = label(await readStructures(request.train, signal, progress), request.train, configuration);
  if (request.test) {
    const test = label(await readStructures(request.test, signal, progress), request.test, configuration);
    const warnings = [...train.warnings, ...test.warnings];
    return { train: train.set, test: test.set, split: `Tested on ${nameOf(request.test)}.`, labels: [train.sentence, test.sentence], warnings };
  }
  const indices = holdOut(train.set.data.map(({ structure }) => structure.species.length), SPLIT_SEED);
  const held = indices.test.length;
  const split = held === 0
    ? "Too few structures to hold any out: there is no test set, and training errors say little."
    : `No test file: ${held} of ${train.set.data.length} structures, drawn at random (seed ${SPLIT_SEED}), were held out.`;
  const sets = { train: select(train.set, indices.train), test: select(train.set, indices.test) };
  return { ...sets, split, labels: [train.sentence], warnings: train.warnings };
}

/** The page asks for a number of sparse points at most; few data have fewer environments. */
function withinData(configuration: FitConfiguration, { data }: LabeledSet): FitConfiguration {
  const { count, ...rest } = configuration.sparse;
  const environments = data.reduce((sum, { structure }) => sum + structure.species.length, 0);
  return typeof count === "number" ? { ...configuration, sparse: { ...rest, count: Math.min(count, environments) } } : configuration;
}

async function run(backend: Backend, request: TrainingRequest, signal: AbortSignal, onProgress: Report): Promise<TrainingResult> {
  const asked = parseFitConfiguration(request.configuration);
  const { train, test, split, labels, warnings: ofLabels } = await loadSets(request, asked, signal, onProgress);
  const configuration = withinData(asked, train);
  const { potential, diagnostics, seconds, warnings } = await fitPotential(backend, train.data, configuration, { signal, onProgress });
  const predict = async (name: SetName, set: LabeledSet) => {
    const words = name === "train" ? "training set" : "test set";
    const report: Report = ({ stage, done, total }) => onProgress({ stage: `${stage} (${words})`, done, total });
    const { errors, predictions } = await measureErrors(backend, potential, set.data, { signal, onProgress: report });
    return { errors, set: { ...set, name, predictions } };
  };
  const trained = await predict("train", train);
  const tested = test.data.length > 0 ? await predict("test", test) : null;
  const sets = tested ? [trained.set, tested.set] : [trained.set];
  shown = sets.flatMap((set) => set.data.map((_, index) => ({ set, index })));
  return {
    backend: backend.description,
    split,
    labels,
    warnings: [
      ...ofLabels, ...warnings, ...inspectErrors(trained.errors, configuration, diagnostics.noise), ...inspectData(test.data),
      ...inspectTestData(train.data, test.data),
    ],
    diagnostics,
    seconds,
    errors: { train: trained.errors, test: tested?.errors ?? null },
    energies: collectParity({ train: energyPoints(trained.set, potential), test: tested ? energyPoints(tested.set, potential) : [] }),
    forces: collectParity({ train: forcePoints(trained.set), test: tested ? forcePoints(tested.set) : [] }),
    structures: shown.map(({ set, index }) => summarize(set, index)),
    model: new Blob([formatModel(potential)], { type: "application/json" }),
    predictions: writePredictions(sets),
  };
}

const job: TrainingJob = {
  async train(request: TrainingRequest, listener: Listener) {
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
  structure(index: number): StructureErrors {
    const { set, index: within } = shown[index]!;
    return { structure: set.data[within]!.structure, forceErrors: forceErrors(set, within) };
  },
};

expose(job);
