// What the GPU's passes of a chain must know, as flat arrays: sums of products sorted by what they write, forward and for the adjoints.
import type { Block, Chain, Product, Stage } from "../../features/chain.js";

/** Sums of products, each written once. */
export interface Sums {
  /** Component written, first and last-plus-one term; [sum][3]. */
  readonly sums: Uint32Array<ArrayBuffer>;
  /** x, y (uint32) and C (float32), [term][3]. */
  readonly terms: Uint32Array<ArrayBuffer>;
  readonly count: number;
}

type Row = (place: number, x: number, y: number, c: number) => void;

/** Sorted by component, and otherwise as they come. */
function sumsOf(visit: (row: Row) => void): Sums {
  const found: number[][] = [];
  visit((place, x, y, c) => {
    (found[place] ??= []).push(x, y, c);
  });
  const sums: number[] = [];
  const all: number[] = [];
  found.forEach((own, place) => {
    sums.push(place, all.length / 3, (all.length + own.length) / 3);
    for (const value of own) all.push(value);
  });
  const terms = new Uint32Array(all.length);
  const real = new Float32Array(terms.buffer);
  for (let k = 0; k < all.length; k += 3) {
    terms[k] = all[k]!;
    terms[k + 1] = all[k + 1]!;
    real[k + 2] = all[k + 2]!;
  }
  return { sums: Uint32Array.from(sums), terms, count: sums.length / 3 };
}

/** Every nonzero product of components of a coupling: those of left, right and out, and C. */
function forEachTerm(blocks: readonly Block[], { left, right, out, coupling, channels }: Product, visit: (l: number, r: number, o: number, c: number) => void): void {
  const at = (block: number, channel: number, m: number): number => blocks[block]!.first + channel * (2 * blocks[block]!.lambda + 1) + m;
  const { indices, values } = coupling;
  for (let k = 0; k < channels.length; k += 3) {
    values.forEach((c, term) =>
      visit(at(left, channels[k]!, indices[3 * term]!), at(right, channels[k + 1]!, indices[3 * term + 1]!), at(out, channels[k + 2]!, indices[3 * term + 2]!), c));
  }
}

export function forwardSums({ blocks }: Chain, { products }: Extract<Stage, { kind: "couple" }>): Sums {
  return sumsOf((row) => products.forEach((product) => forEachTerm(blocks, product, (l, r, o, c) => row(o, l, r, c))));
}

/** Terms of both adjoints: x is the product, y the other factor. */
export function adjointSums({ blocks }: Chain, { products }: Extract<Stage, { kind: "couple" }>): Sums {
  return sumsOf((row) => products.forEach((product) => forEachTerm(blocks, product, (l, r, o, c) => {
    row(l, o, r, c);
    row(r, o, l, c);
  })));
}

/** U as the shader reads it: [k][q], q padded to 8, or of Uᵀ. */
export function mixingMatrix(matrix: Float64Array, inner: number, channels: number, transposed: boolean): Float32Array<ArrayBuffer> {
  const padded = 8 * Math.ceil(channels / 8);
  const out = new Float32Array(inner * padded);
  for (let k = 0; k < inner; k++) for (let q = 0; q < channels; q++) out[k * padded + q] = matrix[transposed ? k * channels + q : q * inner + k]!;
  return out;
}

/** Component and scale (float32) of every feature, [feature][2]. */
export function featureComponents({ blocks, outputs, size }: Chain): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(2 * Math.max(1, size));
  const real = new Float32Array(out.buffer);
  for (const { block, feature, scale } of outputs) {
    const { first, lambda, channels } = blocks[block]!;
    const width = 2 * lambda + 1;
    for (let q = 0; q < channels; q++) {
      for (let mu = 0; mu < width; mu++) {
        const f = feature + mu * channels + q;
        out[2 * f] = first + q * width + mu;
        real[2 * f + 1] = scale[q]!;
      }
    }
  }
  return out;
}

/** Place of every input component among the coefficients of a center, [density][lm][nStride], and the reverse, plus one, 0 in the padding. */
export function coefficientPlaces(
  { blocks, inputs }: Chain, densities: number, nMax: number, nStride: number,
): { readonly places: Uint32Array<ArrayBuffer>; readonly components: Uint32Array<ArrayBuffer> } {
  const orders = inputs.length ** 2;
  const components = new Uint32Array(densities * orders * nStride);
  const last = blocks[inputs.at(-1)!]!;
  const places = new Uint32Array(last.first + last.channels * (2 * last.lambda + 1));
  inputs.forEach((input, l) => {
    for (let density = 0; density < densities; density++) {
      for (let n = 0; n < nMax; n++) {
        for (let m = 0; m <= 2 * l; m++) {
          const component = blocks[input]!.first + (density * nMax + n) * (2 * l + 1) + m;
          const place = (density * orders + l * l + m) * nStride + n;
          places[component] = place;
          components[place] = component + 1;
        }
      }
    }
  });
  return { places, components };
}
