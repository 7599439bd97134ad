/**
 * Static structure factor S(q) = ⟨|Σ_j exp(i q·r_j)|²⟩/N at the wave vectors that the cell allows, q = 2π Σ_k n_k b_k with a_i·b_k = δ_ik, averaged
 * over those of about one length (Allen and Tildesley, Computer Simulation of Liquids, Oxford 1987, ch. 2). Direct sums: the cost is that of atoms
 * times wave vectors.
 */
import { checkRange } from "../dynamics/option-checks.js";
import { CapacityError, InputError } from "../errors.js";
import { reciprocalVectors } from "../structure/lattice.js";
import type { Structure } from "../structure/structure.js";
import { blockAverage } from "./block-averages.js";
import { atomsOf, checkTrajectory } from "./trajectory.js";
import { volumeOf } from "./volume.js";

export interface StaticStructureFactorOptions {
  /** 1/Å, 2π included. */
  readonly maximalWaveNumber: number;
  /** 100 by default; bins in which a frame has no wave vector are left out. */
  readonly bins?: number;
  /** Atomic number of the atoms that count; all by default. */
  readonly species?: number;
  /** Blocks of frames for the errors, 5 by default. */
  readonly blocks?: number;
}

export interface StaticStructureFactor {
  /** Mean lengths of the wave vectors in each bin, 1/Å, [bin]. */
  readonly waveNumbers: Float64Array;
  /** S(q), [bin]. */
  readonly values: Float64Array;
  /** Standard errors by blocks of frames, [bin]; null where there are not two blocks. */
  readonly errors: Float64Array | null;
}

/** Some minutes of work for a thousand atoms in a hundred frames. */
const MOST_WAVE_VECTORS = 1e6;

/** @throws InputError on options out of range, no frames, frames of different atoms, or without a volume; CapacityError on too many wave vectors. */
export function staticStructureFactor(frames: readonly Structure[], { maximalWaveNumber, bins = 100, species, blocks }: StaticStructureFactorOptions): StaticStructureFactor {
  checkTrajectory(frames);
  checkRange("maximalWaveNumber", maximalWaveNumber, maximalWaveNumber > 0, "a wave number in 1/Å above 0");
  checkRange("bins", bins, Number.isSafeInteger(bins) && bins >= 1, "a whole number, 1 or more");
  const atoms = atomsOf(frames[0], species);
  const perFrame = frames.map((frame) => sumsOf(frame, atoms, maximalWaveNumber, bins));
  const filled = Array.from({ length: bins }, (_, bin) => bin).filter((bin) => perFrame.every(({ counts }) => counts[bin] > 0));
  if (filled.length === 0) throw new InputError("the cell allows no such wave vector", { key: "maximalWaveNumber", expected: "a longer one, or fewer bins where the cell changes", got: String(maximalWaveNumber) });
  const pick = (sums: "powers" | "lengths"): Float64Array[] => perFrame.map((frame) => Float64Array.from(filled, (bin) => frame[sums][bin] / frame.counts[bin]));
  const { mean, errors } = blockAverage(pick("powers"), blocks);
  return { waveNumbers: blockAverage(pick("lengths"), 1).mean, values: mean, errors };
}

function sumsOf(frame: Structure, atoms: readonly number[], maximal: number, bins: number): { counts: Float64Array; powers: Float64Array; lengths: Float64Array } {
  const volume = volumeOf(frame);
  if ((volume * maximal ** 3) / (6 * Math.PI ** 2) / 2 > MOST_WAVE_VECTORS) throw new CapacityError("too many wave vectors", { key: "maximalWaveNumber", expected: `about ${MOST_WAVE_VECTORS} wave vectors at most: a shorter one`, got: String(maximal) });
  const cell = frame.cell!;
  const reciprocal = reciprocalVectors(cell).map((x) => 2 * Math.PI * x);
  // |n_k| = |q·a_k|/2π ≤ q |a_k|/2π.
  const most = [0, 1, 2].map((k) => Math.floor((maximal * Math.hypot(cell[3 * k], cell[3 * k + 1], cell[3 * k + 2])) / (2 * Math.PI)));
  const [counts, powers, lengths] = [new Float64Array(bins), new Float64Array(bins), new Float64Array(bins)];
  for (let i = 0; i <= most[0]; i++) {
    for (let j = i === 0 ? 0 : -most[1]; j <= most[1]; j++) {
      // q and −q give the same: one of the two is enough.
      for (let k = i === 0 && j === 0 ? 1 : -most[2]; k <= most[2]; k++) {
        const [x, y, z] = [0, 1, 2].map((axis) => i * reciprocal[axis] + j * reciprocal[3 + axis] + k * reciprocal[6 + axis]);
        const length = Math.hypot(x, y, z);
        if (length >= maximal) continue;
        let [cosine, sine] = [0, 0];
        for (const atom of atoms) {
          const phase = x * frame.positions[3 * atom] + y * frame.positions[3 * atom + 1] + z * frame.positions[3 * atom + 2];
          cosine += Math.cos(phase);
          sine += Math.sin(phase);
        }
        const bin = Math.floor((length / maximal) * bins);
        counts[bin]++;
        lengths[bin] += length;
        powers[bin] += (cosine * cosine + sine * sine) / atoms.length;
      }
    }
  }
  return { counts, powers, lengths };
}
