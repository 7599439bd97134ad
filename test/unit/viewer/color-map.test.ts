import { describe, expect, test } from "vitest";
import { barTicks } from "../../../src/viewer/legend.js";
import { roundTicks, sequentialColor, sequentialGradient } from "../../../src/viewer/color-map.js";

type Triple = readonly [number, number, number];

function linear(component: number): number {
  return component <= 0.04045 ? component / 12.92 : ((component + 0.055) / 1.055) ** 2.4;
}

/** Relative luminance of WCAG 2. */
function luminance([red, green, blue]: Triple): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function multiply(matrix: readonly Triple[], [x, y, z]: Triple): Triple {
  return matrix.map((row) => row[0] * x + row[1] * y + row[2] * z) as unknown as Triple;
}

// Machado, Oliveira and Fernandes, IEEE Trans. Vis. Comput. Graph. 15, 1291 (2009), severity 1, on linear RGB.
const VISION: Readonly<Record<string, readonly Triple[]>> = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
};

const steps = Array.from({ length: 101 }, (_, k) => sequentialColor(k / 100));

describe("sequential color map", () => {
  test("stays inside sRGB without clipping", () => {
    for (const color of steps) for (const component of color) expect(component >= 0 && component <= 1).toBe(true);
  });

  test.each(Object.entries(VISION))("luminance rises all the way with %s", (_, matrix) => {
    const values = steps.map((color) => luminance(multiply(matrix, color.map(linear) as unknown as Triple)));
    for (let k = 1; k < values.length; k++) expect(values[k]! > values[k - 1]!).toBe(true);
    expect(values[100]! / values[0]!).toBeGreaterThan(10);
  });

  test("Oklab lightness is 0.33 + 0.59 t", () => {
    steps.forEach((color, k) => {
      const rgb = color.map(linear) as unknown as Triple;
      // Forward transformation sRGB → Oklab; the map is made by the backward one.
      const cones = multiply(
        [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]], rgb,
      ).map(Math.cbrt);
      const lightness = 0.2104542553 * cones[0]! + 0.793617785 * cones[1]! - 0.0040720468 * cones[2]!;
      expect(Math.abs(lightness - (0.33 + 0.0059 * k)) < 1e-5).toBe(true);
    });
  });

  test("beyond the ends the color is that of the end", () => {
    expect(sequentialColor(-3)).toEqual(sequentialColor(0));
    expect(sequentialColor(7)).toEqual(sequentialColor(1));
  });

  test("the CSS gradient begins and ends with the ends", () => {
    const css = (color: Triple): string => `rgb(${color.map((component) => Math.round(255 * component)).join(" ")})`;
    expect(sequentialGradient().startsWith(`linear-gradient(to right, ${css(steps[0]!)}`)).toBe(true);
    expect(sequentialGradient().endsWith(`${css(steps[100]!)})`)).toBe(true);
  });
});

describe("round ticks", () => {
  test.each([
    [0, 0.3, [0, 0.1, 0.2, 0.3]],
    [0, 1, [0, 0.5, 1]],
    [-0.07, 0.07, [-0.05, 0, 0.05]],
    [123, 1567, [500, 1000, 1500]],
    [0, 2e-9, [0, 5e-10, 1e-9, 1.5e-9, 2e-9]],
    [5, 5, [5]],
  ])("between %d and %d", (low, high, ticks) => {
    expect(roundTicks(low, high)).toEqual(ticks);
  });
});

describe("ticks of a color bar", () => {
  test.each([
    [0, 0.2134, [0, 0.1, 0.213]],
    [0, 1, [0, 0.5, 1]],
    [-158.6342, -158.6101, [-158.6342, -158.62, -158.6101]],
    [-0.07, 0.07, [-0.07, 0, 0.07]],
    [0, 2e-9, [0, 5e-10, 1e-9, 1.5e-9, 2e-9]],
    [5, 5, [5]],
    [-79001.59059973437, -79001.59059973437, [-79001.6]],
  ])("between %d and %d both ends are told", (low, high, ticks) => {
    expect(barTicks(low, high)).toEqual(ticks);
  });
});
