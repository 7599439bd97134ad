// A chain of stages on the GPU, Eqs. (49) to (52): features of a chunk of centers from their coefficients, and ∂ε/∂c from ∂ε/∂p̂. Components are
// [component][row], so that neighboring threads, which are rows, read neighboring numbers and share all terms. The shaders are chain-*.wgsl,
// couple*.wgsl and mix.wgsl.
import type { Block, Chain, Stage } from "../../features/chain.js";
import { adjointSums, coefficientPlaces, featureComponents, forwardSums, mixingMatrix, type Sums } from "./chain-tables.js";
import type { ComputeProgram } from "./compute-program.js";
import { USAGE, type GpuContext } from "./context.js";
import { CHAIN_GATHER, CHAIN_JOIN, CHAIN_SPLIT, CHAIN_SPREAD, COUPLE, COUPLE_ADJOINT, MIX } from "./generated/shaders.js";
import { paddedColumns } from "./matrix-product-pass.js";
import type { ResidentTables } from "./resident-tables.js";
import type { RowRange } from "./rows.js";
import type { BufferName, Workspace } from "./workspace.js";

/** Workgroups of a dispatch in one direction. */
const MOST_GROUPS = 32768;

/** One program with its buffers, to be run for a chunk. */
interface Step {
  readonly program: ComputeProgram;
  /** Behind the rows, in the order of the bindings. */
  readonly buffers: (workspace: Workspace) => readonly GPUBuffer[];
  readonly groups: (count: number) => readonly [x: number, y: number, z: number];
  readonly use: string;
  group?: GPUBindGroup;
}

const perRow = (count: number): readonly [number, number, number] => [count, 1, 1];
const perComponent = (components: number) => (count: number): readonly [number, number, number] =>
  [Math.ceil(count / 64), Math.min(components, MOST_GROUPS), Math.ceil(components / MOST_GROUPS)];

/** What both directions share. */
abstract class ChainSteps {
  protected readonly context: GpuContext;
  protected readonly resident: ResidentTables;
  protected readonly chain: Chain;
  readonly #buffers: GPUBuffer[] = [];
  readonly #steps: Step[] = [];

  protected constructor(context: GpuContext, resident: ResidentTables, chain: Chain) {
    this.context = context;
    this.resident = resident;
    this.chain = chain;
  }

  protected table(label: string, content: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>, usage?: number): GPUBuffer {
    const buffer = this.context.createFilled(`chain: ${label}`, content, usage);
    this.#buffers.push(buffer);
    return buffer;
  }

  protected add(step: Step): void {
    this.#steps.push(step);
  }

  protected async addSums(code: string, label: string, { sums, terms, count }: Sums, names: readonly BufferName[]): Promise<void> {
    if (count === 0) return;
    const adjoint = names.length === 2;
    const bindings = ["rows", "read", "read", ...(adjoint ? (["read", "write"] as const) : (["write"] as const))] as const;
    const program = await this.context.program({ label, code, bindings, constants: { COUNT: count } });
    const own = [this.table(`${label} sums`, sums), this.table(`${label} terms`, terms)];
    this.add({ program, buffers: (workspace) => [...own, ...names.map((name) => workspace.get(name))], groups: perComponent(count), use: label });
  }

  protected async addMix(matrix: Float64Array, from: Block, out: Block, transposed: boolean, name: BufferName): Promise<void> {
    const program = await this.context.program({ label: "mix", code: MIX, bindings: ["rows", "sizes", "read", "write"], constants: { ACCUMULATE: Number(transposed) } });
    const width = 2 * from.lambda + 1;
    const sizes = this.table("mix sizes", new Uint32Array([from.first, out.first, from.channels, out.channels, width, 0, 0, 0]), USAGE.uniform);
    const own = [sizes, this.table("mix", mixingMatrix(matrix, from.channels, out.channels, transposed))];
    const groups = (count: number): readonly [number, number, number] => [Math.ceil(count / 64), Math.ceil(out.channels / 8), width];
    this.add({ program, buffers: (workspace) => [...own, workspace.get(name)], groups, use: transposed ? "mix, adjoint" : "mix" });
  }

  /** Bytes of the components of this many rows, which stand in whole groups of 64. */
  protected componentBytes(rows: number): number {
    return 4 * this.chain.rows * 64 * Math.ceil(rows / 64);
  }

