/** Bounds of the hyperparameters of THEORY.md Eqs. (1)–(8) and (25)–(29), checked at the public entrance: every later stage may rely on them. */

import { InputError } from "../errors.js";
import { productParity, type Parity } from "./chain.js";
import { featureKinds, type FeatureChoice, type Hyperparameters, type RadialBasis } from "./hyperparameters.js";
import type { Iteration, IterationBlock } from "./multispectrum.js";

/** Largest degree that the tests cover (harmonics, scaled Bessel functions, tables). */
const lMaxLimit = 20;
const nMaxLimit = 32;

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function check(holds: boolean, what: string, key: string, expected: string, value: unknown): void {
  if (!holds) throw new InputError(what, { key, expected, got: shown(value) });
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isCount(value: unknown): value is number {
  return isNumber(value) && Number.isInteger(value);
}

function checkChoice(key: string, choices: readonly string[], value: unknown): void {
  check(choices.includes(value as string), "unknown choice", key, choices.map((choice) => JSON.stringify(choice)).join(" or "), value);
}

/** All kinds of primitive radial bases. */
export const basisKinds = ["gto", "dvr", "shifted-gaussians", "chebyshev", "laplacian-eigenstates", "polynomial", "table"] as const;

function checkTable({ kind, nMax, table }: RadialBasis, radius: number): void {
  const belongs = (kind === "table") === (table !== undefined);
  check(belongs, "basis.kind and basis.table disagree", "basis.table", 'numbers if and only if basis.kind is "table"', table ? "a table" : "none");
  if (table === undefined) return;
  const { step, functions } = table;
  check(isNumber(step) && step > 0, "grid of the radial functions out of range", "basis.table.step", "a length above 0 Å", step);
  const enough = functions.length >= nMax;
  check(enough, "fewer radial functions than asked for", "basis.table.functions", `at least basis.nMax = ${nMax} functions`, functions.length);
  const points = functions[0]!.length;
  functions.forEach((values, n) => {
    const key = `basis.table.functions.${n}`;
    const fits = values.length === points && points >= 4;
    check(fits, "grid of the radial functions", key, "as many points as the first function, 4 at least", values.length);
    const at = values.findIndex((value) => !isNumber(value));
    check(at < 0, "a radial function is not finite", `${key}.${at}`, "a number", values[at]);
  });
  const end = (points - 1) * step;
  const reaches = end >= radius * (1 - 1e-9);
  check(reaches, "the grid of the radial functions ends too early", "basis.table.step", `the cutoff radius ${radius} Å or more`, `${end} Å`);
}

/** Which kinds know a choice. */
const BELONGS = {
  pseudoscalars: ["bispectrum", "multispectrum"], lambda: ["lambda-soap"], parity: ["lambda-soap"],
  order: ["multispectrum"], threshold: ["multispectrum"], maxComponents: ["multispectrum"], maxProducts: ["multispectrum"], iteration: ["multispectrum"],
} as const;

function checkFeatures(features: FeatureChoice, lMax: number): void {
  const { kind, lambda = 0, order = 3, threshold = 1e-4, maxComponents = 1, maxProducts = 1, iteration } = features;
  checkChoice("features.kind", featureKinds, kind);
  check(typeof features.normalize === "boolean", "not a boolean", "features.normalize", "true or false", features.normalize);
  for (const [key, kinds] of Object.entries(BELONGS)) {
    const value = features[key as keyof typeof BELONGS];
    const fits = value === undefined || value === null || (kinds as readonly string[]).includes(kind);
    check(fits, `features of kind "${kind}" do not know this choice`, `features.${key}`, `features.kind ${kinds.map(shown).join(" or ")}`, typeof value === "object" ? "matrices" : value);
  }
  check(isCount(lambda) && lambda >= 0 && lambda <= 2 * lMax, "degree of the features out of range", "features.lambda", `an integer from 0 to 2 basis.lMax = ${2 * lMax}`, lambda);
  check(isCount(order) && order >= 1 && order <= 6, "largest order out of range", "features.order", "an integer from 1 to 6", order);
  check(isNumber(threshold) && threshold >= 0 && threshold < 1, "threshold out of range", "features.threshold", "a number from 0 on, below 1", threshold);
  check(isCount(maxComponents) && maxComponents >= 1, "number of components out of range", "features.maxComponents", "an integer, 1 or more", maxComponents);
  check(isCount(maxProducts) && maxProducts >= 1, "number of products out of range", "features.maxProducts", "an integer, 1 or more", maxProducts);
  if (iteration) checkIteration(iteration, lMax);
}

/** Every product must name channels that are there; those of the density itself are checked where the elements are known. */
function checkIteration({ orders, scales }: Iteration, lMax: number): void {
  const count = isCount(scales.length) && scales.length === orders.length + 1 && scales.every(isNumber);
  check(count, "matrices of the multispectrum do not fit together", "features.iteration.scales", `${orders.length + 1} numbers, one per order`, scales.length);
  orders.forEach((blocks, k) => blocks.forEach(({ lambda, parity, products, matrix }, index) => {
    const path = `features.iteration.orders.${k}.${index}`;
    const whole = products.length > 0 && products.length % 4 === 0 && matrix.length > 0 && matrix.length % (products.length / 4) === 0 && matrix.every(isNumber);
    check(whole, "matrices of the multispectrum do not fit together", `${path}.matrix`, "products by fours, and a number for each channel and product", matrix.length);
    for (let at = 0; at < products.length; at += 4) {
      const [left, l, a] = products.slice(at, at + 3) as [number, number, number];
      const before = k === 0 ? { lambda: left, parity: 1 as const, channels: Infinity } : channelsOf(orders[k - 1]![left]);
      const fits = before !== undefined && l <= lMax && (k > 0 || left <= lMax) && a < before.channels &&
        lambda <= before.lambda + l && lambda >= Math.abs(before.lambda - l) && productParity(before, { lambda: l, parity: 1 }, lambda) === parity;
      check(fits, "a product of the multispectrum does not exist", `${path}.products.${at}`, "a block of the order before, a degree and their channels", `${left} ${l} ${a}`);
    }
  }));
}

function channelsOf(block: IterationBlock | undefined): { lambda: number; parity: Parity; channels: number } | undefined {
  return block && { lambda: block.lambda, parity: block.parity, channels: (4 * block.matrix.length) / block.products.length };
}

/**
 * Checks every number and choice of the hyperparameters; lengths in Å.
 * @throws InputError that names the key ("cutoff.radius"), what was expected and what was got, NaN included.
 */
export function validateHyperparameters({ cutoff, density, basis, features }: Hyperparameters): void {
  checkChoice("cutoff.function", ["cosine", "step", "polynomial"], cutoff.function);
  check(isNumber(cutoff.radius) && cutoff.radius > 0, "cutoff radius out of range", "cutoff.radius", "a length above 0 Å", cutoff.radius);
  const width = cutoff.width;
  if (cutoff.function === "step") {
    check(width === 0, "a step has no width", "cutoff.width", '0 with the "step" cutoff', width);
  } else {
    const expected = `a length above 0 and up to cutoff.radius = ${cutoff.radius} Å`;
    check(isNumber(width) && width > 0 && width <= cutoff.radius, "cutoff width out of range", "cutoff.width", expected, width);
  }

  checkChoice("density.kind", ["gaussian", "delta"], density.kind);
  const sigma = density.width;
  if (density.kind === "gaussian") {
    check(isNumber(sigma) && sigma > 0, "Gaussian width out of range", "density.width", "σ above 0 Å", sigma);
  } else {
    check(isNumber(sigma) && sigma >= 0, "density width out of range", "density.width", "a number, not used by the δ density", sigma);
  }
  check(isNumber(density.centerWeight), "center weight is not a finite number", "density.centerWeight", "a number, usually 1", density.centerWeight);
  if (density.scaling !== null) {
    const { rate, scale, exponent } = density.scaling;
    check(isNumber(rate) && rate > 0, "radial scaling out of range", "density.scaling.rate", "a number above 0", rate);
    check(isNumber(scale) && scale > 0, "radial scaling out of range", "density.scaling.scale", "a length above 0 Å", scale);
    const smooth = isNumber(exponent) && (exponent === 0 || exponent >= 1);
    check(smooth, "radial scaling out of range", "density.scaling.exponent", "0, or a number from 1 on (finite slope at r = 0)", exponent);
  }

  checkChoice("basis.kind", basisKinds, basis.kind);
  const { nMax, lMax, accuracy } = basis;
  const countable = isCount(nMax) && nMax >= 1 && nMax <= nMaxLimit;
  check(countable, "number of radial functions out of range", "basis.nMax", `an integer from 1 to ${nMaxLimit}`, nMax);
  check(isCount(lMax) && lMax >= 0 && lMax <= lMaxLimit, "largest degree out of range", "basis.lMax", `an integer from 0 to ${lMaxLimit}`, lMax);
  const fine = isNumber(accuracy) && accuracy > 1e-14 && accuracy < 1e-2;
  check(fine, "table accuracy out of range", "basis.accuracy", "a number between 1e-14 and 1e-2", accuracy);
  const deltaOfDvr = density.kind === "delta" && basis.kind === "dvr";
  const why = "DVR functions stand for quadrature points; at the sharp distances of a δ density they mean nothing";
  check(!deltaOfDvr, why, "basis.kind", 'any other basis, such as "gto", with density.kind "delta"', basis.kind);
  const widthless = basis.kind === "shifted-gaussians" && sigma === 0;
  check(!widthless, "shifted Gaussians need a width", "density.width", "σ above 0 Å", sigma);
  checkTable(basis, cutoff.radius);
  const { contraction } = basis;
  if (contraction) {
    const centers = contraction.centers?.length ?? 1;
    const expected = centers * contraction.species.length * (lMax + 1) * contraction.channels * nMax;
    const whole = isCount(contraction.channels) && contraction.channels >= 1 && contraction.matrix.length === expected && contraction.matrix.every(isNumber);
    const sizes = `${expected} numbers: ${contraction.centers ? "center elements × " : ""}elements × degrees × channels × radial functions`;
    check(whole, "contraction does not fit the basis", "basis.contraction.matrix", sizes, contraction.matrix.length);
  }

  checkFeatures(features, lMax);
}
