/**
 * Pseudo-elements, THEORY.md Eqs. (94)–(96): d densities that stand for all elements, so that the number of features does not grow with theirs,
 *
 *   c_{αnlm} = Σ_a u_{aα} c_{anlm},
 *
 * a contraction of mixed species whose matrix is U^l_{(αn),(a n')} = u_{aα} δ_{nn'}: one for all degrees and radial functions. Two elements are as
 * similar as κ_aa' = Σ_α u_aα u_a'α (Willatt, Musil and Ceriotti, doi:10.1039/C8CP05921G).
 */
import { InputError } from "../errors.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import { covalentRadiusOf, electronegativityOf, groupOf, periodOf } from "../structure/elements.js";
import type { RadialBasis, RadialContraction } from "./hyperparameters.js";

/** Differences at which elements are e^{−1/2} similar: rows and groups of the periodic table, covalent radius in Å, Pauling's electronegativity. */
const SCALES = [2, 6, 0.5, 1] as const;

/**
 * The contraction of a matrix u; its channels are q = α nMax + n.
 * @param u [element][channel]
 * @param species atomic numbers, as many as u has rows
 */
export function pseudoElementContraction(u: ArrayLike<number>, species: readonly number[], { nMax, lMax }: Pick<RadialBasis, "nMax" | "lMax">): RadialContraction {
  const channels = u.length / species.length;
  if (!(Number.isInteger(channels) && channels >= 1)) {
    throw new InputError("matrix of the pseudo-elements", { expected: `${species.length} elements × channels`, got: `${u.length} numbers` });
  }
  const matrix: number[] = [];
  for (let a = 0; a < species.length; a++) {
    for (let l = 0; l <= lMax; l++) {
      for (let q = 0; q < channels * nMax; q++) {
        for (let n = 0; n < nMax; n++) matrix.push(q % nMax === n ? u[a * channels + Math.floor(q / nMax)]! : 0);
      }
    }
  }
  return { mixed: true, channels: channels * nMax, species: [...species], matrix };
}

/** κ_aa' = exp(−½ Σ_k (x_ak − x_a'k)²/s_k²) of the periodic trends x, [element][element]. @throws InputError beyond Lr, which has no electronegativity. */
export function elementSimilarity(species: readonly number[]): Float64Array {
  const trends = species.map((z) => [periodOf(z), groupOf(z), covalentRadiusOf(z), electronegativityOf(z)]);
  return Float64Array.from(trends.flatMap((own) => trends.map((other) =>
    Math.exp(-0.5 * SCALES.reduce((sum, scale, k) => sum + ((own[k]! - other[k]!) / scale) ** 2, 0)))));
}

/**
 * u of the leading eigenvectors of κ, u_aα = √λ_α v_αa, [element][channel]: of all matrices of so many channels the one whose u uᵀ is nearest to κ.
 * The component of largest magnitude of each channel is positive.
 * @param channels from 1 to the number of elements
 * @throws InputError as `elementSimilarity`
 */
export function similarElements(algebra: LinearAlgebra, species: readonly number[], channels: number): Float64Array {
  const { values, vectors } = algebra.symmetricEigen(elementSimilarity(species), species.length);
  const u = new Float64Array(species.length * channels);
  for (let alpha = 0; alpha < channels; alpha++) {
    const own = vectors.subarray(alpha * species.length, (alpha + 1) * species.length);
    const lead = own.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    const scale = Math.sign(lead) * Math.sqrt(Math.max(0, values[alpha]!));
    for (let a = 0; a < species.length; a++) u[a * channels + alpha] = scale * own[a]!;
  }
  return u;
}
