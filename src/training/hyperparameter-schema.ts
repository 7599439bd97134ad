// The schema of hyperparameters: which keys there are and what their values may be. The words of a description are shown by `lather config`; ranges are
// checked by validate-hyperparameters.ts, which programs meet as well.
import * as v from "valibot";
import { featureKinds } from "../features/hyperparameters.js";
import { atomicNumberOf, symbolOf } from "../structure/elements.js";
import { basisKinds } from "../basis/validate-hyperparameters.js";

export const number = (description: string, expected = "a number", accepts: (value: number) => boolean = () => true) =>
  v.pipe(v.number(expected), v.check((value) => Number.isFinite(value) && accepts(value), expected), v.description(description));

export const wholeNumber = (description: string, expected: string, least: number, most = Number.MAX_SAFE_INTEGER) =>
  number(description, expected, (value) => Number.isSafeInteger(value) && value >= least && value <= most);

export const choice = <const Options extends readonly string[]>(description: string, options: Options) =>
  v.pipe(v.picklist(options, `one of ${options.map((option) => `"${option}"`).join(", ")}`), v.description(description));

export const group = <const Entries extends v.ObjectEntries>(description: string, entries: Entries) =>
  v.pipe(v.strictObject(entries, "an object { … }"), v.description(description));

function isElement(symbol: string): boolean {
  const z = atomicNumberOf(symbol);
  return z !== undefined && symbolOf(z) === symbol;
}

export const elementSymbol = v.pipe(v.string(), v.check(isElement, "an element symbol such as \"Si\""));

/** Whether the keys are elements is checked with the ranges. */
const byElement = (description: string) => v.pipe(v.record(v.string(), v.number("a number"), "an object of numbers by element"), v.description(description));

/** Shape of the hyperparameters, without defaults: a model file must state every one of them. */
export const hyperparameterEntries = {
  cutoff: group("Radial cutoff f_c(r), Eq. (3).", {
    radius: number("Å; neighbors beyond it are not seen."),
    width: number("Å; f_c falls from 1 to 0 over this distance before the radius."),
    function: choice("\"cosine\", \"polynomial\", or \"step\" (width 0).", ["cosine", "step", "polynomial"]),
  }),
  density: group("Atomic density, Eqs. (1), (2) and (4).", {
    kind: choice("\"gaussian\" or \"delta\".", ["gaussian", "delta"]),
    width: number(
      "Å; σ of the Gaussians exp(−r²/2σ²). Beside it, for the atoms of some elements: \"widths\": { \"H\": 0.3 } for their σ, " +
      "\"weights\": { \"H\": 0.5 } for their weight (1 without).",
    ),
    widths: v.exactOptional(byElement("Å; σ of the atoms of some elements, as { \"H\": 0.3 }; width for the others.")),
    weights: v.exactOptional(byElement("Weight of the atoms of some elements in the density, neighbors and center, as { \"H\": 0.5 }; 1 for the others.")),
    centerWeight: number("Weight w₀ of the center's own density."),
    scaling: v.pipe(
      v.nullable(group("", {
        rate: number("c."),
        scale: number("Å; r₀: beyond it neighbors count less. About 1.3 bond lengths is a good start."),
        exponent: number("k."),
      })),
      v.description("null, or { \"rate\": c, \"scale\": r₀ in Å, \"exponent\": k } of u(r) = c / (c + (r/r₀)^k)."),
    ),
  }),
  basis: group("Radial basis and spherical harmonics, Eqs. (5) to (10).", {
    kind: choice(
      "\"gto\", \"dvr\", \"shifted-gaussians\" (as in QUIP), \"chebyshev\", \"laplacian-eigenstates\", \"polynomial\" (as in DScribe), or \"table\".",
      basisKinds,
    ),
    nMax: number("Number of radial functions."),
    lMax: number("Largest degree l of the spherical harmonics, inclusive."),
    accuracy: number("Largest error of the tabulated radial integrals, relative to the largest integral."),
    table: v.exactOptional(group("Radial functions of the user, for kind \"table\".", {
      step: number("Å; distance of the grid points, the first of which is at 0."),
      functions: v.pipe(
        v.array(v.array(v.number("a number"), "a list of numbers"), "a list of functions"), v.minLength(1, "a function at least"),
        v.description("Å^(−3/2); a list of values for each function."),
      ),
    })),
    contraction: v.exactOptional(v.nullable(group("Optimal radial basis, Eq. (32), as `lather basis` writes it.", {
      mixed: v.boolean("true or false"),
      channels: wholeNumber("", "a whole number, 1 or more", 1),
      species: v.array(wholeNumber("", "an atomic number", 1), "a list of atomic numbers"),
      centers: v.exactOptional(v.nullable(v.array(wholeNumber("", "an atomic number", 1), "a list of atomic numbers"))),
      matrix: v.array(number(""), "a list of numbers"),
    }))),
  }),
  features: group("Features of an environment, Eqs. (11) to (13) and (49) to (52).", {
    kind: choice(
      "\"power-spectrum\", \"radial-spectrum\", \"bispectrum\" (with \"pseudoscalars\": true if wanted), \"multispectrum\" (\"order\": 3, \"threshold\": 1e-4, " +
      "\"maxComponents\": 60, \"maxProducts\": 500, \"pseudoscalars\") or \"lambda-soap\" (\"lambda\": 1, \"parity\": 1 or -1).",
      featureKinds,
    ),
    normalize: v.pipe(v.boolean("true or false"), v.description("Divide the vector of each environment by its length.")),
    pseudoscalars: v.exactOptional(v.pipe(v.boolean("true or false"), v.description("Bispectrum, multispectrum: with the invariants that change sign in a mirror."))),
    lambda: v.exactOptional(number("λ-SOAP: degree of the features.")),
    parity: v.exactOptional(v.pipe(v.picklist([1, -1], "1 or -1"), v.description("λ-SOAP: 1 for tensors, -1 for pseudotensors."))),
    order: v.exactOptional(number("Multispectrum: largest ν.")),
    threshold: v.exactOptional(number("Multispectrum: share of the variance of every (ν, λ, σ) that its components may leave out.")),
    maxComponents: v.exactOptional(number("Multispectrum: components of every (ν, λ, σ) at the most.")),
    maxProducts: v.exactOptional(number("Multispectrum: products of every (ν, λ, σ) at the most.")),
    iteration: v.exactOptional(v.nullable(group("Multispectrum: products and matrices that a fit has made, Eq. (52).", {
      orders: v.array(v.array(group("", {
        lambda: wholeNumber("", "a degree", 0),
        parity: v.picklist([1, -1], "1 or -1"),
        products: v.array(wholeNumber("", "a whole number", 0), "a list of numbers"),
        matrix: v.array(number(""), "a list of numbers"),
      }), "a list of blocks"), "a list of orders"),
      scales: v.array(number(""), "a list of numbers"),
    }))),
  }),
};
