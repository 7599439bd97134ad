// What one term of a fit is made of before its weights are known: features adapted to the data, their components, sparse points, and the factor of K_MM.
import type { Backend, CenterProjection, FitCenter, FitStructure, FitTerm, JobOptions } from "../backend/backend.js";
import { InputError, NumericalError } from "../errors.js";
import { featureLayout } from "../features/feature-layout.js";
import { principalComponents, sampleSize } from "../features/principal-components.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import { createRandom } from "../selection/random.js";
import { symbolOf } from "../structure/elements.js";
import type { Structure } from "../structure/structure.js";
import { withMultispectrum } from "./multispectrum.js";
import { withOptimalBasis } from "./optimal-basis.js";
import { withPseudoElements } from "./pseudo-elements.js";
import { portions } from "./portions.js";
import { selectEnvironments, shareOut } from "./sparse-points.js";
import type { Stopwatch } from "./stopwatch.js";
import type { TermSettings } from "./term-settings.js";

/** Jitter beyond which a K_MM that cannot be factored is called singular. */
const MAX_JITTER = 1e-4;

export interface PreparedTerm extends FitTerm {
  /** Features before they are compressed. */
  readonly features: number;
  /** Largest relative jitter that K_MM needed. */
  readonly jitter: number;
}

/**
 * @param settings of the term, and the least jitter
 * @param labels energies without their baseline, for a basis or pseudo-elements that are to serve them; null where these may know of none
 */
export async function prepareTerm(
  backend: Backend,
  algebra: LinearAlgebra,
  structures: readonly Structure[],
  species: readonly number[],
  settings: TermSettings & { readonly jitter: number },
  labels: readonly FitStructure[] | null,
  watch: Stopwatch,
  options: JobOptions,
): Promise<PreparedTerm> {
  const { sparse, kernel: { zeta, delta } } = settings;
  const compressed = await withPseudoElements(backend, structures, settings, labels, options);
  if (settings.pseudoElements) watch.stop("pseudo-elements");
  const contracted = await withOptimalBasis(backend, structures, compressed, { ...options, target: labels?.map(({ energy }) => energy) });
  if (settings.optimalBasis) watch.stop("optimal basis");
  const configuration = await withMultispectrum(backend, structures, contracted, options);
  if (configuration !== contracted) watch.stop("multispectrum");
  if (sparse.method === "unit-vectors" && zeta !== 1) {
    throw new InputError("unit vectors are the points of a linear kernel", { key: "kernel.zeta", expected: "1 with sparse.method \"unit-vectors\"", got: String(zeta) });
  }
  const projections = await compress(backend, algebra, structures, species, configuration, options);
  watch.stop("compression");
  const { cutoff, density, basis, features } = configuration;
  const hyperparameters = { cutoff, density, basis, features };
  const size = featureLayout(hyperparameters, species).size;
  // K_MM = 1, so that G = 1/δ.
  if (sparse.method === "unit-vectors") {
    const centers = projections.map((center): FitCenter => ({ ...center, sparsePoints: diagonal(center.size, 1), factor: diagonal(center.size, 1 / delta) }));
    return { hyperparameters, zeta, centers, features: size, jitter: 0 };
  }
  const share = shareOut(sparse.count, species, countCenters(structures, species));
  const components = await backend.computeComponents(structures, configuration, species, projections, options);
  watch.stop("features");
  const random = createRandom(sparse.seed);
  const centers: FitCenter[] = [];
  let { jitter } = settings;
  for (const [s, center] of projections.entries()) {
    const points = components.get(center.species)!;
    if (!points.some((value) => value !== 0)) refuseZeroFeatures(center.species, configuration);
    const taken = await selectEnvironments(backend, algebra, points, center.size, share[s]!, sparse.method, zeta, random, options);
    const sparsePoints = new Float64Array(taken.length * center.size);
    taken.forEach((point, index) => sparsePoints.set(points.subarray(point * center.size, (point + 1) * center.size), index * center.size));
    const kernel = algebra.multiply(sparsePoints, sparsePoints, { m: taken.length, n: taken.length, k: center.size, transB: true });
    for (let k = 0; k < kernel.length; k++) kernel[k] = kernel[k]! ** zeta;
    const factored = factorKernel(algebra, kernel, taken.length, settings.jitter);
    jitter = Math.max(jitter, factored.jitter);
    // k = δ² (z · z')^ζ: with G/δ in place of G the weights belong to the kernel without δ.
    centers.push({ ...center, sparsePoints, factor: delta === 1 ? factored.factor : factored.factor.map((value) => value / delta) });
    options.signal?.throwIfAborted();
  }
  watch.stop("sparse points");
  return { hyperparameters, zeta, centers, features: size, jitter };
}

