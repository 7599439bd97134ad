// Farthest-point sampling, Eq. (19), with all points on the GPU: it finds one point after the other by itself, and indices come back in portions.
import type { GpuContext } from "./context.js";
import type { Piece } from "./device-loss.js";
import { FarthestPointPass } from "./farthest-point-pass.js";
import { NearestPointPass } from "./nearest-point-pass.js";
import { Readback } from "./readback.js";
import { packBlocks } from "./rows.js";
import { Workspace } from "./workspace.js";

/** Points of a portion: the host hears of them together. On a software adapter a portion must not take seconds. */
const PORTION = { gpu: 64, software: 8 };
/** Larger than any distance, and in float32 a number. */
const FAR = 3e38;

/** One point; it counts as a structure when a job goes on behind it. */
export interface FarthestPoint extends Piece {
  readonly index: number;
}

/**
 * Indices of the points in the order of selection, from the one with number `known` on; those before are found again.
 * Ends early when every remaining point coincides with one taken.
 * @param points [point][size]
 * @param first index of the first point
 */
export async function* farthestPointChain(
  context: GpuContext,
  points: Float64Array,
  size: number,
  count: number,
  zeta: number,
  first: number,
  known: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<FarthestPoint> {
  const total = points.length / size;
  const workspace = new Workspace(context, "farthest points");
  const readback = new Readback(context, "farthest points");
  let nearest: NearestPointPass | null = null;
  try {
    const [pass, next] = await context.run("preparing the farthest points", async () => {
      nearest = await NearestPointPass.create(context, points, size, zeta);
      return [nearest, await FarthestPointPass.create(context)] as const;
    });
    await context.run("farthest points", () => {
      const taken = new Uint32Array(2 * count);
      taken[0] = first;
      workspace.write("taken", taken);
      workspace.write("distances", new Float32Array(2 * total).fill(FAR));
      workspace.reserve("farthest", 8 * Math.ceil(total / 64));
      workspace.write("rows", packBlocks(Array.from({ length: count }, (_, step) => [step])));
      pass.bind(workspace);
      next.bind(workspace, pass.sizes);
    });
    const portion = context.adapter.software ? PORTION.software : PORTION.gpu;
    for (let begin = 0; begin < count; begin += portion) {
      signal?.throwIfAborted();
      const end = Math.min(begin + portion, count);
      const [bits] = await context.run("farthest points", () => {
        const encoder = context.device.createCommandEncoder({ label: "farthest points" });
        const compute = encoder.beginComputePass({ label: "farthest points" });
        for (let step = Math.max(0, begin - 1); step < end - 1; step++) {
          pass.encode(compute, step);
          next.encode(compute, step);
        }
        compute.end();
        const pending = readback.encode(encoder, workspace, [["taken", 8 * end]]);
        context.device.queue.submit([encoder.finish()]);
        return readback.read(pending);
      });
      const found = new Uint32Array(bits!.slice().buffer);
      const distances = new Float32Array(found.buffer);
      for (let step = begin; step < end; step++) {
        // What is left are copies of points taken (as src/selection/fps.ts).
        if (step > 0 && distances[2 * step + 1]! < 1e-14 * squareOf(points, size, found[2 * step - 2]!) ** zeta) return;
        if (step >= known) yield { index: found[2 * step]!, structures: 1 };
      }
    }
  } finally {
    (nearest as NearestPointPass | null)?.destroy();
    workspace.destroy();
    readback.destroy();
  }
}

function squareOf(points: Float64Array, size: number, point: number): number {
  return points.subarray(point * size, (point + 1) * size).reduce((sum, value) => sum + value * value, 0);
}
