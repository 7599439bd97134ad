/** Bounds of what defines density coefficients, THEORY.md Eqs. (1)–(8) and (25)–(29), and the words that the bounds of features are told in, too. */

import { InputError } from "../errors.js";
import { atomicNumberOf, symbolOf } from "../structure/elements.js";
import type { Density, DensityHyperparameters, RadialBasis } from "./hyperparameters.js";

/** Largest degree that the tests cover (harmonics, scaled Bessel functions, tables). */
const lMaxLimit = 20;
const nMaxLimit = 32;

export function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

export function check(holds: boolean, what: string, key: string, expected: string, value: unknown): void {
  if (!holds) throw new InputError(what, { key, expected, got: shown(value) });
}

export function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

export function isCount(value: unknown): value is number {
  return isNumber(value) && Number.isInteger(value);
}

export function checkChoice(key: string, choices: readonly string[], value: unknown): void {
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

/** Widths and weights by element. */
function checkElements({ kind, widths, weights }: Density, basis: RadialBasis["kind"]): void {
  for (const [name, values] of [["widths", widths], ["weights", weights]] as const) {
    for (const [symbol, value] of Object.entries(values ?? {})) {
      const z = atomicNumberOf(symbol);
      check(z !== undefined && symbolOf(z) === symbol, "no such element", `density.${name}`, 'element symbols such as "Si"', symbol);
      const holds = isNumber(value) && (name === "weights" || value > 0);
      check(holds, `${name} of the density out of range`, `density.${name}.${symbol}`, name === "widths" ? "σ above 0 Å" : "a number", value);
    }
  }
  if (widths === undefined) return;
  check(kind === "gaussian", "a δ density has no width", "density.widths", 'no widths with density.kind "delta"', "widths");
  // Their functions are made of density.width; one basis for all elements would no longer be theirs.
  const own = basis === "dvr" || basis === "shifted-gaussians";
  check(!own, "the functions of this basis have the width of the density", "density.widths", `no widths with basis.kind "${basis}"; "gto" takes them`, "widths");
}

/**
 * Checks every number and choice of cutoff, density and basis; lengths in Å.
 * @throws InputError that names the key ("cutoff.radius"), what was expected and what was got, NaN included.
 */
export function validateDensityHyperparameters({ cutoff, density, basis }: DensityHyperparameters): void {
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
  checkElements(density, basis.kind);
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
}
