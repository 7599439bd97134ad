/**
 * Stochastic cell rescaling of the full cell at a hydrostatic pressure P₀ (Del Tatto, Raiteri, Bernetti and Bussi, doi:10.3390/app12031139).
 * With nine independent noises the lattice vectors a ← (1 + B) a follow
 *   B = (β/3τ) (P − P₀ + k_B T/V) dt + √(2 k_B T β/3Vτ) dW,   W of nine independent components,
 * which by the Fokker–Planck equation leaves the distribution V⁻² exp(−(H + P₀V)/k_B T) of the lattice vectors as it is. Only the lengths and angles of the cell matter: here B
 * has no rotation, and the cell is multiplied by M = exp(E) with a symmetric E,
 *   E = (β/3τ) (P − P₀) Δt + √(2 k_B T β Δt/3Vτ) S,   ⟨S_ii²⟩ = 1, ⟨S_ij²⟩ = 1/2,
 * which gives aᵀa the same drift and the same noise: the second order of the exponential, ⟨S²⟩/2 = 1, stands for k_B T/V.
 *   a ← M a, x ← M x, v ← M⁻¹ v; tr E is the change of ln V, as in the isotropic case.
 */
import { NumericalError } from "../errors.js";
import { cellVolume } from "../structure/structure.js";
import type { Bath } from "./baths.js";
import { kineticEnergyOf, pressureTensorOf, type Motion } from "./motion.js";
import { BOLTZMANN, GIGAPASCAL } from "./units.js";

/** Of one component of E in a step: the volume changes by less than a fifth, as in the isotropic case. */
const LARGEST_STRAIN = 0.06;
/** Terms of the exponential series: the last one is below 2⁻⁵³ for components up to `LARGEST_STRAIN`. */
const SERIES_TERMS = 12;

/** exp(E), [3][3], by its series; from + − × ÷ alone. */
export function matrixExponential(strain: ArrayLike<number>): Float64Array {
  const sum = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  let term = sum.slice();
  for (let n = 1; n <= SERIES_TERMS; n++) {
    const next = new Float64Array(9);
    for (let row = 0; row < 9; row += 3) {
      for (let column = 0; column < 3; column++) {
        next[row + column] = (term[row] * strain[column] + term[row + 1] * strain[3 + column] + term[row + 2] * strain[6 + column]) / n;
      }
    }
    term = next;
    for (let k = 0; k < 9; k++) sum[k] += term[k];
  }
  return sum;
}

/** M on every vector, [vector][xyz], in place. */
function transform(vectors: Float64Array, matrix: Float64Array): void {
  for (let k = 0; k < vectors.length; k += 3) {
    const [x, y, z] = [vectors[k], vectors[k + 1], vectors[k + 2]];
    for (let row = 0; row < 3; row++) vectors[k + row] = matrix[3 * row] * x + matrix[3 * row + 1] * y + matrix[3 * row + 2] * z;
  }
}

function contraction(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, k) => sum + value * b[k], 0);
}

/**
 * `act` throws NumericalError when the cell changes too fast.
 * @param compressibility β in 1/GPa; only β/τ matters. @param relaxation τ in fs
 */
export function createFlexibleCellRescaling(compressibility: number, relaxation: number): Bath {
  const rate = (compressibility * GIGAPASCAL) / (3 * relaxation);
  let strain = new Float64Array(9);
  let virialBefore = new Float64Array(9);
  return {
    act(motion: Motion, time, kelvin, pressure, noise) {
      const { positions, velocities, cell, evaluation } = motion;
      const kinetic = kineticEnergyOf(motion);
      const tensor = pressureTensorOf(motion);
      const spread = Math.sqrt((2 * BOLTZMANN * kelvin * rate * time) / Math.abs(cellVolume(cell!)));
      const normals = new Float64Array(9);
      noise("barostat", motion.step, normals);
      virialBefore = evaluation.virial!.slice();
      strain = new Float64Array(9);
      for (let row = 0; row < 3; row++) {
        for (let column = 0; column < 3; column++) {
          const [k, mirror] = [3 * row + column, 3 * column + row];
          const excess = (tensor[k] + tensor[mirror]) / 2 - (row === column ? pressure / GIGAPASCAL : 0);
          strain[k] = rate * excess * time + (spread * (normals[k] + normals[mirror])) / 2;
        }
      }
      const largest = strain.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      if (!(largest < LARGEST_STRAIN)) {
        throw new NumericalError("the cell changes too fast", { expected: `a strain below ${LARGEST_STRAIN} in one step; relax the cell first, or give a longer barostat time`, got: `${largest.toPrecision(3)} in step ${motion.step}` });
      }
      const forward = matrixExponential(strain);
      transform(positions, forward);
      transform(cell!, forward);
      transform(velocities, matrixExponential(strain.map((value) => -value)));
      motion.exchanged += kineticEnergyOf(motion) - kinetic;
    },
    settle(motion) {
      // Along exp(tE), dE_pot = −W:E dt; the mean of both ends of the step, of which the second is known only after it.
      motion.exchanged -= (contraction(strain, virialBefore) + contraction(strain, motion.evaluation.virial!)) / 2;
    },
  };
}
