// A potential in a model file (model-envelope.ts).
import * as v from "valibot";
import { InputError, NumericalError } from "../errors.js";
import { featureLayout } from "../features/feature-layout.js";
import { validateHyperparameters } from "../features/validate-hyperparameters.js";
import { checkExponent } from "../kernel/exponent.js";
import { checkPairTerm, type PairTerm } from "../pairs/pair-term.js";
import { parseShape } from "../training/configuration-error.js";
import { kernelExponent, validateHyperparametersOf } from "../training/configuration-schema.js";
import { hyperparameterEntries } from "../training/hyperparameter-schema.js";
import { encodeFloat64 } from "./base64.js";
import { checkCommittee, committeeShape } from "./committee-file.js";
import { ascending, atomicNumber, finite, numbers, provenance, size, unwrapModel, wrapModel } from "./model-envelope.js";
import type { CenterModel, Potential } from "./potential.js";

const termEntries = {
  hyperparameters: v.strictObject(hyperparameterEntries, "an object"),
  zeta: kernelExponent,
  centers: v.array(
    v.strictObject({
      species: atomicNumber, size, projection: v.nullable(numbers), sparsePoints: numbers, weights: numbers, members: v.exactOptional(numbers),
    }, "an object"), "a list",
  ),
};
const potentialEntries = {
  species: v.array(atomicNumber, "a list of atomic numbers"),
  baseline: v.array(v.strictObject({ species: atomicNumber, energy: finite("an energy in eV") }, "an object"), "a list"),
  provenance,
  committee: v.exactOptional(committeeShape),
};
const number = finite("a number");
const elementPair = v.strictTuple([atomicNumber, atomicNumber], "two atomic numbers");
const screenedCoulomb = v.strictObject({
  kind: v.literal("screened-coulomb"),
  screening: v.strictObject({ coefficients: v.array(number, "a list of numbers"), exponents: v.array(number, "a list of numbers"), length: v.nullable(number) }, "an object"),
  pairs: v.array(
    v.strictObject({ species: elementPair, inner: finite("a length in Å"), outer: finite("a length in Å") }, "an object"),
    "a list",
  ),
}, "an object");
const tabulatedPairs = v.strictObject({
  kind: v.literal("tabulated"),
  pairs: v.array(v.strictObject({ species: elementPair, step: finite("a length in Å"), nodes: numbers }, "an object"), "a list"),
}, "an object");
const pairTerm = v.variant("kind", [screenedCoulomb, tabulatedPairs], "\"screened-coulomb\" or \"tabulated\"");
const fileSchema = v.strictObject({
  potential: v.strictObject({ ...potentialEntries, terms: v.array(v.strictObject(termEntries, "an object"), "a list"), pairs: v.exactOptional(v.array(pairTerm, "a list")) }, "an object"),
});
/** Version 1 had one term, whose entries stood beside those of the potential. */
const firstSchema = v.strictObject({ potential: v.strictObject({ ...potentialEntries, ...termEntries }, "an object") });

/** A pair term with the keys of the file alone. */
function pairTermJson(term: PairTerm): object {
  if (term.kind === "tabulated") return { kind: term.kind, pairs: term.pairs.map(({ species, step, nodes }) => ({ species, step, nodes: encodeFloat64(nodes) })) };
  const { kind, screening: { coefficients, exponents, length }, pairs } = term;
  return { kind, screening: { coefficients, exponents, length }, pairs: pairs.map(({ species, inner, outer }) => ({ species, inner, outer })) };
}

/** @throws InputError when ζ or a pair term is out of range or the arrays of a potential do not fit together. */
function checkSizes({ species, terms, pairs = [], baseline, committee }: Potential, file?: string): void {
  const refuse = (key: string, expected: string, got: number | string): never => {
    throw new InputError("arrays of the model do not fit together", { ...(file !== undefined && { file }), key, expected, got: String(got) });
  };
  if (species.length === 0 || !ascending(species)) refuse("species", "one or more atomic numbers, ascending", species.join(" "));
  if (terms.length + pairs.length === 0) refuse("terms", "one term or more", 0);
  if (committee) checkCommittee(committee, file);
  pairs.forEach((term, index) => {
    try {
      checkPairTerm(term, species, `pairs.${index}.`);
    } catch (error) {
      throw error instanceof InputError && file !== undefined ? new InputError(error.what, { file, ...error.details }) : error;
    }
  });
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
      const [wanted, found] = [committee && committee.members * weights.length, center.members?.length];
      if (wanted !== found) refuse(
        `${path}.members`, committee ? `${committee.members} × ${weights.length} numbers` : "none without a committee", found ?? "none"
      );
    });
  });
}

/**
 * A potential as the text of a model file. The same potential gives the same text.
 * @throws InputError when its arrays do not fit together, NumericalError when it holds a number that is not finite.
 */
export function formatModel(potential: Potential): string {
  for (const { hyperparameters } of potential.terms) validateHyperparameters(hyperparameters);
  checkSizes(potential);
  const energies = [...potential.baseline].sort(([a], [b]) => a - b);
  const finite = (values: Float64Array | null): boolean => values === null || values.every((value) => Number.isFinite(value));
  const bad = potential.terms.flatMap(({ centers }) => centers).find(
    ({ projection, sparsePoints, weights, members = null }) => ![projection, sparsePoints, weights, members].every(finite),
  );
  if (bad) throw new NumericalError("the model holds numbers that are not finite", { key: `element ${bad.species}` });
  for (const [species, energy] of energies) {
    if (!Number.isFinite(energy)) throw new NumericalError(
      "the model holds numbers that are not finite", { key: `baseline of element ${species}`, got: String(energy) }
    );
  }
  const { species, terms, pairs = [], provenance, committee } = potential;
  const odd = Object.entries(provenance).find(([, value]) => typeof value === "number" && !Number.isFinite(value));
  if (odd) throw new NumericalError("the model holds numbers that are not finite", { key: `provenance.${odd[0]}`, got: String(odd[1]) });
  const body = {
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
          ...(center.members && { members: encodeFloat64(center.members) }),
        })),
      })),
      ...(pairs.length > 0 && { pairs: pairs.map(pairTermJson) }),
      provenance,
      ...(committee && { committee }),
    },
  };
  return wrapModel(body, committee ? 3 : 2);
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
  const json = unwrapModel(text, file);
  if (json["property"] !== undefined) {
    throw new InputError("a model of a property, not of energies and forces", { ...where, expected: "a potential: `lather fit` without --property", got: "property" });
  }
  const parsed = json["version"] === 1 ? ofVersion1(json["potential"], file) : parseShape(fileSchema, { potential: json["potential"] }, file).potential;
  const elements = parsed.baseline.map(({ species }) => species);
  if (!ascending(elements)) throw new InputError(
    "elements of the baseline", { ...where, key: "baseline", expected: "atomic numbers, ascending", got: elements.join(" ") }
  );
  const { pairs, ...rest } = parsed;
  const potential: Potential = { ...rest, ...(pairs && pairs.length > 0 && { pairs }), baseline: new Map(parsed.baseline.map(({ species, energy }) => [species, energy])) };
  for (const { hyperparameters } of potential.terms) validateHyperparametersOf(hyperparameters, file);
  checkSizes(potential, file);
  return potential;
}
