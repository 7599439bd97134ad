// Any chain of stages, Eqs. (49) to (52), on components [row][lane]: forward and adjoint for a group of environments, tangent for a group of directions.
// Mixing is then one product of matrices per block, and a coupling is the same trilinear sum in all three.
import type { Coupling } from "../../../angular/clebsch-gordan.js";
import type { Block, Chain, Product } from "../../../features/chain.js";
import type { FeaturePass } from "../feature-pass.js";
import type { PackedLayout } from "../packed-layout.js";
import type { ColumnRange, SymmetrizationPass } from "./symmetrization-pass.js";

const F64 = 8;
const TERM_BYTES = 24;
/** Environments at once: two vectors of every row make one cache line. */
const LANES = 8;
/** Pairs at once, whose three directions each fill whole groups of lanes. */
const PAIRS = 8;

/** A list for the kernels: pairs of channels or terms of a coupling. */
interface ResidentList {
  readonly pointer: number;
  readonly count: number;
}

/** Which argument of Σ C x y w is left open: the others take the places of x and y. */
interface Form {
  readonly terms: ResidentList;
  readonly pairs: ResidentList;
}

interface ResidentProduct {
  readonly left: Block;
  readonly right: Block;
  readonly out: Block;
  /** left and right given: the product. */
  readonly forward: Form;
  /** right and left given. */
  readonly swapped: Form;
  /** out and right given: ∂/∂left. */
  readonly toLeft: Form;
  /** out and left given: ∂/∂right. */
  readonly toRight: Form;
  /** Where a factor is a density coefficient, the pairs whose channel there is one of each density, [density]; null elsewhere. */
  readonly leftOf: readonly ResidentList[] | null;
  readonly rightOf: readonly ResidentList[] | null;
}

type ResidentStage =
  | { readonly kind: "couple"; readonly products: readonly ResidentProduct[] }
  | { readonly kind: "mix"; readonly from: Block; readonly out: Block; readonly matrix: number };

export class ChainPass implements SymmetrizationPass {
  readonly members = LANES;
  readonly pairs = PAIRS;
  readonly #features: FeaturePass;
  readonly #chain: Chain;
  readonly #stages: readonly ResidentStage[];
  readonly #scales: readonly number[];
  /** First rows of every degree of a density, int32 [density][l]. */
  readonly #inputRows: readonly number[];
  readonly #packed: PackedLayout;
  /** Components of all groups of members, [group][row][lane]. */
  #values = 0;

