// The products and matrices of a multispectrum, Eq. (52), from a sample of a dataset's environments: one order after the other, the products of largest
// variance, and the principal components of their covariance over the components μ.
import { coupling, type Parity } from "../angular/clebsch-gordan.js";
import type { Backend, JobOptions } from "../backend/backend.js";
import { productParity } from "../features/chain.js";
import { speciesOf } from "../features/feature-layout.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import type { Iteration, IterationBlock } from "../features/multispectrum.js";
import { createLinearAlgebra, type LinearAlgebra } from "../linalg/linear-algebra.js";
import type { Structure } from "../structure/structure.js";
import { portions } from "./portions.js";

/** Environments that the matrices are made from: a few for each product. */
const SAMPLE = 1500;
/** Rows (environment, μ) of the covariance of one block. */
const ROWS = 6000;

/** Components of all environments of one block, [channel][environment][μ], and their mean square Σ_μ A², [channel]. */
interface Components {
  readonly lambda: number;
  readonly parity: Parity;
  readonly channels: number;
  readonly values: Float64Array;
  readonly variances: Float64Array;
}

function withVariances(lambda: number, parity: Parity, channels: number, values: Float64Array): Components {
  const length = values.length / channels;
  const environments = length / (2 * lambda + 1);
  const variances = Float64Array.from({ length: channels }, (_, q) =>
    values.subarray(q * length, (q + 1) * length).reduce((sum, value) => sum + value * value, 0) / environments);
  return { lambda, parity, channels, values, variances };
}

/** Density coefficients of environments spread evenly over the structures, one block per degree. */
async function sampleCoefficients(
  backend: Backend, structures: readonly Structure[], hyperparameters: Hyperparameters, species: readonly number[], { signal }: JobOptions,
): Promise<Components[]> {
  const total = structures.reduce((sum, { species: own }) => sum + own.length, 0);
  const wanted = Math.min(SAMPLE, total);
  const rows: Float64Array[] = [];
  let seen = 0;
  for (const part of portions(structures)) {
    const { values, size, centers } = await backend.computeDensityCoefficients(part, hyperparameters, { species, signal });
    for (let center = 0; center < centers.length; center++, seen++) {
      // The k-th of the sample is the first environment at or behind k·total/wanted.
      if (rows.length * total <= seen * wanted && rows.length < wanted) rows.push(values.slice(center * size, (center + 1) * size));
    }
  }
  const orders = (hyperparameters.basis.lMax + 1) ** 2;
  const channels = rows[0]!.length / orders;
  return Array.from({ length: hyperparameters.basis.lMax + 1 }, (_, l) => {
    const width = 2 * l + 1;
    const values = new Float64Array(channels * rows.length * width);
    rows.forEach((row, environment) => {
      for (let channel = 0; channel < channels; channel++) {
        for (let m = 0; m < width; m++) values[(channel * rows.length + environment) * width + m] = row[channel * orders + l * l + m]!;
      }
    });
    return withVariances(l, 1, channels, values);
  });
}

/** A product of two channels, and what its variance is about. */
type Candidate = readonly [left: number, l: number, a: number, b: number, variance: number];

/** The products (λ, σ) of one order with the densities that have most variance, sorted by their blocks. */
function bestProducts(before: readonly Components[], densities: readonly Components[], lambda: number, parity: Parity, most: number): Candidate[] {
  const found: Candidate[] = [];
  const first = before === densities;
  before.forEach((block, left) => {
    densities.forEach((density, l) => {
      if (lambda < Math.abs(block.lambda - l) || lambda > block.lambda + l || productParity(block, density, lambda) !== parity) return;
      // Two densities: each unordered pair once, and none that is antisymmetric in equal ones.
      if (first && left > l) return;
      const same = first && left === l;
      for (let a = 0; a < block.channels; a++) {
        for (let b = same ? (lambda % 2 === 0 ? a : a + 1) : 0; b < density.channels; b++) {
          const variance = (block.variances[a]! * density.variances[b]!) / ((2 * block.lambda + 1) * (2 * l + 1));
          if (variance > 0) found.push([left, l, a, b, variance]);
        }
      }
    });
  });
  return found
    .sort((x, y) => y[4] - x[4])
    .slice(0, most)
    .sort((x, y) => x[0] - y[0] || x[1] - y[1] || x[2] - y[2] || x[3] - y[3]);
}

/** A product over all environments times a factor, [environment][μ]. */
function multiply(block: Components, a: number, density: Components, b: number, lambda: number, factor: number, out: Float64Array): void {
  const { indices, values } = coupling(block.lambda, density.lambda, lambda);
  const [w1, w2, w] = [2 * block.lambda + 1, 2 * density.lambda + 1, 2 * lambda + 1];
  const environments = out.length / w;
  const [left, right] = [a * environments * w1, b * environments * w2];
  for (let environment = 0; environment < environments; environment++) {
    const [x, y, z] = [left + environment * w1, right + environment * w2, environment * w];
    for (let term = 0; term < values.length; term++) {
      out[z + indices[3 * term + 2]!]! += factor * values[term]! * block.values[x + indices[3 * term]!]! * density.values[y + indices[3 * term + 1]!]!;
    }
  }
}

