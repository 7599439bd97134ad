import { describe, expect, it } from "vitest";
import { createRadialIntegrals } from "../../../src/basis/radial-integrals.js";
import { createRadialTable, evaluateRadialTable, type RadialTable } from "../../../src/basis/radial-table.js";
import { CapacityError, InputError, NumericalError } from "../../../src/errors.js";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import { largestDifference, largestMagnitude } from "../../reference/norms.js";
import { hyperparametersWith } from "./hyperparameters.js";

const scaling = { rate: 1.5, scale: 2, exponent: 5 };
const cases: [string, Hyperparameters][] = [
  ["GTO", hyperparametersWith()],
  ["GTO n 8 l 8 to 1e-12", hyperparametersWith({ cutoff: { radius: 5.4 }, density: { width: 0.5 }, basis: { nMax: 8, lMax: 8, accuracy: 1e-12 } })],
  ["20 GTO", hyperparametersWith({ basis: { nMax: 20, lMax: 1 } })],
  ["l to 20", hyperparametersWith({ basis: { nMax: 3, lMax: 20 } })],
  ["one function", hyperparametersWith({ basis: { nMax: 1, lMax: 0 } })],
  ["DVR", hyperparametersWith({ basis: { kind: "dvr" } })],
  ["step", hyperparametersWith({ cutoff: { function: "step", width: 0 } })],
  ["polynomial with scaling", hyperparametersWith({ cutoff: { function: "polynomial", width: 1.3 }, density: { scaling } })],
  ["width of the whole radius", hyperparametersWith({ cutoff: { width: 5 } })],
  ["narrow", hyperparametersWith({ density: { width: 0.05 } })],
  ["δ density", hyperparametersWith({ density: { kind: "delta" } })],
];

/** Built once for the tests of all cases. */
const tables = new Map<Hyperparameters, RadialTable>();

function tableOf(hyperparameters: Hyperparameters): RadialTable {
  const table = tables.get(hyperparameters) ?? createRadialTable(hyperparameters);
  tables.set(hyperparameters, table);
  return table;
}

function read(table: RadialTable, r: number): { values: Float64Array; slopes: Float64Array } {
  const size = table.nMax * (table.lMax + 1);
  const [values, slopes] = [new Float64Array(size).fill(NaN), new Float64Array(size).fill(NaN)];
  evaluateRadialTable(table, r, values, slopes);
  return { values, slopes };
}

function nodeRadius({ radius, intervals, step }: RadialTable, node: number): number {
  return radius - (intervals - node) * step;
}

