// Tables of a contracted radial basis: I_ql(r) = Σ_n U_qn I_nl(r), which costs at every r what a primitive basis of that size costs
// (Goscinski et al., doi:10.1063/5.0057229).
import { InputError } from "../errors.js";
import type { RadialBasis, RadialContraction } from "./hyperparameters.js";
import { symbolOf } from "../structure/elements.js";
import type { RadialTable } from "./radial-table.js";

function indexOf(known: readonly number[], z: number, what: string): number {
  const index = known.indexOf(z);
  if (index >= 0) return index;
  throw new InputError(`the optimal basis was made without ${what}`, {
    key: "basis.contraction",
    expected: known.map(symbolOf).join(", "),
    got: symbolOf(z),
  });
}

/**
 * U of one neighbor element around centers of another, [l][q][n], for the degrees of the basis (a basis cut to smaller lMax uses the first ones).
 * @param center atomic number of the centers; null where one U serves all of them
 * @throws InputError when the contraction does not know the elements, or wants the center's.
 */
export function elementMatrix(
  { species, centers, channels, matrix }: RadialContraction,
  center: number | null,
  z: number,
  { nMax, lMax }: RadialBasis,
): Float64Array {
  if (centers && center === null) {
    throw new InputError("the optimal basis depends on the center", { key: "center", expected: centers.map(symbolOf).join(", "), got: "none" });
  }
  const block = centers ? indexOf(centers, center!, "centers of an element") : 0;
  const index = block * species.length + indexOf(species, z, "an element");
  const size = matrix.length / (species.length * (centers?.length ?? 1));
  return Float64Array.from(matrix.slice(index * size, index * size + (lMax + 1) * channels * nMax));
}

/** Contracts values, slopes and the center's own expansion. `u` [l][q][n] with q < channels. */
export function contractTable(table: RadialTable, u: Float64Array, channels: number): RadialTable {
  const { nMax, lMax, intervals } = table;
  const contract = (source: Float64Array): Float64Array => {
    const out = new Float64Array((intervals + 1) * (lMax + 1) * channels);
    for (let row = 0; row < (intervals + 1) * (lMax + 1); row++) {
      const l = row % (lMax + 1);
      for (let q = 0; q < channels; q++) {
        let sum = 0;
        for (let n = 0; n < nMax; n++) sum += u[(l * channels + q) * nMax + n]! * source[row * nMax + n]!;
        out[row * channels + q] = sum;
      }
    }
    return out;
  };
  const center = Float64Array.from({ length: channels }, (_, q) => table.center.reduce((sum, value, n) => sum + u[q * nMax + n]! * value, 0));
  return { ...table, nMax: channels, values: contract(table.values), slopes: contract(table.slopes), center };
}
