// The schema of a fit's configuration: which keys there are, what their values may be, and what they mean. The words of a description are
// shown by `lather config`; ranges of hyperparameters are checked by validate-hyperparameters.ts, which programs meet as well.
import * as v from "valibot";
import { InputError } from "../errors.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { validateHyperparameters } from "../features/validate-hyperparameters.js";
import { largestExponent } from "../kernel/exponent.js";
import { parseUnit, UNIT_EXAMPLES, type Dimension } from "../structure/label-units.js";
import { committeeEntry } from "./committee-schema.js";
import { parseShape } from "./configuration-error.js";
import { defaultFitConfiguration, type FitConfiguration } from "./configuration.js";
import { parseCore } from "./core-settings.js";
import { checkPseudoElements, pseudoElementsEntry } from "./element-settings.js";
import { choice, elementSymbol, group, hyperparameterEntries, number, wholeNumber } from "./hyperparameter-schema.js";
import { isCore, termKeys } from "./term-settings.js";
import { checkDepth } from "./json-text.js";

const perElement = <Value extends v.GenericSchema<number>>(value: Value, expected: string) =>
  v.record(elementSymbol, value, expected);

const positive = "a number above 0 (σ = 0 would mean exact data, whose weight 1/σ² in the fit is infinite)";
const sigma = (description: string) => number(description, positive, (value) => value > 0);
const points = wholeNumber("", "a whole number, 1 or more", 1);
const labelName = v.string("a name in the file, or null to find it");
const nameOrNone = v.union([v.null(), v.literal(false), v.string()], "a name in the file, null to find it, or false to leave it out");
const labelNameOrNone = (description: string) => v.pipe(nameOrNone, v.description(description));
const labelUnit = (description: string, dimensions: readonly Dimension[]) => {
  const expected = `${dimensions.map((one) => UNIT_EXAMPLES[one]).join("; or ")}; or null`;
  const unit = v.pipe(v.string(expected), v.check((text) => dimensions.some((one) => parseUnit(text, one) !== null), expected));
  return v.pipe(v.nullable(unit), v.description(description));
};

export const kernelExponent = wholeNumber("Exponent ζ.", `a whole number from 1 to ${largestExponent}`, 1, largestExponent);

/** What every term of a potential has. */
const termEntries = {
  ...hyperparameterEntries,
  optimalBasis: v.pipe(
    v.nullable(group("", {
      channels: v.optional(v.nullable(points), null),
      threshold: v.optional(v.nullable(number("", "a number from 0 to below 1", (value) => value >= 0 && value < 1)), null),
      mixed: v.optional(v.boolean("true or false"), false),
      centerDependent: v.optional(v.boolean("true or false"), false),
      gamma: v.optional(number("", "a number from 0 to 1", (value) => value >= 0 && value <= 1), 1),
    })),
    v.description(
      "Contraction of the radial basis to what varies in the training data, Eq. (32), or null: { \"channels\": 4 } or { \"threshold\": 1e-4 }, " +
      "\"mixed\": true for one density of all elements, \"centerDependent\": true for functions for each center element, " +
      "\"gamma\" below 1 to serve the energies too, Eq. (35). " +
      "The same as \"basis\": { \"kind\": \"optimal\", \"primitive\": { \"kind\": \"gto\", \"nMax\": 12, \"lMax\": 6 }, \"channels\": 4 }.",
    ),
  ),
  pseudoElements: pseudoElementsEntry,
  kernel: group("Polynomial kernel δ² (z · z')^ζ, Eqs. (15) and (53).", {
    zeta: kernelExponent,
    delta: number("eV; δ: how much of the energy of an atom this term is expected to carry.", "a number above 0", (value) => value > 0),
  }),
  compression: v.pipe(
    v.nullable(group("", {
      threshold: number("Relative residual variance that may be left out.", "a number from 0 to below 1", (value) => value >= 0 && value < 1),
      maxComponents: v.pipe(v.nullable(points), v.description("At most so many components, or null.")),
    })),
    v.description("Principal components of the features, Eq. (14); null keeps all features."),
  ),
  sparse: group("Sparse points, Eqs. (19) and (20).", {
    count: v.pipe(
      v.nullable(v.lazy((input) => {
        if (typeof input === "object") return perElement(points, "an object { … }");
        return typeof input === "string" ? v.picklist(["auto", "all"], "\"auto\", \"all\" or a whole number, 1 or more") : points;
      })),
      v.description(
        "Points in all, or per element: { \"H\": 500, \"O\": 300 }; \"auto\" takes a quarter of the environments, at least 50 where there are so many, " +
        "at most 1000; \"all\" takes every one: full Gaussian-process regression.",
      ),
    ),
    method: choice(
      "\"fps\" (farthest points), \"cur\", \"leverage\" (drawn by leverage score), \"random\", or \"unit-vectors\" of the features, with kernel.zeta 1: ridge regression.",
      ["fps", "cur", "leverage", "random", "unit-vectors"],
    ),
    seed: wholeNumber("Seed of random choices.", "a whole number, 0 or more", 0),
  }),
};

