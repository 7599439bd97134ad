/**
 * Pseudo-elements that serve a fit best, Eqs. (97) and (98): the matrix u goes downhill on what a sparse GPR of the term's kernel misses of energies
 * left out, Eq. (45), with the weights of the fit following u at every step. It is the descent of supervised-basis.ts with one u for all degrees and
 * radial functions, ∂ℒ/∂u_aα = Σ_ln ∂ℒ/∂U^l_{(αn),(an)}; but u is free where U there has orthonormal rows, since weights between elements are
 * what compression is about. Of u only the direction counts: normalized features do not know its length.
 *
 * Willatt, Musil and Ceriotti, doi:10.1039/C8CP05921G, choose u by hand or by cross-validation.
 */
import type { Backend, FitStructure, JobOptions } from "../backend/backend.js";
import { InputError } from "../errors.js";
import { contractedLayout } from "../features/contracted-spectrum.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import type { FitConfiguration } from "./configuration.js";
import { minimizeOnSubspaces } from "./grassmann-descent.js";
import { chooseSparse } from "./supervised-basis.js";
import { drawSupervisedSample } from "./supervised-data.js";
import { createSupervisedLoss, type SupervisedEvaluation, type SupervisedLosses } from "./supervised-loss.js";

/** Enough for a few numbers per element, and a matter of seconds. */
const [ENVIRONMENTS, SPARSE_POINTS, ITERATIONS] = [3000, 200, 40];
/** Expected error of the energies in this descent, relative to their spread: u should not depend on the noise of the fit, which a search may vary. */
const NOISE = 0.01;
const JITTER = 1e-7;
const TOLERANCE = 1e-4;
/** Steps without a new minimum of the held-out loss after which u learns the sample and not the matter. */
const PATIENCE = 8;

export interface LearnedElements {
  /** [element][channel] */
  readonly u: Float64Array;
  /** Losses at the start and after each step, [step]; `u` is that of the smallest held-out loss. */
  readonly history: readonly SupervisedLosses[];
  readonly step: number;
}

/** Sizes of u and of what it contracts. */
export interface ElementShape {
  readonly elements: number;
  readonly channels: number;
  readonly nMax: number;
  readonly lMax: number;
}

/** Where u_aα with its δ_nn' stands in the U of all degrees, one behind the other, [l][(α, n)][(a, n')]. */
function eachPlace({ elements, channels, nMax, lMax }: ElementShape, visit: (own: number, place: number) => void): void {
  const [rows, columns] = [channels * nMax, elements * nMax];
  for (let l = 0; l <= lMax; l++) {
    for (let q = 0; q < rows; q++) {
      const [alpha, n] = [Math.floor(q / nMax), q % nMax];
      for (let a = 0; a < elements; a++) visit(a * channels + alpha, (l * rows + q) * columns + a * nMax + n);
    }
  }
}

/** U of all degrees, one behind the other. */
function contractionOf(u: Float64Array, shape: ElementShape): Float64Array {
  const contraction = new Float64Array((shape.lMax + 1) * u.length * shape.nMax ** 2);
  eachPlace(shape, (own, place) => (contraction[place] = u[own]!));
  return contraction;
}

/** A loss of contractions U as one of u, [element][channel], with its gradient. */
export function lossOfElements(evaluate: (contraction: Float64Array) => SupervisedEvaluation, shape: ElementShape): (u: Float64Array) => SupervisedEvaluation {
  return (u) => {
    const { loss, losses, gradient } = evaluate(contractionOf(u, shape));
    return {
      loss, losses,
      gradient: () => {
        const [whole, total] = [gradient(), new Float64Array(u.length)];
        eachPlace(shape, (own, place) => (total[own]! += whole[place]!));
        return total;
      },
    };
  };
}

/** Energies in units of their spread, with weights that say how well they should be met. */
function scaledEnergies(labels: readonly FitStructure[]): FitStructure[] {
  const known = labels.filter(({ energy, structure }) => energy !== null && structure.species.length > 0);
  const mean = (of: (label: FitStructure) => number): number => Math.sqrt(known.reduce((sum, label) => sum + of(label) ** 2, 0) / known.length);
  const root = ({ structure }: FitStructure): number => Math.sqrt(structure.species.length);
  const spread = mean((label) => label.energy! / root(label)) || 1;
  const weight = mean((label) => label.weights.energy * root(label)) || 1;
  return known.map((label) => ({
    ...label, energy: label.energy! / spread, forces: null, virial: null, weights: { ...label.weights, energy: label.weights.energy / (weight * NOISE) },
  }));
}

/**
 * @param labels of all structures; energies without their baseline count, structures without one do not
 * @param start u, [element][channel], not zero
 * @throws InputError for features other than the power spectrum, and for fewer than five energies.
 */
export async function learnPseudoElements(
  backend: Backend, algebra: LinearAlgebra, labels: readonly FitStructure[], species: readonly number[], start: Float64Array,
  settings: Hyperparameters & Pick<FitConfiguration, "kernel" | "sparse">, { signal, onProgress }: JobOptions = {},
): Promise<LearnedElements> {
  const { cutoff, density, basis, features, kernel, sparse: { seed } } = settings;
  if (features.kind !== "power-spectrum") {
    throw new InputError("features of learned pseudo-elements", { key: "features.kind", expected: '"power-spectrum"', got: `"${features.kind}"` });
  }
  const { nMax, lMax } = basis;
  const shape = { elements: species.length, channels: start.length / species.length, nMax, lMax };
  const hyperparameters = { cutoff, density, basis: { ...basis, contraction: null }, features };
  const primitive = { species: species.length, nMax, lMax, mixed: true, centers: null };
  const sample = await drawSupervisedSample(backend, scaledEnergies(labels), hyperparameters, {
    signal, onProgress, primitive, species, environments: ENVIRONMENTS, directions: 0, seed,
  });
  const layout = contractedLayout(lMax, Array.from({ length: lMax + 1 }, () => ({ rows: shape.channels * nMax, columns: species.length * nMax })));
  const sparse = await chooseSparse(backend, algebra, sample, layout, contractionOf(start, shape), species, { features, kernel }, SPARSE_POINTS, seed, { signal });
  const loss = lossOfElements(createSupervisedLoss(algebra, { ...sample, layout, sparse, normalize: features.normalize, zeta: kernel.zeta, jitter: JITTER }), shape);

  const length = Math.hypot(...start);
  const scaled = (direction: Float64Array): Float64Array => direction.map((value) => length * value);
  const history: SupervisedLosses[] = [];
  let [best, step] = [start, 0];
  // A direction is a subspace of one dimension.
  await minimizeOnSubspaces(algebra, [{ rows: 1, columns: start.length }], start.map((value) => value / length), (direction) => {
    const found = loss(scaled(direction));
    return { ...found, gradient: () => scaled(found.gradient()) };
  }, {
    iterations: ITERATIONS, tolerance: TOLERANCE,
    onPoint: async (direction, { losses }) => {
      history.push(losses);
      if (losses.heldOut < history[step]!.heldOut) [best, step] = [scaled(direction), history.length - 1];
      onProgress?.({ stage: "pseudo-elements", done: history.length - 1, total: ITERATIONS });
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
      return history.length - 1 - step < PATIENCE;
    },
  });
  return { u: best, history, step };
}
