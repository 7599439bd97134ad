// The model file: one JSON text, {"format": "lather-model", "version": 2, "checksum": "crc32:…", "lather": …, "potential": …}.
// Arrays are base64 of little-endian float64, so that a potential comes back with every bit. The checksum is that of the same object without
// the checksum, written by JSON.stringify; it survives a change of white space and nothing else.
import * as v from "valibot";
import { InputError, NumericalError } from "../errors.js";
import { featureLayout } from "../features/feature-layout.js";
import { validateHyperparameters } from "../features/validate-hyperparameters.js";
import { checkExponent } from "../kernel/exponent.js";
import { kernelExponent, parseShape, validateHyperparametersOf } from "../training/configuration-schema.js";
import { hyperparameterEntries } from "../training/hyperparameter-schema.js";
import { parseJsonText } from "../training/json-text.js";
import { decodeFloat64, encodeFloat64 } from "./base64.js";
import { crc32 } from "./crc32.js";
import type { CenterModel, Potential } from "./potential.js";
import { latherVersion } from "./version.js";

const format = "lather-model";
const version = 2;

const atomicNumber = v.pipe(v.number("an atomic number"), v.check((z) => Number.isInteger(z) && z >= 1 && z <= 118, "an atomic number"));
const finite = (expected: string) => v.pipe(v.number(expected), v.check((value) => Number.isFinite(value), expected));
const size = v.pipe(v.number("a whole number"), v.check((count) => Number.isSafeInteger(count) && count >= 0, "a whole number"));
const numbers = v.pipe(
  v.string("base64 of float64 numbers"),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const values = decodeFloat64(dataset.value);
    if (values?.every((value) => Number.isFinite(value))) return values;
    addIssue({ message: "base64 of finite little-endian float64 numbers", input: dataset.value.slice(0, 20) });
    return NEVER;
  }),
);

const termEntries = {
  hyperparameters: v.strictObject(hyperparameterEntries, "an object"),
  zeta: kernelExponent,
  centers: v.array(
    v.strictObject({ species: atomicNumber, size, projection: v.nullable(numbers), sparsePoints: numbers, weights: numbers }, "an object"), "a list",
  ),
};
const potentialEntries = {
  species: v.array(atomicNumber, "a list of atomic numbers"),
  baseline: v.array(v.strictObject({ species: atomicNumber, energy: finite("an energy in eV") }, "an object"), "a list"),
  provenance: v.record(v.string(), v.union([v.string(), finite("a number")], "a text or a number"), "an object"),
};
const fileSchema = v.strictObject({
  potential: v.strictObject({ ...potentialEntries, terms: v.pipe(v.array(v.strictObject(termEntries, "an object"), "a list"), v.minLength(1, "one term or more")) }, "an object"),
});
/** Version 1 had one term, whose entries stood beside those of the potential. */
const firstSchema = v.strictObject({ potential: v.strictObject({ ...potentialEntries, ...termEntries }, "an object") });

function checksum(content: object): string {
  return `crc32:${crc32(new TextEncoder().encode(JSON.stringify(content))).toString(16).padStart(8, "0")}`;
}

function ascending(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value > values[i - 1]!);
}

/** @throws InputError when ζ is out of range or the arrays of a potential do not fit together. */
function checkSizes({ species, terms, baseline }: Potential, file?: string): void {
  const refuse = (key: string, expected: string, got: number | string): never => {
    throw new InputError("arrays of the model do not fit together", { ...(file !== undefined && { file }), key, expected, got: String(got) });
  };
  if (species.length === 0 || !ascending(species)) refuse("species", "one or more atomic numbers, ascending", species.join(" "));
  if (terms.length === 0) refuse("terms", "one term or more", 0);
  terms.forEach(({ hyperparameters, zeta, centers }, t) => {
    checkExponent(zeta);
    const elements = centers.map((center) => center.species);
    if (elements.length === 0 || !ascending(elements)) refuse(`terms.${t}.centers`, "one or more elements, ascending", elements.join(" "));
    const features = featureLayout(hyperparameters, species).size;
    centers.forEach((center: CenterModel, index) => {
      const { projection, size: components, sparsePoints, weights } = center;
      const path = `terms.${t}.centers.${index}`;
      if (!species.includes(center.species)) refuse(`${path}.species`, `one of ${species.join(", ")}`, center.species);
      if (!baseline.has(center.species)) refuse("baseline", `an energy for element ${center.species}`, [...baseline.keys()].join(" "));
      if (projection === null && components !== features) refuse(`${path}.size`, `${features} (the number of features)`, components);
      if (projection !== null && projection.length !== features * components) refuse(
        `${path}.projection`, `${features} × ${components} numbers`, projection.length
      );
      if (sparsePoints.length !== weights.length * components) refuse(
        `${path}.sparsePoints`, `${weights.length} × ${components} numbers`, sparsePoints.length
      );
    });
  });
}

