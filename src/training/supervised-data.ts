// Labels as linear maps of environment energies, for the choice of a basis: energies E = Σ_i ε_i, and forces as differences, Eq. (46),
//   F·d ≈ −[E(r + h d) − E(r − h d)]/2h,
// one atom moved along a random unit vector d. Environments that the move does not reach cancel and are left out.
import type { Backend, FitStructure, JobOptions } from "../backend/backend.js";
import type { CovarianceLayout } from "../basis/covariance.js";
import { InputError } from "../errors.js";
import { primitiveBlocks, type PrimitiveBlocks } from "../features/contracted-spectrum.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { trainTestSplit } from "../measures/reconstruction-error.js";
import { createRandom, type Random } from "../selection/random.js";
import type { Structure } from "../structure/structure.js";
import type { EnvironmentGroup, LabeledEnvironments } from "./supervised-loss.js";

/** h, in Å: the truncation is some 1e-5 of a force, and rounding much less. */
const DISPLACEMENT = 5e-3;
/** Share of the structures, and of the environments, that the loss is made of; the rest is held out. */
const FIT_SHARE = 0.8;
const FOLDS = 10;
/** Fewer structures cannot be left out in folds and held out at once. */
const LEAST_STRUCTURES = 5;

export interface SupervisedSample {
  readonly fit: LabeledEnvironments;
  readonly heldOut: LabeledEnvironments;
  readonly folds: readonly Int32Array[];
  /** Environments of `fit` around atoms that were not moved, [group][…]: those that may become sparse points. */
  readonly candidates: readonly Int32Array[];
  readonly structures: { readonly fit: number; readonly heldOut: number };
  readonly environments: number;
}

export interface SampleOptions extends JobOptions {
  readonly primitive: CovarianceLayout;
  /** Atomic numbers; a group for each. */
  readonly species: readonly number[];
  /** Bound for the environments, moved ones included; structures are drawn until it is reached. */
  readonly environments: number;
  /** Forces F·d for each structure that has forces. */
  readonly directions: number;
  readonly seed: number;
}

function displaced(structure: Structure, atom: number, direction: Vector, length: number): Structure {
  const positions = structure.positions.slice();
  direction.forEach((component, axis) => (positions[3 * atom + axis]! += length * component));
  return { ...structure, positions };
}

type Vector = readonly [x: number, y: number, z: number];

function unitVector(random: Random): Vector {
  const [x, y, z] = [random.normal(), random.normal(), random.normal()];
  const length = Math.sqrt(x * x + y * y + z * z);
  return [x / length, y / length, z / length];
}

/** F·d and its 1/σ. */
interface MovedForce {
  readonly force: number;
  readonly weight: number;
}

/** σ² of F·d is Σ d² σ² of the components; 0 where one of them is not there. */
function weightAlong(weights: number | Float64Array, atom: number, direction: Vector): number {
  if (typeof weights === "number") return weights;
  const own = weights.subarray(3 * atom, 3 * atom + 3);
  return own.some((weight) => weight === 0) ? 0 : 1 / Math.sqrt(direction.reduce((sum, d, axis) => sum + (d / own[axis]!) ** 2, 0));
}

interface Growing {
  readonly parts: PrimitiveBlocks[];
  readonly row: number[];
  readonly factor: number[];
  readonly candidates: number[];
}

/** Environments and labels of some of the structures, as they come. */
class GrowingSample {
  readonly groups: Growing[];
  readonly targets: number[] = [];
  /** First row of each structure. */
  readonly structures: number[] = [];
  environments = 0;
  private readonly options: SampleOptions;

  constructor(options: SampleOptions) {
    this.options = options;
    this.groups = options.species.map(() => ({ parts: [], row: [], factor: [], candidates: [] }));
  }

  /** @param coefficients of the structure, and of its two displaced copies for each move */
  add({ structure, energy, weights }: FitStructure, forces: readonly MovedForce[], coefficients: Float64Array): void {
    const atoms = structure.species.length;
    const size = coefficients.length / (atoms * (1 + 2 * forces.length));
    this.structures.push(this.targets.length);
    const taken = this.groups.map((): number[] => []);
    const take = (center: number, factor: number): void => {
      const s = this.options.species.indexOf(structure.species[center % atoms]!);
      const { row, factor: factors, candidates } = this.groups[s]!;
      if (center < atoms) candidates.push(row.length);
      taken[s]!.push(center);
      row.push(this.targets.length);
      factors.push(factor);
      this.environments++;
    };
    // Without an energy the environments still are candidates for sparse points.
    for (let atom = 0; atom < atoms; atom++) take(atom, energy === null ? 0 : weights.energy);
    if (energy !== null) this.targets.push(weights.energy * energy);
    forces.forEach(({ force, weight }, move) => {
      const [plus, minus] = [(1 + 2 * move) * atoms, (2 + 2 * move) * atoms];
      for (let atom = 0; atom < atoms; atom++) {
        if (sameRow(coefficients, size, plus + atom, minus + atom)) continue;
        take(plus + atom, -weight / (2 * DISPLACEMENT));
        take(minus + atom, weight / (2 * DISPLACEMENT));
      }
      this.targets.push(weight * force);
    });
    taken.forEach((centers, s) => this.groups[s]!.parts.push(primitiveBlocks(coefficients, this.options.primitive, centers)));
  }

