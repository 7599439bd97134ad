// DScribe's numbers: its polynomial basis is ours (kind "polynomial"); its Gaussian-type orbitals r^l exp(−α_nl r²) differ between the degrees
// and are no basis of ours, but test the quadrature, the harmonics and the sums by which both are expanded. Neither has a cutoff function.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { divide, fromNumber, multiply, squareRoot, type DoubleDouble } from "../../../src/basis/double-double.js";
import { halfIntegerGamma } from "../../../src/basis/hypergeometric.js";
import { loewdin } from "../../../src/basis/loewdin.js";
import { createPolynomials } from "../../../src/basis/polynomial.js";
import type { RadialFunctions } from "../../../src/basis/radial-functions.js";
import { dscribePowerSpectrum } from "../../reference/dscribe.js";
import { relativeDifference } from "../../reference/norms.js";
import { describeShared } from "../../shared-data.js";

interface Run {
  readonly rbf: "gto" | "polynomial";
  readonly params: { readonly r_cut: number; readonly n_max: number; readonly l_max: number; readonly sigma: number };
  /** [structure][atom][feature] */
  readonly features: number[][][];
  readonly alphas?: number[][];
  readonly rx?: number[];
  readonly basis_values_n_by_rx?: number[][];
  readonly beta_exact_mpmath?: number[][];
  /** DScribe's functions against the exact ones, relative to the largest value. */
  readonly basis_relerr_vs_exact?: number;
}

interface Reference {
  readonly meta: { readonly index: number[][] };
  readonly structures: { numbers: number[]; positions: number[][]; cell: number[][]; pbc: [boolean, boolean, boolean] }[];
  readonly runs: Run[];
}

/** α_n = −ln(10⁻³/a_n^l)/a_n² with a_n equispaced from 1 to r_cut: the orbital has fallen to 10⁻³ at a_n. [l][n] */
function exponents(radius: number, nMax: number, lMax: number): number[][] {
  return Array.from({ length: lMax + 1 }, (_, l) =>
    Array.from({ length: nMax }, (__, n) => {
      const end = 1 + (n * (radius - 1)) / (nMax - 1);
      return -Math.log(1e-3 / end ** l) / end ** 2;
    }),
  );
}

/** Orbitals of each degree, orthonormal by Löwdin with S = Γ(l+3/2)/2 (α + α')^{−l−3/2}. */
function orbitals(radius: number, nMax: number, lMax: number): RadialFunctions {
  const gamma = halfIntegerGamma(2 * lMax + 4);
  const families = exponents(radius, nMax, lMax).map((alphas, l) => {
    const power = (value: number): DoubleDouble => {
      let product = squareRoot(fromNumber(value));
      for (let k = 0; k < l + 1; k++) product = multiply(product, fromNumber(value));
      return product;
    };
    const overlap = alphas.map((a) => alphas.map((b) => divide(fromNumber(gamma[2 * l + 3]! / 2), power(a + b))));
    return { alphas, beta: loewdin(overlap).inverseRoot.map((row) => row.map(([hi]) => hi)) };
  });
  const evaluate = (s: number, values: Float64Array, slopes: Float64Array): void => {
    slopes.fill(NaN);
    families.forEach(({ alphas, beta }, l) =>
      beta.forEach((row, n) => (values[l * nMax + n] = row.reduce((sum, factor, k) => sum + factor * s ** l * Math.exp(-alphas[k]! * s * s), 0))),
    );
  };
  return { nMax, perDegree: true, knots: Float64Array.of(0, Infinity), detail: 0.3, evaluate };
}

for (const file of ["dscribe_si8", "dscribe_molecules"]) {
  describeShared(`expansions of ${file}`, [`reference/${file}.json.gz`], (path) => {
    const { meta, structures, runs } = JSON.parse(gunzipSync(readFileSync(path)).toString()) as Reference;

    it.each(runs.map((run): [string, Run] => [run.rbf, run]))("%s: power spectrum to DScribe's own noise", (rbf, run) => {
      const { r_cut: radius, n_max: nMax, l_max: lMax, sigma } = run.params;
      const functions = rbf === "gto" ? orbitals(radius, nMax, lMax) : createPolynomials(radius, nMax);
      structures.forEach(({ numbers, positions, cell, pbc }, index) => {
        const atoms = { species: numbers, positions: positions.flat(), cell: cell.flat(), pbc };
        const found = dscribePowerSpectrum(atoms, functions, radius, sigma, lMax, meta.index);
        // A product of two coefficients has twice their error.
        expect(relativeDifference(found.flat(), run.features[index]!.flat())).toBeLessThan(2 * (run.basis_relerr_vs_exact ?? 1e-10));
      });
    });

    it("polynomial: the functions themselves, from DScribe and from its matrix in 50 digits", () => {
      const run = runs.find(({ rbf }) => rbf === "polynomial")!;
      const { r_cut: radius, n_max: nMax } = run.params;
      const { evaluate } = createPolynomials(radius, nMax);
      const [values, slopes] = [new Float64Array(nMax), new Float64Array(nMax)];
      const found = run.rx!.flatMap((s) => (evaluate(s, values, slopes), [...values]));
      const theirs = run.rx!.flatMap((_, k) => run.basis_values_n_by_rx!.map((row) => row[k]!));
      expect(relativeDifference(theirs, found)).toBeLessThan(1.1 * run.basis_relerr_vs_exact!);
      const exactAt = (s: number): number[] =>
        run.beta_exact_mpmath!.map((row) => row.reduce((sum, factor, n) => sum + factor * (radius - s) ** (n + 3), 0));
      const exact = run.rx!.flatMap(exactAt);
      // Rounding to float64, 1e-16, is amplified by the root of the overlap's condition number of 1e11.
      expect(relativeDifference(found, exact)).toBeLessThan(1e-10);
    });
  });
}
