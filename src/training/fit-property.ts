// Regression of a scalar or tensor property of structures or atoms, Eqs. (54)–(56): each irreducible part has λ-SOAP features and a kernel of its own and
// shares the sparse points; the noise of each is the one that generalized cross-validation finds.
import { tensorParts, partOf, type TensorPart } from "../angular/cartesian-tensor.js";
import type { Backend, JobOptions } from "../backend/backend.js";
import { InputError, type DataWarning } from "../errors.js";
import { speciesOf } from "../features/feature-layout.js";
import { createLinearAlgebra, type LinearAlgebra } from "../linalg/linear-algebra.js";
import { componentsOf, propertyRanks, type PropertyCenter, type PropertyModel, type PropertyPart } from "../model/property-model.js";
import { createRandom } from "../selection/random.js";
import { symbolOf } from "../structure/elements.js";
import { withOrigins } from "../structure/origin.js";
import type { Structure } from "../structure/structure.js";
import { leastSquares } from "./baseline.js";
import type { FitConfiguration } from "./configuration.js";
import { compress, countCenters, factorKernel } from "./fit-term.js";
import { withPseudoElements } from "./pseudo-elements.js";
import { withOptimalBasis } from "./optimal-basis.js";
import type { PropertyData } from "./property-data.js";
import { scalarComponents, scalarHyperparameters, tensorComponents, tensorHyperparameters, tensorProjections } from "./property-features.js";
import { tensorKernel, tensorRows, type TensorPoints } from "./property-rows.js";
import { solveByCrossValidation } from "./cross-validated-ridge.js";
import { selectEnvironments, shareOut } from "./sparse-points.js";

/** A part whose share of the whole is below this is not there: a symmetric tensor written with nine numbers has no antisymmetric part. */
const NOTHING = 1e-10;

export interface PropertyFit {
  readonly model: PropertyModel;
  readonly warnings: readonly DataWarning[];
  /** Of every part: degrees, λ-SOAP components by element, and the noise found, relative to the part's root mean square. */
  readonly parts: readonly { readonly path: readonly number[]; readonly components: Readonly<Record<string, number>>; readonly noise: number }[];
  /** Sparse points by element. */
  readonly sparse: Readonly<Record<string, number>>;
}

/** What the fit knows of the scalar environments: shared by all parts. */
interface Environments {
  readonly species: readonly number[];
  /** Scalar features of all centers and of the sparse points, [element]. */
  readonly scalars: readonly Float64Array[];
  readonly sizes: readonly number[];
  readonly projections: readonly (Float64Array | null)[];
  /** Indices of the sparse points among the centers of their element. */
  readonly taken: readonly (readonly number[])[];
}

async function chooseEnvironments(
  backend: Backend, algebra: LinearAlgebra, structures: readonly Structure[], settings: FitConfiguration, options: JobOptions,
): Promise<Environments> {
  const species = speciesOf(structures);
  const { sparse, kernel: { zeta } } = settings;
  if (sparse.method === "unit-vectors") {
    throw new InputError("a property has environments for sparse points", { key: "sparse.method", expected: "fps, cur, leverage or random", got: sparse.method });
  }
  const scalar = { ...settings, ...scalarHyperparameters(settings) };
  const projections = await compress(backend, algebra, structures, species, scalar, options);
  const components = await scalarComponents(backend, structures, settings, species, projections, options);
  const share = shareOut(sparse.count, species, countCenters(structures, species));
  const random = createRandom(sparse.seed);
  const taken: number[][] = [];
  for (const [s, { species: z, size }] of projections.entries()) {
    const points = await selectEnvironments(backend, algebra, components.get(z)!, size, share[s]!, sparse.method, zeta, random, options);
    taken.push([...points]);
  }
  return {
    species, taken, scalars: species.map((z) => components.get(z)!), sizes: projections.map(({ size }) => size),
    projections: projections.map(({ projection }) => projection),
  };
}

/** Rows of a matrix by index. */
function picked(values: Float64Array, width: number, indices: readonly number[]): Float64Array {
  const out = new Float64Array(indices.length * width);
  indices.forEach((index, row) => out.set(values.subarray(index * width, (index + 1) * width), row * width));
  return out;
}

