import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createDvrIntegrals, dvrPoints } from "../../../src/basis/dvr.js";
import { gaussLegendre } from "../../../src/basis/gauss-legendre.js";
import { createQuadratureIntegrals } from "../../../src/basis/gaussian-density.js";
import { createGto, createGtoIntegrals, gtoOverlap } from "../../../src/basis/gto.js";
import { createRadialFunctions } from "../../../src/basis/radial-functions.js";
import { centerIntegrals, createRadialIntegrals, evaluateRadialBasis } from "../../../src/basis/radial-integrals.js";
import { InputError, NumericalError } from "../../../src/errors.js";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import { largestDifference, largestMagnitude, relativeDifference } from "../../reference/norms.js";
import { quadratureIntegrals } from "../../reference/radial-quadrature.js";
import { describeShared } from "../../shared-data.js";
import { hyperparametersWith } from "./hyperparameters.js";

function evaluate(hyperparameters: Hyperparameters, r: number): { values: Float64Array; slopes: Float64Array } {
  const size = hyperparameters.basis.nMax * (hyperparameters.basis.lMax + 1);
  const [values, slopes] = [new Float64Array(size), new Float64Array(size)];
  createRadialIntegrals(hyperparameters)(r, values, slopes);
  return { values, slopes };
}

/** ∫ s² R_n R_n' ds − δ_nn', largest magnitude. */
function orthonormality(hyperparameters: Hyperparameters, extent: number): number {
  const { nMax } = hyperparameters.basis;
  const gram = new Float64Array(nMax * nMax);
  for (let panel = 0; panel < 24; panel++) {
    const { points, weights } = gaussLegendre(20, (panel * extent) / 24, ((panel + 1) * extent) / 24);
    points.forEach((s, k) => {
      const values = evaluateRadialBasis(hyperparameters, s);
      values.forEach((a, n) => values.forEach((b, m) => (gram[n * nMax + m]! += weights[k]! * s * s * a * b)));
    });
  }
  return largestDifference(gram, gram.map((_, index) => (index % (nMax + 1) === 0 ? 1 : 0)));
}

for (const [file, radius] of [["librascal_si8", 5], ["librascal_molecules", 4]] as const) {
  describeShared(`radial bases against ${file}`, [`reference/${file}.json.gz`], (path) => {
    const { meta } = JSON.parse(gunzipSync(readFileSync(path)).toString()) as {
      meta: { gto: { sigma_n: number[]; N_n: number[]; overlap: number[][]; S_inv_sqrt: number[][] }; dvr: { x: number[]; w: number[] } };
    };

    it("has the orbitals' widths, norms, overlap and Löwdin matrix", () => {
      const gto = createGto(radius, 6);
      expect(relativeDifference(gto.widths, meta.gto.sigma_n)).toBeLessThan(1e-15);
      expect(relativeDifference(gto.norms, meta.gto.N_n)).toBeLessThan(1e-14);
      expect(largestDifference(gtoOverlap(6).flat().map(([hi]) => hi), meta.gto.overlap.flat())).toBeLessThan(4e-15);
      // librascal's own float64 matrix is good to its condition number, 1e3.
      expect(largestDifference(gto.orthogonalization, meta.gto.S_inv_sqrt.flat())).toBeLessThan(1e-12);
    });

    it("has the DVR points and weights", () => {
      const { points, weights } = dvrPoints(radius, 0.4, 6);
      expect(relativeDifference(points, meta.dvr.x)).toBeLessThan(1e-14);
      expect(relativeDifference(weights, meta.dvr.w)).toBeLessThan(1e-14);
    });
  });
}

