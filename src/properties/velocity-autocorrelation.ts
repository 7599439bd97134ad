/**
 * Velocity autocorrelation C(t) = Σ_i m_i ⟨v_i(t₀)·v_i(t₀ + t)⟩ / Σ_i m_i ⟨v_i²⟩ and its spectrum S(f) = 4 ∫₀ C(t) cos(2πft) w(t) dt, which for
 * harmonic motion is the vibrational density of states, ∫ S df = 1 (Dickey and Paskin, doi:10.1103/PhysRev.188.1407).
 */
import { checkRange } from "../dynamics/option-checks.js";
import { InputError } from "../errors.js";
import { massOf } from "../structure/elements.js";
import type { Structure } from "../structure/structure.js";
import { atomsOf, averageOverOrigins, checkTrajectory, type CorrelationFunction, type CorrelationOptions } from "./trajectory.js";

/**
 * C(t), 1 at t = 0, of the column `velocities` (Å/fs), as `lather md` writes it.
 * @throws InputError on options out of range, fewer than two frames, frames of different atoms or without velocities, or atoms at rest.
 */
export function velocityAutocorrelation(frames: readonly Structure[], options: CorrelationOptions): CorrelationFunction {
  checkTrajectory(frames, 2);
  const atoms = atomsOf(frames[0], options.species);
  const masses = atoms.map((atom) => massOf(frames[0].species[atom]));
  const velocities = frames.map(({ arrays, origin }, structure) => {
    const column = arrays.get("velocities");
    if (column?.kind === "R" && column.width === 3) return column.values;
    throw new InputError("the frame has no velocities", { structure, ...origin, key: "velocities", expected: "a column of three numbers, Å/fs", got: column ? "another one" : "none" });
  });
  const raw = averageOverOrigins(frames.length, options, (origin, lag) => {
    const [from, to] = [velocities[origin], velocities[origin + lag]];
    return atoms.reduce((sum, atom, n) => sum + masses[n] * (from[3 * atom] * to[3 * atom] + from[3 * atom + 1] * to[3 * atom + 1] + from[3 * atom + 2] * to[3 * atom + 2]), 0);
  });
  const norm = raw.values[0];
  if (!(norm > 0)) throw new InputError("the atoms do not move", { key: "velocities", expected: "velocities other than zero", got: String(norm) });
  return { times: raw.times, values: raw.values.map((value) => value / norm), errors: raw.errors && raw.errors.map((error) => error / norm) };
}

export interface VelocitySpectrum {
  /** THz, [point], from 0. */
  readonly frequencies: Float64Array;
  /** S(f) per THz, [point]; below zero where C(t) is not converged. */
  readonly densities: Float64Array;
}

/**
 * S(f) at `points` frequencies (400 by default) from 0 to `maximalFrequency` THz, with Hann's window w(t) = cos²(πt/2T), which widens lines to about 1/T.
 * By default up to the highest frequency that the interval between frames can show.
 */
export function velocitySpectrum({ times, values }: CorrelationFunction, { maximalFrequency, points = 400 }: { readonly maximalFrequency?: number; readonly points?: number } = {}): VelocitySpectrum {
  if (times.length < 3) throw new InputError("a spectrum needs lags", { key: "maximalLag", expected: "2 or more", got: String(times.length - 1) });
  checkRange("points", points, Number.isSafeInteger(points) && points >= 2, "a whole number, 2 or more");
  const [interval, end] = [times[1] / 1000, times[times.length - 1] / 1000];
  const highest = maximalFrequency ?? 0.5 / interval;
  checkRange("maximalFrequency", highest, highest > 0 && highest <= 0.5 / interval * (1 + 1e-12), `a frequency in THz above 0 and at most ${(0.5 / interval).toPrecision(4)}, half of 1/interval`);
  const frequencies = Float64Array.from({ length: points }, (_, k) => (highest * k) / (points - 1));
  const densities = frequencies.map((frequency) => {
    let sum = 0;
    for (let lag = 0; lag < values.length; lag++) {
      const time = lag * interval;
      sum += (lag === 0 ? 0.5 : 1) * values[lag] * Math.cos(2 * Math.PI * frequency * time) * Math.cos((Math.PI * time) / (2 * end)) ** 2;
    }
    return 4 * interval * sum;
  });
  return { frequencies, densities };
}
