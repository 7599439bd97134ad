// A term resident on the GPU: energies, forces and virials of a batch of structures in one go, Eqs. (16), (21), (22).
import { createLinearAlgebra } from "../../linalg/linear-algebra.js";
import type { Term } from "../../model/potential.js";
import { joined, type BatchPipeline, type BatchResults } from "./batch-pipeline.js";
import { ChainAdjointPass } from "./chain-pass.js";
import type { GpuContext } from "./context.js";
import { ElementKernel } from "./element-kernel.js";
import type { BatchLimits, EnvironmentBatch } from "./environments.js";
import { FeaturePipeline } from "./feature-pipeline.js";
import { ForceGatherPass } from "./force-gather-pass.js";
import { paddedColumns } from "./matrix-product-pass.js";
import { STATUS_BYTES } from "./neighbor-lists.js";
import { PairForcesPass } from "./pair-forces-pass.js";
import { PowerSpectrumAdjointPass } from "./power-spectrum-adjoint-pass.js";
import { asUint32, Readback } from "./readback.js";
import { chunkRows, ResidentRows, type Chunk, type Rows } from "./rows.js";
import { VirialPass, createSegments, type Segments } from "./virial-pass.js";
import { Workspace, type BufferName } from "./workspace.js";

export class PotentialPipeline implements BatchPipeline {
  readonly #context: GpuContext;
  readonly #features: FeaturePipeline;
  readonly #adjoint: PowerSpectrumAdjointPass | ChainAdjointPass;
  readonly #pairForces: PairForcesPass;
  readonly #gather: ForceGatherPass;
  readonly #virial: VirialPass;
  /** By element index; null where the potential has no sparse points. */
  readonly kernels: readonly (ElementKernel | null)[];
  readonly #workspace: Workspace;
  readonly #readback: Readback;
  /** Bytes of a row in each buffer of a chunk. */
  readonly #rowBytes = new Map<BufferName, number>();
  readonly #chunkRows: number;
  readonly #rows: ResidentRows;
  #boundGeneration = -1;

