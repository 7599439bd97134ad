// Reading of ../shared/reference: gzipped JSON with numbers of librascal and QUIP.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";

export interface ReferenceStructure {
  readonly numbers: number[];
  readonly positions: number[][];
  readonly cell: number[][];
  readonly pbc: [boolean, boolean, boolean];
}

export interface LibrascalHypers {
  readonly interaction_cutoff: number;
  readonly cutoff_smooth_width: number;
  readonly max_radial: number;
  readonly max_angular: number;
  readonly gaussian_sigma_constant: number;
}

export function readReference<T>(path: string): T {
  return JSON.parse(gunzipSync(readFileSync(path)).toString()) as T;
}

export function structureOf({ numbers, positions, cell, pbc }: ReferenceStructure): Structure {
  return createStructure({ species: numbers, positions: positions.flat(), cell: cell.flat(), pbc });
}

/** librascal's settings in our words; the tables are made fine enough that interpolation does not show at 1e-10. */
export function hyperparametersOf(h: LibrascalHypers, basis: string, kind: string, normalize: boolean): Hyperparameters {
  return {
    cutoff: { radius: h.interaction_cutoff, width: h.cutoff_smooth_width, function: "cosine" },
    density: { kind: "gaussian", width: h.gaussian_sigma_constant, centerWeight: 1, scaling: null },
    basis: { kind: basis === "GTO" ? "gto" : "dvr", nMax: h.max_radial, lMax: h.max_angular, accuracy: 1e-12 },
    features: { kind: kind === "RadialSpectrum" ? "radial-spectrum" : "power-spectrum", normalize },
  };
}

/** Our coefficients are the exact overlaps of Eq. (6); librascal leaves out 4π^{3/2} (GTO) or 4π (DVR), see reference/README.md. */
export function librascalConstant(basis: string): number {
  return basis === "GTO" ? 4 * Math.PI ** 1.5 : 4 * Math.PI;
}

/**
 * Column of librascal's power spectrum, ((pair·nMax + n)·nMax + n')·(lMax+1) + l over pairs Z ≤ Z', and the factor between the two, for each of our
 * features: ours holds n ≤ n' once for equal elements, with √2 off the diagonal.
 */
export function librascalColumns(labels: Int32Array, species: readonly number[], nMax: number, lMax: number): { column: number; factor: number }[] {
  const pairs: string[] = [];
  species.forEach((a, i) => species.slice(i).forEach((b) => pairs.push(`${a} ${b}`)));
  return Array.from({ length: labels.length / 5 }, (_, feature) => {
    const [za, zb, l, n, k] = labels.subarray(5 * feature, 5 * feature + 5) as unknown as [number, number, number, number, number];
    return { column: ((pairs.indexOf(`${za} ${zb}`) * nMax + n) * nMax + k) * (lMax + 1) + l, factor: za === zb && n !== k ? Math.SQRT2 : 1 };
  });
}