describe("evaluateRadialBasis", () => {
  it("is orthonormal under ∫ s² ds: GTO up to 24 functions, DVR", () => {
    // The widest orbital is r_c √(nMax − 1)/nMax wide around r_c.
    for (const nMax of [1, 8, 20, 24]) expect(orthonormality(hyperparametersWith({ basis: { nMax } }), 5 + 40 / Math.sqrt(nMax))).toBeLessThan(1e-12);
    for (const nMax of [1, 8, 20]) expect(orthonormality(hyperparametersWith({ basis: { kind: "dvr", nMax } }), 6.2)).toBeLessThan(1e-12);
  });

  it("refuses distances without a value", () => {
    expect(() => evaluateRadialBasis(hyperparametersWith(), NaN)).toThrow(InputError);
    expect(() => evaluateRadialBasis(hyperparametersWith(), -1)).toThrow(InputError);
    expect(() => evaluateRadialBasis(hyperparametersWith({ basis: { kind: "dvr" } }), 0)).toThrow(/above 0 Å/);
    expect([...evaluateRadialBasis(hyperparametersWith({ basis: { kind: "dvr" } }), 6.3)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("names the condition number and the largest nMax when the orbitals cannot be told apart", () => {
    expect(() => evaluateRadialBasis(hyperparametersWith({ basis: { nMax: 32 } }), 1)).toThrow(NumericalError);
    expect(() => createGto(5, 32)).toThrow(/expected at most 25, got 32, condition number 3\.6e\+23/);
    expect(createGto(5, 25).nMax).toBe(25);
  });
});

describe("radial integrals of a Gaussian density", () => {
  const step = hyperparametersWith({ cutoff: { function: "step", width: 0 } });

  it("equal the two-dimensional integral over the density, for 6 and for 12 orbitals", () => {
    for (const nMax of [6, 12]) {
      const hyperparameters = { ...step, basis: { ...step.basis, nMax, lMax: 6 } };
      for (const r of [0, 0.07, 2.9]) {
        const reference = quadratureIntegrals((s) => evaluateRadialBasis(hyperparameters, s), 0.4, 6, r);
        expect(relativeDifference(evaluate(hyperparameters, r).values, reference)).toBeLessThan(1e-12);
      }
    }
  });

  it("agree between the analytic and the quadrature route to 1e-12 for every (n, l), from σ = 0.05 to 2 and r_c to 12", () => {
    for (const [radius, sigma, lMax] of [[12, 0.05, 4], [5, 0.4, 20], [4, 2, 4]] as const) {
      const nMax = 7;
      const hyperparameters = hyperparametersWith({ cutoff: { radius }, basis: { nMax } });
      const analytic = createGtoIntegrals(createGto(radius, nMax), sigma, lMax);
      const quadrature = createQuadratureIntegrals(createRadialFunctions(hyperparameters), sigma, radius, lMax);
      const size = nMax * (lMax + 1);
      const distances = [0, 1e-7, 0.01, ...Array.from({ length: 24 }, (_, k) => ((k + 1) * radius) / 24)];
      const [one, other] = [analytic, quadrature].map((route) =>
        distances.map((r) => {
          const [values, slopes] = [new Float64Array(size), new Float64Array(size)];
          route(r, values, slopes);
          return [values, slopes] as const;
        }),
      );
      for (const kind of [0, 1] as const) {
        for (let nl = 0; nl < size; nl++) {
          const [a, b] = [one!, other!].map((results) => results.map((result) => result[kind][nl]!));
          // High degrees of a broad density are small differences of large orbitals; 12 digits of the largest of all n remain.
          const scale = largestMagnitude(other!.flatMap((result) => [...result[kind].subarray(nl - (nl % nMax), nl - (nl % nMax) + nMax)]));
          expect(largestDifference(a!, b!) / scale).toBeLessThan(1e-12);
        }
      }
    }
  });

  it("have no overflow or underflow to NaN at σ = 0.05, r = 12, l = 20", () => {
    const size = 8 * 21;
    const [values, slopes] = [new Float64Array(size), new Float64Array(size)];
    createGtoIntegrals(createGto(12, 8), 0.05, 20)(12, values, slopes);
    expect(values.every(Number.isFinite) && slopes.every(Number.isFinite)).toBe(true);
    expect(largestMagnitude(values)).toBeGreaterThan(1e-8);
  });

  it("have the DVR form √w x exp(−(x² + r²)/2σ²) i_l(xr/σ²) as one point of the density integral", () => {
    const { points, weights } = dvrPoints(5, 0.4, 5);
    const integrals = createDvrIntegrals({ points, weights }, 0.4, 3);
    const [values, slopes] = [new Float64Array(20), new Float64Array(20)];
    for (const r of [0.3, 2.2, 4.8]) {
      integrals(r, values, slopes);
      // i_0(x) = sinh x/x and i_1(x) = cosh x/x − sinh x/x².
      points.forEach((x, n) => {
        const z = (x * r) / 0.16;
        const prefactor = 4 * Math.PI * Math.sqrt(weights[n]!) * x;
        const [minus, plus] = [Math.exp(-((x - r) ** 2) / 0.32), Math.exp(-((x + r) ** 2) / 0.32)];
        const [sinh, cosh] = [(minus - plus) / 2, (minus + plus) / 2];
        expect(Math.abs(values[n]! - (prefactor * sinh) / z)).toBeLessThan(1e-14);
        expect(Math.abs(values[5 + n]! - prefactor * (cosh / z - sinh / (z * z)))).toBeLessThan(1e-14);
      });
    }
  });
});

describe("createRadialIntegrals", () => {
  const scaling = { rate: 1.5, scale: 2, exponent: 4 };
  const cases: [string, Hyperparameters][] = [
    ["GTO", hyperparametersWith({ density: { scaling } })],
    ["GTO, polynomial cutoff", hyperparametersWith({ cutoff: { function: "polynomial", width: 1 } })],
    ["12 GTO", hyperparametersWith({ basis: { nMax: 12 } })],
    ["DVR", hyperparametersWith({ basis: { kind: "dvr" }, density: { scaling } })],
    ["δ density", hyperparametersWith({ density: { kind: "delta", scaling } })],
  ];

  it.each(cases)("has slopes equal to central differences: %s", (_, hyperparameters) => {
    for (const r of [-0.003, 0.001, 0.8, 2.5, 4.3, 4.6, 4.95]) {
      const step = 1e-4;
      const at = (shift: number): Float64Array => evaluate(hyperparameters, r + shift * step).values;
      const [near, minus, far, minusFar] = [at(1), at(-1), at(2), at(-2)];
      const difference = near.map((_, k) => (8 * (near[k]! - minus[k]!) - (far[k]! - minusFar[k]!)) / (12 * step));
      const { values, slopes } = evaluate(hyperparameters, r);
      expect(largestDifference(slopes, difference) / Math.max(largestMagnitude(values), largestMagnitude(slopes))).toBeLessThan(1e-9);
    }
  });

  it("multiplies by f_c and u", () => {
    const plain = evaluate(hyperparametersWith({ cutoff: { function: "step", width: 0 } }), 4.75).values;
    const both = evaluate(hyperparametersWith({ density: { scaling: { rate: 1, scale: 4.75, exponent: 3 } } }), 4.75).values;
    expect(relativeDifference(both, plain.map((value) => value / 4))).toBeLessThan(1e-13);
  });

  it("is R_n itself for the δ density, for every l", () => {
    const hyperparameters = hyperparametersWith({ density: { kind: "delta" } });
    const { values } = evaluate(hyperparameters, 2.2);
    const basis = evaluateRadialBasis(hyperparameters, 2.2);
    for (let l = 0; l <= 4; l++) expect(largestDifference(values.subarray(6 * l, 6 * l + 6), basis)).toBe(0);
  });

  it("weights the center's own density, which has neither cutoff nor scaling", () => {
    const own = centerIntegrals(hyperparametersWith({ density: { centerWeight: 0.25, scaling } }));
    const reference = quadratureIntegrals((s) => evaluateRadialBasis(hyperparametersWith(), s), 0.4, 0, 0);
    expect(relativeDifference(own, reference.map((value) => 0.25 * value))).toBeLessThan(1e-12);
  });

  it("refuses a δ density on DVR points", () => {
    const sharp = hyperparametersWith({ density: { kind: "delta" }, basis: { kind: "dvr" } });
    expect(() => createRadialIntegrals(sharp)).toThrow(/"basis.kind".*quadrature points/);
  });
});
