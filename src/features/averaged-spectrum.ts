/**
 * Power spectrum of averaged density coefficients, Eq. (86): the mean over the atoms of a structure first, the product, which is invariant, behind it.
 * Correlations between atoms of a structure enter that the mean of their power spectra, Eq. (12), does not know.
 */
import { InputError } from "../errors.js";

export interface AveragedSpectrum {
  /** [structure][l][x ≤ y], x and y channels (a, n); √2 where they differ, as in Eq. (12). */
  readonly values: Float64Array;
  readonly size: number;
}

/**
 * @param coefficients [center][channel][lm], and the first center of each structure, [structure + 1], as `backend.computeDensityCoefficients` gives them
 * @param normalize to length 1, Eq. (13); a structure whose coefficients are all 0 stays 0
 * @throws InputError when the size of the coefficients does not go with lMax.
 */
export function averagedSpectrum(
  { values, size, offsets }: { readonly values: Float64Array; readonly size: number; readonly offsets: Int32Array }, lMax: number, normalize = true,
): AveragedSpectrum {
  const orders = (lMax + 1) ** 2;
  const channels = size / orders;
  if (!Number.isInteger(channels)) throw new InputError("size of density coefficients", { key: "basis.lMax", expected: `a multiple of ${orders}`, got: String(size) });
  const length = ((lMax + 1) * channels * (channels + 1)) / 2;
  const structures = offsets.length - 1;
  const spectra = new Float64Array(structures * length);
  for (let structure = 0; structure < structures; structure++) {
    const [first, end] = [offsets[structure]!, offsets[structure + 1]!];
    const mean = new Float64Array(size);
    for (let center = first; center < end; center++) for (let k = 0; k < size; k++) mean[k]! += values[center * size + k]! / (end - first);
    const own = spectra.subarray(structure * length, (structure + 1) * length);
    let at = 0;
    for (let l = 0; l <= lMax; l++) {
      for (let x = 0; x < channels; x++) {
        for (let y = x; y < channels; y++) {
          let sum = 0;
          for (let lm = l * l; lm < (l + 1) ** 2; lm++) sum += mean[x * orders + lm]! * mean[y * orders + lm]!;
          own[at++] = (sum * (x === y ? 1 : Math.SQRT2)) / Math.sqrt(2 * l + 1);
        }
      }
    }
    const norm = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    if (normalize && norm > 0) for (let k = 0; k < length; k++) own[k]! /= norm;
  }
  return { values: spectra, size: length };
}