/** What atoms give to a part of degree 0 by themselves, [element]: least squares over structures, the mean over atoms of an element. */
function baselineOf(
  { values, perAtom }: PropertyData, part: TensorPart, components: (value: ArrayLike<number>) => Float64Array, structures: readonly Structure[],
  species: readonly number[], mean: boolean,
): number[] {
  if (part.lambda !== 0) return [];
  const scalar = (value: ArrayLike<number>): number => partOf(part, components(value))[0]!;
  if (!perAtom) {
    const labeled = structures.map((structure, s) => {
      const value = values[s];
      const energy = value ? scalar(value) * (mean ? structure.species.length : 1) : null;
      return { structure, labels: { energy, forces: null, virial: null, configType: "default" } };
    });
    const found = leastSquares(labeled, species);
    return species.map((z) => found.get(z)!);
  }
  const [sums, counts] = [species.map(() => 0), species.map(() => 0)];
  structures.forEach((structure, s) => structure.species.forEach((z, atom) => {
    const own = atomValue(values[s]!, structure, atom);
    sums[species.indexOf(z)]! += scalar(own);
    counts[species.indexOf(z)]!++;
  }));
  return sums.map((sum, s) => (counts[s]! > 0 ? sum / counts[s]! : 0));
}

function atomValue(values: Float64Array, { species }: Structure, atom: number): Float64Array {
  const width = values.length / species.length;
  return values.subarray(atom * width, (atom + 1) * width);
}

/** Targets of a part without their baseline, [structure or atom][μ]. */
function targetsOf(
  { values, perAtom }: PropertyData, part: TensorPart, components: (value: ArrayLike<number>) => Float64Array, structures: readonly Structure[],
  species: readonly number[], baseline: readonly number[], mean: boolean,
): Float64Array {
  const out: number[] = [];
  structures.forEach((structure, s) => {
    const own = (atom: number): number => baseline[species.indexOf(structure.species[atom]!)] ?? 0;
    if (perAtom) {
      for (let atom = 0; atom < structure.species.length; atom++) {
        for (const value of partOf(part, components(atomValue(values[s]!, structure, atom)))) out.push(value - own(atom));
      }
      return;
    }
    const alone = structure.species.reduce((sum, _, atom) => sum + own(atom), 0) / (mean ? structure.species.length : 1);
    for (const value of partOf(part, components(values[s]!))) out.push(value - alone);
  });
  return Float64Array.from(out);
}

/**
 * Fits a property to the structures that have it. Of the settings cutoff, density, basis, optimal basis, pseudo-elements, kernel.zeta, compression, sparse and
 * solver.jitter count.
 * @throws InputError when no structure has the property, when a committee is asked for, or fewer environments than sparse points; NumericalError when K_MM is singular.
 */
export async function fitProperty(
  backend: Backend, all: readonly Structure[], property: PropertyData, given: FitConfiguration, { mean = false, ...options }: JobOptions & { readonly mean?: boolean } = {},
): Promise<PropertyFit> {
  const having = withOrigins(all).flatMap((structure, s) => (property.values[s] ? [{ structure, value: property.values[s]! }] : []));
  if (given.committee) throw new InputError("committees are of potentials", { key: "committee", expected: "null for a property", got: JSON.stringify(given.committee) });
  if (having.length === 0) throw new InputError("no structure has this property", { key: property.name, expected: "one at least", got: "none" });
  const structures = having.map(({ structure }) => structure);
  const data: PropertyData = { ...property, values: having.map(({ value }) => value) };
  const algebra = await createLinearAlgebra();
  const compressed = await withPseudoElements(backend, structures, { ...given, ...scalarHyperparameters(given) }, null, options);
  const settings = await withOptimalBasis(backend, structures, compressed, options);
  const environments = await chooseEnvironments(backend, algebra, structures, settings, options);
  const { species } = environments;
  const components = (value: ArrayLike<number>): Float64Array => componentsOf(data.kind, value);
  const warnings: DataWarning[] = [];
  const found: { part: PropertyPart; components: Record<string, number>; noise: number }[] = [];
  const parts = tensorParts(propertyRanks[data.kind]);
  const whole = data.values.reduce((sum, value) => sum + value!.reduce((part, x) => part + x * x, 0), 0);
  for (const [index, own] of parts.entries()) {
    options.signal?.throwIfAborted();
    options.onProgress?.({ stage: "property", done: index, total: parts.length });
    const baseline = baselineOf(data, own, components, structures, species, mean);
    const targets = targetsOf(data, own, components, structures, species, baseline, mean);
    if (targets.reduce((sum, value) => sum + value * value, 0) <= NOTHING ** 2 * whole && baseline.every((value) => value === 0)) continue;
    const fitted = await fitPart(backend, algebra, structures, environments, own, targets, { ...settings, perAtom: data.perAtom, mean }, options);
    if (fitted === null) {
      const text = `the part of degrees ${own.path.join(", ")} of ${data.name} is a pseudoscalar, which pairs of neighbors do not give: it is predicted as zero`;
      warnings.push({ code: "property-part", key: data.name, text });
      continue;
    }
    const { path, lambda, parity } = own;
    found.push({
      part: { path, lambda, parity, baseline, centers: fitted.centers },
      components: Object.fromEntries(fitted.centers.map((center) => [symbolOf(center.species), center.tensorSize])), noise: fitted.noise,
    });
  }
  const { cutoff, density, basis } = settings;
  const model: PropertyModel = {
    name: data.name, kind: data.kind, perAtom: data.perAtom, mean, species, hyperparameters: scalarHyperparameters({ cutoff, density, basis, features: settings.features }),
    zeta: settings.kernel.zeta, parts: found.map(({ part }) => part), provenance: {},
  };
  return {
    model, warnings, parts: found.map(({ part: { path }, components: sizes, noise }) => ({ path, components: sizes, noise })),
    sparse: Object.fromEntries(species.map((z, s) => [symbolOf(z), environments.taken[s]!.length])),
  };
}

