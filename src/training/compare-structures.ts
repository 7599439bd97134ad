/**
 * Two sets of structures beside each other: how far every structure of B is from A, by the mean of its features, Eq. (81), and by the environment that A
 * knows least of; what both share; and the distances of the sets, Eqs. (82) and (83). Environments are compared with those of the same element. Of the
 * features a bounded number is in memory; of the distances only the smallest ones.
 */
import type { Backend, Features, JobOptions } from "../backend/backend.js";
import { InputError } from "../errors.js";
import { featureLayout, speciesOf } from "../features/feature-layout.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { createLinearAlgebra, type LinearAlgebra } from "../linalg/linear-algebra.js";
import { createNearest, quantile, setDistances, updateNearest, type GroupedRows, type Nearest, type SetDistances } from "../measures/nearest-distances.js";
import { withOrigins } from "../structure/origin.js";
import type { LabeledStructure, Structure } from "../structure/structure.js";
import { addMeans, batches } from "./mean-features.js";
import { repeatedFrames } from "./repeated-frames.js";

/** Numbers of features of B that are held while A passes by: 256 MiB, twice while they are sorted by element. */
const HELD = 2 ** 25;
/** Atoms of A from which its own scale is taken. */
const SAMPLE_ATOMS = 4000;
/** Rows between two looks at the signal. */
const CHUNK = 4096;

export interface CompareOptions extends JobOptions {
  /** Largest distance of structures, and of environments, that are taken for the same; 1e-3 when left out. */
  readonly tolerance?: number | undefined;
  /** Distance from which on something is new; by default what the structures of A have from one another, at this `quantile` (0.95). */
  readonly radius?: number | undefined;
  readonly quantile?: number | undefined;
  /** Numbers of features of B that are held at once. */
  readonly held?: number | undefined;
}

export interface ComparedFrame {
  /** Structure of A with the nearest mean features, and the distance to it. */
  readonly nearest: number;
  readonly distance: number;
  /** Largest distance of one of its atoms from the nearest environment of that element in A, and that atom. */
  readonly largest: number;
  readonly atom: number;
  /** Whether `largest` exceeds the scale of A; null where A has no scale. */
  readonly isNew: boolean | null;
}

export interface SharedFrame {
  readonly a: number;
  readonly b: number;
  readonly distance: number;
  /** Same atoms at the same places, to 1e-4 Å; otherwise turned, shifted, renumbered, repeated, or nearly the same. */
  readonly identical: boolean;
}

/** Distances below which A knows something: of environments, of the environment of a structure that is known least, of means of structures. */
export interface ComparisonRadii {
  readonly environments: number | null;
  readonly largest: number | null;
  readonly structures: number | null;
}

export interface StructureComparison {
  /** Features of an environment. */
  readonly features: number;
  /** Of B, in its order. */
  readonly frames: readonly ComparedFrame[];
  readonly shared: readonly SharedFrame[];
  readonly structures: SetDistances;
  readonly environments: SetDistances;
  readonly radii: ComparisonRadii;
}

/** Rows of one element with their places among all rows. */
interface ElementRows extends GroupedRows {
  readonly places: Int32Array;
}

/** The environments of each element, grouped by structure; `firstCenter` and `firstGroup` are those of the first structure. */
function byElement({ values, size, offsets, centers }: Features, firstCenter: number, firstGroup: number): Map<number, ElementRows> {
  const own = new Map<number, number[]>();
  centers.forEach((z, center) => {
    const rows = own.get(z);
    if (rows) rows.push(center);
    else own.set(z, [center]);
  });
  const groupOf = new Int32Array(centers.length);
  for (let structure = 0; structure + 1 < offsets.length; structure++) groupOf.fill(firstGroup + structure, offsets[structure], offsets[structure + 1]);
  return new Map([...own].map(([z, rows]) => {
    const taken = new Float64Array(rows.length * size);
    rows.forEach((center, row) => taken.set(values.subarray(center * size, (center + 1) * size), row * size));
    return [z, { values: taken, size, groups: Int32Array.from(rows, (center) => groupOf[center]!), places: Int32Array.from(rows, (center) => firstCenter + center) }];
  }));
}

function rowsBetween({ values, size, groups, places }: ElementRows, from: number, end: number): ElementRows {
  return { values: values.subarray(from * size, end * size), size, groups: groups.subarray(from, end), places: places.subarray(from, end) };
}

/** Nearest neighbors of some rows, taken over where they are nearer than those that all rows have so far. */
function merge(nearest: Nearest, places: Int32Array, all: Nearest): void {
  places.forEach((place, row) => {
    if (!(nearest.distances[row]! < all.distances[place]!)) return;
    all.distances[place] = nearest.distances[row]!;
    all.groups[place] = nearest.groups[row]!;
  });
}

