// Predictions of a fitted property, Eq. (55), and their errors.
import { addPart, tensorParts } from "../angular/cartesian-tensor.js";
import type { Backend, JobOptions } from "../backend/backend.js";
import { checkSpecies } from "../features/feature-layout.js";
import { createLinearAlgebra } from "../linalg/linear-algebra.js";
import { propertyRanks, propertySizes, valueOf, type PropertyModel } from "../model/property-model.js";
import { withOrigins } from "../structure/origin.js";
import type { Structure } from "../structure/structure.js";
import { portions } from "./portions.js";
import type { PropertyData } from "./property-data.js";
import { scalarComponents, tensorComponents, tensorHyperparameters } from "./property-features.js";
import { targetsOf, tensorRows, type TensorPoints } from "./property-rows.js";

/** Values of structures, or [atom][number] for a property of atoms, in the numbers of a file. */
async function* predictPortions(
  backend: Backend, model: PropertyModel, all: readonly Structure[], options: JobOptions,
): AsyncGenerator<Float64Array> {
  const algebra = await createLinearAlgebra();
  const { species, perAtom, mean, zeta, kind, hyperparameters } = model;
  const irreducible = tensorParts(propertyRanks[kind]);
  const components = 3 ** propertyRanks[kind];
  for (const structures of portions(all)) {
    const { count, byElement } = targetsOf(structures, species, perAtom);
    const tensors = Array.from({ length: count }, () => new Float64Array(components));
    for (const part of model.parts) {
      options.signal?.throwIfAborted();
      const { lambda, path, baseline, centers } = part;
      const own = irreducible.find((other) => other.path.join() === path.join())!;
      const width = 2 * lambda + 1;
      const scalars = await scalarComponents(backend, structures, hyperparameters, species, centers, options);
      const projections = centers.map(({ species: z, tensorProjection, tensorSize }) => ({ species: z, matrix: tensorProjection, size: tensorSize }));
      const projected = await tensorComponents(backend, algebra, structures, tensorHyperparameters(hyperparameters, part), species, projections, options);
      const environments = centers.map(({ species: z, size, tensorSize }): TensorPoints => ({ tensors: projected.get(z)!, tensorSize, scalars: scalars.get(z)!, size }));
      const sparse = centers.map(({ tensorPoints, tensorSize, sparsePoints, size }): TensorPoints => ({ tensors: tensorPoints, tensorSize, scalars: sparsePoints, size }));
      const { rows, columns } = tensorRows(algebra, { structures, species, environments, sparse, lambda, zeta, perAtom, mean });
      const weights = Float64Array.from(centers.flatMap((center) => [...center.weights]));
      const values = columns === 0 ? new Float64Array(count * width) : algebra.multiply(rows, weights, { m: count * width, n: 1, k: columns });
      if (lambda === 0) byElement.forEach((atoms, s) => atoms.forEach(({ row, atoms: size }) => (values[row]! += (baseline[s] ?? 0) / (mean && !perAtom ? size : 1))));
      for (let row = 0; row < count; row++) addPart(own, values.subarray(row * width, (row + 1) * width), tensors[row]!);
    }
    let next = 0;
    for (const structure of structures) {
      const taken = tensors.slice(next, (next += perAtom ? structure.species.length : 1));
      yield Float64Array.from(taken.flatMap((tensor) => [...valueOf(kind, tensor)]));
    }
  }
}

/**
 * The property of every structure as it stands in a file: its numbers, or [atom][number].
 * @throws InputError for an element that the model does not know.
 */
export async function predictProperty(backend: Backend, model: PropertyModel, structures: readonly Structure[], options: JobOptions = {}): Promise<Float64Array[]> {
  const known = withOrigins(structures);
  known.forEach((structure, index) => checkSpecies(structure, model.species, index));
  const total = known.reduce((sum, { species }) => sum + species.length, 0);
  const out: Float64Array[] = [];
  let done = 0;
  for await (const value of predictPortions(backend, model, known, options)) {
    done += known[out.length]!.species.length;
    out.push(value);
    options.onProgress?.({ stage: "prediction", done, total });
  }
  return out;
}

/** Errors of a property over structures or atoms. */
export interface PropertyErrors {
  /** Values compared. */
  readonly count: number;
  /** Root mean square error of the numbers of a value. */
  readonly property_rmse: number;
  readonly property_mae: number;
  /** Root mean square of |T − T'| over that of |T' − ⟨T'⟩|, the intrinsic standard deviation; null where all values are the same. */
  readonly property_relative_rmse: number | null;
}

/**
 * Errors of predictions against the data, in the units of the file and in shares of the spread.
 * @param predictions of the structures of the data, in order
 */
export function propertyErrors(data: PropertyData, predictions: readonly Float64Array[]): PropertyErrors {
  const size = propertySizes[data.kind];
  const values = data.values.flatMap((value, s) => (value ? [{ expected: value, found: predictions[s]! }] : []));
  const count = values.reduce((sum, { expected }) => sum + expected.length / size, 0);
  const mean = new Float64Array(size);
  for (const { expected } of values) expected.forEach((value, k) => (mean[k % size]! += value / count));
  let [square, absolute, spread] = [0, 0, 0];
  for (const { expected, found } of values) {
    expected.forEach((value, k) => {
      // The shear of a symmetric tensor stands once for two components.
      const weight = data.kind === "symmetric" && k % size >= 3 ? 2 : 1;
      square += weight * (found[k]! - value) ** 2;
      absolute += weight * Math.abs(found[k]! - value);
      spread += weight * (value - mean[k % size]!) ** 2;
    });
  }
  const components = count * (data.kind === "symmetric" ? 9 : size);
  return {
    count, property_rmse: Math.sqrt(square / components), property_mae: absolute / components,
    property_relative_rmse: spread > 0 ? Math.sqrt(square / spread) : null,
  };
}
