/**
 * A feature as a chain of stages, compiled into plain data, THEORY.md Eqs. (49)–(52). A block holds equivariant components A_qμ of one degree λ and
 * parity σ (under inversion A → σ(−1)^λ A), channel after channel; the first blocks are the density coefficients of every degree. A stage makes new
 * blocks out of earlier ones: "couple" by Clebsch–Gordan products of channels, "mix" by one matrix over channels. The outputs are joined into p.
 */
import { coupling, type Coupling, type Parity } from "../angular/clebsch-gordan.js";
import { CapacityError } from "../errors.js";

export interface Block {
  /** ν: how many neighbors one product of densities correlates. */
  readonly order: number;
  readonly lambda: number;
  readonly parity: Parity;
  readonly channels: number;
  /** Row of channel 0, μ = −λ, among all components of an environment; row of (q, μ): first + q (2λ + 1) + μ + λ. */
  readonly first: number;
}

/** out_{qμ} = Σ_{m₁m₂} ⟨l₁ m₁ l₂ m₂|λ μ⟩ left_{a m₁} right_{b m₂} for a list of channels (a, b, q); blocks by index. */
export interface Product {
  readonly left: number;
  readonly right: number;
  readonly out: number;
  readonly coupling: Coupling;
  /** [product][a, b, q]; every q of the block occurs in one product of one list. */
  readonly channels: Int32Array;
}

export type Stage =
  | { readonly kind: "couple"; readonly products: readonly Product[] }
  /** matrix [q][k]: out_q = Σ_k matrix_qk from_k. */
  | { readonly kind: "mix"; readonly from: number; readonly out: number; readonly matrix: Float64Array };

/** p_{feature + μ channels + q} = scale_q A_qμ: components of one block in p. */
export interface Output {
  readonly block: number;
  readonly feature: number;
  readonly scale: Float64Array;
}

export interface Chain {
  readonly blocks: readonly Block[];
  /** Block of the density coefficients of each degree, channels (density, n), [l]. */
  readonly inputs: readonly number[];
  readonly stages: readonly Stage[];
  readonly outputs: readonly Output[];
  /** Components of an environment in all blocks. */
  readonly rows: number;
  /** Features. */
  readonly size: number;
  /** Components μ of each feature, 2λ + 1: p is [μ][q]. */
  readonly components: number;
}

/** One product of channels: those of the left and right block. */
export type ChannelPair = readonly [left: number, right: number];

/** Products and features of one environment beyond which a chain is refused: 8 bytes each for every environment that is computed at once. */
const MOST_ROWS = 4_000_000;

export class ChainBuilder {
  readonly #blocks: Block[] = [];
  readonly #inputs: number[] = [];
  readonly #stages: Stage[] = [];
  readonly #outputs: Output[] = [];
  #rows = 0;
  #size = 0;
  #components = 1;

  /** Begins with the coefficients of degrees 0 … lMax, each with this number of channels. */
  constructor(lMax: number, channels: number) {
    for (let l = 0; l <= lMax; l++) this.#inputs.push(this.#add({ order: 1, lambda: l, parity: 1, channels }));
  }

  /** The density coefficients of a degree. */
  input(l: number): number {
    return this.#inputs[l]!;
  }

  block(index: number): Block {
    return this.#blocks[index]!;
  }

  #add(block: Omit<Block, "first">): number {
    this.#blocks.push({ ...block, first: this.#rows });
    this.#rows += block.channels * (2 * block.lambda + 1);
    if (this.#rows > MOST_ROWS) {
      const expected = `at most ${MOST_ROWS} components of an environment: fewer radial functions, degrees, elements (basis.contraction mixes them) or orders`;
      throw new CapacityError("the features have too many products", { key: "features.kind", expected, got: "more" });
    }
    return this.#blocks.length - 1;
  }

  /** One block of degree λ out of products of several pairs of blocks, all of one order and parity; null where there is no product. */
  couple(lambda: number, parity: Parity, parts: readonly { readonly left: number; readonly right: number; readonly pairs: readonly ChannelPair[] }[]): number | null {
    const used = parts.filter(({ pairs }) => pairs.length > 0);
    if (used.length === 0) return null;
    const channels = used.reduce((sum, { pairs }) => sum + pairs.length, 0);
    const { order } = this.block(used[0]!.left);
    const out = this.#add({ order: order + this.block(used[0]!.right).order, lambda, parity, channels });
    let channel = 0;
    const products = used.map(({ left, right, pairs }): Product => ({
      left, right, out,
      coupling: coupling(this.block(left).lambda, this.block(right).lambda, lambda),
      channels: Int32Array.from(pairs.flatMap(([a, b]) => [a, b, channel++])),
    }));
    const last = this.#stages.at(-1);
    // Products follow each other in one stage while none needs a block of the same stage.
    const made = new Set(last?.kind === "couple" ? last.products.map((product) => product.out) : []);
    if (last?.kind === "couple" && products.every(({ left, right }) => !made.has(left) && !made.has(right))) {
      this.#stages[this.#stages.length - 1] = { kind: "couple", products: [...last.products, ...products] };
    } else this.#stages.push({ kind: "couple", products });
    return out;
  }

  /** matrix [q][channel of the block]. */
  mix(from: number, matrix: Float64Array): number {
    const { order, lambda, parity, channels } = this.block(from);
    const out = this.#add({ order, lambda, parity, channels: matrix.length / channels });
    this.#stages.push({ kind: "mix", from, out, matrix });
    return out;
  }

  /** Joins a block to the features, each channel times its scale. */
  output(block: number, scale: (channel: number) => number): void {
    const { lambda, channels } = this.block(block);
    this.#components = 2 * lambda + 1;
    this.#outputs.push({ block, feature: this.#size, scale: Float64Array.from({ length: channels }, (_, channel) => scale(channel)) });
    this.#size += channels * this.#components;
  }

  build(): Chain {
    return {
      blocks: this.#blocks, inputs: this.#inputs, stages: this.#stages, outputs: this.#outputs,
      rows: this.#rows, size: this.#size, components: this.#components,
    };
  }
}

/** σ of a product: parities multiply, and an odd sum of degrees changes the sign. */
export function productParity(a: Pick<Block, "lambda" | "parity">, b: Pick<Block, "lambda" | "parity">, lambda: number): Parity {
  return ((a.lambda + b.lambda + lambda) % 2 === 0 ? 1 : -1) * a.parity * b.parity === 1 ? 1 : -1;
}