/** Shape of a complete configuration. */
export const configurationSchema = v.strictObject({
  ...termEntries,
  terms: v.pipe(
    v.nullable(v.pipe(v.array(group("", termEntries), "a list of objects { … }, or null"), v.minLength(1, "one term or more"))),
    v.description(
      "Terms of the potential, Eq. (53), or null for one term, as said above: [{ \"features\": { \"kind\": \"radial-spectrum\" } }, { \"kernel\": { \"delta\": 0.3 } }]. " +
      "What a term leaves out is as said above. { \"kind\": \"zbl\" } is a repulsive core, Eq. (71), which is given, not fitted: switched off between \"inner\" and " +
      "\"outer\" (Å; 0.4 and 0.8 of the sum of the covalent radii). \"screened-coulomb\" has \"coefficients\", \"exponents\" and \"length\" (Å) of its own.",
    ),
  ),
  noise: group("Expected errors of the training data, Eq. (17).", {
    energy: sigma("eV; σ of the energy of a structure of N atoms is √N times this."),
    forces: sigma("eV/Å; σ of a force component."),
    virial: sigma("eV; σ of a virial component of N atoms is √N times this."),
    byConfigType: v.pipe(
      v.record(v.string(), group("", {
        energy: v.exactOptional(sigma("")), forces: v.exactOptional(sigma("")), virial: v.exactOptional(sigma("")),
      }), "an object { … }"),
      v.description("Other values for a config_type: { \"liquid\": { \"forces\": 0.2 } }."),
    ),
    fromData: v.pipe(
      v.boolean("true or false"),
      v.description("Take σ and weights that the data give (energy_sigma, force_sigma, force_atom_sigma, virial_sigma, config_weight, …) before these."),
    ),
  }),
  baseline: group("Energy per atom E⁰ that the fit starts from, Eq. (16).", {
    kind: choice(
      "\"isolated\" (frames of one atom without neighbors within the cutoff), \"least-squares\", \"given\", or \"auto\": isolated if every element has one, else least-squares.",
      ["auto", "isolated", "least-squares", "given"],
    ),
    energies: v.pipe(perElement(number(""), "an object { … }"), v.description("eV, for \"given\": { \"Si\": -158.5 }.")),
  }),
  keys: group("Names of the labels in the data files; null finds the names in use, false leaves the labels out of the fit.", {
    energy: v.pipe(v.nullable(labelName), v.description("eV.")),
    forces: labelNameOrNone("eV/Å."),
    virial: labelNameOrNone("Virial in eV, or stress in eV/Å³."),
    energyUnit: labelUnit("Unit of the energies, null for that in their name (\"energy_kcal_mol\") or else eV.", ["energy"]),
    forcesUnit: labelUnit("Unit of the forces, null for that in their name or else eV/Å.", ["force"]),
    virialUnit: labelUnit("Unit of the virial or stress, null for that in its name (\"stress_kbar\") or else eV, or eV/Å³.", ["energy", "pressure"]),
  }),
  solver: group("Solution of the least-squares problem, Eq. (18).", {
    method: choice("\"normal\" (normal equations) or \"qr\" (slower, stabler).", ["normal", "qr"]),
    jitter: number("Added to the diagonal of K_MM, relative to its mean.", "a number, 0 or more", (value) => value >= 0),
  }),
  committee: committeeEntry,
});

