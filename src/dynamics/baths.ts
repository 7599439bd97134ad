/**
 * What acts in the middle of a step, between two half flights (B A O A B: Leimkuhler and Matthews, doi:10.1093/amrx/abs010).
 * A bath books the energy that it gives, so that total energy minus `exchanged` is conserved up to the error of the integrator.
 *
 * Langevin: v ← c v + √((1 − c²) k_B T/m) ξ, c = e^{−γΔt}.
 * Stochastic velocity rescaling (Bussi, Donadio and Parrinello, doi:10.1063/1.2408420), c = e^{−Δt/τ}, K̄ = f k_B T/2:
 *   α² = c + (1 − c) K̄/(f K) Σ R_i² + 2 R_1 √(c (1 − c) K̄/(f K)),  v ← α v.
 * Stochastic cell rescaling, isotropic (Bernetti and Bussi, doi:10.1063/5.0020514), in λ = √V, whose noise does not depend on λ:
 *   dλ = −(β λ/2τ) (P₀ − P − k_B T/2V) dt + √(k_B T β/2τ) dW,  x ← s x, v ← v/s, s = (λ′/λ)^{2/3}.
 */
import { exponential, logarithm, power } from "../basis/elementary.js";
import { NumericalError } from "../errors.js";
import { cellVolume } from "../structure/structure.js";
import type { GaussianNoise } from "./gaussian-noise.js";
import { bringToRest, kineticEnergyOf, type Motion } from "./motion.js";
import { ACCELERATION, BOLTZMANN, GIGAPASCAL } from "./units.js";

export interface Bath {
  /** Acts for `time` fs at `kelvin` and `pressure` (GPa). */
  act(motion: Motion, time: number, kelvin: number, pressure: number, noise: GaussianNoise): void;
  /** Called with the forces at the end of the step, where the bath must see them to know what it gave. */
  settle?(motion: Motion): void;
}

/** @param friction γ in 1/fs */
export function createLangevin(friction: number): Bath {
  return {
    act(motion, time, kelvin, _pressure, noise) {
      const { velocities, masses } = motion;
      const before = kineticEnergyOf(motion);
      const kept = exponential(-friction * time);
      const normals = new Float64Array(velocities.length);
      noise("thermostat", motion.step, normals);
      for (let atom = 0; atom < masses.length; atom++) {
        const spread = Math.sqrt(((1 - kept * kept) * BOLTZMANN * kelvin * ACCELERATION) / masses[atom]);
        for (let k = 3 * atom; k < 3 * atom + 3; k++) velocities[k] = kept * velocities[k] + spread * normals[k];
      }
      bringToRest(motion);
      motion.exchanged += kineticEnergyOf(motion) - before;
    },
  };
}

/** @param relaxation τ in fs */
export function createVelocityRescaling(relaxation: number): Bath {
  return {
    act(motion, time, kelvin, _pressure, noise) {
      const { velocities, freedom } = motion;
      const kinetic = kineticEnergyOf(motion);
      if (kinetic === 0) return;
      const kept = exponential(-time / relaxation);
      const normals = new Float64Array(freedom);
      noise("thermostat", motion.step, normals);
      const share = ((1 - kept) * BOLTZMANN * kelvin) / (2 * kinetic);
      const squares = normals.reduce((sum, x) => sum + x * x, 0);
      const root = Math.sqrt(kept) + Math.sqrt(share) * normals[0];
      const alpha = Math.sqrt(Math.max(0, root * root + share * (squares - normals[0] * normals[0]))) * (root < 0 ? -1 : 1);
      for (let k = 0; k < velocities.length; k++) velocities[k] *= alpha;
      motion.exchanged += (alpha * alpha - 1) * kinetic;
    },
  };
}

function traceOf(matrix: Float64Array): number {
  return matrix[0] + matrix[4] + matrix[8];
}

/** @param compressibility β in 1/GPa; only β/τ matters. @param relaxation τ in fs */
export function createCellRescaling(compressibility: number, relaxation: number): Bath {
  const rate = (compressibility * GIGAPASCAL) / relaxation;
  let strain = 0;
  let virialBefore = 0;
  return {
    act(motion, time, kelvin, pressure, noise) {
      const { positions, velocities, cell, evaluation } = motion;
      const thermal = BOLTZMANN * kelvin;
      const volume = Math.abs(cellVolume(cell!));
      const kinetic = kineticEnergyOf(motion);
      virialBefore = traceOf(evaluation.virial!);
      const excess = (2 * kinetic + virialBefore) / (3 * volume) - pressure / GIGAPASCAL;
      const normal = new Float64Array(1);
      noise("barostat", motion.step, normal);
      const lambda = Math.sqrt(volume);
      const next = lambda + ((rate * lambda) / 2) * (excess + thermal / (2 * volume)) * time + Math.sqrt((thermal * rate * time) / 2) * normal[0];
      const ratio = next / lambda;
      if (!(ratio > 0.9 && ratio < 1.1)) {
        throw new NumericalError("the cell changes too fast", { expected: "a volume that changes by less than a fifth in one step; relax the cell first, or give a longer barostat time", got: `a factor of ${(ratio * ratio).toPrecision(3)} in step ${motion.step}` });
      }
      const scale = power(ratio, 2 / 3);
      for (let k = 0; k < positions.length; k++) {
        positions[k] *= scale;
        velocities[k] /= scale;
      }
      for (let k = 0; k < 9; k++) cell![k] *= scale;
      // dE = −(tr W/3) d ln V; the mean of both ends of the step, of which the second is known only after it.
      strain = 3 * logarithm(scale);
      motion.exchanged += kineticEnergyOf(motion) - kinetic;
    },
    settle(motion) {
      motion.exchanged -= (strain * (virialBefore + traceOf(motion.evaluation.virial!))) / 6;
    },
  };
}
