// The loss of a contraction: what a sparse GPR on its features misses of labels left out, Eq. (45), and its gradient in U, Eq. (47).
import {
  addContractionGradient, contractSpectrum, takeCenters, type ContractedLayout, type ContractedSpectrum, type PrimitiveBlocks,
} from "../features/contracted-spectrum.js";
import { foldResiduals } from "../kernel/fold-residuals.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";

/** Environments around centers of one element; the energy of each goes into one row of the regression. */
export interface EnvironmentGroup {
  readonly primitive: PrimitiveBlocks;
  /** Row, [environment]. */
  readonly row: Int32Array;
  /** L and Λ^{−1/2} of Eq. (17) in one number, [environment]. */
  readonly factor: Float64Array;
}

/** Labels and the environments whose energies they are made of, in one group for each center element. */
export interface LabeledEnvironments {
  readonly groups: readonly EnvironmentGroup[];
  /** Λ^{−1/2} y, [row]. */
  readonly targets: Float64Array;
}

export interface SupervisedProblem {
  readonly layout: ContractedLayout;
  readonly normalize: boolean;
  readonly zeta: number;
  /** Added to the diagonal of K_MM, relative to its mean. */
  readonly jitter: number;
  readonly fit: LabeledEnvironments;
  /** Rows of `fit` that are left out together. */
  readonly folds: readonly Int32Array[];
  /** Labels that no fit knows and no gradient sees. */
  readonly heldOut: LabeledEnvironments;
  /** Sparse points among the environments of `fit`, [group][point]. */
  readonly sparse: readonly Int32Array[];
}

/** Mean squares of what is missed, in units of the noise. */
export interface SupervisedLosses {
  /** Of the labels that the fit knows. */
  readonly training: number;
  /** Of labels left out, fold by fold: what is minimized. */
  readonly validation: number;
  /** Of labels that neither the fits nor the gradient knew. */
  readonly heldOut: number;
}

export interface SupervisedEvaluation {
  /** The validation loss. */
  readonly loss: number;
  readonly losses: SupervisedLosses;
  /** ∂ℒ/∂U of the validation loss, as U. */
  gradient(): Float64Array;
}

/** Environments per matrix product. */
const CHUNK = 512;

/** Features of some environments of a group, and their products with those of the sparse points. */
interface Chunk {
  /** First environment. */
  readonly first: number;
  readonly primitive: PrimitiveBlocks;
  readonly spectrum: ContractedSpectrum;
  /** p̂ · p̂_m, [environment][point]. */
  readonly products: Float64Array;
}

/** x^n for a whole number from 0 on; Math.pow is slower and leaves the last bits to the engine. */
function power(x: number, n: number): number {
  let product = 1;
  for (let k = 0; k < n; k++) product *= x;
  return product;
}

