import { describe, expect, it } from "vitest";
import { gaussLegendre } from "../../../src/basis/gauss-legendre.js";
import { createRadialBasis, createRadialIntegrals, evaluateRadialBasis } from "../../../src/basis/radial-integrals.js";
import { createRadialTable } from "../../../src/basis/radial-table.js";
import { createShiftedGaussians, createShiftedGaussianIntegrals, shiftedGaussianFunctions } from "../../../src/basis/shifted-gaussians.js";
import { createQuadratureIntegrals } from "../../../src/basis/gaussian-density.js";
import { InputError, NumericalError } from "../../../src/errors.js";
import type { RadialBasis, TabulatedBasis } from "../../../src/basis/hyperparameters.js";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import { largestDifference, largestMagnitude, relativeDifference } from "../../reference/norms.js";
import { quadratureIntegrals } from "../../reference/radial-quadrature.js";
import { hyperparametersWith } from "./hyperparameters.js";

type Kind = RadialBasis["kind"];

/** Functions that are neither orthogonal nor zero at the end of their grid: sin((n+1) s/2)/(1 + s). */
function brought(count: number, points = 201, step = 0.0251): TabulatedBasis {
  const value = (n: number, s: number): number => Math.sin(((n + 1) * s) / 2) / (1 + s);
  return { step, functions: Array.from({ length: count }, (_, n) => Array.from({ length: points }, (__, k) => value(n, k * step))) };
}

/** Radius 5 Å, σ 0.4 Å, no cutoff function. */
function plain(kind: Kind, nMax: number, lMax = 4): Hyperparameters {
  const basis = { kind, nMax, lMax, ...(kind === "table" && { table: brought(nMax) }) };
  return hyperparametersWith({ cutoff: { function: "step", width: 0 }, basis });
}

/** Where the functions have ended. */
const extents: Partial<Record<Kind, number>> = { "shifted-gaussians": 12, table: 200 * 0.0251 };

/** Largest |∫ s² R_nl R_n'l ds − δ_nn'|, panels of a length that divides the grid of `brought`. */
function orthonormality(hyperparameters: Hyperparameters, degree: number): number {
  const { nMax, kind } = hyperparameters.basis;
  const extent = extents[kind] ?? 5;
  const gram = new Float64Array(nMax * nMax);
  const evaluate = createRadialBasis(hyperparameters);
  for (let panel = 0; panel < 200; panel++) {
    const { points, weights } = gaussLegendre(6, (panel * extent) / 200, ((panel + 1) * extent) / 200);
    points.forEach((s, k) => {
      const values = evaluate(s, degree);
      for (let n = 0; n < nMax; n++) for (let m = 0; m < nMax; m++) gram[n * nMax + m]! += weights[k]! * s * s * values[n]! * values[m]!;
    });
  }
  return largestDifference(gram, gram.map((_, index) => (index % (nMax + 1) === 0 ? 1 : 0)));
}

const kinds = ["shifted-gaussians", "chebyshev", "laplacian-eigenstates", "polynomial", "table"] as const;

function evaluate(hyperparameters: Hyperparameters, r: number): { values: Float64Array; slopes: Float64Array } {
  const size = hyperparameters.basis.nMax * (hyperparameters.basis.lMax + 1);
  const [values, slopes] = [new Float64Array(size), new Float64Array(size)];
  createRadialIntegrals(hyperparameters)(r, values, slopes);
  return { values, slopes };
}

