/**
 * Nudged elastic band: images between two minima, each pushed by the force across the path and by springs along it, find the path of least energy.
 * Tangents of Henkelman and Jónsson, doi:10.1063/1.1323224; the highest image climbs to the saddle point by the force with its part along
 * the path turned round (Henkelman, Uberuaga and Jónsson, doi:10.1063/1.1329672). Springs k(|R_{i+1} − R_i| − |R_i − R_{i−1}|) keep the images evenly
 * spaced. The band has forces but no energy, so FIRE moves it. Units: Å, eV; the cell stays as it is.
 */
import type { Backend, Progress } from "../backend/backend.js";
import { InputError, NumericalError } from "../errors.js";
import type { Potential } from "../model/potential.js";
import { createMinimumImage } from "../structure/minimum-image.js";
import type { Structure } from "../structure/structure.js";
import { withEnergyModel, type EnergyModel } from "./energy-model.js";
import { createFire, dot, longestGroup, type Point } from "./minimizers.js";
import type { ForceEvaluation } from "./motion.js";
import { checkFixedAtoms, checkRange } from "./option-checks.js";

export interface NudgedElasticBandOptions {
  /** Between the ends, 7 by default. */
  readonly images?: number;
  /** k in eV/Å², 5 by default. */
  readonly springConstant?: number;
  /** Whether the highest image climbs, true by default; it begins when forces are below ten times the goal. */
  readonly climbing?: boolean;
  /** eV/Å: converged when no force on an atom of an image is larger, springs included; 0.05 by default. */
  readonly maximalForce?: number;
  /** 1000 by default. */
  readonly maxSteps?: number;
  /** 0-based atoms that stay where the first structure has them. */
  readonly fixedAtoms?: readonly number[];
  /**
   * Whether the end is moved as a whole until the mean way of its atoms is zero, false by default: right where energies do not depend on the place, as
   * those of a fitted potential, and for nothing where atoms are fixed.
   */
  readonly removeTranslation?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Hears of every step. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface ElasticBand {
  /** From start to end, both included, [image]. Atoms go the shortest way, so those of the end may be periodic images of the given ones. */
  readonly images: readonly Structure[];
  /** eV, [image]. */
  readonly energies: Float64Array;
  /** eV/Å, [image][atom][xyz]: those of the model. */
  readonly forces: readonly Float64Array[];
  /** Length of the path from the start to each image, Å in the space of all atoms, [image]. */
  readonly distances: Float64Array;
  /** The highest image, the saddle point if it has climbed. */
  readonly saddle: number;
  /** Its energy above start and end, eV. */
  readonly barrier: number;
  readonly reverseBarrier: number;
  /** Largest force on an atom of the band, eV/Å. */
  readonly maximalForce: number;
  readonly converged: boolean;
  readonly steps: number;
}

interface BandPoint extends Point {
  readonly evaluations: readonly ForceEvaluation[];
  readonly maximalForce: number;
}

/** Å: shorter paths are none. */
const SHORTEST_PATH = 1e-3;

/** Way from the first to the last structure, each atom by its nearest image, [atom][xyz]. @throws InputError where they do not have the same atoms and cell. */
function wayBetween(start: Structure, end: Structure): Float64Array {
  const { species, cell, pbc, positions } = start;
  const differs = end.species.length !== species.length ? 0 : end.species.findIndex((z, atom) => z !== species[atom]);
  if (differs >= 0 || end.species.length !== species.length) {
    throw new InputError("both ends of a path have the same atoms in the same order", { ...end.origin, ...(end.species.length === species.length && { atom: differs }), expected: `the ${species.length} atoms of the start`, got: end.species.length === species.length ? "another element" : `${end.species.length}` });
  }
  const sameCell = (cell === null) === (end.cell === null) && (cell?.every((x, k) => Math.abs(x - end.cell![k]) < 1e-6) ?? true) && pbc.every((axis, k) => axis === end.pbc[k]);
  if (!sameCell) throw new InputError("both ends of a path have the same cell", { ...end.origin, key: "Lattice", expected: cell ? Array.from(cell).join(" ") : "none", got: end.cell ? Array.from(end.cell).join(" ") : "none" });
  const minimumImage = createMinimumImage(start);
  const way = new Float64Array(positions.length);
  for (let k = 0; k < way.length; k += 3) way.set(minimumImage([0, 1, 2].map((x) => end.positions[k + x] - positions[k + x]))[0], k);
  return way;
}

/** Takes the mean over all atoms from the vectors [atom][xyz]. */
function removeMean(vectors: Float64Array): void {
  for (let axis = 0; axis < 3; axis++) {
    let sum = 0;
    for (let k = axis; k < vectors.length; k += 3) sum += vectors[k];
    for (let k = axis; k < vectors.length; k += 3) vectors[k] -= (3 * sum) / vectors.length;
  }
}

/** a − b */
function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((x, k) => x - b[k]);
}

