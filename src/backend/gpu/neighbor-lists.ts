// Neighbor lists of a batch of structures, made and kept on the GPU: positions → bins → pairs in order → reverse pairs.
// Leaves in the workspace, [pair] by center, element of the neighbor, neighbor, and image:
//   pairs       r_ij and |r_ij| in Å, vec4<f32>
//   neighbors   index in the batch of the atom j, u32
//   reverse     the pair j → i, where the vector is exactly the opposite, u32; only with `withReverse`
//   offsets     first pair of [center · elements + element], and the number of pairs behind the last, u32.
// How many pairs there are is known on the GPU alone. What does not fit is not written; it comes back with the results, and the batch is run again.
import { GpuError, InputError } from "../../errors.js";
import { createNeighborList, SAME_SITE } from "../../structure/neighbor-list.js";
import { located, locating } from "../../structure/origin.js";
import type { Structure } from "../../structure/structure.js";
import { ROWS_STRIDE, type BindingKind, type ComputeProgram } from "./compute-program.js";
import type { GpuContext } from "./context.js";
import { pairsError, type BatchLimits, type EnvironmentBatch } from "./environments.js";
import { BIN_COUNT, BIN_FILL, NEIGHBOR_ORDER, NEIGHBOR_SEARCH, PERIODIC_IMAGES, REVERSE_PAIRS } from "./generated/shaders.js";
import { BLOCK_SUMS_BYTES, PrefixSumPass } from "./prefix-sum-pass.js";
import { asUint32, type Readback } from "./readback.js";
import type { BufferName, Workspace } from "./workspace.js";

type Binding = readonly [BindingKind, BufferName];

const SIZES: Binding = ["sizes", "list sizes"];
const CHOSEN: Binding = ["rows", "list sizes"];
const BOXES: Binding = ["read", "boxes"];
const COORDINATES: Binding = ["read", "coordinates"];

const SEARCH = [
  CHOSEN, BOXES, COORDINATES, ["read", "bins"], ["read", "sorted"], ["write", "offsets"], ["write", "found"], ["write", "status"],
] as const satisfies readonly Binding[];

/** Every program of the list with its buffers, in the order of the binding numbers, and the use of one that has several. */
const PROGRAMS = {
  binCount: ["bin-count", BIN_COUNT + PERIODIC_IMAGES, [SIZES, BOXES, COORDINATES, ["write", "bins"], ["write", "places"]]],
  binFill: ["bin-fill", BIN_FILL, [SIZES, COORDINATES, ["read", "bins"], ["read", "places"], ["write", "sorted"]]],
  count: ["neighbor-search", NEIGHBOR_SEARCH + PERIODIC_IMAGES, SEARCH, "count"],
  write: ["neighbor-search", NEIGHBOR_SEARCH + PERIODIC_IMAGES, SEARCH, "write"],
  order: [
    "neighbor-order",
    NEIGHBOR_ORDER + PERIODIC_IMAGES,
    [SIZES, BOXES, COORDINATES, ["read", "offsets"], ["read", "found"], ["write", "pairs"], ["write", "neighbors"], ["write", "images"]],
  ],
  reverse: [
    "reverse-pairs",
    REVERSE_PAIRS,
    [SIZES, COORDINATES, ["read", "offsets"], ["read", "neighbors"], ["read", "images"], ["write", "reverse"], ["write", "status"]],
  ],
} as const satisfies Record<string, readonly [string, string, readonly Binding[], string?]>;

type Step = keyof typeof PROGRAMS;

/** Bytes of one pair in each buffer. */
const PAIR_BYTES: readonly (readonly [BufferName, number])[] = [
  ["pairs", 16],
  ["found", 8],
  ["neighbors", 4],
  ["images", 4],
  ["reverse", 4],
];

/** Blocks of "list sizes", and their number. */
const COUNT = 0;
const WRITE = 1;
const BINS = 2;
const OFFSETS = 3;
const BLOCKS = 4;

/** Of one dimension of a dispatch. */
const MAX_WORKGROUPS = 65535;

/** Bytes of the status, which is read back with the results: pairs, capacity, same site, contradiction. */
export const STATUS_BYTES = 16;

/** Atoms of a batch on a software adapter, which takes seconds for more: progress moves, and a cancelled job ends soon. */
const SOFTWARE_ATOMS = 512;