  private constructor(
    context: GpuContext,
    features: FeaturePipeline,
    passes: readonly [PowerSpectrumAdjointPass | ChainAdjointPass, PairForcesPass, ForceGatherPass, VirialPass],
    kernels: readonly (ElementKernel | null)[],
    rowLimit: number,
  ) {
    this.#context = context;
    this.#features = features;
    [this.#adjoint, this.#pairForces, this.#gather, this.#virial] = passes;
    this.kernels = kernels;
    this.#workspace = new Workspace(context, "potential");
    this.#readback = new Readback(context, "potential");
    const need = (name: BufferName, bytes: number): void => void this.#rowBytes.set(name, Math.max(bytes, this.#rowBytes.get(name) ?? 0));
    need("gradient", 4 * paddedColumns(features.tables.layout.size));
    need("adjoint", features.resident.coefficientBytes);
    for (const kernel of kernels) for (const [name, bytes] of Object.entries(kernel?.rowBytes ?? {})) need(name as BufferName, bytes);
    this.#chunkRows = Math.min(rowLimit, chunkRows([...features.rowBytes, ...this.#adjoint.rowBytes, ...this.#rowBytes.values()], context.maxBytes));
    this.#rows = new ResidentRows((element) => kernels[element] !== null, this.#chunkRows);
  }

  /** @param rowLimit most centers of a chunk; the results do not depend on it. */
  static async create(context: GpuContext, species: readonly number[], term: Term, rowLimit: number): Promise<PotentialPipeline> {
    const features = await FeaturePipeline.create(context, term.hyperparameters, species);
    const kernels: (ElementKernel | null)[] = [];
    const algebra = await createLinearAlgebra();
    try {
      return await context.run("preparing the potential", async () => {
        for (const z of species) {
          const center = term.centers.find((own) => own.species === z && own.weights.length > 0);
          kernels.push(center ? await ElementKernel.create(context, algebra, features.resident, center, term.zeta) : null);
        }
        const passes = [
          features.tables.chain
            ? await ChainAdjointPass.create(context, features.resident, features.tables.chain)
            : await PowerSpectrumAdjointPass.create(context, features.resident),
          await PairForcesPass.create(context, features.resident),
          await ForceGatherPass.create(context),
          await VirialPass.create(context),
        ] as const;
        return new PotentialPipeline(context, features, passes, kernels, rowLimit);
      });
    } catch (error) {
      features.destroy();
      for (const kernel of kernels) kernel?.destroy();
      throw error;
    }
  }

  get limits(): BatchLimits {
    return this.#features.lists.limits;
  }

  get constants(): readonly number[] {
    return this.kernels.map((kernel) => kernel?.constant ?? 0);
  }

  async predict(batch: EnvironmentBatch, forces: boolean): Promise<BatchResults> {
    const results = await this.#features.lists.complete(batch, (pairs) => this.#attempt(batch, pairs, forces));
    if (results) return results;
    const [one, other] = batch.halves() as [EnvironmentBatch, EnvironmentBatch];
    return joined(await this.predict(one, forces), await this.predict(other, forces));
  }

  #attempt(batch: EnvironmentBatch, pairs: number, forces: boolean): Promise<BatchResults & { readonly status: Uint32Array }> {
    const rows = this.#rows.of(batch.elements);
    const segments = createSegments(batch.firstAtoms);
    return this.#context.run("prediction", async () => {
      this.#prepare(batch, pairs, rows, segments, forces);
      const { device } = this.#context;
      const first = device.createCommandEncoder({ label: "neighbor lists" });
      // What no kernel writes must be zero, not what the last batch left.
      first.clearBuffer(this.#workspace.get("energies"));
      if (rows.centers.length < batch.atoms) first.clearBuffer(this.#workspace.get("pair forces"));
      this.#features.lists.encode(first, this.#workspace, batch, forces);
      // One submission per chunk: a slow adapter is watched by the system, which ends what takes too long. The lists go with the first chunk and the sums
      // with the last, but on a software adapter, where they take long by themselves.
      let commands = [first.finish()];
      const submit = (): void => {
        device.queue.submit(commands);
        commands = [];
      };
      const { software } = this.#context.adapter;
      for (const chunk of rows.chunks) {
        if (software || chunk.slot > 0) submit();
        commands.push(this.#encodeChunk(chunk, forces));
      }
      if (software) submit();
      const encoder = device.createCommandEncoder({ label: "sums" });
      if (forces && batch.atoms > 0) {
        const pass = this.#context.beginPass(encoder, "sums");
        this.#gather.encode(pass, batch.atoms);
        this.#virial.encode(pass, segments.ranges.length / 2);
        pass.end();
      }
      const pending = this.#readback.encode(encoder, this.#workspace, [
        ["energies", 8 * batch.atoms],
        ["forces", forces ? 12 * batch.atoms : 0],
        ["virials", forces ? 18 * segments.ranges.length : 0],
        ["status", STATUS_BYTES],
      ]);
      commands.push(encoder.finish());
      submit();
      const [energies, gathered, virials, status] = (await this.#readback.read(pending)) as [Float32Array, Float32Array, Float32Array, Float32Array];
      return { energies, forces: gathered, virials, segments: segments.first, status: asUint32(status) };
    });
  }

  #encodeChunk(chunk: Chunk, forces: boolean): GPUCommandBuffer {
    const encoder = this.#context.device.createCommandEncoder({ label: "environments" });
    const pass = this.#context.beginPass(encoder, "environments");
    this.#features.encode(pass, chunk, true);
    for (const part of chunk.parts) this.kernels[part.element]!.encode(pass, part, forces);
    if (forces) {
      this.#adjoint.encode(pass, chunk);
      this.#pairForces.encode(pass, chunk);
    }
    pass.end();
    return encoder.finish();
  }

  #prepare(batch: EnvironmentBatch, pairs: number, rows: Rows, segments: Segments, forces: boolean): void {
    const workspace = this.#workspace;
    const count = Math.min(this.#chunkRows, rows.centers.length);
    this.#features.reserve(workspace, count);
    for (const [name, bytes] of this.#rowBytes) workspace.reserve(name, count * bytes);
    this.#adjoint.reserve(workspace, count);
    workspace.reserve("energies", 8 * batch.atoms);
    workspace.reserve("forces", 12 * batch.atoms);
    workspace.reserve("pair forces", 12 * this.#features.lists.prepare(workspace, batch, pairs));
    workspace.reserve("virials", 18 * segments.ranges.length);
    this.#rows.upload(workspace, rows, forces);
    workspace.write("atoms", new Uint32Array([batch.atoms, this.limits.species.length, 0, 0]));
    workspace.write("segments", segments.ranges);
    if (workspace.generation === this.#boundGeneration) return;
    for (const part of [this.#features, this.#adjoint, this.#pairForces, this.#gather, this.#virial, ...this.kernels]) part?.bind(workspace);
    this.#boundGeneration = workspace.generation;
  }

  destroy(): void {
    this.#adjoint.destroy();
    this.#features.destroy();
    for (const kernel of this.kernels) kernel?.destroy();
    this.#workspace.destroy();
    this.#readback.destroy();
  }
}
