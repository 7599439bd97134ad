// The training job, off the page's thread. It makes the library's backend, which brings workers of its own.
import { expose } from "comlink";
import {
  describeConfiguration, describeLabels, fitPotential, formatConfiguration, formatModel, inspectData, inspectErrors, inspectTestData, labelStructures, latherVersion,
  measureErrors, parseFitConfiguration,
  type Backend, type DataWarning, type ErrorReport, type FitConfiguration, type Potential, type Progress, type Structure,
} from "lather";
import { termLines } from "../model-words.js";
import { openBackend } from "../open-backend.js";
import { collectParity } from "../parity-points.js";
import { energyPoints, forcePoints, predictedStructure, summarize, virialPoints, writePredictions, type LabeledSet, type PredictedSet } from "../predicted-set.js";
import { nameOf, readAllStructures, type Source } from "../read-structures.js";
import type { PredictedStructure, SetName } from "../results.js";
import { throttle } from "../throttle.js";
import { searchSettings } from "./search.js";
import { holdOut } from "./split.js";
import type { LabelWords, Listener, TrainingJob, TrainingRequest, TrainingResult } from "./training-job.js";

type Report = (progress: Progress) => void;

const SPLIT_SEED = 1;

let abort: AbortController | null = null;
let shown: { set: PredictedSet; index: number }[] = [];
let model: Potential | null = null;

/** Labels of all structures of a file, what is to be told of them, and warnings. */
function label(
  { structures, warnings: ofFile }: { readonly structures: readonly Structure[]; readonly warnings: readonly DataWarning[] }, source: Source, { keys }: FitConfiguration,
): { set: LabeledSet; words: LabelWords; warnings: readonly DataWarning[] } {
  const { data, labels, warnings } = labelStructures(structures, keys);
  const words = { file: nameOf(source), lines: labels.flatMap(describeLabels) };
  return { set: { data, frames: structures.map((_, index) => index) }, words, warnings: [...ofFile, ...warnings] };
}

function select(set: LabeledSet, indices: readonly number[]): LabeledSet {
  return { data: indices.map((index) => set.data[index]!), frames: indices.map((index) => set.frames[index]!) };
}

interface LoadedSets extends Pick<TrainingResult, "split" | "labels" | "warnings"> {
  readonly train: LabeledSet;
  readonly test: LabeledSet;
}

async function loadSets(request: TrainingRequest, configuration: FitConfiguration, signal: AbortSignal, progress: Report): Promise<LoadedSets> {
  const reading = { signal, onProgress: progress };
  const train = label(await readAllStructures(request.train, reading), request.train, configuration);
  if (request.test) {
    const test = label(await readAllStructures(request.test, reading), request.test, configuration);
    const warnings = [...train.warnings, ...test.warnings];
    return { train: train.set, test: test.set, split: `Tested on ${nameOf(request.test)}.`, labels: [train.words, test.words], warnings };
  }
  const indices = holdOut(train.set.data.map(({ structure }) => structure.species.length), SPLIT_SEED);
  const held = indices.test.length;
  const split = held === 0
    ? "Too few structures to hold any out: there is no test set, and training errors say little."
    : `No test file: ${held} of ${train.set.data.length} structures, drawn at random (seed ${SPLIT_SEED}), were held out.`;
  const sets = { train: select(train.set, indices.train), test: select(train.set, indices.test) };
  return { ...sets, split, labels: [train.words], warnings: train.warnings };
}

/** The page asks for a number of sparse points at most; few data have fewer environments. */
function withinData(configuration: FitConfiguration, { data }: LabeledSet): FitConfiguration {
  const { count, ...rest } = configuration.sparse;
  const environments = data.reduce((sum, { structure }) => sum + structure.species.length, 0);
  return typeof count === "number" ? { ...configuration, sparse: { ...rest, count: Math.min(count, environments) } } : configuration;
}

/** What the model's file tells of its data and errors, as `lather fit` writes it. */
function provenanceOf(
  { train, test }: TrainingRequest, configuration: FitConfiguration, errors: Readonly<Record<SetName, ErrorReport | null>>,
): Potential["provenance"] {
  const numbers = (["train", "test"] as const).flatMap((set) =>
    Object.entries(errors[set] ?? {}).flatMap(([name, value]): [string, number][] => (typeof value === "number" ? [[`${set}_${name}`, value]] : [])));
  const held = errors.test ? { test: test ? nameOf(test) : `held out of ${nameOf(train)}` } : {};
  return { lather: latherVersion, train: nameOf(train), ...held, configuration: JSON.stringify(configuration), ...Object.fromEntries(numbers) };
}

async function run(
  backend: Backend, request: TrainingRequest, signal: AbortSignal, onProgress: Report, onBest: (words: string) => void,
): Promise<TrainingResult> {
  const asked = parseFitConfiguration(request.configuration);
  const { train, test, split, labels, warnings: ofLabels } = await loadSets(request, asked, signal, onProgress);
  const given = withinData(asked, train);
  const found = request.search && await searchSettings(backend, train.data, given, request.search, { signal, onProgress }, onBest);
  const configuration = found?.configuration ?? given;
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
  const provenance = { ...potential.provenance, ...provenanceOf(request, configuration, { train: trained.errors, test: tested?.errors ?? null }) };
  model = potential;
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
    // The names of the labels are told with the data, and what became of the baseline with the model.
    settings: describeConfiguration(configuration).filter(([group]) => group !== "keys" && group !== "baseline"),
    // One term is what the settings say.
    terms: potential.terms.length > 1 ? termLines(potential) : [],
    seconds,
    errors: { train: trained.errors, test: tested?.errors ?? null },
    energies: collectParity({ train: energyPoints(trained.set, potential), test: tested ? energyPoints(tested.set, potential) : [] }),
    forces: collectParity({ train: forcePoints(trained.set), test: tested ? forcePoints(tested.set) : [] }),
    virials: collectParity({ train: virialPoints(trained.set), test: tested ? virialPoints(tested.set) : [] }),
    structures: shown.map(({ set, index }) => summarize(set, index)),
    search: found?.report ?? null,
    configuration: formatConfiguration(configuration),
    model: new Blob([formatModel({ ...potential, provenance })], { type: "application/json" }),
    predictions: writePredictions(sets, "lather_", { withSet: true }),
  };
}

const job: TrainingJob = {
  async train(request: TrainingRequest, listener: Listener) {
    abort = new AbortController();
    const backend = await openBackend(request.processor, (words) => listener.backend(words));
    try {
      return await run(backend, request, abort.signal, throttle((progress) => listener.progress(progress)), (words) => listener.best(words));
    } finally {
      backend.destroy();
    }
  },
  cancel() {
    abort?.abort();
  },
  structure(index: number): PredictedStructure {
    const { set, index: within } = shown[index]!;
    return predictedStructure(set, within, model!);
  },
};

expose(job);