/** Null where no λ-SOAP of this parity exists. */
async function fitPart(
  backend: Backend, algebra: LinearAlgebra, structures: readonly Structure[], { species, scalars, sizes, projections, taken }: Environments,
  { lambda, parity }: TensorPart, targets: Float64Array, settings: FitConfiguration & { readonly perAtom: boolean; readonly mean: boolean }, options: JobOptions,
): Promise<{ centers: PropertyCenter[]; noise: number } | null> {
  const { kernel: { zeta }, solver: { jitter }, perAtom, mean } = settings;
  const width = 2 * lambda + 1;
  const hyperparameters = tensorHyperparameters(settings, { lambda, parity });
  const tensorProjection = await tensorProjections(backend, algebra, structures, hyperparameters, species, settings.compression?.threshold ?? 0, options);
  if (tensorProjection.every(({ size }) => size === 0)) return null;
  const tensors = await tensorComponents(backend, algebra, structures, hyperparameters, species, tensorProjection, options);
  const environments = species.map((z, s): TensorPoints => ({ tensors: tensors.get(z)!, tensorSize: tensorProjection[s]!.size, scalars: scalars[s]!, size: sizes[s]! }));
  const sparse = environments.map((own, s): TensorPoints => ({
    ...own, tensors: picked(own.tensors, width * own.tensorSize, taken[s]!), scalars: picked(own.scalars, own.size, taken[s]!),
  }));
  const { rows, columns } = tensorRows(algebra, { structures, species, environments, sparse, lambda, zeta, perAtom, mean });
  const whitened = new Float64Array(rows.length);
  const count = targets.length;
  const factors: Float64Array[] = [];
  let first = 0;
  for (const points of sparse) {
    const kernel = tensorKernel(algebra, points, points, lambda, zeta);
    const own = Math.round(Math.sqrt(kernel.length));
    const { factor } = factorKernel(algebra, kernel, own, jitter);
    const block = new Float64Array(count * own);
    for (let row = 0; row < count; row++) block.set(rows.subarray(row * columns + first, row * columns + first + own), row * own);
    const white = algebra.whitenRows(block, factor, count, own);
    for (let row = 0; row < count; row++) whitened.set(white.subarray(row * own, (row + 1) * own), row * columns + first);
    factors.push(factor);
    first += own;
  }
  const { weights, noise } = solveByCrossValidation(algebra, whitened, columns, targets);
  first = 0;
  const centers = species.map((z, s): PropertyCenter => {
    const own = Math.round(Math.sqrt(factors[s]!.length));
    const solved = own === 0 ? new Float64Array(0) : algebra.solveLowerTransposed(factors[s]!, weights.slice(first, first + own), own);
    first += own;
    return {
      species: z, projection: projections[s]!, size: sizes[s]!, sparsePoints: sparse[s]!.scalars,
      tensorProjection: tensorProjection[s]!.matrix, tensorSize: tensorProjection[s]!.size, tensorPoints: sparse[s]!.tensors, weights: solved,
    };
  });
  return { centers, noise };
}
