// The functions of pairs of a potential on the GPU: energies, forces and virials of a batch of structures in one go, Eqs. (70), (21), (22).
import type { PairSums } from "../../pairs/pair-sums.js";
import { joined, type BatchPipeline, type BatchResults } from "./batch-pipeline.js";
import type { GpuContext } from "./context.js";
import type { BatchLimits, EnvironmentBatch } from "./environments.js";
import { ForceGatherPass } from "./force-gather-pass.js";
import { NeighborLists, STATUS_BYTES } from "./neighbor-lists.js";
import { PairFunctionsPass } from "./pair-functions-pass.js";
import { asUint32, Readback } from "./readback.js";
import { VirialPass, createSegments, type Segments } from "./virial-pass.js";
import { Workspace } from "./workspace.js";

/** Å, for lists where no function reaches anywhere. */
const ANY_CUTOFF = 1;

export class PairPipeline implements BatchPipeline {
  readonly constants: Float64Array;
  readonly #context: GpuContext;
  readonly #lists: NeighborLists;
  readonly #functions: PairFunctionsPass;
  readonly #gather: ForceGatherPass;
  readonly #virial: VirialPass;
  readonly #workspace: Workspace;
  readonly #readback: Readback;
  #boundGeneration = -1;

  private constructor(context: GpuContext, constants: Float64Array, lists: NeighborLists, passes: readonly [PairFunctionsPass, ForceGatherPass, VirialPass]) {
    this.#context = context;
    this.constants = constants;
    this.#lists = lists;
    [this.#functions, this.#gather, this.#virial] = passes;
    this.#workspace = new Workspace(context, "pairs");
    this.#readback = new Readback(context, "pairs");
  }

  static async create(context: GpuContext, pairs: PairSums): Promise<PairPipeline> {
    return context.run("preparing the functions of pairs", async () => {
      const lists = await NeighborLists.create(context, pairs.species, pairs.cutoff || ANY_CUTOFF);
      const sums = [await ForceGatherPass.create(context), await VirialPass.create(context)] as const;
      return new PairPipeline(context, pairs.constants, lists, [await PairFunctionsPass.create(context, pairs), ...sums]);
    });
  }

  get limits(): BatchLimits {
    return this.#lists.limits;
  }

  async predict(batch: EnvironmentBatch, forces: boolean): Promise<BatchResults> {
    const results = await this.#lists.complete(batch, (pairs) => this.#attempt(batch, pairs, forces));
    if (results) return results;
    const [one, other] = batch.halves() as [EnvironmentBatch, EnvironmentBatch];
    return joined(await this.predict(one, forces), await this.predict(other, forces));
  }

  #attempt(batch: EnvironmentBatch, pairs: number, forces: boolean): Promise<BatchResults & { readonly status: Uint32Array }> {
    const segments = createSegments(batch.firstAtoms);
    return this.#context.run("prediction", async () => {
      this.#prepare(batch, pairs, segments, forces);
      const { device } = this.#context;
      const encoder = device.createCommandEncoder({ label: "pairs" });
      this.#lists.encode(encoder, this.#workspace, batch, forces);
      if (batch.atoms > 0) {
        const pass = this.#context.beginPass(encoder, "pairs");
        this.#functions.encode(pass, batch.atoms);
        if (forces) {
          this.#gather.encode(pass, batch.atoms);
          this.#virial.encode(pass, segments.ranges.length / 2);
        }
        pass.end();
      }
      const pending = this.#readback.encode(encoder, this.#workspace, [
        ["energies", 8 * batch.atoms],
        ["forces", forces ? 12 * batch.atoms : 0],
        ["virials", forces ? 18 * segments.ranges.length : 0],
        ["status", STATUS_BYTES],
      ]);
      device.queue.submit([encoder.finish()]);
      const [energies, gathered, virials, status] = (await this.#readback.read(pending)) as [Float32Array, Float32Array, Float32Array, Float32Array];
      return { energies, forces: gathered, virials, segments: segments.first, status: asUint32(status) };
    });
  }

  #prepare(batch: EnvironmentBatch, pairs: number, segments: Segments, forces: boolean): void {
    const workspace = this.#workspace;
    workspace.reserve("energies", 8 * batch.atoms);
    workspace.reserve("forces", 12 * batch.atoms);
    workspace.reserve("pair forces", 12 * this.#lists.prepare(workspace, batch, pairs));
    workspace.reserve("virials", 18 * segments.ranges.length);
    workspace.write("atoms", new Uint32Array([batch.atoms, this.limits.species.length, Number(forces), 0]));
    workspace.write("segments", segments.ranges);
    if (workspace.generation === this.#boundGeneration) return;
    for (const pass of [this.#functions, this.#gather, this.#virial]) pass.bind(workspace);
    this.#boundGeneration = workspace.generation;
  }

  destroy(): void {
    this.#functions.destroy();
    this.#workspace.destroy();
    this.#readback.destroy();
  }
}
