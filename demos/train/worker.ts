// The training job, off the page's thread. It makes the library's backend, which brings workers of its own.
import { expose } from "comlink";
import {
  createBackend, findLabelKeys, fitPotential, formatExtxyz, formatModel, InputError, measureErrors, parseFitConfiguration, readExtxyz, readLabels,
  type AtomArray, type Backend, type InfoValue, type LabeledStructure, type LabelKeys, type Potential, type Prediction, type Progress, type Structure,
} from "lather";
import { collectParity } from "./parity-points.js";
import { holdOut } from "./split.js";
import type { Listener, ParityPoint, SetName, Source, StructureErrors, StructureSummary, TrainingJob, TrainingRequest, TrainingResult } from "./training-job.js";

/** Structures of one set, their frames in the file, and later what the model says of them. */
interface LabeledSet {
  readonly data: LabeledStructure[];
  readonly frames: number[];
}
interface PredictedSet extends LabeledSet {
  readonly name: SetName;
  readonly predictions: readonly Prediction[];
}

const SPLIT_SEED = 1;
const PROGRESS_INTERVAL_MS = 50;

let abort: AbortController | null = null;
let shown: { set: PredictedSet; index: number }[] = [];

/** The stream of a source and its length in bytes; 0 when unknown. */
async function open(source: Source, signal: AbortSignal): Promise<{ stream: ReadableStream<Uint8Array>; bytes: number; name: string }> {
  if (source.kind === "file") {
    const { file } = source;
    if (file.size === 0) throw new InputError("the file is empty", { file: file.name, expected: "structures in extended XYZ", got: "0 bytes" });
    return { stream: file.stream(), bytes: file.size, name: file.name };
  }
  const { address, name } = source;
  const response = await fetch(address, { signal });
  if (!response.ok || !response.body) throw new InputError("the embedded data could not be loaded", { file: name, expected: "HTTP 200", got: `HTTP ${response.status}` });
  return { stream: response.body, bytes: Number(response.headers.get("content-length") ?? 0), name };
}

/** Reads a whole file as a stream and reports how much of it has gone by. */
async function readStructures(source: Source, signal: AbortSignal, progress: (progress: Progress) => void): Promise<Structure[]> {
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
  for await (const structure of readExtxyz(stream.pipeThrough(counter), { file: name })) {
    signal.throwIfAborted();
    structures.push(structure);
  }
  if (structures.length === 0) throw new InputError("no structures in the file", { file: name, expected: "extended XYZ: a line with the number of atoms, a comment line, the atoms", got: "blank lines" });
  return structures;
}

function nameOf(source: Source): string {
  return source.kind === "file" ? source.file.name : source.name;
}

/** Labels of all structures of a file, and a sentence about where they were found. */
function label(structures: readonly Structure[], source: Source, overrides: Parameters<typeof findLabelKeys>[1]): { set: LabeledSet; sentence: string } {
  const file = nameOf(source);
  const keys = findLabelKeys(structures, overrides);
  const data = structures.map((structure, index) => ({ structure, labels: readLabels(structure, keys, { file, structure: index }) }));
  return { set: { data, frames: structures.map((_, index) => index) }, sentence: describeKeys(file, keys) };
}

function describeKeys(file: string, keys: LabelKeys): string {
  const found = (["energy", "forces", "virial"] as const).map((name) => (keys[name] === null ? `no ${name}` : `${name} from “${keys[name]}”`));
  return `${file}: ${found.join(", ")}`;
}

function select(set: LabeledSet, indices: readonly number[]): LabeledSet {
  return { data: indices.map((index) => set.data[index]!), frames: indices.map((index) => set.frames[index]!) };
}

async function loadSets(request: TrainingRequest, signal: AbortSignal, progress: (progress: Progress) => void): Promise<{ train: LabeledSet; test: LabeledSet; split: string; labels: string[] }> {
  const { keys } = parseFitConfiguration(request.configuration);
  const train = label(await readStructures(request.train, signal, progress), request.train, keys);
  if (request.test) {
    const test = label(await readStructures(request.test, signal, progress), request.test, keys);
    return { train: train.set, test: test.set, split: `Tested on ${nameOf(request.test)}.`, labels: [train.sentence, test.sentence] };
  }
  const indices = holdOut(train.set.data.map(({ structure }) => structure.species.length), SPLIT_SEED);
  const held = indices.test.length;
  const split = held === 0
    ? "Too few structures to hold any out: there is no test set, and training errors say little."
    : `No test file: ${held} of ${train.set.data.length} structures, drawn at random (seed ${SPLIT_SEED}), were held out.`;
  return { train: select(train.set, indices.train), test: select(train.set, indices.test), split, labels: [train.sentence] };
}

