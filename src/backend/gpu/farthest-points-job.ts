// Farthest-point sampling, Eq. (19), with all points on the GPU: it finds one point after the other by itself, and indices come back in portions.
import { checkCount } from "../../selection/fps.js";
import type { CpuBackend } from "../cpu/cpu-backend.js";
import type { GpuContext } from "./context.js";
import type { Piece, SessionKeeper } from "./device-loss.js";
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
interface FarthestPoint extends Piece {
  readonly index: number;
}

export interface FarthestPointProblem {
  /** [point][size] */
  readonly points: Float64Array;
  readonly size: number;
  readonly count: number;
  readonly zeta: number;
  /** Index of the first point. */
  readonly first: number;
}

/**
 * Indices of the points in the order of selection, through losses of the device.
 * Ends early when every remaining point coincides with one taken.
 * @throws InputError when `count` exceeds the number of points; GpuError as `SessionKeeper.run`.
 */
export async function* farthestPoints(
  keeper: SessionKeeper,
  host: () => Promise<CpuBackend>,
  problem: FarthestPointProblem,
  signal: AbortSignal | undefined,
): AsyncGenerator<number> {
  const { points, size, count, zeta, first } = problem;
  checkCount(points, size, count);
  const taken: number[] = [];
  const chain = keeper.run<FarthestPoint>(
    ({ context }, known) => farthestPointChain(context, problem, known, signal),
    async function* (known) {
      let found = 0;
      for await (const index of (await host()).farthestPoints(points, size, count, zeta, known > 0 ? taken : first, { signal }))
        if (found++ >= known) yield { index, structures: 1 };
    },
  );
  for await (const { index } of chain) {
    taken.push(index);
    yield index;
  }
}

/** From the point with number `known` on; those before are found again. */
async function* farthestPointChain(
  context: GpuContext,
  { points, size, count, zeta, first }: FarthestPointProblem,
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
        const compute = context.beginPass(encoder, "farthest points");
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
