import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.js";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import { validateHyperparameters } from "../../../src/features/validate-hyperparameters.js";
import { hyperparametersWith } from "../basis/hyperparameters.js";

const good: Hyperparameters = {
  cutoff: { radius: 5, width: 0.5, function: "cosine" },
  density: { kind: "gaussian", width: 0.5, centerWeight: 1, scaling: { rate: 1, scale: 2, exponent: 4 } },
  basis: { kind: "gto", nMax: 8, lMax: 6, accuracy: 1e-8 },
  features: { kind: "power-spectrum", normalize: true },
};

/** The good ones with the value at a dotted path replaced. */
function changed(path: string, value: unknown, from: object = good): Hyperparameters {
  const [key, ...rest] = path.split(".") as [string, ...string[]];
  const inner = (from as Record<string, unknown>)[key];
  return { ...from, [key]: rest.length === 0 ? value : changed(rest.join("."), value, inner as object) } as unknown as Hyperparameters;
}

const numbers: [string, unknown[]][] = [
  ["cutoff.radius", [0, -1, NaN, Infinity, "5", undefined]],
  ["cutoff.width", [0, -0.1, 5.01, NaN, null]],
  ["density.width", [0, -0.5, NaN, Infinity]],
  ["density.centerWeight", [NaN, Infinity, undefined]],
  ["density.scaling.rate", [0, -1, NaN]],
  ["density.scaling.scale", [0, -2, NaN]],
  ["density.scaling.exponent", [-1, 0.5, NaN, Infinity]],
  ["basis.nMax", [0, -1, 2.5, 33, NaN]],
  ["basis.lMax", [-1, 0.5, 21, NaN]],
  ["basis.accuracy", [0, 1e-14, 1e-2, 1, NaN]],
  ["cutoff.function", ["cos", ""]],
  ["density.kind", ["gauss"]],
  ["basis.kind", ["GTO"]],
  ["features.kind", ["soap"]],
  ["features.normalize", [1, "yes"]],
];

describe("validateHyperparameters", () => {
  it("accepts good ones and the ends of the ranges", () => {
    const ends: [string, unknown[]][] = [
      ["cutoff.width", [5]],
      ["basis.nMax", [1, 32]],
      ["basis.lMax", [0, 20]],
      ["density.scaling", [null]],
      ["density.centerWeight", [0]],
    ];
    expect(() => validateHyperparameters(good)).not.toThrow();
    for (const [path, values] of ends) {
      for (const value of values) expect(() => validateHyperparameters(changed(path, value))).not.toThrow();
    }
    expect(() => validateHyperparameters(changed("density.kind", "delta", changed("density.width", 0)))).not.toThrow();
    expect(() => validateHyperparameters(changed("cutoff", { radius: 5, width: 0, function: "step" }))).not.toThrow();
  });

  it.each(numbers.flatMap(([path, values]) => values.map((value): [string, unknown] => [path, value])))("refuses %s = %s by name", (path, value) => {
    let caught: unknown;
    try {
      validateHyperparameters(changed(path, value));
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(InputError);
    const { key, expected, got } = (caught as InputError).details;
    expect(key).toBe(path);
    expect(expected).toBeTruthy();
    expect(got).toContain(String(value));
  });

  it("refuses a contraction whose matrix is not that of its elements, centers and sizes", () => {
    const { basis, ...rest } = hyperparametersWith({ basis: { nMax: 3, lMax: 1 } });
    const check = (matrix: number[], centers: number[] | null = null): void =>
      validateHyperparameters({ ...rest, basis: { ...basis, contraction: { mixed: false, channels: 2, species: [1, 8], centers, matrix } } });
    const one = new Array<number>(2 * 2 * 2 * 3).fill(1);
    check(one);
    check([...one, ...one], [8, 1]);
    expect(() => check([...one, ...one])).toThrow(/"basis\.contraction\.matrix".*24 numbers.*got 48/);
    expect(() => check(one, [8, 1])).toThrow(/48 numbers: center elements × elements/);
    expect(() => check([...one.slice(1), NaN])).toThrow(InputError);
  });

  it("refuses combinations without meaning", () => {
    expect(() => validateHyperparameters(changed("cutoff.function", "step"))).toThrow(/"cutoff.width".*expected 0/);
    expect(() => validateHyperparameters(changed("density.kind", "delta", changed("basis.kind", "dvr")))).toThrow(/δ density/);
  });
});