/** Unit tangent at an image with energy `here` between two others, from the ways `back` to the one before and `ahead` to the next. */
export function tangentOf(back: Float64Array, ahead: Float64Array, [before, here, after]: readonly [number, number, number]): Float64Array {
  let [backward, forward] = [0, 1];
  if (after < here && here < before) [backward, forward] = [1, 0];
  else if (!(after > here && here > before)) {
    // At a maximum or minimum of energy both neighbors count, the higher one more.
    const [large, small] = [Math.max(Math.abs(after - here), Math.abs(before - here)), Math.min(Math.abs(after - here), Math.abs(before - here))];
    [backward, forward] = after > before ? [small, large] : [large, small];
    if (large === 0) [backward, forward] = [1, 1];
  }
  const tangent = back.map((x, k) => backward * x + forward * ahead[k]);
  const length = Math.sqrt(dot(tangent, tangent));
  return tangent.map((x) => x / length);
}

/** Path of least energy between `start` and `end` with `model`. @throws as `relaxBand`. */
export async function nudgedElasticBand(model: EnergyModel, start: Structure, end: Structure, options: NudgedElasticBandOptions = {}): Promise<ElasticBand> {
  const { images: between = 7, springConstant = 5, climbing = true, maximalForce = 0.05, maxSteps = 1000, fixedAtoms = [], removeTranslation = false, signal, onProgress } = options;
  checkRange("images", between, Number.isSafeInteger(between) && between >= 1, "a whole number, 1 or more");
  checkRange("springConstant", springConstant, springConstant > 0, "a stiffness in eV/Å² above 0, for example 5");
  checkRange("maximalForce", maximalForce, maximalForce > 0, "a force in eV/Å above 0, for example 0.05");
  checkRange("maxSteps", maxSteps, Number.isSafeInteger(maxSteps) && maxSteps >= 0, "a whole number, 0 or more");
  checkFixedAtoms(fixedAtoms, start.species.length);
  const way = wayBetween(start, end);
  if (removeTranslation && fixedAtoms.length === 0) removeMean(way);
  for (const atom of fixedAtoms) way.fill(0, 3 * atom, 3 * atom + 3);
  if (!(Math.sqrt(dot(way, way)) > SHORTEST_PATH)) throw new InputError("start and end are the same", { ...end.origin, expected: "two minima", got: "one" });

  const size = way.length;
  const placesAt = (share: number): Float64Array => start.positions.map((x, k) => x + share * way[k]);
  const structureOf = (positions: Float64Array): Structure => ({ ...start, positions });
  const [first, last] = [placesAt(0), placesAt(1)];
  /** Positions of all images of a band whose inner images are `x`. */
  const placesOf = (x: Float64Array): Float64Array[] => [first, ...Array.from({ length: between }, (_, n) => x.slice(n * size, (n + 1) * size)), last];
  const ends = await model([structureOf(first), structureOf(last)], { signal });
  let climbs = false;

  const evaluate = async (x: Float64Array): Promise<BandPoint> => {
    signal?.throwIfAborted();
    const places = placesOf(x);
    const inner = await model(places.slice(1, -1).map(structureOf), { signal });
    const evaluations = [ends[0], ...inner, ends[1]];
    checkFinite(evaluations);
    const gradient = new Float64Array(x.length);
    const highest = highestOf(evaluations);
    for (let n = 1; n <= between; n++) {
      const forces = evaluations[n].forces.slice();
      for (const atom of fixedAtoms) forces.fill(0, 3 * atom, 3 * atom + 3);
      const [back, ahead] = [difference(places[n], places[n - 1]), difference(places[n + 1], places[n])];
      const tangent = tangentOf(back, ahead, [evaluations[n - 1].energy, evaluations[n].energy, evaluations[n + 1].energy]);
      const along = dot(forces, tangent);
      const push = climbs && n === highest ? -2 * along : springConstant * (Math.sqrt(dot(ahead, ahead)) - Math.sqrt(dot(back, back))) - along;
      gradient.set(forces.map((force, k) => -force - push * tangent[k]), (n - 1) * size);
    }
    return { x, value: evaluations[highest].energy, gradient, evaluations, maximalForce: longestGroup(gradient) };
  };

  const fire = createFire();
  let point = await evaluate(Float64Array.from({ length: between * size }, (_, k) => placesAt((Math.floor(k / size) + 1) / (between + 1))[k % size]));
  let steps = 0;
  for (;;) {
    if (climbing && !climbs && point.maximalForce <= 10 * maximalForce) {
      climbs = true;
      point = await evaluate(point.x);
    }
    if (point.maximalForce <= maximalForce || steps >= maxSteps) break;
    point = (await fire.step(point, evaluate))!;
    steps++;
    onProgress?.({ stage: "elastic band", done: steps, total: maxSteps });
  }
  const places = placesOf(point.x);
  const energies = Float64Array.from(point.evaluations, ({ energy }) => energy);
  const distances = new Float64Array(places.length);
  for (let n = 1; n < places.length; n++) distances[n] = distances[n - 1] + Math.sqrt(dot(difference(places[n], places[n - 1]), difference(places[n], places[n - 1])));
  const saddle = energies.indexOf(Math.max(...energies));
  return {
    images: places.map(structureOf), energies, forces: point.evaluations.map(({ forces }) => forces), distances, saddle,
    barrier: energies[saddle] - energies[0], reverseBarrier: energies[saddle] - energies[between + 1],
    maximalForce: point.maximalForce, converged: point.maximalForce <= maximalForce, steps,
  };
}

