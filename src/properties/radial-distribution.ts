/**
 * Radial distribution function (Allen and Tildesley, Computer Simulation of Liquids, Oxford 1987, ch. 2):
 * g_ab(r) = (mean number of b in the shell from r₁ to r₂ around an a) / (ρ_b 4π(r₂³ − r₁³)/3) with ρ_b = N_b/V.
 */
import { checkRange } from "../dynamics/option-checks.js";
import { createNeighborList } from "../structure/neighbor-list.js";
import type { Structure } from "../structure/structure.js";
import { blockAverage } from "./block-averages.js";
import { atomsOf, checkTrajectory } from "./trajectory.js";
import { volumeOf } from "./volume.js";

export interface RadialDistributionOptions {
  /** Å; periodic images count, so it may be longer than the cell. */
  readonly maximalDistance: number;
  /** 200 by default. */
  readonly bins?: number;
  /** Atomic numbers of the central atom and of the others; all atoms by default. */
  readonly species?: readonly [number, number];
  /** Blocks of frames for the errors, 5 by default. */
  readonly blocks?: number;
}

export interface RadialDistribution {
  /** Middles of the bins in Å, [bin]. */
  readonly distances: Float64Array;
  /** g(r), [bin]. */
  readonly values: Float64Array;
  /** Standard errors by blocks of frames, [bin]; null where there are not two blocks. */
  readonly errors: Float64Array | null;
  /** Mean number of neighbors up to the outer edge of each bin, [bin]. */
  readonly coordination: Float64Array;
}

/** @throws InputError on options out of range, no frames, frames of different atoms, or without a volume. */
export function radialDistribution(frames: readonly Structure[], { maximalDistance, bins = 200, species, blocks }: RadialDistributionOptions): RadialDistribution {
  checkTrajectory(frames);
  checkRange("maximalDistance", maximalDistance, maximalDistance > 0, "a length in Å above 0");
  checkRange("bins", bins, Number.isSafeInteger(bins) && bins >= 1, "a whole number, 1 or more");
  const centers = atomsOf(frames[0], species?.[0]);
  const others = atomsOf(frames[0], species?.[1]);
  const isOther = new Uint8Array(frames[0].species.length);
  for (const atom of others) isOther[atom] = 1;
  const width = maximalDistance / bins;
  const shell = (bin: number): number => (4 / 3) * Math.PI * width ** 3 * ((bin + 1) ** 3 - bin ** 3);
  const coordination = new Float64Array(bins);
  const samples = frames.map((frame) => {
    const volume = volumeOf(frame);
    const { offsets, neighbors, distances } = createNeighborList(frame, maximalDistance);
    const counts = new Float64Array(bins);
    for (const atom of centers) {
      for (let pair = offsets[atom]; pair < offsets[atom + 1]; pair++) {
        // A distance that rounds up to the last edge belongs to the last bin.
        if (isOther[neighbors[pair]]) counts[Math.min(Math.floor(distances[pair] / width), bins - 1)] += 1 / centers.length;
      }
    }
    for (let bin = 0, sum = 0; bin < bins; bin++) coordination[bin] += (sum += counts[bin]) / frames.length;
    return counts.map((count, bin) => (count * volume) / (others.length * shell(bin)));
  });
  const { mean, errors } = blockAverage(samples, blocks);
  return { distances: mean.map((_, bin) => (bin + 0.5) * width), values: mean, errors, coordination };
}
