// What a part of a potential is on the GPU to its evaluator: energies, forces and virials of batches of structures.
import type { BatchLimits, EnvironmentBatch } from "./environments.js";

/** Results of a batch as the GPU gives them. */
export interface BatchResults {
  /** Energy without its constant, and 1 where the environment has one; [atom][2]. */
  readonly energies: Float32Array;
  /** eV/Å, [atom][xyz]; empty when not asked for. */
  readonly forces: Float32Array;
  /** eV, [segment][3][3], and the first segment of each structure; empty when not asked for. */
  readonly virials: Float32Array;
  readonly segments: Int32Array;
}

export interface BatchPipeline {
  readonly limits: BatchLimits;
  /** What the energies of the GPU leave out, eV, by element index. */
  readonly constants: ArrayLike<number>;
  /** Records and submits everything at once, so that several batches may be under way; resolves when the results are on the host. */
  predict(batch: EnvironmentBatch, forces: boolean): Promise<BatchResults>;
  destroy(): void;
}

/** Results of two halves of a batch as those of the whole. */
export function joined(one: BatchResults, other: BatchResults): BatchResults {
  const join = (key: "energies" | "forces" | "virials"): Float32Array => {
    const both = new Float32Array(one[key].length + other[key].length);
    both.set(one[key]);
    both.set(other[key], one[key].length);
    return both;
  };
  const end = one.segments.at(-1)!;
  const segments = Int32Array.of(...one.segments, ...other.segments.subarray(1).map((segment) => end + segment));
  return { energies: join("energies"), forces: join("forces"), virials: join("virials"), segments };
}
