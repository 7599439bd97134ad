// ∂T/∂r of a property of structures, Eq. (58): the derivative of Eq. (55) with respect to both kinds of features, and their adjoints.
import { tensorParts } from "../angular/cartesian-tensor.js";
import type { Backend, JobOptions } from "../backend/backend.js";
import { InputError } from "../errors.js";
import { checkSpecies } from "../features/feature-layout.js";
import { createLinearAlgebra } from "../linalg/linear-algebra.js";
import { propertyRanks, propertySizes, valueOf, type PropertyCenter, type PropertyModel, type PropertyPart } from "../model/property-model.js";
import { withOrigins } from "../structure/origin.js";
import type { Structure } from "../structure/structure.js";
import { scalarComponents, scalarHyperparameters, tensorComponents, tensorHyperparameters } from "./property-features.js";

/** z of one center, [μ][tensorSize], and ẑ, [size]. */
interface Environment {
  readonly tensor: Float64Array;
  readonly scalar: Float64Array;
}

/** ∂T_μ/∂z_μ, [tensorSize] for each μ, and ∂T_μ/∂ẑ, [μ][size], of one environment. */
function slopes({ weights, tensorPoints, tensorSize, sparsePoints, size }: PropertyCenter, { tensor, scalar }: Environment, width: number, zeta: number): { tensor: Float64Array; scalars: Float64Array } {
  const toTensor = new Float64Array(tensorSize);
  const toScalars = new Float64Array(width * size);
  const combined = new Float64Array(tensorSize);
  for (let m = 0; m * width < weights.length; m++) {
    let product = 0;
    for (let q = 0; q < size; q++) product += scalar[q]! * sparsePoints[m * size + q]!;
    combined.fill(0);
    for (let nu = 0; nu < width; nu++) {
      const [x, from] = [weights[m * width + nu]!, (m * width + nu) * tensorSize];
      for (let q = 0; q < tensorSize; q++) combined[q]! += x * tensorPoints[from + q]!;
    }
    const factor = product ** (zeta - 1);
    for (let q = 0; q < tensorSize; q++) toTensor[q]! += factor * combined[q]!;
    if (zeta === 1) continue;
    const slope = (zeta - 1) * product ** (zeta - 2);
    for (let mu = 0; mu < width; mu++) {
      let along = 0;
      for (let q = 0; q < tensorSize; q++) along += tensor[mu * tensorSize + q]! * combined[q]!;
      for (let q = 0; q < size; q++) toScalars[mu * size + q]! += slope * along * sparsePoints[m * size + q]!;
    }
  }
  return { tensor: toTensor, scalars: toScalars };
}

/** out += V g for a row g of components, [feature]. */
function addBack(projection: Float64Array | null, components: number, row: ArrayLike<number>, out: Float64Array, at: number): void {
  if (components === 0) return;
  if (projection === null) {
    for (let f = 0; f < components; f++) out[at + f]! += row[f]!;
    return;
  }
  for (let f = 0; f * components < projection.length; f++) {
    let sum = 0;
    for (let q = 0; q < components; q++) sum += projection[f * components + q]! * row[q]!;
    out[at + f]! += sum;
  }
}

