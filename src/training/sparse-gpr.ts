// Sparse Gaussian-process regression of energies, forces and virials, Eqs. (15)–(18).
import type { Backend, CenterProjection, FitCenter, FitStructure, JobOptions } from "../backend/backend.js";
import { InputError, NumericalError } from "../errors.js";
import { featureLayout, speciesOf } from "../features/feature-layout.js";
import { principalComponents, sampleSize } from "../features/principal-components.js";
import { createLinearAlgebra, type LinearAlgebra } from "../linalg/linear-algebra.js";
import type { CenterModel, Potential } from "../model/potential.js";
import { createRandom } from "../selection/random.js";
import { symbolOf } from "../structure/elements.js";
import { withOrigins } from "../structure/origin.js";
import type { LabeledStructure, Structure } from "../structure/structure.js";
import { findBaseline, type Baseline } from "./baseline.js";
import { checkLabels } from "./check-labels.js";
import type { FitConfiguration } from "./configuration.js";
import { parseFitConfiguration } from "./configuration-schema.js";
import type { FitResult } from "./fit-result.js";
import { countNoise, fitStructure } from "./fit-structure.js";
import { inspectData } from "./inspect-data.js";
import { withMultispectrum } from "./multispectrum.js";
import { withOptimalBasis } from "./optimal-basis.js";
import { portions } from "./portions.js";
import { selectEnvironments, shareOut } from "./sparse-points.js";

/** Jitter beyond which a K_MM that cannot be factored is called singular. */
const MAX_JITTER = 1e-4;

/**
 * Fits a potential to labelled structures.
 * @returns the potential, what the fit did, and the time of each stage
 * @throws InputError on settings out of range, labels out of range, when there is nothing to fit, or fewer environments than sparse points; NumericalError when the equations are singular.
 */
export async function fitPotential(
  backend: Backend,
  train: readonly LabeledStructure[],
  settings: FitConfiguration,
  options: JobOptions = {},
): Promise<FitResult> {
  const given = parseFitConfiguration(settings);
  const { sparse, kernel, noise, solver } = given;
  checkTargets(train);
  checkLabels(train);
  const watch = stopwatch();
  const algebra = await createLinearAlgebra();
  const structures = withOrigins(train.map(({ structure }) => structure));
  const species = speciesOf(structures);
  const baseline = findBaseline(train, species, given);
  const warnings = [...baseline.warnings, ...inspectData(train)];
  watch.stop("inspection");
  const data = train.map((labeled, index) => fitStructure({ ...labeled, structure: structures[index]! }, baseline.energies, noise));
  const contracted = await withOptimalBasis(backend, structures, given, { ...options, target: data.map(({ energy }) => energy) });
  if (given.optimalBasis) watch.stop("optimal basis");
  const configuration = await withMultispectrum(backend, structures, contracted, options);
  if (configuration !== contracted) watch.stop("multispectrum");
  const counts = countCenters(structures, species);
  const share = shareOut(sparse.count, species, counts);

  const projections = await compress(backend, algebra, structures, species, configuration, options);
  watch.stop("compression");
  const components = await backend.computeComponents(structures, configuration, species, projections, options);
  watch.stop("features");
  const random = createRandom(sparse.seed);
  const centers: FitCenter[] = [];
  let jitter = solver.jitter;
  for (const [s, center] of projections.entries()) {
    const points = components.get(center.species)!;
    if (!points.some((value) => value !== 0)) refuseZeroFeatures(center.species, configuration);
    const taken = await selectEnvironments(backend, algebra, points, center.size, share[s]!, sparse.method, kernel.zeta, random, options);
    const sparsePoints = new Float64Array(taken.length * center.size);
    taken.forEach((point, index) => sparsePoints.set(points.subarray(point * center.size, (point + 1) * center.size), index * center.size));
    const factored = factorKernel(algebra, sparsePoints, center.size, kernel.zeta, solver.jitter);
    jitter = Math.max(jitter, factored.jitter);
    centers.push({ ...center, sparsePoints, factor: factored.factor });
    options.signal?.throwIfAborted();
  }
  watch.stop("sparse points");

  const { weights, rows } = await solve(backend, algebra, data, configuration, species, centers, options, watch);
  options.signal?.throwIfAborted();
  const potential = assemble(configuration, species, baseline, centers, weights, algebra);
  watch.stop("solve");
  return {
    potential,
    warnings,
    seconds: watch.seconds,
    diagnostics: {
      baseline: {
        kind: baseline.kind,
        energies: Object.fromEntries([...baseline.energies].map(([z, energy]) => [symbolOf(z), energy])),
      },
      sparse: Object.fromEntries(potential.centers.map((center) => [symbolOf(center.species), center.weights.length])),
      features: featureLayout(configuration, species).size,
      components: Object.fromEntries(potential.centers.map((center) => [symbolOf(center.species), center.size])),
      jitter,
      weightSum: potential.centers.reduce((sum, center) => sum + center.weights.reduce((part, weight) => part + Math.abs(weight), 0), 0),
      environments: counts.reduce((a, b) => a + b, 0),
      rows: rows - data.reduce((sum, one) => sum + absentRows(one), 0),
      noise: countNoise(train, noise),
    },
  };
}

