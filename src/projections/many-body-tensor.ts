/**
 * Many-body tensor representation around an atom (Huo and Rupp, doi:10.1088/2632-2153/aca005), THEORY.md Eqs. (60) and (61): histograms of
 * distances and angles, broadened by Gaussians N(x; g, σ) = exp(−(x − g)²/2σ²)/(√(2π) σ), of which every point x is a descriptor.
 */
import { legendreSeries, type LegendreSeries } from "./legendre.js";
import type { NeighborFunction } from "./neighbor-functions.js";
import type { PairSum } from "./spectrum-weights.js";

function broadened(x: number, sigma: number): (value: number) => number {
  return (value) => Math.exp(-((x - value) ** 2) / (2 * sigma * sigma)) / (Math.sqrt(2 * Math.PI) * sigma);
}

export interface DistanceHistogram {
  readonly element: number;
  /** What is counted: r in Å, or 1/r in 1/Å. */
  readonly of: "distance" | "inverse-distance";
  /** Point of the histogram and width of the Gaussians, in the unit of what is counted. */
  readonly x: number;
  readonly sigma: number;
  /** Weight exp(−r/decay), decay in Å; none by default. */
  readonly decay?: number;
}

/** k = 2: Σ_{j∈a} exp(−r_ij/decay) N(x; r_ij or 1/r_ij, σ) f_c(r_ij), exact where the basis holds the function. */
export function distanceHistogram({ element, of, x, sigma, decay = Infinity }: DistanceHistogram): NeighborFunction {
  const count = broadened(x, sigma);
  return { elements: { [element]: 1 }, radial: (r) => Math.exp(-r / decay) * count(of === "distance" ? r : 1 / r) };
}

export interface AngleHistogram {
  readonly elements: readonly [number, number];
  /** Cosine of the angle at which the histogram is read, and width of the Gaussians of the cosine. */
  readonly x: number;
  readonly sigma: number;
  /** Weight exp(−(r_ij + r_ik)/decay), decay in Å; none by default. */
  readonly decay?: number;
}

/**
 * k = 3: Σ_{j∈a, k∈b} exp(−(r_ij + r_ik)/decay) N(x; cos θ_jik, σ) f_c f_c over ordered pairs, j = k included (`selfPairs`). Converges with lMax faster
 * than any power, about as exp(−(lMax σ)²/2); `error` is what the degrees beyond lMax would add to N at most. A weight with r_jk is no product: see
 * `pairFunctionWeights`.
 */
export function angleHistogram({ elements: [a, b], x, sigma, decay = Infinity }: AngleHistogram, lMax: number): PairSum & Pick<LegendreSeries, "error"> {
  const { coefficients, error } = legendreSeries(broadened(x, sigma), lMax);
  const radial = (r: number): number => Math.exp(-r / decay);
  return { functions: [{ elements: { [a]: 1 }, radial }, { elements: { [b]: 1 }, radial }], legendre: coefficients, error };
}
