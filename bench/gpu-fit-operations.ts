/**
 * Operations and bytes of the GPU's passes in a fit to forces, as in gpu-operations.ts: of data of one element, compressed, without an optimal basis,
 * its sparse points chosen by the host. Factors, leverage scores and normal equations are float64 on the host and not in it.
 * Letters as in operations.ts and gpu-operations.ts.
 */
import type { Hyperparameters } from "../src/features/hyperparameters.js";
import { listCounts, type ListSize } from "./gpu-list-operations.js";
import { addFeatures, addLists, Counter, layoutOf, PAIR, rowIndex, WORD, type PassCounts } from "./gpu-operations.js";
import { contractedGradientOperations, pairContractionOperations, type Environment } from "./operations.js";

/** Atoms whose rows are one sum, as in src/backend/gpu/fit-chunks.ts. */
const SEGMENT = 64;

/** Stages that make all features: the principal components, the sparse points, and the rows. */
const STAGES = 3;

export interface FitSize {
  readonly components: number;
  readonly points: number;
  readonly zeta: number;
  /** Atoms of each structure. */
  readonly structures: readonly number[];
}

export function fitPasses(
  hyperparameters: Hyperparameters, species: readonly number[], environments: readonly Environment[], lists: ListSize, size: FitSize,
): PassCounts {
  const counter = new Counter();
  const layout = layoutOf(hyperparameters, species);
  for (let stage = 1; stage <= STAGES; stage++) {
    addLists(counter, listCounts(species.length, environments, lists, stage === STAGES));
    addFeatures(counter, hyperparameters, layout, environments);
  }
  const { basis, features: { normalize } } = hyperparameters;
  const sum = (of: (environment: Environment) => number): number => environments.reduce((total, environment) => total + of(environment), 0);
  const { coefficients: C, features: F } = layout;
  const [rows, pairs] = [environments.length, sum((environment) => environment.pairs)];
  // Σ_m c ∂Y and Σ_m c Y of every density, I and I', per n and l.
  const contracted = basis.nMax * (basis.lMax + 1) * (4 * layout.densities + 2) * WORD;
  counter.add(
    "pair-contraction",
    sum((environment) => pairContractionOperations(basis, environment)),
    pairs * (PAIR + contracted) + rows * (rowIndex(layout.species) + C * WORD),
    layout.table + layout.recurrence,
  );
  counter.add(
    "spectrum-gradient",
    sum((environment) => contractedGradientOperations(basis, environment, normalize)),
    pairs * (PAIR + contracted + 3 * F * WORD) + rows * (rowIndex(layout.species) + (normalize ? F + 1 : 0) * WORD),
    layout.labels,
  );
  addRows(counter, F, rows, pairs, size);
  return counter.counts;
}

/** From features and their derivatives to the rows. */
function addRows(counter: Counter, F: number, rows: number, pairs: number, { components: q, points: M, zeta, structures }: FitSize): void {
  const derivatives = 3 * pairs;
  // Of the environments, for the sparse points; then of them and of the derivatives.
  counter.product("projection", 2 * rows + derivatives, F, q, false);
  counter.add("subtract-mean", rows * q, rows * 2 * q * WORD, q * WORD);
  // The last column is μ.
  counter.product("sparse points", rows + derivatives, q, M + 1, false);
  const product = (M + 1) * WORD;
  // A row is read and written.
  const row = 2 * M * WORD;
  const segments = structures.reduce((total, atoms) => total + Math.ceil(atoms / SEGMENT), 0);
  // Per pair the product with μ and six products added; per center s, ζ s^{ζ−1}, and six products added.
  const power = 2 + (zeta - 1);
  counter.add(
    "virial-rows",
    M * (pairs * (3 + 12) + rows * (power + 12)), (rows + derivatives) * product + pairs * PAIR + segments * 6 * row, M * WORD,
  );
  // Per pair the product with μ, added for the center, and a product added for the neighbor; per center ζ s^{ζ−1} and a product added.
  counter.add(
    "force-rows",
    M * (pairs * (3 + 3 + 6) + rows * (power + 6)), (rows + derivatives) * product + pairs * 2 * WORD + rows * 3 * row, M * WORD,
  );
}
