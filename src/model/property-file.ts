// A fitted property in a model file (model-envelope.ts).
import * as v from "valibot";
import { tensorParts } from "../angular/cartesian-tensor.js";
import { InputError, NumericalError } from "../errors.js";
import { featureLayout } from "../features/feature-layout.js";
import { checkExponent } from "../kernel/exponent.js";
import { parseShape } from "../training/configuration-error.js";
import { kernelExponent, validateHyperparametersOf } from "../training/configuration-schema.js";
import { hyperparameterEntries } from "../training/hyperparameter-schema.js";
import { encodeFloat64 } from "./base64.js";
import { ascending, atomicNumber, finite, numbers, provenance, size, unwrapModel, wrapModel } from "./model-envelope.js";
import { propertyRanks, propertySizes, type PropertyKind, type PropertyModel } from "./property-model.js";

const kinds = Object.keys(propertySizes) as PropertyKind[];

const centerSchema = v.strictObject({
  species: atomicNumber, projection: v.nullable(numbers), size, sparsePoints: numbers, tensorProjection: numbers, tensorSize: size, tensorPoints: numbers,
  weights: numbers,
}, "an object");
const partSchema = v.strictObject({
  path: v.array(size, "a list of degrees"), lambda: size, parity: v.picklist([1, -1], "1 or -1"),
  baseline: v.array(finite("a number"), "a list of numbers"), centers: v.array(centerSchema, "a list"),
}, "an object");
const fileSchema = v.strictObject({
  property: v.strictObject({
    name: v.string("a name"), kind: v.picklist(kinds, kinds.join(", ")), perAtom: v.boolean("true or false"), mean: v.boolean("true or false"),
    species: v.array(atomicNumber, "a list of atomic numbers"), hyperparameters: v.strictObject(hyperparameterEntries, "an object"), zeta: kernelExponent,
    parts: v.array(partSchema, "a list"), provenance,
  }, "an object"),
});

/** @throws InputError when the arrays of a model do not fit together. */
function checkModel({ kind, species, hyperparameters, zeta, parts }: PropertyModel, file?: string): void {
  const refuse = (key: string, expected: string, got: number | string): never => {
    throw new InputError("arrays of the model do not fit together", { ...(file !== undefined && { file }), key, expected, got: String(got) });
  };
  checkExponent(zeta);
  validateHyperparametersOf(hyperparameters, file);
  if (species.length === 0 || !ascending(species)) refuse("species", "one or more atomic numbers, ascending", species.join(" "));
  const irreducible = tensorParts(propertyRanks[kind]);
  const scalars = featureLayout({ ...hyperparameters, features: { kind: "power-spectrum", normalize: true } }, species).size;
  parts.forEach(({ path, lambda, parity, baseline, centers }, index) => {
    const at = `parts.${index}`;
    const own = irreducible.find((part) => part.path.join() === path.join());
    if (own?.lambda !== lambda || own.parity !== parity) refuse(`${at}.path`, `a part of a ${kind}`, path.join(" "));
    if (baseline.length !== (lambda === 0 ? species.length : 0)) refuse(`${at}.baseline`, lambda === 0 ? `${species.length} numbers` : "none", baseline.length);
    const width = 2 * lambda + 1;
    const tensors = featureLayout({ ...hyperparameters, features: { kind: "lambda-soap", normalize: true, lambda, parity } }, species).size / width;
    if (centers.map((center) => center.species).join() !== species.join()) refuse(`${at}.centers`, species.join(" "), centers.map((center) => center.species).join(" "));
    centers.forEach((center, c) => {
      const points = center.weights.length / width;
      const sizes: [string, number, number][] = [
        ["projection", center.projection?.length ?? scalars * center.size, scalars * center.size],
        ["sparsePoints", center.sparsePoints.length, points * center.size],
        ["tensorProjection", center.tensorProjection.length, tensors * center.tensorSize],
        ["tensorPoints", center.tensorPoints.length, center.weights.length * center.tensorSize],
      ];
      for (const [name, got, expected] of sizes) if (got !== expected) refuse(`${at}.centers.${c}.${name}`, `${expected} numbers`, got);
      if (!Number.isInteger(points)) refuse(`${at}.centers.${c}.weights`, `a multiple of ${width} numbers`, center.weights.length);
    });
  });
}

/**
 * A fitted property as the text of a model file.
 * @throws InputError when its arrays do not fit together, NumericalError when it holds a number that is not finite.
 */
export function formatPropertyModel(model: PropertyModel): string {
  checkModel(model);
  const { cutoff, density, basis, features } = model.hyperparameters;
  const encode = (values: Float64Array): string => {
    if (!values.every(Number.isFinite)) throw new NumericalError("the model holds numbers that are not finite", { key: model.name });
    return encodeFloat64(values);
  };
  const parts = model.parts.map((part) => ({
    ...part,
    centers: part.centers.map(({ species, projection, size: components, sparsePoints, tensorProjection, tensorSize, tensorPoints, weights }) => ({
      species, projection: projection && encode(projection), size: components, sparsePoints: encode(sparsePoints),
      tensorProjection: encode(tensorProjection), tensorSize, tensorPoints: encode(tensorPoints), weights: encode(weights),
    })),
  }));
  const { name, kind, perAtom, mean, species, zeta } = model;
  return wrapModel({ property: { name, kind, perAtom, mean, species, hyperparameters: { cutoff, density, basis, features }, zeta, parts, provenance: model.provenance } });
}

/**
 * The property of a model file's text.
 * @throws InputError as `parseModel`, and for a potential.
 */
export function parsePropertyModel(text: string, file?: string): PropertyModel {
  const json = unwrapModel(text, file);
  if (json["property"] === undefined) {
    throw new InputError("a potential, not a model of a property", { ...(file !== undefined && { file }), expected: "a model of `lather fit --property`", got: "potential" });
  }
  const model = parseShape(fileSchema, { property: json["property"] }, file).property;
  checkModel(model, file);
  return model;
}

/** Whether a model file's text is that of a property; it may be damaged all the same. */
export function isPropertyModel(text: string): boolean {
  return text.startsWith('{"format":"lather-model"') && text.includes(',"property":{"name":');
}
