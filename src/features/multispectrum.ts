/**
 * Multispectrum: density correlations of order ν = 1 … order by iteration, THEORY.md Eq. (52). A^{ν+1} = U (A^ν ⊗ c): products of the components of one
 * order with the density coefficients, of which those of large variance are kept, and their principal components, one matrix U per (ν, λ, σ).
 * The features are the scalars of all orders, and the pseudoscalars where asked for.
 * Source: Nigam, Pozdnyakov and Ceriotti, J. Chem. Phys. 153, 121101 (2020).
 */
import type { Parity } from "../angular/clebsch-gordan.js";
import { InputError } from "../errors.js";
import { ChainBuilder, type Chain, type ChannelPair } from "./chain.js";

/** One block of an order: which products it is made of, and how they are contracted. Plain numbers, as they stand in a model file. */
export interface IterationBlock {
  readonly lambda: number;
  readonly parity: Parity;
  /** [product][block of the order before, degree l of the density, channel of the block, channel of the density]; sorted by the first two. */
  readonly products: readonly number[];
  /** U, [channel][product]. */
  readonly matrix: readonly number[];
}

export interface Iteration {
  /** Blocks of the orders 2, 3, …; those of order 1 are the coefficients of the degrees. */
  readonly orders: readonly (readonly IterationBlock[])[];
  /** Factor of the scalars of each order, from order 1 on: 1 over their root mean square length. */
  readonly scales: readonly number[];
}

export interface MultispectrumChain {
  readonly chain: Chain;
  /** Order, parity and channel of every feature. */
  readonly labels: readonly (readonly [order: number, parity: number, channel: number])[];
}

/** Runs of products of the same two blocks. */
function parts({ products }: IterationBlock, left: (block: number) => number, right: (l: number) => number): { left: number; right: number; pairs: ChannelPair[] }[] {
  const found: { left: number; right: number; pairs: ChannelPair[] }[] = [];
  for (let at = 0; at < products.length; at += 4) {
    const [block, l, a, b] = products.slice(at, at + 4) as [number, number, number, number];
    let last = found.at(-1);
    if (last?.left !== left(block) || last.right !== right(l)) {
      last = { left: left(block), right: right(l), pairs: [] };
      found.push(last);
    }
    last.pairs.push([a, b]);
  }
  return found;
}

/** Adds the products of a block to a chain and returns them, not yet contracted. */
function addProducts(builder: ChainBuilder, block: IterationBlock, previous: readonly number[]): number {
  for (let at = 0; at < block.products.length; at += 4) {
    const [left, l, a, b] = block.products.slice(at, at + 4) as [number, number, number, number];
    const [channels, densities] = [builder.block(previous[left]!).channels, builder.block(builder.input(l)).channels];
    if (a < channels && b < densities) continue;
    const expected = `channels below ${channels} and ${densities}: the matrices of a multispectrum belong to the elements that they were made with`;
    throw new InputError("a product of the multispectrum does not exist", { key: "features.iteration", expected, got: `${a} and ${b}` });
  }
  const product = builder.couple(block.lambda, block.parity, parts(block, (left) => previous[left]!, (l) => builder.input(l)));
  if (product === null) throw new Error("a block of an iteration has products");
  return product;
}

/** @param channels of the coefficients of each degree: densities × radial functions */
export function multispectrumChain(lMax: number, channels: number, { orders, scales }: Iteration, pseudoscalars: boolean): MultispectrumChain {
  const builder = new ChainBuilder(lMax, channels);
  const labels: (readonly [number, number, number])[] = [];
  let previous = Array.from({ length: lMax + 1 }, (_, l) => builder.input(l));
  const join = (): void => {
    for (const index of previous) {
      const { order, lambda, parity, channels: own } = builder.block(index);
      if (lambda !== 0 || (parity !== 1 && !pseudoscalars)) continue;
      builder.output(index, () => scales[order - 1]!);
      for (let q = 0; q < own; q++) labels.push([order, parity, q]);
    }
  };
  join();
  for (const blocks of orders) {
    const before = previous;
    const products = blocks.map((block) => addProducts(builder, block, before));
    previous = blocks.map(({ matrix }, k) => builder.mix(products[k]!, Float64Array.from(matrix)));
    join();
  }
  return { chain: builder.build(), labels };
}