/** ∂T^part_μ/∂r of a structure, [μ][atom][xyz]. */
async function partGradients(
  backend: Backend, model: PropertyModel, part: PropertyPart, structure: Structure, options: JobOptions,
): Promise<Float64Array> {
  const { species, hyperparameters, zeta, mean } = model;
  const { lambda, centers } = part;
  const width = 2 * lambda + 1;
  const algebra = await createLinearAlgebra();
  const own = tensorHyperparameters(hyperparameters, part);
  const projections = centers.map(({ species: z, tensorProjection, tensorSize }) => ({ species: z, matrix: tensorProjection, size: tensorSize }));
  const tensors = await tensorComponents(backend, algebra, [structure], own, species, projections, options);
  const scalars = await scalarComponents(backend, [structure], hyperparameters, species, centers, options);
  const atoms = structure.species.length;
  const tensorFeatures = Math.max(0, ...centers.map(({ tensorProjection, tensorSize }) => (tensorSize === 0 ? 0 : tensorProjection.length / tensorSize)));
  const scalarFeatures = Math.max(...centers.map(({ projection, size }) => (projection ? projection.length / Math.max(1, size) : size)));
  const toTensors = new Float64Array(width * atoms * width * tensorFeatures);
  const toScalars = new Float64Array(width * atoms * scalarFeatures);
  const seen = species.map(() => 0);
  const share = mean ? 1 / atoms : 1;
  structure.species.forEach((z, atom) => {
    const s = species.indexOf(z);
    const center = centers[s]!;
    const rank = seen[s]!++;
    const { tensorSize, size } = center;
    const environment = {
      tensor: tensors.get(z)!.subarray(rank * width * tensorSize, (rank + 1) * width * tensorSize), scalar: scalars.get(z)!.subarray(rank * size, (rank + 1) * size),
    };
    const slope = slopes(center, environment, width, zeta);
    for (let mu = 0; mu < width; mu++) {
      const row = slope.tensor.map((value) => share * value);
      addBack(center.tensorProjection, tensorSize, row, toTensors, ((mu * atoms + atom) * width + mu) * tensorFeatures);
      const scalar = slope.scalars.subarray(mu * size, (mu + 1) * size).map((value) => share * value);
      addBack(center.projection, size, scalar, toScalars, (mu * atoms + atom) * scalarFeatures);
    }
  });
  const [out] = await backend.computeFeatureAdjoints([structure], own, species, [toTensors], options);
  if (zeta === 1) return out!;
  const [other] = await backend.computeFeatureAdjoints([structure], scalarHyperparameters(hyperparameters), species, [toScalars], options);
  return out!.map((value, k) => value + other![k]!);
}

/**
 * Derivatives of a property of structures with respect to the positions, in its units per Å.
 * @returns of each structure, [number of the value][atom][xyz]
 * @throws InputError for a property of atoms, and for an element that the model does not know.
 */
export async function predictPropertyGradients(backend: Backend, model: PropertyModel, structures: readonly Structure[], options: JobOptions = {}): Promise<Float64Array[]> {
  const { kind, perAtom, species, name } = model;
  if (perAtom) throw new InputError("derivatives of a property of atoms", { key: name, expected: "a property of structures", got: "one of atoms" });
  const irreducible = tensorParts(propertyRanks[kind]);
  const components = 3 ** propertyRanks[kind];
  const out: Float64Array[] = [];
  for (const [index, structure] of withOrigins(structures).entries()) {
    options.signal?.throwIfAborted();
    checkSpecies(structure, species, index);
    const coordinates = 3 * structure.species.length;
    const whole = new Float64Array(components * coordinates);
    for (const part of model.parts) {
      const own = irreducible.find((other) => other.path.join() === part.path.join())!;
      const gradients = await partGradients(backend, model, part, structure, { signal: options.signal });
      for (let mu = 0; mu <= 2 * part.lambda; mu++) {
        for (let c = 0; c < components; c++) {
          const factor = own.rows[mu * components + c]!;
          if (factor !== 0) for (let k = 0; k < coordinates; k++) whole[c * coordinates + k]! += factor * gradients[mu * coordinates + k]!;
        }
      }
    }
    const size = propertySizes[kind];
    const values = new Float64Array(size * coordinates);
    for (let k = 0; k < coordinates; k++) {
      const column = valueOf(kind, Float64Array.from({ length: components }, (_, c) => whole[c * coordinates + k]!));
      for (let c = 0; c < size; c++) values[c * coordinates + k] = column[c]!;
    }
    out.push(values);
    options.onProgress?.({ stage: "derivatives", done: out.length, total: structures.length });
  }
  return out;
}