/** The loss as a function of U, all its matrices one behind the other. */
export function createSupervisedLoss(algebra: LinearAlgebra, problem: SupervisedProblem): (u: Float64Array) => SupervisedEvaluation {
  const { layout, normalize, zeta, fit, heldOut, folds, sparse } = problem;
  const points = sparse.reduce((sum, own) => sum + own.length, 0);
  const sparsePrimitive = sparse.map((own, s) => takeCenters(fit.groups[s]!.primitive, layout, own));
  const firstColumn = sparse.map((_, s) => sparse.slice(0, s).reduce((sum, own) => sum + own.length, 0));
  const spectrumOf = (u: Float64Array, primitive: PrimitiveBlocks, centers: number): ContractedSpectrum =>
    contractSpectrum(algebra, layout, u, primitive, centers, normalize);

  function* chunksOf(u: Float64Array, { primitive, row }: EnvironmentGroup, reference: ContractedSpectrum): Generator<Chunk> {
    for (let first = 0; first < row.length; first += CHUNK) {
      const count = Math.min(CHUNK, row.length - first);
      const part = layout.blocks.map(({ degree, columns }, block) => {
        const size = (2 * degree + 1) * columns;
        return primitive[block]!.subarray(first * size, (first + count) * size);
      });
      const spectrum = spectrumOf(u, part, count);
      const shape = { m: count, n: reference.centers, k: layout.size, transB: true };
      yield { first, primitive: part, spectrum, products: algebra.multiply(spectrum.values, reference.values, shape) };
    }
  }

  /** Λ^{−1/2} L K_NM, [row][point], from the chunks of each group. */
  function regressionRows({ groups, targets }: LabeledEnvironments, chunks: readonly Iterable<Chunk>[]): Float64Array {
    const rows = new Float64Array(targets.length * points);
    groups.forEach((group, s) => {
      const count = sparse[s]!.length;
      for (const { first, spectrum, products } of chunks[s]!) {
        for (let i = 0; i < spectrum.centers; i++) {
          const [factor, target] = [group.factor[first + i]!, group.row[first + i]! * points + firstColumn[s]!];
          for (let m = 0; m < count; m++) rows[target + m]! += factor * power(products[i * count + m]!, zeta);
        }
      }
    });
    return rows;
  }

  const productsBetween = ({ values, centers }: ContractedSpectrum): Float64Array =>
    algebra.multiply(values, values, { m: centers, n: centers, k: layout.size, transB: true });

  /** K_MM + jitter, blocks of center elements along the diagonal. */
  function priorOf(references: readonly ContractedSpectrum[]): Float64Array {
    const prior = new Float64Array(points * points);
    references.forEach((reference, s) => {
      const [count, first] = [reference.centers, firstColumn[s]!];
      productsBetween(reference).forEach((value, index) => {
        prior[(first + Math.floor(index / count)) * points + first + (index % count)] = power(value, zeta);
      });
      let trace = 0;
      for (let m = first; m < first + count; m++) trace += prior[m * points + m]!;
      for (let m = first; m < first + count; m++) prior[m * points + m]! += (problem.jitter * trace) / count;
    });
    return prior;
  }

  /** ∂ℒ/∂p̂_m through K_MM. */
  function priorGradient(reference: ContractedSpectrum, prior: Float64Array, first: number): Float64Array {
    const count = reference.centers;
    let trace = 0;
    for (let m = first; m < first + count; m++) trace += prior[m * points + m]!;
    const slopes = productsBetween(reference).map((value, index) => {
      const [row, column] = [Math.floor(index / count), index % count];
      // The jitter follows the mean of the diagonal.
      const jitter = row === column ? (problem.jitter * trace) / count : 0;
      return 2 * (prior[(first + row) * points + first + column]! + jitter) * zeta * power(value, zeta - 1);
    });
    return algebra.multiply(slopes, reference.values, { m: count, n: layout.size, k: count });
  }

  return (u) => {
    const references = sparse.map((own, s) => spectrumOf(u, sparsePrimitive[s]!, own.length));
    const prior = priorOf(references);
    const chunks = fit.groups.map((group, s) => [...chunksOf(u, group, references[s]!)]);
    const regression = foldResiduals(algebra, { rows: regressionRows(fit, chunks), prior, targets: fit.targets, folds });
    const held = heldOut.targets.length;
    const heldChunks = heldOut.groups.map((group, s) => chunksOf(u, group, references[s]!));
    const predicted = algebra.multiply(regressionRows(heldOut, heldChunks), regression.weights, { m: held, n: 1, k: points });
    const heldLoss = predicted.reduce((sum, value, row) => sum + (heldOut.targets[row]! - value) ** 2, 0) / held;

    const gradient = (): Float64Array => {
      const total = new Float64Array(u.length);
      const adjoint = regression.gradient();
      fit.groups.forEach((group, s) => {
        const reference = references[s]!;
        const count = reference.centers;
        const sparseGradient = priorGradient(reference, adjoint.prior, firstColumn[s]!);
        for (const { first, primitive, spectrum, products } of chunks[s]!) {
          const slopes = new Float64Array(products.length);
          for (let i = 0; i < spectrum.centers; i++) {
            const [factor, source] = [zeta * group.factor[first + i]!, group.row[first + i]! * points + firstColumn[s]!];
            for (let m = 0; m < count; m++) {
              slopes[i * count + m] = factor * adjoint.rows[source + m]! * power(products[i * count + m]!, zeta - 1);
            }
          }
          const own = algebra.multiply(slopes, reference.values, { m: spectrum.centers, n: layout.size, k: count });
          const shape = { m: count, n: layout.size, k: spectrum.centers, transA: true };
          algebra.multiply(slopes, spectrum.values, shape).forEach((value, index) => (sparseGradient[index]! += value));
          addContractionGradient(algebra, layout, primitive, spectrum, normalize, own, total);
        }
        addContractionGradient(algebra, layout, sparsePrimitive[s]!, reference, normalize, sparseGradient, total);
      });
      return total;
    };
    const losses = { training: regression.training, validation: regression.loss, heldOut: heldLoss };
    return { loss: regression.loss, losses, gradient };
  };
}