describe("createRadialTable", () => {
  it.each(cases)("agrees with the exact integrals at the accuracy asked for: %s", (_, hyperparameters) => {
    const table = tableOf(hyperparameters);
    const { accuracy } = hyperparameters.basis;
    const size = table.nMax * (table.lMax + 1);
    expect(table.error).toBeLessThanOrEqual(accuracy);
    const largest = new Float64Array(size);
    table.values.forEach((value, index) => (largest[index % size] = Math.max(largest[index % size]!, Math.abs(value))));
    const exact = createRadialIntegrals(hyperparameters);
    const [values, slopes] = [new Float64Array(size), new Float64Array(size)];
    for (let k = 0; k <= 500; k++) {
      // The golden ratio never falls on the points where the table was checked; the ends are included.
      const r = k === 0 ? 0 : k === 1 ? table.radius : table.radius * ((k * 0.6180339887498949) % 1);
      exact(r, values, slopes);
      const found = read(table, r);
      expect(largestMagnitude(found.values.map((value, nl) => (value - values[nl]!) / largest[nl]!))).toBeLessThan(1.05 * accuracy + 1e-13);
      // The derivative of a cubic Hermite interpolant errs by √3/216·h³ I'''' where its value errs by h⁴/384 I''''.
      const slopeError = largestMagnitude(found.slopes.map((slope, nl) => (slope - slopes[nl]!) / largest[nl]!));
      expect(slopeError).toBeLessThan((4 * accuracy + 1e-13) / table.step);
    }
  });

  it.each(cases)("puts nodes on the kinks of the cutoff and exact numbers on the nodes: %s", (_, hyperparameters) => {
    const table = tableOf(hyperparameters);
    const size = table.nMax * (table.lMax + 1);
    expect(table.values.length).toBe((table.intervals + 1) * size);
    expect(table.slopes.length).toBe((table.intervals + 1) * size);
    expect(nodeRadius(table, 0)).toBeLessThanOrEqual(1e-12);
    expect(nodeRadius(table, 1)).toBeGreaterThan(0);
    const perWidth = hyperparameters.cutoff.width / table.step;
    expect(Math.abs(perWidth - Math.round(perWidth))).toBeLessThan(1e-9);
    const exact = createRadialIntegrals(hyperparameters);
    const [values, slopes] = [new Float64Array(size), new Float64Array(size)];
    for (const node of [1, table.intervals >> 1, table.intervals - 1, table.intervals]) {
      exact(nodeRadius(table, node), values, slopes);
      expect(largestDifference(table.values.subarray(node * size, (node + 1) * size), values)).toBe(0);
      expect(largestDifference(table.slopes.subarray(node * size, (node + 1) * size), slopes)).toBe(0);
    }
    const last = largestMagnitude([...table.values.subarray(-size), ...table.slopes.subarray(-size)]);
    if (hyperparameters.cutoff.function === "step") expect(last).toBeGreaterThan(1e-3);
    else expect(last).toBe(0);
  });

  it("continues to its first node by parity", () => {
    const hyperparameters = hyperparametersWith({ cutoff: { radius: 5.003 } });
    const table = createRadialTable(hyperparameters);
    const r = nodeRadius(table, 0);
    expect(r).toBeLessThan(0);
    const size = 30;
    const [values, slopes] = [new Float64Array(size), new Float64Array(size)];
    createRadialIntegrals(hyperparameters)(-r, values, slopes);
    const parity = (index: number): number => (Math.floor(index / 6) % 2 === 0 ? 1 : -1);
    expect(largestDifference(table.values.subarray(0, size), values.map((value, index) => parity(index) * value))).toBeLessThan(1e-15);
    expect(largestDifference(table.slopes.subarray(0, size), slopes.map((slope, index) => -parity(index) * slope))).toBeLessThan(1e-15);
  });

  it("needs fewer nodes for less accuracy, in proportion to its fourth root", () => {
    const intervals = [1e-4, 1e-6, 1e-8, 1e-10].map((accuracy) => createRadialTable(hyperparametersWith({ basis: { accuracy } })).intervals);
    for (let k = 1; k < intervals.length; k++) {
      expect(intervals[k]! / intervals[k - 1]!).toBeGreaterThan(1.5);
      expect(intervals[k]! / intervals[k - 1]!).toBeLessThan(7);
    }
  });

  it("refuses what cannot be tabulated", () => {
    expect(() => createRadialTable(hyperparametersWith({ cutoff: { radius: NaN } }))).toThrow(InputError);
    const fine = hyperparametersWith({ cutoff: { radius: 12 }, density: { width: 0.01 }, basis: { nMax: 8, lMax: 20, accuracy: 2e-14 } });
    expect(() => createRadialTable(fine)).toThrow(CapacityError);
    expect(() => createRadialTable(hyperparametersWith({ basis: { lMax: 0, accuracy: 1.1e-14 } }))).toThrow(NumericalError);
    expect(() => createRadialTable(hyperparametersWith({ basis: { nMax: 30 } }))).toThrow(/basis\.nMax.*at most 25/);
  });
});

describe("evaluateRadialTable", () => {
  it("gives the slope of its own interpolant", () => {
    const table = createRadialTable(hyperparametersWith({ basis: { accuracy: 1e-3 } }));
    const h = 1e-4;
    for (const r of [0.0002, 0.77, 2.3, 4.61, 4.9]) {
      const [near, minus, far, minusFar] = [1, -1, 2, -2].map((shift) => read(table, r + shift * h).values);
      const difference = near!.map((_, k) => (8 * (near![k]! - minus![k]!) - (far![k]! - minusFar![k]!)) / (12 * h));
      expect(largestDifference(read(table, r).slopes, difference)).toBeLessThan(1e-10);
    }
  });

  it("is continuous with its slope at the radius, and 0 beyond", () => {
    const table = createRadialTable(hyperparametersWith());
    const before = read(table, 5 - 1e-9);
    expect(largestMagnitude(before.values)).toBeLessThan(1e-15);
    expect(largestMagnitude(before.slopes)).toBeLessThan(1e-6);
    for (const r of [5 + 1e-12, 6, 1e6]) expect(largestMagnitude([...read(table, r).values, ...read(table, r).slopes])).toBe(0);
  });
});
