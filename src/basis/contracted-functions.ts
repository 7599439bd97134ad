/** The optimal radial functions themselves, THEORY.md Eq. (37): R_{aql}(s) = Σ_n U_qn R_n(s), for plots; what is evaluated are their integrals. */

import { InputError } from "../errors.js";
import type { DensityHyperparameters } from "./hyperparameters.js";
import { elementMatrix } from "./contracted-table.js";
import { createRadialBasis } from "./radial-integrals.js";

/**
 * Evaluator of R_{aql}(s) in Å^{−3/2}, [l][q], for neighbors of one element; s in Å, where the primitive basis has values.
 * @param center atomic number of the center, for a contraction that depends on it
 * @throws InputError when the hyperparameters have no contraction, or one without the elements.
 */
export function createContractedFunctions(hyperparameters: DensityHyperparameters, z: number, center: number | null = null): (s: number) => Float64Array {
  const { contraction, nMax, lMax } = hyperparameters.basis;
  if (!contraction) throw new InputError("no optimal basis", { key: "basis.contraction", expected: "a contraction", got: "none" });
  const u = elementMatrix(contraction, center, z, hyperparameters.basis);
  const { channels } = contraction;
  const primitive = createRadialBasis(hyperparameters);
  return (s) => {
    const out = new Float64Array((lMax + 1) * channels);
    for (let l = 0; l <= lMax; l++) {
      const values = primitive(s, l);
      for (let q = 0; q < channels; q++) {
        for (let n = 0; n < nMax; n++) out[l * channels + q]! += u[(l * channels + q) * nMax + n]! * values[n]!;
      }
    }
    return out;
  };
}
