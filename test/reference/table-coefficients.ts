/** Density coefficients as plain sums over images, with the radial integrals read from a table per neighbor element, THEORY.md Eqs. (5) and (33). */

import { sphericalHarmonics } from "../../src/angular/spherical-harmonics.js";
import { evaluateRadialTable, type RadialTable } from "../../src/basis/radial-table.js";
import { forEachImage, type Atoms } from "./density-coefficients.js";

/**
 * Of every center [density][q][lm].
 * @param tables by atomic number; all of one size
 * @param densityOf index of the density that an element adds to
 */
export function tableCoefficients(
  atoms: Atoms, tables: ReadonlyMap<number, RadialTable>, densityOf: (z: number) => number, densities: number,
): Float64Array[] {
  const { nMax, lMax, radius } = tables.values().next().value!;
  const orders = (lMax + 1) ** 2;
  const [values, slopes, harmonics] = [new Float64Array(nMax * (lMax + 1)), new Float64Array(nMax * (lMax + 1)), new Float64Array(orders)];
  return Array.from(atoms.species as ArrayLike<number>, (own, i) => {
    const out = new Float64Array(densities * nMax * orders);
    for (let q = 0; q < nMax; q++) out[(densityOf(own) * nMax + q) * orders]! += tables.get(own)!.center[q]! / Math.sqrt(4 * Math.PI);
    forEachImage(atoms, i, radius, (j, [x, y, z], r) => {
      const species = atoms.species[j]!;
      evaluateRadialTable(tables.get(species)!, r, values, slopes);
      sphericalHarmonics(lMax, x / r, y / r, z / r, harmonics);
      const first = densityOf(species) * nMax * orders;
      for (let q = 0; q < nMax; q++) {
        for (let lm = 0; lm < orders; lm++) out[first + q * orders + lm]! += values[Math.floor(Math.sqrt(lm)) * nMax + q]! * harmonics[lm]!;
      }
    });
    return out;
  });
}