function energyPoints({ data, predictions, name }: PredictedSet, { baseline }: Potential): ParityPoint[] {
  return data.flatMap(({ structure, labels }, index) => {
    if (labels.energy === null || structure.species.length === 0) return [];
    const start = structure.species.reduce((sum, species) => sum + (baseline.get(species) ?? 0), 0);
    const perAtom = (energy: number): number => (energy - start) / structure.species.length;
    return [{ reference: perAtom(labels.energy), predicted: perAtom(predictions[index]!.energy), set: name, configType: labels.configType }];
  });
}

function forcePoints({ data, predictions, name }: PredictedSet): ParityPoint[] {
  return data.flatMap(({ labels }, index) => {
    const predicted = predictions[index]!.forces;
    if (!labels.forces || !predicted) return [];
    return Array.from(labels.forces, (reference, k) => ({ reference, predicted: predicted[k]!, set: name, configType: labels.configType }));
  });
}

/** |ΔF| in eV/Å, [atom]; null without reference forces. */
function forceErrors({ data, predictions }: PredictedSet, index: number): Float64Array | null {
  const reference = data[index]!.labels.forces;
  const predicted = predictions[index]!.forces;
  if (!reference || !predicted) return null;
  return Float64Array.from({ length: reference.length / 3 }, (_, atom) => {
    const [x, y, z] = [0, 1, 2].map((k) => predicted[3 * atom + k]! - reference[3 * atom + k]!) as [number, number, number];
    return Math.hypot(x, y, z);
  });
}

function summarize(set: PredictedSet, index: number): StructureSummary {
  const { structure, labels } = set.data[index]!;
  const errors = forceErrors(set, index);
  return {
    set: set.name,
    frame: set.frames[index]!,
    configType: labels.configType,
    atoms: structure.species.length,
    worstForceError: errors ? errors.reduce((worst, error) => Math.max(worst, error), 0) : null,
  };
}

/** The structures as they came, with the predictions under names of their own, frame by frame. */
function writePredictions(sets: readonly PredictedSet[]): Blob {
  const frames = sets.flatMap(({ name, data, predictions }) =>
    data.map(({ structure }, index) => {
      const { energy, forces, virial } = predictions[index]!;
      const info = new Map<string, InfoValue>([...structure.info, ["lather_set", name], ["lather_energy", energy]]);
      if (virial) info.set("lather_virial", Array.from(virial));
      const arrays = new Map<string, AtomArray>(structure.arrays);
      if (forces) arrays.set("lather_forces", { kind: "R", width: 3, values: forces });
      return formatExtxyz({ ...structure, info, arrays });
    }),
  );
  return new Blob(frames, { type: "chemical/x-xyz" });
}

/** Passes on changes of stage, ends, and one report per interval of the rest. */
function throttle(send: (progress: Progress) => void): (progress: Progress) => void {
  let last = { stage: "", time: -Infinity };
  return (progress) => {
    const time = performance.now();
    if (progress.stage === last.stage && progress.done < progress.total && time - last.time < PROGRESS_INTERVAL_MS) return;
    last = { stage: progress.stage, time };
    send(progress);
  };
}

async function run(backend: Backend, request: TrainingRequest, signal: AbortSignal, onProgress: (progress: Progress) => void): Promise<TrainingResult> {
  const configuration = parseFitConfiguration(request.configuration);
  const { train, test, split, labels } = await loadSets(request, signal, onProgress);
  const { potential, diagnostics, seconds } = await fitPotential(backend, train.data, configuration, { signal, onProgress });
  const predict = async (name: SetName, set: LabeledSet) => {
    const report = ({ stage, done, total }: Progress): void => onProgress({ stage: `${stage} (${name === "train" ? "training" : "test"} set)`, done, total });
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
    const backend = await createBackend("cpu");
    try {
      listener.backend(backend.kind, backend.threads);
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
