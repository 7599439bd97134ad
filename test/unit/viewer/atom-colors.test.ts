import { describe, expect, test } from "vitest";
import { colorOf, createStructure, InputError } from "../../../src/index.js";
import { colorAtoms } from "../../../src/viewer/atom-colors.js";
import { sequentialColor } from "../../../src/viewer/color-map.js";

const water = createStructure({ species: [8, 1, 1], positions: [0, 0, 0, 0, 0.76, 0.6, 0, -0.76, 0.6] });

/** Colors of atom as integers from 0 to 255. */
function bytes(colors: Float32Array, atom: number): number[] {
  return Array.from(colors.subarray(3 * atom, 3 * atom + 3), (component) => Math.round(255 * component));
}

describe("colors of atoms", () => {
  test("by element", () => {
    const { colors, legend } = colorAtoms(water, {});
    const hex = (atom: number): string => `#${bytes(colors, atom).map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    expect([hex(0), hex(1), hex(2)]).toEqual([colorOf(8), colorOf(1), colorOf(1)]);
    expect(legend).toEqual({ kind: "elements", counts: new Map([[1, 2], [8, 1]]) });
  });

  test("by value, from the smallest to the largest", () => {
    const { colors, legend } = colorAtoms(water, { values: Float64Array.of(1, 3, 2), label: "charge", unit: "e" });
    expect(bytes(colors, 0)).toEqual(sequentialColor(0).map((component) => Math.round(255 * component)));
    expect(bytes(colors, 1)).toEqual(sequentialColor(1).map((component) => Math.round(255 * component)));
    expect(bytes(colors, 2)).toEqual(sequentialColor(0.5).map((component) => Math.round(255 * component)));
    expect(legend).toMatchObject({ kind: "values", label: "charge", unit: "e", range: [1, 3], missing: false });
  });

  test("a value that is not a number is gray and named in the legend", () => {
    const { colors, legend } = colorAtoms(water, { values: Float64Array.of(NaN, 0, 1) });
    const [red, green, blue] = bytes(colors, 0);
    expect(red === green && green === blue).toBe(true);
    expect(legend).toMatchObject({ missing: true, range: [0, 1] });
  });

  test("values beyond the given range are reported", () => {
    expect(colorAtoms(water, { values: Float64Array.of(-1, 0.5, 9), range: [0, 1] }).legend).toMatchObject({ range: [0, 1], extremes: [-1, 9] });
  });

  test("all values equal", () => {
    const { colors } = colorAtoms(water, { values: Float64Array.of(2, 2, 2) });
    expect(colors.every((component) => Number.isFinite(component))).toBe(true);
  });

  test("wrong lengths are refused", () => {
    expect(() => colorAtoms(water, { values: new Float64Array(2) })).toThrow(InputError);
    expect(() => colorAtoms(water, { values: new Float64Array(2) })).toThrow(/expected 3 numbers, got 2/);
    expect(() => colorAtoms(water, { colors: new Float32Array(3) })).toThrow(/expected 9 numbers, got 3/);
  });
});
