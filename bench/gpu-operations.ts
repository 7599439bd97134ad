/**
 * Operations and bytes of every pass of the GPU backend, by the label under which src/backend/gpu/pass-timer.ts gives its time.
 * Operations as in operations.ts: what the mathematics asks for, without padding. Bytes: what has to pass through the GPU's memory, every number of
 * a row that a pass reads or writes taken once (float32), whatever the pass really loads; `resident`: tables and matrices that all rows
 * share, once per dispatch.
 *
 * Letters as in operations.ts; C numbers of a center's coefficients, S densities, P neighbors, F features of the layout.
 */
import { createFeatureTables } from "../src/backend/gpu/feature-tables.js";
import type { Hyperparameters } from "../src/features/hyperparameters.js";
import { listCounts, type ListSize } from "./gpu-list-operations.js";
import {
  expansionOperations, pairForceOperations, spectrumAdjointOperations, spectrumOperations, type Environment, type KernelSize,
} from "./operations.js";

/** Of one call: of all its rows, and of one dispatch. */
export interface PassCount {
  readonly operations: number;
  readonly bytes: number;
  readonly resident: number;
}

export type PassCounts = ReadonlyMap<string, PassCount>;

/** Bytes of a float32 or of an index. */
export const WORD = 4;
/** 1/|p|, δ·μ, energy, s·δ of a row. */
const ROW_SUMS = 4 * WORD;
/** Center and element of a row, and its first pair of each element. */
export const rowIndex = (species: number): number => (2 + species) * WORD;
/** r_ij and |r_ij|. */
export const PAIR = 4 * WORD;
/** x, y, z. */
const VECTOR = 3 * WORD;

/** Centers whose virial is one sum, as in src/backend/gpu/virial-pass.ts. */
const SEGMENT = 128;

/** Above it src/backend/gpu/centered-model.ts leaves out the quadratic form. */
const MAX_CURVATURE = 1024;

/** Sizes that all environments share. */
export interface Layout {
  readonly species: number;
  readonly densities: number;
  readonly coefficients: number;
  readonly features: number;
  /** Bytes of the radial table, the harmonics' factors, and the features' labels. */
  readonly table: number;
  readonly recurrence: number;
  readonly labels: number;
}

export function layoutOf(hyperparameters: Hyperparameters, species: readonly number[]): Layout {
  const { layout, lMax, nMax, table, recurrence, labels } = createFeatureTables(hyperparameters, species);
  return {
    species: species.length, densities: layout.densities, features: layout.size, coefficients: layout.densities * (lMax + 1) ** 2 * nMax,
    table: table.byteLength, recurrence: recurrence.byteLength, labels: labels.byteLength,
  };
}

export class Counter {
  readonly counts = new Map<string, PassCount>();

  /** What runs again under the same label is added. */
  add(label: string, operations: number, bytes: number, resident = 0): void {
    const before = this.counts.get(label);
    this.counts.set(label, { operations: (before?.operations ?? 0) + operations, bytes: (before?.bytes ?? 0) + bytes, resident });
  }

  /** `rows` times a resident matrix; `adds` when the result is added to what stands there. */
  product(use: string, rows: number, inner: number, columns: number, adds: boolean): void {
    this.add(
      `matrix-product: ${use}`,
      rows * columns * (2 * inner + Number(adds)), rows * (inner + (adds ? 2 : 1) * columns) * WORD, inner * columns * WORD,
    );
  }
}

function sum(environments: readonly Environment[], operations: (environment: Environment) => number): number {
  return environments.reduce((total, environment) => total + operations(environment), 0);
}

/** Positions to features. */
export function featurePasses(
  hyperparameters: Hyperparameters, species: readonly number[], environments: readonly Environment[], lists: ListSize,
): PassCounts {
  const counter = new Counter();
  addLists(counter, listCounts(species.length, environments, lists, false));
  addFeatures(counter, hyperparameters, layoutOf(hyperparameters, species), environments);
  return counter.counts;
}

export function addLists(counter: Counter, counts: ReturnType<typeof listCounts>): void {
  for (const count of counts) counter.add(...count);
}