  /** Copies lists and matrices into the kernels' memory, to stay there. */
  constructor(features: FeaturePass, chain: Chain) {
    this.#features = features;
    this.#chain = chain;
    const { nMax, lMax, layout } = features.plan;
    const { size } = chain;
    this.#packed = { blocks: [], runs: [{ packed: 0, full: 0, size }], rowSize: size, stride: size + (size & 1) };
    this.#inputRows = Array.from({ length: layout.densities }, (_, density) =>
      this.#int32(Array.from({ length: lMax + 1 }, (_, l) => chain.blocks[chain.inputs[l]!]!.first + density * nMax * (2 * l + 1))),
    );
    const terms = new Map<Coupling, readonly ResidentList[]>();
    const inputs = new Set(chain.inputs);
    this.#stages = chain.stages.map((stage): ResidentStage => {
      if (stage.kind === "mix") return { kind: "mix", from: chain.blocks[stage.from]!, out: chain.blocks[stage.out]!, matrix: features.place(stage.matrix) };
      return { kind: "couple", products: stage.products.map((product) => this.#resident(product, terms, inputs)) };
    });
    this.#scales = chain.outputs.map(({ scale }) => features.place(scale));
  }

  #int32(values: ArrayLike<number>): number {
    const { kernels } = this.#features;
    const pointer = kernels.allocate(4 * values.length);
    kernels.int32(pointer, values.length).set(values);
    return pointer;
  }

  /** Terms with components in these places (0 left, 1 right, 2 out) of x, y and out, sorted by the last. */
  #terms({ indices, values }: Coupling, [x, y, open]: readonly [number, number, number]): ResidentList {
    const order = Array.from(values.keys()).sort((s, t) => indices[3 * s + open]! - indices[3 * t + open]! || s - t);
    const pointer = this.#features.kernels.allocate(order.length * TERM_BYTES);
    const whole = this.#features.kernels.int32(pointer, order.length * (TERM_BYTES / 4));
    const real = this.#features.kernels.float64(pointer, order.length * (TERM_BYTES / 8));
    order.forEach((term, at) => {
      whole.set([indices[3 * term + x]!, indices[3 * term + y]!, indices[3 * term + open]!, 0], at * (TERM_BYTES / 4));
      real[at * (TERM_BYTES / 8) + 2] = values[term]!;
    });
    return { pointer, count: order.length };
  }

  #pairs(product: Product, [x, y, open]: readonly [number, number, number], wanted: (channels: readonly number[]) => boolean = () => true): ResidentList {
    const widths = [product.left, product.right, product.out].map((block) => 2 * this.#chain.blocks[block]!.lambda + 1);
    const rows: number[] = [];
    for (let at = 0; at < product.channels.length; at += 3) {
      const channels = [product.channels[at]!, product.channels[at + 1]!, product.channels[at + 2]!];
      if (wanted(channels)) for (const place of [x, y, open]) rows.push(channels[place]! * widths[place]!);
    }
    return { pointer: this.#int32(rows), count: rows.length / 3 };
  }

  #resident(product: Product, terms: Map<Coupling, readonly ResidentList[]>, inputs: ReadonlySet<number>): ResidentProduct {
    const { nMax, layout } = this.#features.plan;
    const places = [[0, 1, 2], [1, 0, 2], [2, 1, 0], [2, 0, 1]] as const;
    const lists = terms.get(product.coupling) ?? places.map((place) => this.#terms(product.coupling, place));
    terms.set(product.coupling, lists);
    const [forward, swapped, toLeft, toRight] = places.map((place, k): Form => ({ terms: lists[k]!, pairs: this.#pairs(product, place) }));
    const ofDensity = (block: number, side: 0 | 1): readonly ResidentList[] | null =>
      inputs.has(block)
        ? Array.from({ length: layout.densities }, (_, density) =>
            this.#pairs(product, places[side], (channels) => Math.floor(channels[side]! / nMax) === density))
        : null;
    const block = (index: number): Block => this.#chain.blocks[index]!;
    return {
      left: block(product.left), right: block(product.right), out: block(product.out),
      forward: forward!, swapped: swapped!, toLeft: toLeft!, toRight: toRight!,
      leftOf: ofDensity(product.left, 0), rightOf: ofDensity(product.right, 1),
    };
  }

  layout(): PackedLayout {
    return this.#packed;
  }

  columnsOf(): readonly ColumnRange[] {
    return this.#packed.runs;
  }

  prepare(): void {
    this.#values = this.#features.reserve(Math.ceil(this.#features.batch.members.length / LANES) * this.#chain.rows * LANES);
  }

  /** Components of the group of members that begins with this one. */
  #group(first: number): number {
    return this.#values + (first / LANES) * this.#chain.rows * LANES * F64;
  }

  #zero(pointer: number, length: number): void {
    this.#features.kernels.float64(pointer, length).fill(0);
  }

  forward(first: number, count: number): void {
    const { kernels, batch } = this.#features;
    const { exports } = kernels;
    const values = this.#group(first);
    this.#zero(values, this.#chain.rows * LANES);
    for (let lane = 0; lane < count; lane++) {
      batch.present.forEach((density, k) =>
        exports.spreadLane(...this.#features.channels, this.#features.block(first + lane, k), this.#inputRows[density]!, LANES, lane, values));
    }
    const at = ({ first: row }: Block): number => values + row * LANES * F64;
    for (const stage of this.#stages) {
      if (stage.kind === "mix") this.#mix(stage, LANES, at);
      else for (const { left, right, out, forward } of stage.products) couple(exports.couple, forward, forward.pairs, LANES, at(left), at(right), at(out));
    }
    this.#chain.outputs.forEach(({ block, feature }, index) => {
      const { channels, lambda, first: row } = this.#chain.blocks[block]!;
      for (let lane = 0; lane < count; lane++) {
        exports.joinLane(channels, 2 * lambda + 1, LANES, lane, values + row * LANES * F64, this.#scales[index]!, this.#features.row(first + lane) + feature * F64);
      }
    });
  }

  #mix({ from, out, matrix }: Extract<ResidentStage, { kind: "mix" }>, lanes: number, at: (block: Block) => number): void {
    const width = (2 * from.lambda + 1) * lanes;
    this.#features.kernels.exports.gemm(0, 0, out.channels, width, from.channels, 1, matrix, from.channels, at(from), width, 0, at(out), width);
  }

  adjoint(first: number, count: number, gradient: number, adjoint: number): void {
    const { kernels, batch, stride, blockSize } = this.#features;
    const { exports } = kernels;
    const mark = kernels.mark();
    const { rows, outputs, blocks } = this.#chain;
    const slopes = this.#features.reserve(rows * LANES);
    this.#zero(slopes, rows * LANES);
    const values = this.#group(first);
    const at = ({ first: row }: Block): number => values + row * LANES * F64;
    const slope = ({ first: row }: Block): number => slopes + row * LANES * F64;
    outputs.forEach(({ block, feature }, index) => {
      const { channels, lambda } = blocks[block]!;
      for (let lane = 0; lane < count; lane++) {
        exports.splitLane(channels, 2 * lambda + 1, LANES, lane, gradient + (lane * stride + feature) * F64, this.#scales[index]!, slope(blocks[block]!));
      }
    });
    for (const stage of [...this.#stages].reverse()) {
      if (stage.kind === "mix") {
        const { from, out, matrix } = stage;
        const width = (2 * from.lambda + 1) * LANES;
        exports.gemm(1, 0, from.channels, width, out.channels, 1, matrix, from.channels, slope(out), width, 1, slope(from), width);
        continue;
      }
      for (const { left, right, out, toLeft, toRight } of stage.products) {
        couple(exports.couple, toLeft, toLeft.pairs, LANES, slope(out), at(right), slope(left));
        couple(exports.couple, toRight, toRight.pairs, LANES, slope(out), at(left), slope(right));
      }
    }
    for (let lane = 0; lane < count; lane++) {
      batch.present.forEach((density, k) =>
        exports.gatherLane(
          ...this.#features.channels, slopes, this.#inputRows[density]!, LANES, lane, adjoint + (lane * batch.present.length + k) * blockSize * F64,
        ));
    }
    kernels.release(mark);
  }

  tangent(member: number, k: number, derivatives: number, count: number, out: number): void {
    const { kernels, batch, stride, blockSize } = this.#features;
    const { exports } = kernels;
    const { rows, outputs, blocks, inputs } = this.#chain;
    const mark = kernels.mark();
    const lanes = LANES * Math.ceil(count / LANES);
    const density = batch.present[k]!;
    const own = this.#one(member);
    const moved = this.#features.reserve(rows * lanes);
    this.#zero(moved, rows * lanes);
    for (let lane = 0; lane < count; lane++) {
      exports.spreadLane(...this.#features.channels, derivatives + lane * blockSize * F64, this.#inputRows[density]!, lanes, lane, moved);
    }
    const at = ({ first }: Block): number => own + first * F64;
    const change = ({ first }: Block): number => moved + first * lanes * F64;
    // Blocks that no change has reached yet are zero.
    const changed = new Set(inputs.map((input) => blocks[input]!));
    for (const stage of this.#stages) {
      if (stage.kind === "mix") {
        if (!changed.has(stage.from)) continue;
        this.#mix(stage, lanes, change);
        changed.add(stage.out);
        continue;
      }
      for (const { left, right, out: target, forward, swapped, leftOf, rightOf } of stage.products) {
        couple(exports.coupleOne, forward, leftOf?.[density] ?? forward.pairs, lanes, change(left), at(right), change(target));
        couple(exports.coupleOne, swapped, rightOf?.[density] ?? swapped.pairs, lanes, change(right), at(left), change(target));
        changed.add(target);
      }
    }
    outputs.forEach(({ block, feature }, index) => {
      const { channels, lambda } = blocks[block]!;
      for (let lane = 0; lane < count; lane++) {
        exports.joinLane(channels, 2 * lambda + 1, lanes, lane, change(blocks[block]!), this.#scales[index]!, out + (lane * stride + feature) * F64);
      }
    });
    kernels.release(mark);
  }

  /** The components of one member without its neighbors in the group, [row]. */
  #one(member: number): number {
    const { kernels } = this.#features;
    const { rows } = this.#chain;
    const own = this.#features.reserve(rows);
    const [from, to] = [kernels.float64(this.#group(member - (member % LANES)), rows * LANES), kernels.float64(own, rows)];
    for (let row = 0, source = member % LANES; row < rows; row++, source += LANES) to[row] = from[source]!;
    return own;
  }
}

type CoupleKernel = FeaturePass["kernels"]["exports"]["couple"];

function couple(kernel: CoupleKernel, { terms }: Form, pairs: ResidentList, lanes: number, x: number, y: number, out: number): void {
  kernel(pairs.pointer, pairs.count, terms.pointer, terms.count, lanes, x, y, out);
}