describe.each(kinds)("%s", (kind) => {
  it("is orthonormal under ∫ s² ds, up to 24 functions", () => {
    for (const nMax of kind === "table" ? [1, 8] : [1, 8, 24]) {
      for (const degree of [0, 4]) expect(orthonormality(plain(kind, nMax), degree)).toBeLessThan(1e-11);
    }
  });

  it("is tabulated with 1 and 24 functions to the accuracy asked for, for a Gaussian and a δ density", () => {
    for (const nMax of kind === "table" ? [1, 8] : [1, 24]) {
      for (const density of ["gaussian", "delta"] as const) {
        const { cutoff, ...rest } = plain(kind, nMax, 2);
        const smooth = { ...rest, cutoff: { ...cutoff, function: "cosine" as const, width: 0.5 }, density: { ...rest.density, kind: density } };
        const table = createRadialTable({ ...smooth, basis: { ...smooth.basis, accuracy: 1e-6 } });
        expect(table.error).toBeLessThan(1e-6);
        expect(largestMagnitude(table.values)).toBeGreaterThan(1e-3);
      }
    }
  });

  it("has slopes equal to central differences, and parity", () => {
    for (const density of ["gaussian", "delta"] as const) {
      const { density: gaussian, ...rest } = plain(kind, 7);
      const integrals = createRadialIntegrals({ ...rest, density: { ...gaussian, kind: density } });
      const size = 7 * 5;
      const at = (r: number): { values: Float64Array; slopes: Float64Array } => {
        const [values, slopes] = [new Float64Array(size), new Float64Array(size)];
        integrals(r, values, slopes);
        return { values, slopes };
      };
      // Splines have their kinks elsewhere.
      for (const r of [0.0013, 0.8, 2.5, 4.3, 4.9]) {
        const h = 1e-4;
        const [near, minus, far, minusFar] = [1, -1, 2, -2].map((shift) => at(r + shift * h).values);
        const difference = near!.map((_, k) => (8 * (near![k]! - minus![k]!) - (far![k]! - minusFar![k]!)) / (12 * h));
        expect(relativeDifference(at(r).slopes, difference)).toBeLessThan(1e-8);
      }
      if (density === "gaussian") {
        const parity = (index: number): number => (Math.floor(index / 7) % 2 === 0 ? 1 : -1);
        expect(largestDifference(at(-0.3).values, at(0.3).values.map((value, index) => parity(index) * value))).toBe(0);
      }
    }
  });
});

describe.each(["chebyshev", "polynomial", "table"] as const)("%s with a Gaussian density", (kind) => {
  it("has the two-dimensional integral over the density", () => {
    // Narrow, so that the Gaussian does not reach the end of the functions, where the reference's rule would lose its accuracy.
    const sigma = 0.2;
    const { density, ...rest } = plain(kind, 5, 3);
    const hyperparameters = { ...rest, density: { ...density, width: sigma } };
    const basis = createRadialBasis(hyperparameters);
    const extent = extents[kind] ?? 5;
    for (const r of [0, 0.9, 2.9]) {
      const reference = quadratureIntegrals((s) => (s > extent ? new Float64Array(5) : basis(s)), sigma, 3, r);
      // The kinks in a spline's third derivative are everywhere.
      expect(relativeDifference(evaluate(hyperparameters, r).values, reference)).toBeLessThan(kind === "table" ? 5e-9 : 1e-11);
    }
  });
});

describe("laplacian-eigenstates", () => {
  it("have the two-dimensional integral over the density, each degree with its own functions", () => {
    const { density, ...rest } = plain("laplacian-eigenstates", 5, 3);
    const hyperparameters = { ...rest, density: { ...density, width: 0.2 } };
    const basis = createRadialBasis(hyperparameters);
    const { values } = evaluate(hyperparameters, 2.4);
    for (let l = 0; l <= 3; l++) {
      const reference = quadratureIntegrals((s) => basis(s, l), 0.2, 3, 2.4);
      expect(relativeDifference(values.subarray(5 * l, 5 * l + 5), reference.subarray(5 * l, 5 * l + 5))).toBeLessThan(1e-11);
    }
  });

  it("solve Helmholtz' equation R'' + 2R'/s + (k² − l(l+1)/s²) R = 0 and vanish at the radius", () => {
    const basis = createRadialBasis(plain("laplacian-eigenstates", 4, 3));
    const h = 1e-3;
    for (let l = 0; l <= 3; l++) {
      expect(largestMagnitude(basis(5, l))).toBeLessThan(1e-15);
      // The eigenvalue k² that fits one point fits all the others.
      const squares = [1.1, 2.3, 3.2, 4.4].map((s) => {
        const [left, middle, right] = [basis(s - h, l), basis(s, l), basis(s + h, l)];
        const laplacian = middle.map((value, n) => (right[n]! - 2 * value + left[n]!) / h ** 2 + (right[n]! - left[n]!) / (h * s));
        return middle.map((value, n) => (l * (l + 1)) / s ** 2 - laplacian[n]! / value);
      });
      for (const other of squares.slice(1)) expect(relativeDifference(other, squares[0]!)).toBeLessThan(1e-4);
    }
  });
});