/** Defaults with the given values laid over them, at every depth where both are objects. */
function withDefaults(defaults: object, given: object): object {
  const merged: Record<string, unknown> = { ...defaults };
  for (const [key, value] of Object.entries(given)) {
    const standard = merged[key];
    if (value === undefined) continue;
    // Own property even for "__proto__", which then is refused as unknown like any other.
    Object.defineProperty(
      merged, key,
      { value: isRecord(standard) && isRecord(value) ? withDefaults(standard, value) : value, enumerable: true, configurable: true, writable: true },
    );
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The values that are lists; valibot would take any other list for an object. */
const LISTS = ["basis.table.functions", "basis.contraction.species", "basis.contraction.centers", "basis.contraction.matrix", "features.iteration.orders", "features.iteration.scales"];

/** The values whose keys are names; valibot drops those that every object inherits. */
const RECORDS = ["noise.byConfigType", "baseline.energies", "sparse.count", "pseudoElements.matrix"];
const INHERITED = ["__proto__", "constructor", "prototype"];

/** Refuses what the schema would take for something else, or drop. */
function refuseLists(value: unknown, path: string, file: string | undefined): void {
  if (LISTS.includes(path) || path.startsWith("pseudoElements.matrix.")) return;
  if (path === "terms" && Array.isArray(value)) return;
  const inherited = isRecord(value) && RECORDS.includes(path) ? INHERITED.find((name) => Object.hasOwn(value, name)) : undefined;
  if (inherited !== undefined) {
    throw new InputError("this name cannot stand in a configuration", { ...(file && { file }), key: `${path}.${inherited}`, expected: "another name" });
  }
  if (Array.isArray(value)) {
    throw new InputError(
      "no value of a configuration is a list",
      { ...(file && { file }), key: path, expected: "an object { … } or a single value", got: JSON.stringify(value) },
    );
  }
  if (isRecord(value)) for (const [key, inner] of Object.entries(value)) refuseLists(inner, path === "" ? key : `${path}.${key}`, file);
}

/** `validateHyperparameters`, with the name of the file that they come from, and where they stand there ("terms.1."), in the message. */
export function validateHyperparametersOf(hyperparameters: Hyperparameters, file?: string, path = ""): void {
  try {
    validateHyperparameters(hyperparameters);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { key } = error.details;
    throw new InputError(error.what, { ...(file !== undefined && { file }), ...error.details, ...(key !== undefined && { key: `${path}${key}` }) });
  }
}

/** Keys of the primitive basis that may stand beside it as well: those that have the same meaning for every basis. */
const SHARED = ["nMax", "lMax", "accuracy", "table"];

/**
 * basis: { kind: "optimal", primitive: { … }, channels, … } as the two keys that it stands for.
 * @throws InputError when it has no primitive basis, or optimalBasis says something too.
 */
function plainBasis(json: Record<string, unknown>, file: string | undefined): Record<string, unknown> {
  const { basis, optimalBasis, ...rest } = json;
  if (!isRecord(basis) || basis["kind"] !== "optimal") return json;
  const { kind: _, primitive, ...optimal } = basis;
  const where = file === undefined ? {} : { file };
  if (!isRecord(primitive) || primitive["kind"] === "optimal") {
    const expected = "the basis that is contracted, such as { \"kind\": \"gto\", \"nMax\": 12, \"lMax\": 6 }";
    throw new InputError("an optimal basis of nothing", { ...where, key: "basis.primitive", expected, got: JSON.stringify(primitive) ?? "nothing" });
  }
  if (isRecord(optimalBasis)) {
    const expected = "none beside a basis of kind \"optimal\"";
    throw new InputError("two optimal bases", { ...where, key: "optimalBasis", expected, got: JSON.stringify(optimalBasis) });
  }
  const pick = (shared: boolean): object => Object.fromEntries(Object.entries(optimal).filter(([key]) => SHARED.includes(key) === shared));
  return { ...rest, basis: { ...primitive, ...pick(true) }, optimalBasis: pick(false) };
}

/** The defaults, without a width of the cutoff where a step is asked for. */
function defaultsFor(given: Record<string, unknown>, defaults: object): object {
  const { cutoff } = given;
  const own = (defaults as Record<string, unknown>)["cutoff"];
  return isRecord(cutoff) && cutoff["function"] === "step" && isRecord(own) ? { ...defaults, cutoff: { ...own, width: 0 } } : defaults;
}

/** What a term takes over: of features or a basis of another kind than its own nothing but what every kind has. */
function withoutOtherKind(shared: Record<string, unknown>, term: Record<string, unknown>): object {
  const common = { features: ["kind", "normalize"], basis: ["kind", ...SHARED.filter((key) => key !== "table")] };
  return Object.fromEntries(Object.entries(shared).map(([key, value]) => {
    const [own, keep] = [term[key], common[key as keyof typeof common]];
    if (!keep || !isRecord(own) || !isRecord(value) || own["kind"] === undefined || own["kind"] === value["kind"]) return [key, value];
    return [key, Object.fromEntries(Object.entries(value).filter(([name]) => keep.includes(name)))];
  }));
}

/** Every term with what it leaves out; in the place of a core, whose schema is its own, what the others share. */
function completeTerms(terms: unknown, flat: object, file: string | undefined): unknown {
  if (!Array.isArray(terms)) return terms ?? null;
  const shared = Object.fromEntries(Object.entries(flat).filter(([key]) => (termKeys as readonly string[]).includes(key)));
  return terms.map((term: unknown) => {
    if (!isRecord(term)) return term;
    if (isCore(term)) return shared;
    const plain = plainBasis(term, file);
    refuseLists(plain, "", file);
    return withDefaults(defaultsFor(plain, withoutOtherKind(shared, plain)), plain);
  });
}

/**
 * A complete configuration of a fit from parsed JSON, whatever was left out filled in from `defaultFitConfiguration`.
 * `file` names the source in messages.
 * @throws InputError on unknown keys (with the nearest known name) and on values of another type or out of range, by path ("basis.nMax").
 */
export function parseFitConfiguration(json: unknown, file?: string): FitConfiguration {
  if (!isRecord(json)) throw new InputError(
    "not a configuration", { ...(file && { file }), expected: "an object { … }", got: JSON.stringify(json) ?? String(json) }
  );
  checkDepth(json, file === undefined ? {} : { file });
  const { terms, ...plain } = plainBasis(json, file);
  refuseLists(plain, "", file);
  const flat = withDefaults(defaultsFor(plain, defaultFitConfiguration), plain);
  const cores = Array.isArray(terms) ? terms.map((term: unknown, index) => (isRecord(term) && isCore(term) ? parseCore(term, index, file) : null)) : [];
  const parsed = parseShape(configurationSchema, { ...flat, terms: completeTerms(terms, flat, file) }, file);
  const configuration: FitConfiguration = { ...parsed, terms: parsed.terms?.map((own, index) => cores[index] ?? own) ?? null };
  configuration.terms?.forEach((own, index) => isCore(own) || validateHyperparametersOf(own, file, `terms.${index}.`));
  configuration.terms?.forEach((own, index) => isCore(own) || checkPseudoElements(own, file, `terms.${index}.`));
  if (configuration.terms?.every(isCore)) {
    throw new InputError("nothing to fit", { ...(file && { file }), key: "terms", expected: "a term beside the cores that is fitted, {} for one as said above", got: `${cores.length} of cores` });
  }
  validateHyperparametersOf(configuration, file);
  checkPseudoElements(configuration, file);
  const { kind, energies } = configuration.baseline;
  const given = Object.keys(energies).length > 0;
  if (given !== (kind === "given")) {
    throw new InputError("baseline.kind and baseline.energies disagree", {
      ...(file && { file }), key: "baseline", expected: "energies if and only if kind is \"given\"", got: JSON.stringify(configuration.baseline),
    });
  }
  return configuration;
}

/**
 * The hyperparameters of features from parsed JSON. A configuration of a fit is accepted too, so that one file serves both: its other keys
 * are checked and left alone.
 * @throws InputError as `parseFitConfiguration`, and for an optimal basis or pseudo-elements that are still to be made: `withOptimalBasis` and
 * `withPseudoElements` make them.
 */
export function parseHyperparameters(json: unknown, file?: string): Hyperparameters {
  const { cutoff, density, basis, features, optimalBasis, pseudoElements } = parseFitConfiguration(json, file);
  if (pseudoElements) {
    throw new InputError("pseudo-elements are made for the elements of data, and there are none here", {
      ...(file !== undefined && { file }), key: "pseudoElements",
      expected: "null, and a basis whose contraction `lather features --settings` has written", got: JSON.stringify(pseudoElements),
    });
  }
  if (optimalBasis) {
    throw new InputError("an optimal basis is made from data, and there are none here", {
      ...(file !== undefined && { file }), key: "optimalBasis",
      expected: "null, and a basis that `lather basis` has written", got: JSON.stringify(optimalBasis),
    });
  }
  return { cutoff, density, basis, features };
}
