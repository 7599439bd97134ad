// A map in a file (model-envelope.ts), with the places of the rows that it was made from, as numbers that other programs can read.
import * as v from "valibot";
import { InputError, NumericalError } from "../errors.js";
import { featureLayout } from "../features/feature-layout.js";
import { parseShape } from "../training/configuration-error.js";
import { kernelExponent, validateHyperparametersOf } from "../training/configuration-schema.js";
import type { MapPlaces, StructureMap } from "../training/create-map.js";
import { hyperparameterEntries } from "../training/hyperparameter-schema.js";
import { encodeFloat64 } from "./base64.js";
import { ascending, atomicNumber, finite, numbers, size, unwrapModel, wrapModel } from "./model-envelope.js";

const methods = ["pca", "kpca", "pcovr", "kpcovr"] as const;
const units = ["structure", "environment"] as const;

const mapSchema = v.strictObject({
  map: v.strictObject({
    by: v.picklist(units, units.join(", ")), species: v.array(atomicNumber, "a list of atomic numbers"), hyperparameters: v.strictObject(hyperparameterEntries, "an object"),
    property: v.nullable(v.string("a name")), perAtom: v.boolean("true or false"), method: v.picklist(methods, methods.join(", ")), size, components: size,
    kernel: v.nullable(v.strictObject({ zeta: kernelExponent, points: numbers }, "an object")), mixing: finite("a number from 0 to 1"), projection: numbers, offset: numbers,
    shares: numbers, regression: v.nullable(v.strictObject({ mean: finite("a number"), weights: numbers, explained: finite("a number") }, "an object")),
  }, "an object"),
});

/** Places as a file has them, [row] or [row][component]; null for a number that is not there. */
export function plainPlaces({ scores, structures, atoms, centers, values, predicted }: MapPlaces): Record<string, unknown> {
  const components = scores.length / structures.length;
  const known = (list: Float64Array | null): (number | null)[] | null => list && Array.from(list, (value) => (Number.isFinite(value) ? value : null));
  return {
    structure: [...structures], ...(atoms.some((atom) => atom >= 0) && { atom: [...atoms], center: [...centers] }),
    scores: Array.from(structures, (_, row) => [...scores.subarray(row * components, (row + 1) * components)]),
    property: known(values), predicted: known(predicted),
  };
}

/** @throws NumericalError when the map holds a number that is not finite. */
export function formatMap({ by, species, hyperparameters, property, perAtom, map }: StructureMap, places: MapPlaces): string {
  const { cutoff, density, basis, features } = hyperparameters;
  const encode = (values: Float64Array): string => {
    if (!values.every(Number.isFinite)) throw new NumericalError("the map holds numbers that are not finite");
    return encodeFloat64(values);
  };
  const { method, size: length, components, kernel, mixing, projection, offset, shares, regression } = map;
  return wrapModel({
    map: {
      by, species, hyperparameters: { cutoff, density, basis, features }, property, perAtom, method, size: length, components,
      kernel: kernel && { zeta: kernel.zeta, points: encode(kernel.points) }, mixing, projection: encode(projection), offset: encode(offset), shares: encode(shares),
      regression: regression && { ...regression, weights: encode(regression.weights) },
    },
    places: plainPlaces(places),
  });
}

/** @throws InputError when the text is no map, is damaged, or its arrays do not fit together. */
export function parseMap(text: string, file?: string): StructureMap {
  const where = file === undefined ? {} : { file };
  const json = unwrapModel(text, file);
  if (json["map"] === undefined) throw new InputError("a model, not a map", { ...where, expected: "a file of `lather map`", got: Object.keys(json).join(", ") });
  const { by, species, hyperparameters, property, perAtom, ...map } = parseShape(mapSchema, { map: json["map"] }, file).map;
  const refuse = (key: string, expected: string, got: number | string): never => {
    throw new InputError("arrays of the map do not fit together", { ...where, key, expected, got: String(got) });
  };
  validateHyperparametersOf(hyperparameters, file);
  if (species.length === 0 || !ascending(species)) refuse("species", "one or more atomic numbers, ascending", species.join(" "));
  const features = featureLayout(hyperparameters, species).size;
  if (map.size !== features) refuse("size", `${features} features`, map.size);
  const points = map.kernel ? map.kernel.points.length / features : 0;
  if (map.kernel && !(Number.isInteger(points) && points > 0)) refuse("kernel.points", `a multiple of ${features} numbers`, map.kernel.points.length);
  const expected: Record<string, [got: number, expected: number]> = {
    projection: [map.projection.length, (map.kernel ? points : features) * map.components], offset: [map.offset.length, map.components],
    shares: [map.shares.length, map.components], "regression.weights": [map.regression?.weights.length ?? map.components, map.components],
  };
  for (const [key, [got, wanted]] of Object.entries(expected)) if (got !== wanted) refuse(key, `${wanted} numbers`, got);
  if (map.components < 1) refuse("components", "1 or more", map.components);
  return { by, species, hyperparameters, property, perAtom, map };
}