export class NeighborLists {
  readonly limits: BatchLimits;
  readonly #context: GpuContext;
  readonly #programs: ReadonlyMap<Step, ComputeProgram>;
  readonly #binStarts: PrefixSumPass;
  readonly #pairStarts: PrefixSumPass;
  readonly #groups = new Map<Step, GPUBindGroup>();
  /** Whose buffers the groups hold. */
  #bound: { readonly workspace: Workspace; readonly generation: number } | null = null;

  private constructor(
    context: GpuContext,
    programs: ReadonlyMap<Step, ComputeProgram>,
    sums: readonly [PrefixSumPass, PrefixSumPass],
    limits: BatchLimits,
  ) {
    this.#context = context;
    this.#programs = programs;
    [this.#binStarts, this.#pairStarts] = sums;
    this.limits = limits;
  }

  /** @param species elements of the centers and neighbors, ascending; `cutoff` in Å. */
  static async create(context: GpuContext, species: readonly number[], cutoff: number): Promise<NeighborLists> {
    // Without any structure there is no element either, but no array may be empty.
    const ELEMENTS = Math.max(1, species.length);
    const used: Partial<Record<Step, Record<string, number>>> = {
      count: { ELEMENTS, SAME_SITE }, write: { ELEMENTS, SAME_SITE }, order: { ELEMENTS }, reverse: { ELEMENTS },
    };
    const programs = await Promise.all(
      Object.entries(PROGRAMS).map(async ([step, [label, code, buffers]]) => {
        const bindings = buffers.map(([kind]) => kind);
        const constants = used[step as Step];
        return [step as Step, await context.program({ label, code, bindings, ...(constants && { constants }) })] as const;
      }),
    );
    const sums = [await PrefixSumPass.create(context), await PrefixSumPass.create(context)] as const;
    return new NeighborLists(context, new Map(programs), sums, {
      species,
      cutoff,
      maxPairs: Math.floor(context.maxBytes / 16),
      ...(context.adapter.software && { maxAtoms: SOFTWARE_ATOMS }),
    });
  }

  /**
   * Makes room for the batch and for `pairs` pairs, and uploads positions and boxes.
   * @returns for how many pairs there is room
   */
  prepare(workspace: Workspace, batch: EnvironmentBatch, pairs: number): number {
    const entries = batch.atoms * this.limits.species.length;
    workspace.write("coordinates", batch.coordinates);
    workspace.write("boxes", batch.boxes);
    workspace.reserve("places", 8 * batch.atoms);
    workspace.reserve("sorted", 16 * batch.atoms);
    workspace.reserve("bins", 4 * (batch.bins + 1));
    workspace.reserve("offsets", 4 * (entries + 1));
    workspace.reserve("block sums", BLOCK_SUMS_BYTES);
    workspace.reserve("status", STATUS_BYTES);
    for (const [name, bytes] of PAIR_BYTES) workspace.reserve(name, bytes * Math.min(pairs, this.limits.maxPairs));
    const capacity = Math.min(...PAIR_BYTES.map(([name, bytes]) => Math.floor(workspace.get(name).size / bytes)));
    const sizes = new Uint32Array((BLOCKS * ROWS_STRIDE) / 4);
    const cutoff = new Uint32Array(Float32Array.of(this.limits.cutoff).buffer)[0]!;
    const put = (block: number, words: readonly number[]): void => sizes.set(words, (block * ROWS_STRIDE) / 4);
    put(COUNT, [batch.atoms, capacity, cutoff, 0]);
    put(WRITE, [batch.atoms, capacity, cutoff, 1]);
    put(BINS, PrefixSumPass.sizes(batch.bins));
    put(OFFSETS, PrefixSumPass.sizes(entries));
    workspace.write("list sizes", sizes);
    return capacity;
  }

  #bind(workspace: Workspace): void {
    if (workspace === this.#bound?.workspace && workspace.generation === this.#bound.generation) return;
    for (const [step, program] of this.#programs) {
      const [, , buffers, use] = PROGRAMS[step];
      this.#groups.set(step, program.bind(buffers.map(([, name]) => workspace.get(name)), use));
    }
    const [sizes, sums] = [workspace.get("list sizes"), workspace.get("block sums")];
    this.#binStarts.bind(sizes, workspace.get("bins"), sums, "bins");
    this.#pairStarts.bind(sizes, workspace.get("offsets"), sums, "pairs");
    this.#bound = { workspace, generation: workspace.generation };
  }

  /** Records everything; the status is one of the results then. */
  encode(encoder: GPUCommandEncoder, workspace: Workspace, batch: EnvironmentBatch, withReverse: boolean): void {
    encoder.clearBuffer(workspace.get("status"));
    encoder.clearBuffer(workspace.get(batch.atoms === 0 ? "offsets" : "bins"));
    if (batch.atoms === 0) return;
    this.#bind(workspace);
    const pass = this.#context.beginPass(encoder, "neighbor lists");
    const run = (step: Step, block: number | null, workgroups: number): void =>
      this.#programs.get(step)!.encode(pass, this.#groups.get(step)!, block, Math.min(workgroups, MAX_WORKGROUPS));
    run("binCount", null, Math.ceil(batch.atoms / 64));
    this.#binStarts.encode(pass, BINS, batch.bins);
    run("binFill", null, Math.ceil(batch.atoms / 64));
    run("count", COUNT, Math.ceil(batch.atoms / 64));
    this.#pairStarts.encode(pass, OFFSETS, batch.atoms * this.limits.species.length);
    run("write", WRITE, Math.ceil(batch.atoms / 64));
    run("order", null, batch.atoms);
    if (withReverse) run("reverse", null, batch.atoms);
    pass.end();
  }

  /**
   * Awaits `attempt`, and a further one with more room while the pairs did not fit.
   * @returns null when they can only fit in smaller batches
   * @throws InputError when two atoms stand on one site; CapacityError when a single structure has too many pairs.
   */
  async complete<T extends { readonly status: Uint32Array }>(
    { structures, expectedPairs }: EnvironmentBatch,
    attempt: (pairs: number) => Promise<T>,
  ): Promise<T | null> {
    for (let room = expectedPairs; ;) {
      const results = await attempt(room);
      const [pairs, capacity, sameSite, contradiction] = results.status as unknown as [number, number, number, number];
      if (sameSite !== 0) throw sameSiteError(structures);
      if (pairs > this.limits.maxPairs) {
        if (structures.length > 1) return null;
        throw located(pairsError(this.limits, pairs), structures[0]!.origin);
      }
      if (contradiction !== 0) {
        throw new GpuError("neighbor lists of the GPU contradict themselves", { expected: "another driver or browser version, or the CPU backend" });
      }
      if (pairs <= capacity) return results;
      room = pairs;
    }
  }

  /**
   * Makes the lists of a batch and gives the host the offsets, [center · elements + element] and the number of pairs behind the last.
   * @returns null, and throws, as `complete`
   */
  async readOffsets(workspace: Workspace, readback: Readback, batch: EnvironmentBatch, withReverse: boolean): Promise<Uint32Array | null> {
    const { device } = this.#context;
    const results = await this.complete(batch, (pairs) =>
      this.#context.run("neighbor lists", async () => {
        this.prepare(workspace, batch, pairs);
        const encoder = device.createCommandEncoder({ label: "neighbor lists" });
        this.encode(encoder, workspace, batch, withReverse);
        const pending = readback.encode(encoder, workspace, [
          ["status", STATUS_BYTES],
          ["offsets", 4 * (batch.atoms * this.limits.species.length + 1)],
        ]);
        device.queue.submit([encoder.finish()]);
        const [status, offsets] = (await readback.read(pending)).map(asUint32) as [Uint32Array, Uint32Array];
        return { status, offsets };
      }),
    );
    return results && results.offsets;
  }
}

/** The CPU finds the names of the atoms. */
function sameSiteError(structures: readonly Structure[]): unknown {
  try {
    for (const structure of structures) locating(structure, () => createNeighborList(structure, 10 * SAME_SITE));
  } catch (error) {
    return error;
  }
  const error = new InputError("two atoms stand on one site as far as the coordinates of the GPU tell", {
    key: "positions",
    expected: `distances clearly above ${SAME_SITE} Å, or the CPU backend`,
  });
  return located(error, structures.length === 1 ? structures[0]!.origin : undefined);
}