/** Nearest neighbors within pairs of elements, both ways, or those of `one` alone. */
async function updateByElement(
  algebra: LinearAlgebra, one: Map<number, ElementRows>, other: Map<number, ElementRows>, ofOne: Nearest, ofOther: Nearest | null, signal?: AbortSignal,
): Promise<void> {
  for (const [z, rows] of one) {
    const others = other.get(z);
    if (!others) continue;
    for (let from = 0; from < rows.groups.length; from += CHUNK) {
      const chunk = rowsBetween(rows, from, Math.min(rows.groups.length, from + CHUNK));
      const [near, back] = [createNearest(chunk.groups.length), ofOther && createNearest(others.groups.length)];
      updateNearest(algebra, chunk, others, near, back, ofOther === null);
      merge(near, chunk.places, ofOne);
      if (ofOther) merge(back!, others.places, ofOther);
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
    }
  }
}

/** Structures in order, as many at a time as have `held` numbers of features. */
function* heldPortions(structures: readonly Structure[], size: number, held: number): Generator<Structure[]> {
  let open: Structure[] = [];
  let atoms = 0;
  for (const structure of structures) {
    if (open.length > 0 && (atoms + structure.species.length) * size > held) {
      yield open;
      [open, atoms] = [[], 0];
    }
    open.push(structure);
    atoms += structure.species.length;
  }
  yield open;
}

/** An environment whose element the other set lacks: k = 0, Eq. (15), to one as long as itself. */
function withoutNeighbors({ values, size, centers }: Features, firstCenter: number, known: ReadonlySet<number>, nearest: Nearest): void {
  centers.forEach((z, center) => {
    if (known.has(z)) return;
    const row = values.subarray(center * size, (center + 1) * size);
    nearest.distances[firstCenter + center] = Math.sqrt(2 * row.reduce((sum, value) => sum + value * value, 0));
  });
}

/** Structures spread evenly over the list with about `SAMPLE_ATOMS` atoms, by their indices. */
function sampleOf(structures: readonly Structure[]): number[] {
  const atoms = structures.reduce((sum, { species }) => sum + species.length, 0);
  const step = Math.max(1, Math.ceil(atoms / SAMPLE_ATOMS));
  return [...structures.keys()].filter((index) => index % step === 0);
}

/** The first atom with the largest distance of each structure. */
function largestOf(offsets: Int32Array, { distances }: Nearest): { readonly largest: Float64Array; readonly atoms: Int32Array } {
  const count = offsets.length - 1;
  const [largest, atoms] = [new Float64Array(count), new Int32Array(count)];
  for (let structure = 0; structure < count; structure++) {
    const own = distances.subarray(offsets[structure]!, offsets[structure + 1]!);
    atoms[structure] = own.reduce((best, distance, atom) => (distance > own[best]! ? atom : best), 0);
    largest[structure] = own[atoms[structure]!]!;
  }
  return { largest, atoms };
}

function offsetsOf(structures: readonly Structure[]): Int32Array {
  const offsets = new Int32Array(structures.length + 1);
  structures.forEach(({ species }, index) => (offsets[index + 1] = offsets[index]! + species.length));
  return offsets;
}

/** @throws InputError for features that turn with the structure, of which a distance says nothing. */
export function checkInvariant({ features }: Hyperparameters): void {
  if (features.kind !== "lambda-soap" || features.lambda === 0) return;
  throw new InputError("features that turn with the structure", { key: "features.kind", expected: "scalar features, or lambda 0", got: `lambda-soap of degree ${features.lambda}` });
}

/**
 * Compares B with A; A is computed again for every part of B that is held.
 * @throws InputError on structures or hyperparameters as `backend.computeFeatures`, on features that are not scalars, and on an empty set.
 */
