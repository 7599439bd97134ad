import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import {
  forEachImage,
  referenceDensityCoefficients,
  referencePowerSpectrum,
  referenceRadialSpectrum,
  type Atoms,
} from "../../reference/density-coefficients.js";
import { largestDifference, relativeDifference } from "../../reference/norms.js";
import { describeShared } from "../../shared-data.js";
import { hyperparametersWith } from "./hyperparameters.js";

interface Run {
  readonly kind: "SphericalExpansion" | "RadialSpectrum" | "PowerSpectrum";
  readonly normalize: boolean;
  readonly hypers: {
    readonly interaction_cutoff: number;
    readonly cutoff_smooth_width: number;
    readonly max_radial: number;
    readonly max_angular: number;
    readonly gaussian_sigma_constant: number;
    readonly radial_basis: "GTO" | "DVR";
  };
  /** [structure][atom][feature] */
  readonly features: number[][][];
}

interface Reference {
  readonly meta: { readonly species: number[]; readonly pairs: [number, number][] };
  readonly structures: { numbers: number[]; positions: number[][]; cell: number[][]; pbc: [boolean, boolean, boolean] }[];
  readonly runs: Run[];
}

function atomsOf({ numbers, positions, cell, pbc }: Reference["structures"][number]): Atoms {
  return { species: numbers, positions: positions.flat(), cell: cell.flat(), pbc };
}

function hyperparametersOf({ hypers, normalize, kind }: Run): Hyperparameters {
  const base = hyperparametersWith({
    cutoff: { radius: hypers.interaction_cutoff, width: hypers.cutoff_smooth_width },
    density: { width: hypers.gaussian_sigma_constant },
    basis: { kind: hypers.radial_basis === "GTO" ? "gto" : "dvr", nMax: hypers.max_radial, lMax: hypers.max_angular },
  });
  return { ...base, features: { kind: kind === "RadialSpectrum" ? "radial-spectrum" : "power-spectrum", normalize } };
}

/** Stored coefficients are the overlaps divided by this. */
function constant({ hypers }: Run): number {
  return hypers.radial_basis === "GTO" ? 4 * Math.PI ** 1.5 : 4 * Math.PI;
}

/** librascal's storage: pairs Z1 ≤ Z2, all n × n', √2 for Z1 ≠ Z2. */
function foldedPowerSpectrum(full: Float64Array, { meta: { species, pairs } }: Reference, nMax: number, lMax: number): Float64Array {
  const channels = species.length * nMax;
  const folded: number[] = [];
  for (const [a, b] of pairs) {
    for (let n = 0; n < nMax; n++) {
      for (let other = 0; other < nMax; other++) {
        const row = (species.indexOf(a) * nMax + n) * channels + species.indexOf(b) * nMax + other;
        for (let l = 0; l <= lMax; l++) folded.push(full[row * (lMax + 1) + l]! * (a === b ? 1 : Math.SQRT2));
      }
    }
  }
  return Float64Array.from(folded);
}

function featuresOf(run: Run, atoms: Atoms, reference: Reference): Float64Array[] {
  const hyperparameters = hyperparametersOf(run);
  const { species } = reference.meta;
  const { nMax, lMax } = hyperparameters.basis;
  const factor = run.normalize ? 1 : constant(run);
  if (run.kind === "RadialSpectrum") {
    return referenceRadialSpectrum(atoms, hyperparameters, species).map((spectrum) => spectrum.map((value) => value / factor));
  }
  if (run.kind === "PowerSpectrum") {
    const spectra = referencePowerSpectrum(atoms, hyperparameters, species);
    return spectra.map((spectrum) => foldedPowerSpectrum(spectrum, reference, nMax, lMax).map((value) => value / factor ** 2));
  }
  const size = nMax * (lMax + 1) ** 2;
  return referenceDensityCoefficients(atoms, hyperparameters).map((coefficients) => {
    const row = new Float64Array(species.length * size);
    species.forEach((element, a) => row.set(coefficients.get(element) ?? new Float64Array(size), a * size));
    const norm = run.normalize ? Math.hypot(...row) : factor;
    return row.map((value) => value / norm);
  });
}

for (const file of ["librascal_si8", "librascal_molecules"]) {
  describeShared(`the reference sums against ${file}`, [`reference/${file}.json.gz`], (path) => {
    const reference = JSON.parse(gunzipSync(readFileSync(path)).toString()) as Reference;

    const titled = reference.runs.map((run): [string, Run] => [`${run.kind}, ${run.hypers.radial_basis}, normalize ${run.normalize}`, run]);
    it.each(titled)("%s", (_, run) => {
      reference.structures.forEach((structure, index) => {
        const features = featuresOf(run, atomsOf(structure), reference);
        const expected = run.features[index]!;
        expect(features.length).toBe(expected.length);
        expect(relativeDifference(features.flatMap((row) => [...row]), expected.flat())).toBeLessThan(1e-10);
      });
    });
  });
}

describe("forEachImage", () => {
  it("finds as many images of one atom as lattice points in a sphere", () => {
    const cell = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    const count = (pbc: [boolean, boolean, boolean], radius: number, rows = cell): number => {
      let found = 0;
      forEachImage({ species: [1], positions: [0.3, -7.2, 50], cell: rows, pbc }, 0, radius, () => found++);
      return found;
    };
    // Points with |n|² < 6.25: 1 + 6 + 12 + 8 + 6 + 24 + 24 = 81 with the center.
    expect(count([true, true, true], 2.5)).toBe(80);
    expect(count([true, true, false], 2.5)).toBe(20);
    expect(count([false, false, true], 2.5)).toBe(4);
    expect(count([false, false, false], 2.5)).toBe(0);
    // The same lattice in a sheared, left-handed basis.
    expect(count([true, true, true], 2.5, [1, 0, 0, 7, 0, 1, -3, 1, 0])).toBe(80);
  });

  it("measures from atoms that lie outside the cell", () => {
    const cell = [3, 0, 0, 0, 3, 0, 0, 0, 3];
    const distances: number[] = [];
    forEachImage({ species: [1, 1], positions: [0.1, 0, 0, 30.6, -60, 9], cell, pbc: [true, true, true] }, 0, 2.9, (_, __, r) => distances.push(r));
    expect(largestDifference(distances.sort((a, b) => a - b), [0.5, 2.5])).toBeLessThan(1e-12);
  });
});