/** The highest of the inner images. */
function highestOf(evaluations: readonly ForceEvaluation[]): number {
  let highest = 1;
  for (let n = 2; n + 1 < evaluations.length; n++) if (evaluations[n].energy > evaluations[highest].energy) highest = n;
  return highest;
}

function checkFinite(evaluations: readonly ForceEvaluation[]): void {
  const bad = evaluations.findIndex(({ energy, forces }) => !Number.isFinite(energy) || forces.some((force) => !Number.isFinite(force)));
  if (bad >= 0) throw new NumericalError("energy and forces are not finite", { structure: bad, expected: "numbers; do atoms overlap on the straight way between the ends?", got: String(evaluations[bad].energy) });
}

/**
 * Path of least energy between two relaxed structures with `potential` on `backend`; all images are predicted together in each step.
 * @throws InputError on options out of range, elements that the model does not know, or ends that do not have the same atoms and cell, or are the same;
 * NumericalError on energies or forces that are not finite; the signal's reason.
 */
export async function relaxBand(backend: Backend, potential: Potential, start: Structure, end: Structure, options: NudgedElasticBandOptions = {}): Promise<ElasticBand> {
  return withEnergyModel(backend, potential, (model) => nudgedElasticBand(model, start, end, { removeTranslation: true, ...options }));
}
