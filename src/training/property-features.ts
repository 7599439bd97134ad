// Features of a property's environments: scalar ones, compressed, and λ-SOAP of a degree, compressed by one matrix for all μ; by center element.
import type { Backend, CenterProjection, JobOptions } from "../backend/backend.js";
import { featureLayout } from "../features/feature-layout.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { principalComponents } from "../features/principal-components.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import type { PropertyPart } from "../model/property-model.js";
import type { Structure } from "../structure/structure.js";

/** Numbers of features that are held at once. */
const HELD = 2 ** 23;
/** Rows (center, μ) that the matrix of λ-SOAP is made from. */
const SAMPLE_ROWS = 3000;

export interface TensorProjection {
  readonly species: number;
  /** [feature][size], features of one μ. */
  readonly matrix: Float64Array;
  readonly size: number;
}

export function scalarHyperparameters({ cutoff, density, basis }: Hyperparameters): Hyperparameters {
  return { cutoff, density, basis, features: { kind: "power-spectrum", normalize: true } };
}

export function tensorHyperparameters({ cutoff, density, basis }: Hyperparameters, { lambda, parity }: Pick<PropertyPart, "lambda" | "parity">): Hyperparameters {
  return { cutoff, density, basis, features: { kind: "lambda-soap", normalize: true, lambda, parity } };
}

/** Structures in portions whose features fit into memory. */
function* heldPortions(structures: readonly Structure[], size: number): Generator<Structure[]> {
  let open: Structure[] = [];
  let atoms = 0;
  for (const structure of structures) {
    if (atoms > 0 && (atoms + structure.species.length) * size > HELD) {
      yield open;
      [open, atoms] = [[], 0];
    }
    open.push(structure);
    atoms += structure.species.length;
  }
  if (open.length > 0) yield open;
}

/** λ-SOAP of the centers of each element, [center][μ][feature], portion by portion. */
async function* tensorFeatures(
  backend: Backend, structures: readonly Structure[], hyperparameters: Hyperparameters, species: readonly number[], { signal }: JobOptions,
): AsyncGenerator<Map<number, Float64Array>> {
  const { size } = featureLayout(hyperparameters, species);
  for (const portion of heldPortions(structures, size)) {
    const { values, centers } = await backend.computeFeatures(portion, hyperparameters, { species, signal });
    const byElement = new Map<number, Float64Array>();
    for (const z of species) {
      const rows = [...centers.keys()].filter((center) => centers[center] === z);
      const own = new Float64Array(rows.length * size);
      rows.forEach((center, row) => own.set(values.subarray(center * size, (center + 1) * size), row * size));
      byElement.set(z, own);
    }
    yield byElement;
  }
}

/** The principal directions of λ-SOAP for the centers of each element, over all μ; an element whose features are all zero has none. */
export async function tensorProjections(
  backend: Backend, algebra: LinearAlgebra, structures: readonly Structure[], hyperparameters: Hyperparameters, species: readonly number[],
  threshold: number, options: JobOptions,
): Promise<TensorProjection[]> {
  const components = 2 * (hyperparameters.features.lambda ?? 0) + 1;
  const width = featureLayout(hyperparameters, species).size / components;
  const atoms = structures.reduce((sum, structure) => sum + structure.species.length, 0);
  // Structures spread evenly: enough atoms of every element for its rows.
  const step = Math.max(1, Math.floor((atoms * components) / (species.length * 2 * SAMPLE_ROWS)));
  const sample = structures.filter((_, index) => index % step === 0);
  const rows = new Map<number, Float64Array[]>(species.map((z) => [z, []]));
  for await (const part of tensorFeatures(backend, sample, hyperparameters, species, options)) {
    for (const [z, values] of part) rows.get(z)!.push(values);
  }
  return species.map((z) => {
    const own = joined(rows.get(z)!).subarray(0, SAMPLE_ROWS * width);
    if (width === 0 || !own.some((value) => value !== 0)) return { species: z, matrix: new Float64Array(0), size: 0 };
    const { projection, count } = principalComponents(algebra, own.slice(), width, threshold, Infinity);
    return { species: z, matrix: projection, size: count };
  });
}

/** λ-SOAP times its matrix for the centers of each element, [center][μ][component], in the order of the structures. */
export async function tensorComponents(
  backend: Backend, algebra: LinearAlgebra, structures: readonly Structure[], hyperparameters: Hyperparameters, species: readonly number[],
  projections: readonly TensorProjection[], options: JobOptions,
): Promise<Map<number, Float64Array>> {
  const parts = new Map<number, Float64Array[]>(species.map((z) => [z, []]));
  for await (const part of tensorFeatures(backend, structures, hyperparameters, species, options)) {
    for (const { species: z, matrix, size } of projections) {
      const values = part.get(z)!;
      const width = size === 0 ? 0 : matrix.length / size;
      if (width > 0) parts.get(z)!.push(algebra.multiply(values, matrix, { m: values.length / width, n: size, k: width }));
    }
  }
  return new Map([...parts].map(([z, own]) => [z, joined(own)]));
}

/** Scalar features of the centers of each element, [center][component], as `backend.computeComponents` gives them. */
export function scalarComponents(
  backend: Backend, structures: readonly Structure[], hyperparameters: Hyperparameters, species: readonly number[],
  projections: readonly CenterProjection[], options: JobOptions,
): Promise<Map<number, Float64Array>> {
  return backend.computeComponents(structures, scalarHyperparameters(hyperparameters), species, projections, { signal: options.signal });
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