  finish(): LabeledEnvironments {
    const groups = this.groups.map(({ parts, row, factor }): EnvironmentGroup => ({
      primitive: parts[0]!.map((_, block) => concatenated(parts.map((part) => part[block]!))),
      row: Int32Array.from(row),
      factor: Float64Array.from(factor),
    }));
    return { groups, targets: Float64Array.from(this.targets) };
  }

  /** Rows of structures that are left out together. */
  folds(): Int32Array[] {
    const count = Math.min(FOLDS, this.structures.length);
    return Array.from({ length: count }, (_, fold) => Int32Array.from(
      this.structures.flatMap((first, index) => {
        const end = this.structures[index + 1] ?? this.targets.length;
        return index % count === fold ? Array.from({ length: end - first }, (__, k) => first + k) : [];
      }),
    ));
  }
}

function sameRow(values: Float64Array, size: number, one: number, other: number): boolean {
  for (let k = 0; k < size; k++) if (values[one * size + k] !== values[other * size + k]) return false;
  return true;
}

function concatenated(arrays: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    out.set(array, at);
    at += array.length;
  }
  return out;
}

/**
 * Draws structures and makes their environments.
 * @param data with energies or forces, baseline removed
 * @throws InputError when too few structures have labels, or fit into the bound.
 */
export async function drawSupervisedSample(
  backend: Backend, data: readonly FitStructure[], hyperparameters: Hyperparameters, options: SampleOptions,
): Promise<SupervisedSample> {
  const { environments, directions, seed, species, signal, onProgress } = options;
  const hasLabel = ({ energy, forces }: FitStructure): boolean => energy !== null || (forces !== null && directions > 0);
  const usable = data.filter((one) => one.structure.species.length > 0 && hasLabel(one));
  if (usable.length < LEAST_STRUCTURES) {
    const expected = `${LEAST_STRUCTURES} with ${directions > 0 ? "energies or forces" : "energies"}, some to be held out`;
    throw new InputError("too few labelled structures", { expected, got: `${usable.length}` });
  }
  const random = createRandom(seed);
  const { train, test } = trainTestSplit(usable.length, seed, FIT_SHARE);
  const [fit, heldOut] = [new GrowingSample(options), new GrowingSample(options)];
  for (const [sample, order, share] of [[fit, train, FIT_SHARE], [heldOut, test, 1 - FIT_SHARE]] as const) {
    for (const index of order) {
      const { structure, forces, weights } = usable[index]!;
      const drawn = Array.from({ length: forces === null ? 0 : directions }, () => ({
        atom: random.integer(structure.species.length), direction: unitVector(random),
      }));
      const moves = drawn
        .map((move) => ({ ...move, weight: weightAlong(weights.forces, move.atom, move.direction) })).filter(({ weight }) => weight > 0);
      const copies = moves.flatMap(({ atom, direction }) => [DISPLACEMENT, -DISPLACEMENT].map((h) => displaced(structure, atom, direction, h)));
      const { values } = await backend.computeDensityCoefficients([structure, ...copies], hyperparameters, { species, signal });
      const along = moves.map(({ atom, direction: [x, y, z], weight }) => ({
        force: x * forces![3 * atom]! + y * forces![3 * atom + 1]! + z * forces![3 * atom + 2]!, weight,
      }));
      sample.add(usable[index]!, along, values);
      onProgress?.({ stage: "environments", done: Math.min(environments, fit.environments + heldOut.environments), total: environments });
      if (sample.environments >= share * environments) break;
    }
  }
  const structures = { fit: fit.structures.length, heldOut: heldOut.structures.length };
  if (structures.fit < LEAST_STRUCTURES - 1) {
    const expected = `room for ${LEAST_STRUCTURES - 1} structures, held-out ones not counted`;
    const got = `${environments}, enough for ${structures.fit}`;
    throw new InputError("too few environments for a choice", { key: "maxEnvironments", expected, got });
  }
  return {
    fit: fit.finish(), heldOut: heldOut.finish(), folds: fit.folds(), candidates: fit.groups.map(({ candidates }) => Int32Array.from(candidates)),
    structures, environments: fit.environments + heldOut.environments,
  };
}
