// The shifted Gaussians against QUIP: sparse points of its GAP of silicon are environments of the training set, which the basis must reproduce.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import { parseExtxyz } from "../../../src/structure/extxyz.js";
import { referencePowerSpectrum } from "../../reference/density-coefficients.js";
import { describeShared } from "../../shared-data.js";
import { hyperparametersWith } from "./hyperparameters.js";

const sparseFile = "reference/quip/gap_si.xml.sparseX.GAP_2026_11_20_0_11_18_27_31.gz";

/** soap l_max=8 n_max=8 atom_sigma=0.5 cutoff=5.4 cutoff_transition_width=0.5, from gap_si.xml. */
const settings = hyperparametersWith({
  cutoff: { radius: 5.4 }, density: { width: 0.5 }, basis: { kind: "shifted-gaussians", nMax: 8, lMax: 8 },
});
const hyperparameters: Hyperparameters = { ...settings, features: { kind: "power-spectrum", normalize: true } };

/** QUIP's order: n, then n' ≤ n with √2 off the diagonal, then l; one more element for its σ₀ = 0. */
function quipOrder(full: Float64Array): number[] {
  const vector: number[] = [];
  for (let n = 0; n < 8; n++) {
    for (let k = 0; k <= n; k++) for (let l = 0; l <= 8; l++) vector.push(full[(n * 8 + k) * 9 + l]! * (n === k ? 1 : Math.SQRT2));
  }
  return [...vector, 0];
}

describeShared("shifted Gaussians against QUIP", [sparseFile, "data/zuo2020/Si_train.xyz"], (sparse, train) => {
  it("give the sparse points that gap_fit took from a cell of 24 atoms, to 1e-10", () => {
    const numbers = gunzipSync(readFileSync(sparse)).toString().trim().split(/\s+/).map(Number);
    const points = Array.from({ length: 1000 }, (_, m) => numbers.slice(325 * m, 325 * (m + 1)));
    const { species, positions, cell, pbc } = parseExtxyz(readFileSync(train, "utf8"))[57]!;
    expect(species.length).toBe(24);
    const spectra = referencePowerSpectrum({ species, positions, cell, pbc }, hyperparameters, [14]).map(quipOrder);
    const distance = (point: number[]): number =>
      Math.min(...spectra.map((vector) => vector.reduce((largest, value, f) => Math.max(largest, Math.abs(value - point[f]!)), 0)));
    // gap_fit keeps the order of the training set: points 336 and 337 come from this cell, their neighbors from the cells beside it.
    expect(distance(points[336]!)).toBeLessThan(1e-10);
    expect(distance(points[337]!)).toBeLessThan(1e-10);
    expect(distance(points[338]!)).toBeGreaterThan(1e-6);
  });
});