describe("chebyshev", () => {
  it("spans the polynomials of degree below nMax: the projector on it reproduces them", () => {
    const basis = createRadialBasis(plain("chebyshev", 6));
    const { points, weights } = gaussLegendre(12, 0, 5);
    const polynomial = (s: number): number => 1 - 2 * s + 0.3 * s ** 3 - 0.02 * s ** 5;
    const coefficients = new Float64Array(6);
    points.forEach((s, k) => basis(s).forEach((value, n) => (coefficients[n]! += weights[k]! * s * s * value * polynomial(s))));
    for (const s of [0, 0.1, 2.7, 5]) {
      const value = basis(s).reduce((sum, factor, n) => sum + factor * coefficients[n]!, 0);
      expect(Math.abs(value - polynomial(s))).toBeLessThan(1e-11);
    }
  });
});

describe("shifted Gaussians", () => {
  it("interpolate the density at their centers: I = ∫ s² R_n Σ_b w_b φ_b ds with C w = ρ_l(s_b)", () => {
    const [radius, width, nMax, l, r] = [5, 0.4, 5, 2, 2.3];
    const basis = createShiftedGaussians(radius, width, nMax);
    const { centers } = basis;
    // ρ_2(s) = 2π ∫ P_2(t) g dt at the centers, from the two-dimensional integral with a narrow test function replaced by its value.
    const density = Array.from(centers, (s) => {
      const { points, weights } = gaussLegendre(60, -1, 1);
      const legendre = (t: number): number => 1.5 * t * t - 0.5;
      const gaussian = (t: number): number => Math.exp(-(s * s + r * r - 2 * s * r * t) / (2 * width ** 2));
      return points.reduce((sum, t, k) => sum + 2 * Math.PI * weights[k]! * legendre(t) * gaussian(t), 0);
    });
    // Gauss–Jordan elimination of [C | ρ].
    const rows = Array.from(centers, (a, i) => [...Array.from(centers, (b) => Math.exp(-0.5 * ((a - b) / width) ** 2)), density[i]!]);
    for (let i = 0; i < nMax; i++) {
      const pivot = rows[i]![i]!;
      rows[i] = rows[i]!.map((value) => value / pivot);
      for (let k = 0; k < nMax; k++) if (k !== i) rows[k] = rows[k]!.map((value, j) => value - rows[k]![i]! * rows[i]![j]!);
    }
    const functions = shiftedGaussianFunctions(basis);
    const [values, slopes, expected] = [new Float64Array(nMax), new Float64Array(nMax), new Float64Array(nMax)];
    for (let panel = 0; panel < 20; panel++) {
      const { points, weights } = gaussLegendre(16, panel * 0.5, (panel + 1) * 0.5);
      points.forEach((s, k) => {
        const interpolant = centers.reduce((sum, c, b) => sum + rows[b]![nMax]! * Math.exp(-0.5 * ((s - c) / width) ** 2), 0);
        functions.evaluate(s, values, slopes);
        values.forEach((value, n) => (expected[n]! += weights[k]! * s * s * value * interpolant));
      });
    }
    const found = new Float64Array(3 * nMax);
    createShiftedGaussianIntegrals(basis, 2)(r, found, new Float64Array(3 * nMax));
    expect(relativeDifference(found.subarray(l * nMax), expected)).toBeLessThan(1e-12);
  });

  it("come close to the projection of Eq. (6) as the spacing falls to σ", () => {
    const errors = [8, 16, 24].map((nMax) => {
      const basis = createShiftedGaussians(5, 0.5, nMax);
      const [found, projected, slopes] = [0, 1, 2].map(() => new Float64Array(3 * nMax)) as [Float64Array, Float64Array, Float64Array];
      createShiftedGaussianIntegrals(basis, 2)(2.3, found, slopes);
      createQuadratureIntegrals(shiftedGaussianFunctions(basis), 0.5, 5, 2)(2.3, projected, slopes);
      return relativeDifference(found, projected);
    });
    expect(errors[0]!).toBeGreaterThan(0.01);
    expect(errors[2]!).toBeLessThan(1e-3);
    expect(errors[1]!).toBeLessThan(errors[0]!);
  });

  it("name the condition number and the largest nMax when they cannot be told apart", () => {
    const crowded = hyperparametersWith({ cutoff: { radius: 4 }, density: { width: 1.5 }, basis: { kind: "shifted-gaussians", nMax: 24 } });
    expect(() => createRadialIntegrals(crowded)).toThrow(NumericalError);
    const message = /"basis\.nMax".*ill-conditioned: expected at most \d+, got 24, condition number \d\.\de\+1\d/;
    expect(() => createRadialIntegrals(crowded)).toThrow(message);
    const [, most] = /at most (\d+)/.exec(String(attempt(() => createRadialIntegrals(crowded))))!;
    expect(createShiftedGaussians(4, 1.5, Number(most)).condition).toBeLessThan(1e14);
  });
});

