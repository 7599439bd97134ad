// Functions of pairs as numbers: how well they meet their function, what a potential may hold, and its cutoff.
import { expect, test } from "vitest";
import { CapacityError, InputError } from "../../../src/errors.js";
import { cutoffOf } from "../../../src/model/cutoff-of.js";
import { formatModel, parseModel } from "../../../src/model/model-file.js";
import type { Potential } from "../../../src/model/potential.js";
import { createCubicSpline } from "../../../src/pairs/cubic-spline.js";
import { evaluatePairFunction } from "../../../src/pairs/pair-function.js";
import { createScreenedCoulomb, universalScreening } from "../../../src/pairs/screened-coulomb.js";
import { halfOf, tabulate, type TabulatedPair } from "../../../src/pairs/tabulated-pairs.js";

const wave = (r: number): [number, number] => [Math.exp(-r) * Math.cos(5 * r), -Math.exp(-r) * (Math.cos(5 * r) + 5 * Math.sin(5 * r))];
const potential = (pairs: readonly TabulatedPair[]): Potential => ({ species: [6, 14], baseline: new Map([[6, 0], [14, 0]]), terms: [], pairs: [{ kind: "tabulated", pairs }], provenance: {} });

test("half of the function everywhere, zero from the radius on", () => {
  const half = halfOf(tabulate([6, 14], 3.7, wave));
  const out = new Float64Array(2);
  for (let k = 0; k < 1000; k++) {
    const r = 0.001 + 0.003699 * k;
    evaluatePairFunction(half, r, out);
    const [value, slope] = wave(r);
    expect(Math.abs(2 * out[0]! - value)).toBeLessThan(2e-10);
    expect(Math.abs(2 * out[1]! - slope)).toBeLessThan(2e-6);
  }
  evaluatePairFunction(half, 3.7, out);
  expect([...out]).toEqual([0, 0]);
});

test("a cubic between the nodes asked for needs no further ones; a jump is refused", () => {
  const spline = createCubicSpline([0, 1, 2, 3], [5, 2, 1, 0], -1, 0);
  expect(tabulate([6, 6], 3, spline.evaluate, 3).nodes.length).toBe(8);
  expect(() => tabulate([6, 6], 3, (r) => [r < 1 ? 1 : 0, 0])).toThrow(CapacityError);
  expect(() => tabulate([6, 6], 3, () => [NaN, 0])).toThrow("65536 intervals are too few");
});

test("the cutoff of a potential is that of its farthest function", () => {
  const table = tabulate([6, 14], 3.7, wave);
  expect(cutoffOf(potential([table]))).toBeCloseTo(3.7, 12);
  expect(cutoffOf({ ...potential([]), pairs: [createScreenedCoulomb(universalScreening, [6, 14], { inner: 1, outer: 4.5 }, "")] })).toBe(4.5);
  expect(cutoffOf({ ...potential([]), pairs: [] })).toBe(0);
});

test.each<[string, Partial<TabulatedPair>, string]>([
  ["a pair in the wrong order", { species: [14, 6] }, '"pairs.0.pairs.0.species": table of a pair: expected two of 6, 14, ascending, got 14 6'],
  ["an element of another potential", { species: [6, 8] }, '"pairs.0.pairs.0.species"'],
  ["a step of zero", { step: 0 }, '"pairs.0.pairs.0.step"'],
  ["a table to the moon", { step: 100 }, "the last node at 50 Å at most, got 100"],
  ["half a node", { nodes: new Float64Array(5) }, "values and slopes of 2 to 65537 nodes, got 5 numbers"],
  ["one node", { nodes: new Float64Array(2) }, '"pairs.0.pairs.0.nodes"'],
  ["a number that is none", { nodes: Float64Array.of(0, 0, NaN, 0) }, "expected finite numbers, got NaN"],
])("%s is refused", (_, change, message) => {
  const table = { ...tabulate([6, 14], 3.7, wave), ...change };
  expect(() => formatModel(potential([table]))).toThrow(message);
  expect(() => formatModel(potential([table]))).toThrow(InputError);
});

test("no table at all is refused, and what is written comes back", () => {
  expect(() => formatModel(potential([]))).toThrow('"pairs.0.pairs": a pair term without pairs');
  const tables = [tabulate([6, 14], 3.7, wave), tabulate([6, 14], 2, wave), tabulate([14, 14], 3, wave)];
  expect(parseModel(formatModel(potential(tables)))).toEqual(potential(tables));
});