export function addFeatures(
  counter: Counter, { basis, features: { normalize } }: Hyperparameters, layout: Layout, environments: readonly Environment[],
): void {
  const rows = environments.length;
  const pairs = sum(environments, (environment) => environment.pairs);
  const { coefficients: C, features: F } = layout;
  const expansion = sum(environments, (environment) => expansionOperations(basis, environment));
  counter.add("density-coefficients", expansion, pairs * PAIR + rows * (rowIndex(layout.species) + C * WORD), layout.table + layout.recurrence);
  const spectrum = sum(environments, (environment) => spectrumOperations(basis, environment, normalize));
  counter.add("power-spectrum", spectrum, rows * ((C + F) * WORD + ROW_SUMS), layout.labels);
}

/**
 * Energy, and with forces the way back and the sums, of centers of one element in one structure.
 * @param kernel `components` null: the features themselves are z
 */
export function energyForcePasses(
  hyperparameters: Hyperparameters, species: readonly number[], environments: readonly Environment[], lists: ListSize, kernel: KernelSize,
): PassCounts {
  const counter = new Counter();
  const layout = layoutOf(hyperparameters, species);
  addLists(counter, listCounts(species.length, environments, lists, true));
  addFeatures(counter, hyperparameters, layout, environments);
  addKernel(counter, hyperparameters, layout, environments.length, kernel);
  const { basis, features: { normalize } } = hyperparameters;
  const rows = environments.length;
  const pairs = sum(environments, (environment) => environment.pairs);
  const { coefficients: C, features: F } = layout;
  counter.add(
    "power-spectrum-adjoint",
    sum(environments, (environment) => spectrumAdjointOperations(basis, environment, normalize)),
    // A normalized p̂ is read, and the gradient changed in its place.
    rows * ((2 * C + (normalize ? 3 : 1) * F) * WORD + (normalize ? ROW_SUMS : 0)),
    layout.species ** 2 * WORD,
  );
  counter.add(
    "pair-forces",
    sum(environments, (environment) => pairForceOperations(basis, environment)),
    pairs * (PAIR + VECTOR) + rows * (rowIndex(layout.species) + C * WORD),
    layout.table + layout.recurrence,
  );
  // Two vectors are added per pair; each pair force has two readers, and comes from memory once.
  counter.add("force-gather", 6 * pairs, pairs * (VECTOR + WORD) + rows * (layout.species * WORD + VECTOR));
  // Centers of each segment in, nine sums out.
  counter.add("virial", 18 * pairs, pairs * (PAIR + VECTOR) + Math.ceil(rows / SEGMENT) * (2 + 9) * WORD);
  return counter.counts;
}

function addKernel(
  counter: Counter, { features: { normalize } }: Hyperparameters, { features: F }: Layout, rows: number, { components, points: M, zeta }: KernelSize,
): void {
  const q = components ?? F;
  const curved = zeta >= 2 && q <= MAX_CURVATURE;
  const order = curved ? 3 : 2;
  const hasPoints = order <= zeta;
  const product = (use: string, inner: number, columns: number, adds: boolean): void => counter.product(use, rows, inner, columns, adds);
  if (components !== null) product("projection", F, q, false);
  // δ, and its products with μ, g and s.
  counter.add("centered-features", rows * 7 * q, rows * (2 * q * WORD + 2 * ROW_SUMS), 4 * q * WORD);
  if (curved) {
    product("curvature", q, q, false);
    counter.add("curvature", rows * 2 * q, rows * (2 * q * WORD + 2 * ROW_SUMS));
  }
  if (hasPoints) product("sparse points", q, M, false);
  // t and s; 1, 2 and 2 (twice 2 of order 3) per power; the energy, the derivative, and their sums.
  const point = hasPoints ? 2 + (zeta - order) * (order === 3 ? 7 : 5) + (order === 3 ? 6 : 5) + 2 : 0;
  const accumulates = curved && components === null;
  counter.add(
    "kernel",
    rows * (M * point + F * (2 + Number(normalize) + Number(accumulates))),
    rows * ((hasPoints ? 2 * M : 0) + F * (1 + Number(normalize) + Number(accumulates))) * WORD + rows * (ROW_SUMS + 4 * WORD),
    ((hasPoints ? 2 * M : 0) + 2 * F) * WORD,
  );
  if (hasPoints) product("sparse points, transposed", M, q, curved || components === null);
  if (components !== null && (curved || hasPoints)) product("projection, transposed", q, F, true);
}