function diagonal(size: number, value: number): Float64Array {
  const out = new Float64Array(size * size);
  for (let k = 0; k < size; k++) out[k * size + k] = value;
  return out;
}

/** @throws InputError: without features the kernel is zero between all environments of an element, and nothing can be fitted with it. */
function refuseZeroFeatures(z: number, { density, cutoff }: TermSettings): never {
  throw new InputError(`all features of ${symbolOf(z)} are zero`, {
    expected: "a center weight other than 0 or atoms with neighbors within the cutoff, and no basis.contraction of zeros",
    got: `density.centerWeight ${density.centerWeight}, cutoff.radius ${cutoff.radius} Å`,
  });
}

export function countCenters(structures: readonly Structure[], species: readonly number[]): number[] {
  const counts = new Map(species.map((z) => [z, 0]));
  for (const structure of structures) for (const z of structure.species) counts.set(z, counts.get(z)! + 1);
  return species.map((z) => counts.get(z)!);
}

/** One projection per center element, from a sample of environments spread evenly over the dataset. */
export async function compress(
  backend: Backend,
  algebra: LinearAlgebra,
  structures: readonly Structure[],
  species: readonly number[],
  configuration: TermSettings,
  options: JobOptions,
): Promise<CenterProjection[]> {
  const size = featureLayout(configuration, species).size;
  const { compression } = configuration;
  if (!compression) return species.map((z) => ({ species: z, projection: null, size }));
  const counts = countCenters(structures, species);
  const wanted = sampleSize(size);
  const samples = species.map((_, s) => new Float64Array(Math.min(wanted, counts[s]!) * size));
  const [seen, filled] = [species.map(() => 0), species.map(() => 0)];
  const total = counts.reduce((a, b) => a + b, 0);
  let done = 0;
  for (const part of portions(structures)) {
    const features = await backend.computeFeatures(part, configuration, { species, signal: options.signal });
    features.centers.forEach((z, row) => {
      const s = species.indexOf(z);
      const limit = Math.min(wanted, counts[s]!);
      // Evenly spaced: the k-th sample is the first environment at or behind k·count/limit.
      if (filled[s]! * counts[s]! <= seen[s]! * limit) samples[s]!.set(features.values.subarray(row * size, (row + 1) * size), filled[s]!++ * size);
      seen[s]!++;
    });
    done += features.centers.length;
    options.onProgress?.({ stage: "compression", done, total });
  }
  return species.map((z, s) => {
    const { projection, count } = principalComponents(
      algebra,
      samples[s]!.subarray(0, filled[s]! * size),
      size,
      compression.threshold,
      compression.maxComponents ?? Infinity,
    );
    if (count === 0) refuseZeroFeatures(z, configuration);
    return { species: z, projection, size: count };
  });
}

/** G with K_MM + jitter = G Gᵀ. The jitter grows by tens until the factorization exists. */
export function factorKernel(algebra: LinearAlgebra, kernel: Float64Array, count: number, jitter: number): { factor: Float64Array; jitter: number } {
  let trace = 0;
  for (let k = 0; k < count; k++) trace += kernel[k * count + k]!;
  for (let used = Math.max(jitter, 1e-14); ; used *= 10) {
    const matrix = kernel.slice();
    for (let k = 0; k < count; k++) matrix[k * count + k]! += (used * trace) / count;
    try {
      return { factor: algebra.cholesky(matrix, count), jitter: used };
    } catch (error) {
      if (!(error instanceof NumericalError) || used >= MAX_JITTER) throw error;
    }
  }
}