/**
 * A potential as the text of a model file. The same potential gives the same text.
 * @throws InputError when its arrays do not fit together, NumericalError when it holds a number that is not finite.
 */
export function formatModel(potential: Potential): string {
  checkSizes(potential);
  const energies = [...potential.baseline].sort(([a], [b]) => a - b);
  const finite = (values: Float64Array | null): boolean => values === null || values.every((value) => Number.isFinite(value));
  const bad = potential.terms.flatMap(({ centers }) => centers).find(({ projection, sparsePoints, weights }) => ![projection, sparsePoints, weights].every(finite));
  if (bad) throw new NumericalError("the model holds numbers that are not finite", { key: `element ${bad.species}` });
  for (const [species, energy] of energies) {
    if (!Number.isFinite(energy)) throw new NumericalError(
      "the model holds numbers that are not finite", { key: `baseline of element ${species}`, got: String(energy) }
    );
  }
  const { species, terms, provenance } = potential;
  const odd = Object.entries(provenance).find(([, value]) => typeof value === "number" && !Number.isFinite(value));
  if (odd) throw new NumericalError("the model holds numbers that are not finite", { key: `provenance.${odd[0]}`, got: String(odd[1]) });
  for (const { hyperparameters } of terms) validateHyperparameters(hyperparameters);
  const body = {
    lather: latherVersion,
    potential: {
      species,
      baseline: energies.map(([element, energy]) => ({ species: element, energy })),
      terms: terms.map(({ hyperparameters: { cutoff, density, basis, features }, zeta, centers }) => ({
        // Only these four: a configuration of a fit, which has more keys, passes for hyperparameters.
        hyperparameters: { cutoff, density, basis, features },
        zeta,
        centers: centers.map((center) => ({
          species: center.species,
          size: center.size,
          projection: center.projection && encodeFloat64(center.projection),
          sparsePoints: encodeFloat64(center.sparsePoints),
          weights: encodeFloat64(center.weights),
        })),
      })),
      provenance,
    },
  };
  return `${JSON.stringify({ format, version, checksum: checksum({ format, version, ...body }), ...body })}\n`;
}

function parseObject(text: string, where: { file?: string }): Record<string, unknown> {
  let json: unknown;
  try {
    json = parseJsonText(text, where);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const begun = text.slice(0, 200).includes(`"${format}"`);
    const got = text.trim() === "" ? "an empty file" : `${text.length} characters that are not JSON`;
    const what = begun ? "the model file is truncated or damaged" : "not a Lather model";
    throw new InputError(what, { ...where, expected: "one complete JSON object, as `lather fit` writes it", got });
  }
  const object = typeof json === "object" && json !== null ? (json as Record<string, unknown>) : null;
  if (object?.["format"] === format) return object;
  const got = object ? `JSON with the keys ${Object.keys(object).slice(0, 5).join(", ") || "none"}` : `JSON: ${text.slice(0, 30)}`;
  throw new InputError("not a Lather model", { ...where, expected: `JSON with "format": "${format}"`, got });
}

function ofVersion1(json: unknown, file?: string): v.InferOutput<typeof fileSchema>["potential"] {
  const { hyperparameters, zeta, centers, ...rest } = parseShape(firstSchema, { potential: json }, file).potential;
  return { ...rest, terms: [{ hyperparameters, zeta, centers }] };
}

/**
 * The potential of a model file's text, equal to the written one in every bit of its arrays. `file` names the source in messages.
 * @throws InputError when the text is truncated, foreign, written by a newer Lather, damaged, or its arrays do not fit together.
 */
export function parseModel(text: string, file?: string): Potential {
  const where = file === undefined ? {} : { file };
  const json = parseObject(text, where);
  const { checksum: claimed, ...content } = json;
  if (typeof json["version"] === "number" && json["version"] > version) {
    throw new InputError(
      `written by a newer Lather (${String(json["lather"])}): version ${json["version"]} of the model file, this one reads ${version}`, where,
    );
  }
  if (json["version"] !== version && json["version"] !== 1) throw new InputError(
    "unknown version of the model file", { ...where, expected: `1 to ${version}`, got: JSON.stringify(json["version"]) ?? "none" }
  );
  const found = checksum(content);
  if (claimed !== found) throw new InputError(
    "the model file is damaged or was edited: its checksum does not match", { ...where, expected: String(claimed), got: found }
  );
  const parsed = json["version"] === 1 ? ofVersion1(json["potential"], file) : parseShape(fileSchema, { potential: json["potential"] }, file).potential;
  const elements = parsed.baseline.map(({ species }) => species);
  if (!ascending(elements)) throw new InputError(
    "elements of the baseline", { ...where, key: "baseline", expected: "atomic numbers, ascending", got: elements.join(" ") }
  );
  const potential: Potential = { ...parsed, baseline: new Map(parsed.baseline.map(({ species, energy }) => [species, energy])) };
  for (const { hyperparameters } of potential.terms) validateHyperparametersOf(hyperparameters, file);
  checkSizes(potential, file);
  return potential;
}