export async function compareStructures(
  backend: Backend, a: readonly Structure[], b: readonly Structure[], hyperparameters: Hyperparameters, options: CompareOptions = {},
): Promise<StructureComparison> {
  const { tolerance = 1e-3, radius, quantile: share = 0.95, held = HELD, signal, onProgress } = options;
  checkInvariant(hyperparameters);
  for (const [name, set] of Object.entries({ a, b })) if (set.length === 0) throw new InputError("nothing to compare", { key: name, expected: "structures", got: "none" });
  const [structuresA, structuresB] = [withOrigins(a), withOrigins(b)];
  const species = speciesOf([...a, ...b]);
  const { size } = featureLayout(hyperparameters, species);
  const algebra = await createLinearAlgebra();
  const compute = (structures: readonly Structure[]): Promise<Features> => backend.computeFeatures(structures, hyperparameters, { species, signal });
  const [offsetsA, offsetsB] = [offsetsOf(a), offsetsOf(b)];
  const [atomsA, atomsB] = [offsetsA[a.length]!, offsetsB[b.length]!];
  const [ofA, ofB] = [createNearest(atomsA), createNearest(atomsB)];
  const [meansA, meansB] = [new Float64Array(a.length * size), new Float64Array(b.length * size)];

  const sample = sampleOf(a);
  const sampled = sample.map((index) => structuresA[index]!);
  const sampleOffsets = offsetsOf(sampled);
  const ofSample = createNearest(sampleOffsets[sampled.length]!);
  const sampleRows = byElement(await compute(sampled), 0, 0);
  for (const rows of sampleRows.values()) rows.groups.forEach((group, row) => (rows.groups[row] = sample[group]!));

  const portions = [...heldPortions(structuresB, size, held)];
  let firstB = 0;
  for (const [pass, portion] of portions.entries()) {
    const featuresB = await compute(portion);
    const rowsB = byElement(featuresB, offsetsB[firstB]!, firstB);
    addMeans(featuresB, meansB.subarray(firstB * size));
    withoutNeighbors(featuresB, offsetsB[firstB]!, new Set(speciesOf(a)), ofB);
    let firstA = 0;
    for await (const batch of batches(structuresA)) {
      const featuresA = await compute(batch);
      const rowsA = byElement(featuresA, offsetsA[firstA]!, firstA);
      if (pass === 0) {
        addMeans(featuresA, meansA.subarray(firstA * size));
        withoutNeighbors(featuresA, offsetsA[firstA]!, new Set(speciesOf(b)), ofA);
        await updateByElement(algebra, sampleRows, rowsA, ofSample, null, signal);
      }
      await updateByElement(algebra, rowsB, rowsA, ofB, ofA, signal);
      firstA += batch.length;
      onProgress?.({ stage: "environments", done: pass * atomsA + offsetsA[firstA]!, total: portions.length * atomsA });
    }
    firstB += portion.length;
  }

  const grouped = (values: Float64Array): GroupedRows => ({ values, size, groups: Int32Array.from({ length: values.length / size }, (_, row) => row) });
  const [rowsA, rowsB] = [grouped(meansA), grouped(meansB)];
  const [nearestA, nearestB, within] = [createNearest(a.length), createNearest(b.length), createNearest(a.length)];
  updateNearest(algebra, rowsB, rowsA, nearestB, nearestA);
  updateNearest(algebra, rowsA, rowsA, within, null, true);

  // An element that one structure alone has gives no distance, and no scale.
  const scale = (distances: Float64Array): number | null => radius ?? quantile(distances.filter(Number.isFinite), share);
  const radii = { environments: scale(ofSample.distances), largest: scale(largestOf(sampleOffsets, ofSample).largest), structures: scale(within.distances) };
  const { largest, atoms } = largestOf(offsetsB, ofB);
  const frames = b.map((_, index): ComparedFrame => ({
    nearest: nearestB.groups[index]!, distance: nearestB.distances[index]!, largest: largest[index]!, atom: atoms[index]!,
    isNew: radii.largest === null ? null : largest[index]! > radii.largest,
  }));
  return {
    features: size, frames, shared: sharedFrames(a, b, frames, tolerance),
    structures: setDistances(nearestB.distances, nearestA.distances, radii.structures),
    environments: setDistances(ofB.distances, ofA.distances, radii.environments),
    radii,
  };
}

/** Structures of B whose nearest one in A is within the tolerance, by means and by environments. */
function sharedFrames(a: readonly Structure[], b: readonly Structure[], frames: readonly ComparedFrame[], tolerance: number): SharedFrame[] {
  const labeled = [...a, ...b].map((structure): LabeledStructure => ({ structure, labels: { energy: null, forces: null, virial: null, configType: "default" } }));
  const copies = new Map<number, number>();
  // The pairs ascend: of several copies in A the first one is kept.
  for (const [one, other] of repeatedFrames(labeled)) {
    if (one < a.length && other >= a.length && !copies.has(other - a.length)) copies.set(other - a.length, one);
  }
  return frames.flatMap(({ nearest, distance, largest }, index) => {
    if (distance > tolerance || largest > tolerance) return [];
    const copy = copies.get(index);
    return [{ a: copy ?? nearest, b: index, distance, identical: copy !== undefined }];
  });
}
