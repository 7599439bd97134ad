// Maps of structures, by the means of their features, or of their environments: rows from the backend, points of the kernel chosen among them, a property for
// the target or the color, and other structures placed on a map that is there.
import type { Backend, JobOptions } from "../backend/backend.js";
import { InputError } from "../errors.js";
import { featureLayout, speciesOf } from "../features/feature-layout.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { createLinearAlgebra, type LinearAlgebra } from "../linalg/linear-algebra.js";
import { fitMap, predictOnMap, projectOnMap, type LowDimensionalMap, type MapMethod } from "../maps/low-dimensional-map.js";
import { createRandom } from "../selection/random.js";
import { drawPoints } from "../selection/cur.js";
import { originOf, withOrigins } from "../structure/origin.js";
import type { Structure } from "../structure/structure.js";
import { checkInvariant } from "./compare-structures.js";
import { batches, meanFeatures } from "./mean-features.js";
import { readProperty } from "./property-data.js";
import { onThisThread, selectEnvironments } from "./sparse-points.js";

export type MapUnit = "structure" | "environment";

/** A map with what is needed to place other structures on it. */
export interface StructureMap {
  readonly by: MapUnit;
  /** Elements that the features resolve, atomic numbers. */
  readonly species: readonly number[];
  readonly hyperparameters: Hyperparameters;
  /** Name of the target or color, and whether it is divided by the number of atoms. */
  readonly property: string | null;
  readonly perAtom: boolean;
  readonly map: LowDimensionalMap;
}

/** Rows on a map. */
export interface MapPlaces {
  /** T, [row][component]. */
  readonly scores: Float64Array;
  /** Structure of each row, and atom in it; −1 for a structure. */
  readonly structures: Int32Array;
  readonly atoms: Int32Array;
  /** Atomic number of an environment's center; 0 for a structure. */
  readonly centers: Uint8Array;
  /** The property, NaN where a structure has none; null without a property. */
  readonly values: Float64Array | null;
  /** What the map gives for it; null where it was made without a target. */
  readonly predicted: Float64Array | null;
}

export interface CreateMapOptions extends JobOptions {
  readonly method: MapMethod;
  readonly by: MapUnit;
  readonly components?: number | undefined;
  /** α of Eq. (90), from 0 (regression) to 1 (variance); 0.5 when left out. */
  readonly mixing?: number | undefined;
  /** ζ of a kernel; 1 when left out. */
  readonly zeta?: number | undefined;
  /** Points of a kernel; by default all rows up to 1000, else 500. */
  readonly points?: number | undefined;
  readonly seed?: number | undefined;
  /** A scalar of structures or atoms: the target of "pcovr" and "kpcovr", and a color for the others. */
  readonly property?: string | undefined;
  /** Divides the property of a structure by its number of atoms. */
  readonly perAtom?: boolean | undefined;
}

/** Rows that may all be points, and points of more rows: seconds of work. */
const ALL_POINTS = 1000;
const USUAL_POINTS = 500;
/** Rows for each point among which the farthest are looked for, fewer where their features do not fit into a cache: each point is compared with all of them. */
const CANDIDATES = { most: 10, least: 2, numbers: 2 ** 22 };

interface Rows extends Omit<MapPlaces, "scores" | "values" | "predicted"> {
  readonly values: Float64Array;
  readonly size: number;
}

async function rowsOf(
  backend: Backend, given: readonly Structure[], { by, species, hyperparameters }: Pick<StructureMap, "by" | "species" | "hyperparameters">, { signal, onProgress }: JobOptions,
): Promise<Rows> {
  const structures = withOrigins(given);
  const atoms = structures.reduce((sum, structure) => sum + structure.species.length, 0);
  if (by === "structure") {
    const { values, size } = await meanFeatures(backend, structures, hyperparameters, { structures: structures.length, atoms, species }, { signal, onProgress });
    const count = structures.length;
    return { values, size, structures: Int32Array.from({ length: count }, (_, k) => k), atoms: new Int32Array(count).fill(-1), centers: new Uint8Array(count) };
  }
  const { size } = featureLayout(hyperparameters, species);
  const values = new Float64Array(atoms * size);
  const rows: Rows = { values, size, structures: new Int32Array(atoms), atoms: new Int32Array(atoms), centers: new Uint8Array(atoms) };
  let [row, structure] = [0, 0];
  for await (const batch of batches(structures)) {
    const features = await backend.computeFeatures(batch, hyperparameters, { signal, species });
    values.set(features.values, row * size);
    rows.centers.set(features.centers, row);
    for (const { species: own } of batch) {
      for (let atom = 0; atom < own.length; atom++, row++) [rows.structures[row], rows.atoms[row]] = [structure, atom];
      structure++;
    }
    onProgress?.({ stage: "features", done: row, total: atoms });
  }
  return rows;
}

