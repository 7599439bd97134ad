/** Bond-angle distribution: density of the angles θ_jik of all pairs of neighbors j ≠ k of an atom i within a cutoff, ∫ P(θ) dθ = 1. */
import { checkRange } from "../dynamics/option-checks.js";
import { InputError } from "../errors.js";
import { createNeighborList } from "../structure/neighbor-list.js";
import type { Structure } from "../structure/structure.js";
import { blockAverage } from "./block-averages.js";
import { atomsOf, checkTrajectory } from "./trajectory.js";

export interface AngularDistributionOptions {
  /** Å, of a bond. */
  readonly cutoff: number;
  /** 180 by default. */
  readonly bins?: number;
  /** Atomic number of the atom at the apex; all by default. */
  readonly center?: number;
  /** Atomic numbers of the two neighbors, in either order; all by default. */
  readonly neighbors?: readonly [number, number];
  /** Blocks of frames for the errors, 5 by default. */
  readonly blocks?: number;
}

export interface AngularDistribution {
  /** Middles of the bins in degrees, [bin]. */
  readonly angles: Float64Array;
  /** P(θ) per degree, [bin]. */
  readonly values: Float64Array;
  /** Standard errors by blocks of frames, [bin]; null where there are not two blocks. */
  readonly errors: Float64Array | null;
}

/** @throws InputError on options out of range, no frames, frames of different atoms, or where no atom has two neighbors. */
export function angularDistribution(frames: readonly Structure[], { cutoff, bins = 180, center, neighbors: ends, blocks }: AngularDistributionOptions): AngularDistribution {
  checkTrajectory(frames);
  checkRange("bins", bins, Number.isSafeInteger(bins) && bins >= 1, "a whole number, 1 or more");
  const centers = atomsOf(frames[0], center);
  const width = 180 / bins;
  let total = 0;
  const counts = frames.map((frame) => {
    const { offsets, neighbors, vectors, distances } = createNeighborList(frame, cutoff);
    const { species } = frame;
    const histogram = new Float64Array(bins);
    const counted = (j: number, k: number): boolean => !ends || (species[j] === ends[0] && species[k] === ends[1]) || (species[j] === ends[1] && species[k] === ends[0]);
    for (const atom of centers) {
      for (let p = offsets[atom]; p < offsets[atom + 1]; p++) {
        for (let q = offsets[atom]; q < p; q++) {
          if (!counted(neighbors[p], neighbors[q])) continue;
          const dot = vectors[3 * p] * vectors[3 * q] + vectors[3 * p + 1] * vectors[3 * q + 1] + vectors[3 * p + 2] * vectors[3 * q + 2];
          // Rounding may lead past ±1.
          const angle = (Math.acos(Math.max(-1, Math.min(1, dot / (distances[p] * distances[q])))) * 180) / Math.PI;
          histogram[Math.min(Math.floor(angle / width), bins - 1)]++;
          total++;
        }
      }
    }
    return histogram;
  });
  if (total === 0) throw new InputError("no atom has two such neighbors", { key: "cutoff", expected: "a length in Å that spans a bond", got: String(cutoff) });
  const { mean, errors } = blockAverage(counts, blocks);
  const scale = frames.length / (total * width);
  return { angles: mean.map((_, bin) => (bin + 0.5) * width), values: mean.map((count) => count * scale), errors: errors && errors.map((error) => error * scale) };
}
