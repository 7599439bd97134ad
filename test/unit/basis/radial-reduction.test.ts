// librascal's contraction of the radial basis, 8 → 4 with given matrices (not orthogonal): the only other code that evaluates one directly.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { contractTable } from "../../../src/basis/contracted-table.js";
import { createRadialTable } from "../../../src/basis/radial-table.js";
import { relativeDifference } from "../../reference/norms.js";
import { tableCoefficients } from "../../reference/table-coefficients.js";
import { describeShared } from "../../shared-data.js";
import { hyperparametersWith } from "./hyperparameters.js";

interface Reference {
  /** By atomic number, [l][q][n]. */
  readonly projection_matrices: Record<string, number[][][]>;
  readonly structure: { numbers: number[]; positions: number[][]; cell: number[][]; pbc: [boolean, boolean, boolean] };
  readonly cases: {
    basis: "GTO" | "DVR";
    hypers: { interaction_cutoff: number; cutoff_smooth_width: number; max_radial: number; max_angular: number; gaussian_sigma_constant: number };
    /** Power spectrum [center][q][q'][l], from librascal's splines, and from its analytic coefficients. */
    features: number[][];
    features_by_projecting_analytic: number[][];
  }[];
}

describeShared("contracted tables against librascal", ["reference/librascal_radial_reduction.json.gz"], (path) => {
  const { projection_matrices: matrices, structure, cases } = JSON.parse(gunzipSync(readFileSync(path)).toString()) as Reference;
  const atoms = { species: structure.numbers, positions: structure.positions.flat(), cell: structure.cell.flat(), pbc: structure.pbc };
  const u = matrices["14"]!;

  it.each(cases.map((item): [string, Reference["cases"][number]] => [item.basis, item]))("%s: power spectrum to 1e-8", (basis, item) => {
    const { hypers } = item;
    const [channels, lMax] = [hypers.max_radial, hypers.max_angular];
    const hyperparameters = hyperparametersWith({
      cutoff: { radius: hypers.interaction_cutoff, width: hypers.cutoff_smooth_width },
      density: { width: hypers.gaussian_sigma_constant },
      basis: { kind: basis === "GTO" ? "gto" : "dvr", nMax: u[0]![0]!.length, lMax, accuracy: 1e-11 },
    });
    const table = contractTable(createRadialTable(hyperparameters), Float64Array.from(u.flat(2)), channels);
    const constant = basis === "GTO" ? 4 * Math.PI ** 1.5 : 4 * Math.PI;
    const orders = (lMax + 1) ** 2;
    const spectra = tableCoefficients(atoms, new Map([[14, table]]), () => 0, 1).map((c) => {
      const spectrum: number[] = [];
      for (let q = 0; q < channels; q++) {
        for (let p = 0; p < channels; p++) {
          for (let l = 0; l <= lMax; l++) {
            let sum = 0;
            for (let lm = l * l; lm < (l + 1) ** 2; lm++) sum += c[q * orders + lm]! * c[p * orders + lm]!;
            spectrum.push(sum / Math.sqrt(2 * l + 1) / constant ** 2);
          }
        }
      }
      return spectrum;
    });
    expect(relativeDifference(spectra.flat(), item.features.flat())).toBeLessThan(1e-8);
    // librascal's own splines are 5e-10 away from its analytic numbers.
    expect(relativeDifference(spectra.flat(), item.features_by_projecting_analytic.flat())).toBeLessThan(1e-9);
  });
});