/** The property of each row: means over atoms for a structure, the structure's own number for each of its atoms; NaN where there is none. */
function valuesOf(structures: readonly Structure[], rows: Rows, name: string, perAtom: boolean): Float64Array {
  const data = readProperty(structures, name);
  if (data.kind !== "scalar") throw new InputError("a map needs one number", { key: name, expected: "a scalar of structures or atoms", got: `a ${data.kind}` });
  return Float64Array.from(rows.structures, (structure, row) => {
    const own = data.values[structure];
    if (!own) return NaN;
    const atom = rows.atoms[row]!;
    if (!data.perAtom) return perAtom ? own[0]! / structures[structure]!.species.length : own[0]!;
    return atom >= 0 ? own[atom]! : own.reduce((sum, value) => sum + value / own.length, 0);
  });
}

/** Farthest points among some of the rows, or all rows. */
async function choosePoints(
  algebra: LinearAlgebra, { values, size }: Rows, { zeta = 1, points, seed = 1, signal, onProgress }: CreateMapOptions,
): Promise<Int32Array | undefined> {
  const count = values.length / size;
  const wanted = points ?? (count <= ALL_POINTS ? count : USUAL_POINTS);
  if (!(Number.isInteger(wanted) && wanted >= 1 && wanted <= count)) {
    throw new InputError("points of a map", { key: "points", expected: `a whole number from 1 to ${count}`, got: String(wanted) });
  }
  if (wanted === count) return undefined;
  const random = createRandom(seed);
  const each = Math.max(CANDIDATES.least, Math.min(CANDIDATES.most, Math.floor(CANDIDATES.numbers / (size * wanted))));
  const candidates = drawPoints(new Float64Array(count).fill(1), Math.min(count, each * wanted), random);
  const rows = new Float64Array(candidates.length * size);
  candidates.forEach((row, index) => rows.set(values.subarray(row * size, (row + 1) * size), index * size));
  const stage = onProgress && ((progress: { done: number; total: number }) => onProgress({ ...progress, stage: "points" }));
  const chosen = await selectEnvironments(onThisThread(algebra), algebra, rows, size, wanted, "fps", zeta, random, { signal, onProgress: stage });
  return chosen.map((index) => candidates[index]!);
}

async function place(algebra: LinearAlgebra, { map }: StructureMap, rows: Rows, values: Float64Array | null, job: JobOptions): Promise<MapPlaces> {
  const scores = await projectOnMap(algebra, map, rows.values, job);
  const { structures, atoms, centers } = rows;
  return { scores, structures, atoms, centers, values, predicted: predictOnMap(map, scores) };
}

/**
 * A map of structures or environments, with their places on it.
 * @throws InputError on features that are not scalars, options out of range, and a target that a structure lacks; NumericalError when nothing varies.
 */
export async function createMap(
  backend: Backend, structures: readonly Structure[], hyperparameters: Hyperparameters, options: CreateMapOptions,
): Promise<{ readonly map: StructureMap; readonly places: MapPlaces }> {
  const { method, by, components, mixing, zeta, property, perAtom = false, signal, onProgress } = options;
  checkInvariant(hyperparameters);
  const supervised = method.endsWith("covr");
  if (supervised && property === undefined) throw new InputError("principal covariates need a property", { key: "property", expected: "the name of a number", got: "none" });
  const species = speciesOf(structures);
  const rows = await rowsOf(backend, structures, { by, species, hyperparameters }, options);
  const values = property === undefined ? null : valuesOf(structures, rows, property, perAtom);
  const lacking = supervised ? values!.findIndex(Number.isNaN) : -1;
  if (lacking >= 0) {
    const structure = rows.structures[lacking]!;
    throw new InputError("a structure without the property", { ...originOf(structures[structure]!, structure), key: property!, expected: "a number", got: "none" });
  }
  const algebra = await createLinearAlgebra();
  const points = method.startsWith("k") ? await choosePoints(algebra, rows, options) : undefined;
  const map = await fitMap(algebra, rows.values, rows.size, {
    method, components, mixing, zeta, points, target: supervised ? values! : undefined, signal, onProgress,
  });
  const structureMap: StructureMap = { by, species, hyperparameters, property: property ?? null, perAtom, map };
  return { map: structureMap, places: await place(algebra, structureMap, rows, values, { signal, onProgress }) };
}

/**
 * Places of other structures on a map.
 * @throws InputError on an element that the map does not know, and as `createMap`.
 */
export async function placeOnMap(backend: Backend, structures: readonly Structure[], map: StructureMap, job: JobOptions = {}): Promise<MapPlaces> {
  const rows = await rowsOf(backend, structures, map, job);
  const { property, perAtom } = map;
  const known = property !== null && structures.some(({ info, arrays }) => info.has(property) || arrays.has(property));
  return place(await createLinearAlgebra(), map, rows, known ? valuesOf(structures, rows, property, perAtom) : null, job);
}