  bind(workspace: Workspace): void {
    for (const step of this.#steps) step.group = step.program.bind([workspace.get("rows"), ...step.buffers(workspace)], step.use);
  }

  encode(pass: GPUComputePassEncoder, { block, count }: RowRange): void {
    for (const { program, group, groups } of this.#steps) program.encode(pass, group!, block, ...groups(count));
  }

  destroy(): void {
    for (const buffer of this.#buffers) this.context.destroyBuffer(buffer);
  }
}

export class ChainPass extends ChainSteps {
  static async create(context: GpuContext, resident: ResidentTables, chain: Chain): Promise<ChainPass> {
    const pass = new ChainPass(context, resident, chain);
    const { tables, featureBytes, coefficientBytes } = resident;
    const { places } = coefficientPlaces(chain, tables.layout.densities, tables.nMax, 4 * tables.nQuads);
    const spread = await context.program({
      label: "chain-spread", code: CHAIN_SPREAD, bindings: ["rows", "read", "read", "write"],
      constants: { COEFFICIENTS: coefficientBytes / 4 },
    });
    const own = pass.table("places", places);
    pass.add({
      program: spread, use: "spread", groups: (count) => [Math.ceil(count / 64), places.length, 1],
      buffers: (workspace) => [own, workspace.get("coefficients"), workspace.get("chain values")],
    });
    for (const stage of chain.stages) {
      if (stage.kind === "couple") await pass.addSums(COUPLE, "couple", forwardSums(chain, stage), ["chain values"]);
      else await pass.addMix(stage.matrix, chain.blocks[stage.from]!, chain.blocks[stage.out]!, false, "chain values");
    }
    const join = await context.program({
      label: "chain-join", code: CHAIN_JOIN, bindings: ["rows", "read", "read", "write", "write"],
      constants: { FEATURES: chain.size, STRIDE: featureBytes / 4, NORMALIZE: Number(tables.normalize) },
    });
    const labels = pass.table("features", featureComponents(chain));
    pass.add({
      program: join, use: "join", groups: perRow,
      buffers: (workspace) => [labels, workspace.get("chain values"), workspace.get("features"), workspace.get("environments")],
    });
    return pass;
  }

  /** Bytes of one row in each buffer of its own. */
  get rowBytes(): number[] {
    return [4 * this.chain.rows];
  }

  reserve(workspace: Workspace, rows: number): void {
    workspace.reserve("chain values", this.componentBytes(rows));
  }
}

export class ChainAdjointPass extends ChainSteps {
  static async create(context: GpuContext, resident: ResidentTables, chain: Chain): Promise<ChainAdjointPass> {
    const pass = new ChainAdjointPass(context, resident, chain);
    const { tables, featureBytes, coefficientBytes } = resident;
    const split = await context.program({
      label: "chain-split", code: CHAIN_SPLIT, bindings: ["rows", "read", "read", "read", "read", "write"],
      constants: {
        COMPONENTS: chain.rows, FEATURES: chain.size, STRIDE: featureBytes / 4, GRADIENT_STRIDE: paddedColumns(chain.size), NORMALIZE: Number(tables.normalize),
      },
    });
    const labels = pass.table("features", featureComponents(chain));
    pass.add({
      program: split, use: "split", groups: perRow,
      buffers: (workspace) => [labels, workspace.get("features"), workspace.get("environments"), workspace.get("gradient"), workspace.get("chain slopes")],
    });
    for (const stage of [...chain.stages].reverse() as Stage[]) {
      if (stage.kind === "couple") await pass.addSums(COUPLE_ADJOINT, "couple-adjoint", adjointSums(chain, stage), ["chain values", "chain slopes"]);
      else await pass.addMix(stage.matrix, chain.blocks[stage.out]!, chain.blocks[stage.from]!, true, "chain slopes");
    }
    const { components } = coefficientPlaces(chain, tables.layout.densities, tables.nMax, 4 * tables.nQuads);
    const gather = await context.program({
      label: "chain-gather", code: CHAIN_GATHER, bindings: ["rows", "read", "read", "write"], constants: { COEFFICIENTS: coefficientBytes / 4 },
    });
    const own = pass.table("components", components);
    pass.add({ program: gather, use: "gather", groups: perRow, buffers: (workspace) => [own, workspace.get("chain slopes"), workspace.get("adjoint")] });
    return pass;
  }

  get rowBytes(): number[] {
    return [4 * this.chain.rows];
  }

  reserve(workspace: Workspace, rows: number): void {
    workspace.reserve("chain slopes", this.componentBytes(rows));
  }
}
