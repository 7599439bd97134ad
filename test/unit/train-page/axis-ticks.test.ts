// Ticks of the parity plots: no two labels touch, no two are the same, and each says where it stands.
import { expect, test } from "vitest";
import { fittingTicks } from "../../../demos/axis-ticks.js";

const SIGN = 7;
const RANGES: [number, number][] = [
  [-4.336, -4.334], [-158.63421, -158.63419], [0, 1], [-7, 7], [1e-7, 3e-7], [-2e6, 5e6], [12345.678, 12345.679], [-1e-9, 1e-9], [0.1, 0.1 + 1e-12],
];

test.each(RANGES)("from %d to %d, on axes of all lengths", (low, high) => {
  for (const length of [120, 200, 260, 500]) {
    const { values, labels } = fittingTicks([low, high], length, (text) => SIGN * text.length);
    expect(values.length).toBeGreaterThan(0);
    expect(new Set(labels).size).toBe(labels.length);
    const at = values.map((value) => (length * (value - low)) / (high - low));
    for (let k = 0; k < at.length; k++) {
      expect(at[k]! > -0.1 && at[k]! < length + 0.1).toBe(true);
      const off = Math.abs(Number(labels[k]!.replaceAll("−", "-")) - values[k]!);
      // A label is exact to a pixel, as far as its digits can tell.
      expect(off <= Math.max((high - low) / length, 1e-12 * Math.abs(values[k]!)), `${labels[k]} for ${values[k]}`).toBe(true);
      if (k > 0) expect(at[k]! - at[k - 1]!).toBeGreaterThan((SIGN * (labels[k]!.length + labels[k - 1]!.length)) / 2);
    }
  }
});

test("a plain range has plain labels", () => {
  expect(fittingTicks([0, 1], 260, (text) => SIGN * text.length).labels).toEqual(["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
});