function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

describe("table", () => {
  it("leaves an orthonormal basis as it is, to the accuracy of its spline", () => {
    const original = createRadialBasis(plain("laplacian-eigenstates", 4));
    const step = 0.025;
    const functions = Array.from({ length: 4 }, (_, n) => Array.from({ length: 201 }, (__, k) => original(k * step)[n]!));
    const table = createRadialBasis(hyperparametersWith({ basis: { kind: "table", nMax: 4, table: { step, functions } } }));
    for (const s of [0.01, 0.7, 3.111, 4.99]) expect(largestDifference(table(s), original(s))).toBeLessThan(1e-6);
    expect([...table(5.01)]).toEqual([0, 0, 0, 0]);
  });

  it("takes the first nMax functions, and reproduces cubics exactly", () => {
    const functions = [0, 1, 2, 3, 4].map((power) => Array.from({ length: 5 }, (_, k) => (k * 1.25) ** power));
    const table = { step: 1.25, functions };
    const basis = createRadialBasis(hyperparametersWith({ basis: { kind: "table", nMax: 4, table } }));
    const chebyshev = createRadialBasis(plain("chebyshev", 4));
    // Both are orthonormal bases of the cubics on [0, 5]: their projectors are the same.
    for (const s of [0, 0.9, 2.2, 4.9]) {
      for (const t of [0.3, 3.3]) {
        const [kernel, other] = [basis, chebyshev].map((functionsAt) => {
          const atT = functionsAt(t);
          return functionsAt(s).reduce((sum, value, n) => sum + value * atT[n]!, 0);
        });
        expect(Math.abs(kernel! - other!)).toBeLessThan(1e-11);
      }
    }
  });

  it("refuses functions that depend on each other, naming how many work", () => {
    const { step, functions } = brought(3);
    const dependent = { step, functions: [...functions, functions[0]!.map((value, k) => 2 * value - functions[2]![k]!)] };
    expect(() => evaluateRadialBasis(hyperparametersWith({ basis: { kind: "table", nMax: 4, table: dependent } }), 1)).toThrow(/at most 3, got 4/);
  });

  it.each([
    ["none", undefined, /"basis\.table".*disagree/],
    ["too few functions", { step: 0.05, functions: brought(3).functions }, /at least basis\.nMax = 4 functions, got 3/],
    ["a grid that ends early", brought(4, 150), /3\.\d+ Å/],
    ["unequal lengths", { step: 1, functions: [[1, 2, 3, 4, 5, 6], [1], [1], [1]] }, /"basis\.table\.functions\.1"/],
    ["a hole", { step: 1, functions: Array.from({ length: 4 }, () => [1, 2, NaN, 4, 5, 6]) }, /"basis\.table\.functions\.0\.2".*got NaN/],
    ["no step", { step: 0, functions: brought(4).functions }, /"basis\.table\.step"/],
  ])("refuses %s", (_, table, message) => {
    const hyperparameters = hyperparametersWith({ basis: { kind: "table", nMax: 4, ...(table && { table }) } });
    expect(() => createRadialTable(hyperparameters)).toThrow(InputError);
    expect(() => createRadialTable(hyperparameters)).toThrow(message);
  });

  it("does not go with another kind", () => {
    expect(() => createRadialTable(hyperparametersWith({ basis: { table: brought(6) } }))).toThrow(/"basis\.table".*disagree/);
  });
});