/** Principal components of the products; null where nothing varies. */
function contract(
  algebra: LinearAlgebra, before: readonly Components[], densities: readonly Components[], products: readonly Candidate[],
  lambda: number, parity: Parity, { threshold, maxComponents }: { readonly threshold: number; readonly maxComponents: number },
): { block: IterationBlock; components: Components } | null {
  const width = 2 * lambda + 1;
  const environments = densities[0]!.values.length / densities[0]!.channels;
  const length = environments * width;
  const rows = new Float64Array(products.length * length);
  // Two densities: an unordered pair stands for both orders.
  const factors = products.map(([left, l, a, b]) => (before === densities && (left !== l || a !== b) ? Math.SQRT2 : 1));
  products.forEach(([left, l, a, b], product) =>
    multiply(before[left]!, a, densities[l]!, b, lambda, factors[product]!, rows.subarray(product * length, (product + 1) * length)));
  const used = width * Math.min(environments, Math.ceil(ROWS / width));
  const sample = used === length ? rows : thinned(rows, products.length, environments, width, used / width);
  const count = products.length;
  const gram = algebra.multiply(sample, sample, { m: count, n: count, k: used, transB: true });
  const { values, vectors } = algebra.symmetricEigen(gram, count);
  let total = 0;
  for (let k = 0; k < count; k++) total += gram[k * count + k]!;
  if (!(total > 0)) return null;
  let kept = 0;
  let residual = 1;
  while (kept < Math.min(count, maxComponents) && residual > threshold && values[kept]! > 1e-14 * values[0]!) residual -= values[kept++]! / total;
  const matrix = vectors.slice(0, kept * count);
  const block = { lambda, parity, products: products.flatMap(([left, l, a, b]) => [left, l, a, b]), matrix: Array.from(matrix, (value, k) => value * factors[k % count]!) };
  return { block, components: withVariances(lambda, parity, kept, algebra.multiply(matrix, rows, { m: kept, n: length, k: count })) };
}

/** Every row with some of its environments, spread evenly. */
function thinned(rows: Float64Array, count: number, environments: number, width: number, wanted: number): Float64Array {
  const out = new Float64Array(count * wanted * width);
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < wanted; k++) {
      const from = (row * environments + Math.floor((k * environments) / wanted)) * width;
      out.set(rows.subarray(from, from + width), (row * wanted + k) * width);
    }
  }
  return out;
}

/** 1 over the root mean square length of an order's invariants; 0 where there are none. */
function scaleOf(blocks: readonly Components[], pseudoscalars: boolean): number {
  const invariants = blocks.filter(({ lambda, parity }) => lambda === 0 && (parity === 1 || pseudoscalars));
  const square = invariants.reduce((sum, { variances }) => sum + variances.reduce((part, value) => part + value, 0), 0);
  return square > 0 ? 1 / Math.sqrt(square) : 0;
}

/**
 * The hyperparameters with the matrices of their multispectrum, made from the structures where they are not there yet; others as they are.
 * @param options `species`: elements that the features resolve; by default those of the structures
 */
export async function withMultispectrum<Settings extends Hyperparameters>(
  backend: Backend, structures: readonly Structure[], settings: Settings, options: JobOptions & { readonly species?: readonly number[] } = {},
): Promise<Settings> {
  const { features, basis } = settings;
  if (features.kind !== "multispectrum" || features.iteration) return settings;
  const { order = 3, threshold = 1e-4, maxComponents = 60, maxProducts = 500, pseudoscalars = false } = features;
  const algebra = await createLinearAlgebra();
  const densities = await sampleCoefficients(backend, structures, settings, options.species ?? speciesOf(structures), options);
  const orders: IterationBlock[][] = [];
  const scales = [scaleOf(densities, pseudoscalars)];
  let before: readonly Components[] = densities;
  const blocks = 2 * (order - 2) * (basis.lMax + 1) + (pseudoscalars ? 2 : 1);
  let done = 0;
  for (let nu = 2; nu <= order; nu++) {
    const made: { block: IterationBlock; components: Components }[] = [];
    // The last order gives features alone; others give every degree to the next.
    for (let lambda = 0; lambda <= (nu === order ? 0 : basis.lMax); lambda++) {
      for (const parity of nu === order && !pseudoscalars ? ([1] as const) : ([1, -1] as const)) {
        options.signal?.throwIfAborted();
        options.onProgress?.({ stage: "multispectrum", done: done++, total: blocks });
        // Between two blocks others have their turn: a block may take a second.
        await new Promise((resolve) => setTimeout(resolve));
        const products = bestProducts(before, densities, lambda, parity, maxProducts);
        const found = products.length > 0 ? contract(algebra, before, densities, products, lambda, parity, { threshold, maxComponents }) : null;
        if (found) made.push(found);
      }
    }
    orders.push(made.map(({ block }) => block));
    before = made.map(({ components }) => components);
    scales.push(scaleOf(before, pseudoscalars));
  }
  const iteration: Iteration = { orders, scales };
  return { ...settings, features: { ...features, iteration } };
}