function checkTargets(train: readonly LabeledStructure[]): void {
  if (train.length === 0) throw new InputError("nothing to train on", { expected: "at least one structure", got: "none" });
  if (train.some(({ labels }) => labels.energy !== null || labels.forces || labels.virial)) return;
  throw new InputError("no labels to train on", {
    expected: "energies, forces or virials in some structure",
    got: `none in ${train.length} structures`,
  });
}

/** Rows of components that are not labelled, and have weight 0. */
function absentRows({ forces, virial, weights }: FitStructure): number {
  const zeros = (label: Float64Array | null, own: number | Float64Array): number =>
    label === null || typeof own === "number" ? 0 : own.reduce((sum, weight) => sum + Number(weight === 0), 0);
  return zeros(forces, weights.forces) + zeros(virial, weights.virial);
}

/** @throws InputError: without features the kernel is zero between all environments of an element, and nothing can be fitted with it. */
function refuseZeroFeatures(z: number, { density, cutoff }: FitConfiguration): never {
  throw new InputError(`all features of ${symbolOf(z)} are zero`, {
    expected: "a center weight other than 0 or atoms with neighbors within the cutoff, and no basis.contraction of zeros",
    got: `density.centerWeight ${density.centerWeight}, cutoff.radius ${cutoff.radius} Å`,
  });
}

function countCenters(structures: readonly Structure[], species: readonly number[]): number[] {
  const counts = new Map(species.map((z) => [z, 0]));
  for (const structure of structures) for (const z of structure.species) counts.set(z, counts.get(z)! + 1);
  return species.map((z) => counts.get(z)!);
}

/** One projection per center element, from a sample of environments spread evenly over the dataset. */
async function compress(
  backend: Backend,
  algebra: LinearAlgebra,
  structures: readonly Structure[],
  species: readonly number[],
  configuration: FitConfiguration,
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
function factorKernel(
  algebra: LinearAlgebra,
  points: Float64Array,
  size: number,
  zeta: number,
  jitter: number,
): { factor: Float64Array; jitter: number } {
  const count = points.length / size;
  const kernel = algebra.multiply(points, points, { m: count, n: count, k: size, transB: true });
  let trace = 0;
  for (let k = 0; k < kernel.length; k++) kernel[k] = kernel[k]! ** zeta;
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

/** w of Eq. (18). */
async function solve(
  backend: Backend,
  algebra: LinearAlgebra,
  data: readonly FitStructure[],
  configuration: FitConfiguration,
  species: readonly number[],
  centers: readonly FitCenter[],
  options: JobOptions,
  watch: Stopwatch,
): Promise<{ weights: Float64Array; rows: number }> {
  const zeta = configuration.kernel.zeta;
  if (configuration.solver.method === "qr") {
    const { values, targets } = await backend.computeFitRows(data, configuration, species, zeta, centers, options);
    watch.stop("kernel rows");
    const columns = values.length / Math.max(1, targets.length);
    const stacked = new Float64Array((targets.length + columns) * columns);
    stacked.set(values);
    for (let k = 0; k < columns; k++) stacked[(targets.length + k) * columns + k] = 1;
    const right = new Float64Array(targets.length + columns);
    right.set(targets);
    return { weights: algebra.leastSquares(stacked, targets.length + columns, columns, right), rows: targets.length };
  }
  const { gram, right, rows } = await backend.accumulateNormalEquations(data, configuration, species, zeta, centers, options);
  watch.stop("kernel rows");
  const columns = right.length;
  for (let k = 0; k < columns; k++) gram[k * columns + k]! += 1;
  const factor = algebra.cholesky(gram, columns);
  return { weights: algebra.solveLowerTransposed(factor, algebra.solveLower(factor, right, columns), columns), rows };
}

/** x = G^{−ᵀ} w, element by element. */
function assemble(
  configuration: FitConfiguration,
  species: readonly number[],
  { energies, kind }: Baseline,
  centers: readonly FitCenter[],
  weights: Float64Array,
  algebra: LinearAlgebra,
): Potential {
  let column = 0;
  const models = centers.map(({ factor, ...center }): CenterModel => {
    const count = center.sparsePoints.length / center.size;
    const own = algebra.solveLowerTransposed(factor, weights.slice(column, column + count), count);
    column += count;
    return { ...center, weights: own };
  });
  if (!models.every(({ weights: own }) => own.every(Number.isFinite)))
    throw new NumericalError("the fit gave weights that are not finite", { expected: "a larger solver.jitter, or fewer sparse points" });
  const { cutoff, density, basis, features, kernel } = configuration;
  return { hyperparameters: { cutoff, density, basis, features }, species, zeta: kernel.zeta, baseline: energies, centers: models, provenance: { baseline: kind } };
}

interface Stopwatch {
  readonly seconds: Record<string, number>;
  /** Books the time since the last stop under this name. */
  stop(stage: string): void;
}

function stopwatch(): Stopwatch {
  const seconds: Record<string, number> = {};
  let last = performance.now();
  return {
    seconds,
    stop(stage) {
      const now = performance.now();
      seconds[stage] = (seconds[stage] ?? 0) + (now - last) / 1000;
      last = now;
    },
  };
}
