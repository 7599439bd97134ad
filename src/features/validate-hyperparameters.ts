/** Bounds of the hyperparameters, checked at the public entrance: every later stage may rely on them. */

import type { Parity } from "../angular/clebsch-gordan.js";
import { check, checkChoice, isCount, isNumber, shown, validateDensityHyperparameters } from "../basis/validate-hyperparameters.js";
import { productParity } from "./chain.js";
import { featureKinds, type FeatureChoice, type Hyperparameters } from "./hyperparameters.js";
import type { Iteration, IterationBlock } from "./multispectrum.js";

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
    const counts = [lambda, ...products].every((value) => isCount(value) && value >= 0);
    check(counts, "a product of the multispectrum does not exist", `${path}.products`, "whole numbers, 0 or more", lambda);
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
export function validateHyperparameters(hyperparameters: Hyperparameters): void {
  validateDensityHyperparameters(hyperparameters);
  checkFeatures(hyperparameters.features, hyperparameters.basis.lMax);
}
