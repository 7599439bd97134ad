// What the passes must know of the features, as float32 arrays: radial cubics, Eq. (10), recurrences of the harmonics, Eq. (9),
// and where features stand.
import { harmonicRecurrence } from "../../angular/spherical-harmonics.js";
import { contractTable, elementMatrix } from "../../basis/contracted-table.js";
import { createElementTables } from "../../basis/element-tables.js";
import { createRadialTable, type RadialTable } from "../../basis/radial-table.js";
import type { Chain } from "../../features/chain.js";
import { featureChain } from "../../features/feature-chain.js";
import { featureLabels, featureLayout, type FeatureLayout } from "../../features/feature-layout.js";
import { radialChannels } from "../../basis/hyperparameters.js";
import type { Hyperparameters } from "../../features/hyperparameters.js";

/** A finer table than this is lost on float32. */
const FINEST = 1e-8;
const Y00 = 0.5 / Math.sqrt(Math.PI);

export interface FeatureTables {
  /** Radial channels of a density. */
  readonly nMax: number;
  readonly lMax: number;
  /** nMax / 4, rounded up. */
  readonly nQuads: number;
  readonly radialOnly: boolean;
  readonly normalize: boolean;
  readonly cutoff: number;
  readonly layout: FeatureLayout;
  /** Null for radial and power spectrum. */
  readonly chain: Chain | null;
  readonly start: number;
  readonly inverseStep: number;
  readonly intervals: number;
  /** I_nl = Σ_k table_k t^k, [center element][element][interval][l][n / 4][k][4], or one for all centers, or for all elements too. */
  readonly table: Float32Array<ArrayBuffer>;
  /** Groups of four numbers from one element's table to the next; 0 where all share one. */
  readonly tableStride: number;
  /** From the tables around centers of one element to those of the next; 0 where all centers share them. */
  readonly centerStride: number;
  /** a, b, sectoral factor, 0; [l (l + 1) / 2 + m][4]. */
  readonly recurrence: Float32Array<ArrayBuffer>;
  /** w₀ I_n0(0) Y_00, [element][n]. */
  readonly own: Float32Array<ArrayBuffer>;
  /** Left and right coefficient, l, weight (float32); [feature][4]. */
  readonly labels: Uint32Array<ArrayBuffer>;
  /** First feature of two densities, [a][b]. */
  readonly blocks: Uint32Array<ArrayBuffer>;
}

/** @throws InputError, CapacityError and NumericalError as createRadialTable; InputError for an element that a contraction does not know. */
export function createFeatureTables(hyperparameters: Hyperparameters, species: readonly number[]): FeatureTables {
  const { basis, features, cutoff } = hyperparameters;
  const radialOnly = features.kind === "radial-spectrum";
  // The radial spectrum has l = 0 only.
  const used: Hyperparameters = {
    ...hyperparameters,
    basis: { ...basis, lMax: radialOnly ? 0 : basis.lMax, accuracy: Math.max(basis.accuracy, FINEST) },
  };
  // Without the contraction, which is made for all degrees of the basis where the radial spectrum has but one.
  const { contraction, ...withoutContraction } = used.basis;
  const plain = { ...used, basis: withoutContraction };
  const primitives = createElementTables(plain, species);
  // Without any element there is still a grid.
  const { widths: _widths, weights: _weights, ...density } = used.density;
  const primitive = primitives[0] ?? createRadialTable({ ...plain, density });
  const shared = !contraction && primitives.every((one) => one === primitive);
  const of = (z: number): RadialTable => primitives[species.indexOf(z)]!;
  const around = (center: number | null, elements: readonly number[]): RadialTable[] => {
    if (shared) return [primitive];
    return elements.map((z) => (contraction ? contractTable(of(z), elementMatrix(contraction, center, z, used.basis), contraction.channels) : of(z)));
  };
  const centers = contraction?.centers ? species : [null];
  const radial = centers.flatMap((center) => around(center, species));
  const { lMax, intervals, step } = primitive;
  const nMax = radialChannels(basis);
  const nQuads = Math.ceil(nMax / 4);
  const layout = featureLayout(used, species);
  const chain = featureChain(used, species)?.chain ?? null;
  const tables = radial.map((table) => cubics(table, nQuads));
  const table = new Float32Array(tables.reduce((sum, { length }) => sum + length, 0));
  tables.forEach((values, index) => table.set(values, index * values.length));
  const own = new Float32Array(species.length * 4 * nQuads);
  species.forEach((z, element) =>
    own.set(
      around(z, [z])[0]!.center.map((value) => value * Y00),
      element * 4 * nQuads,
    ),
  );
  return {
    nMax,
    lMax,
    nQuads,
    radialOnly,
    layout,
    chain,
    own,
    intervals,
    table,
    normalize: features.normalize,
    cutoff: cutoff.radius,
    start: primitive.radius - intervals * step,
    inverseStep: 1 / step,
    tableStride: !shared ? table.length / (4 * Math.max(1, radial.length)) : 0,
    centerStride: contraction?.centers ? table.length / (4 * Math.max(1, centers.length)) : 0,
    recurrence: recurrence(lMax),
    // A chain's passes have tables of their own.
    labels: chain ? new Uint32Array(4) : labelsOf(used, layout, nQuads),
    blocks: blocksOf(layout),
  };
}

/** The Hermite cubics as powers of t: differences of neighboring nodes are taken here, where they are exact. */
function cubics({ nMax, lMax, intervals, step, values, slopes }: RadialTable, nQuads: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(intervals * (lMax + 1) * nQuads * 16);
  const size = nMax * (lMax + 1);
  for (let interval = 0; interval < intervals; interval++) {
    for (let l = 0; l <= lMax; l++) {
      for (let n = 0; n < nMax; n++) {
        const left = interval * size + l * nMax + n;
        const right = left + size;
        const [v0, v1, s0, s1] = [values[left]!, values[right]!, step * slopes[left]!, step * slopes[right]!];
        const at = ((interval * (lMax + 1) + l) * nQuads + (n >> 2)) * 16 + (n & 3);
        out[at] = v0;
        out[at + 4] = s0;
        out[at + 8] = 3 * (v1 - v0) - 2 * s0 - s1;
        out[at + 12] = 2 * (v0 - v1) + s0 + s1;
      }
    }
  }
  return out;
}

function recurrence(lMax: number): Float32Array<ArrayBuffer> {
  const { a, b, sectoral } = harmonicRecurrence(lMax);
  const out = new Float32Array(4 * a.length);
  for (let k = 0; k < a.length; k++) {
    out[4 * k] = a[k]!;
    out[4 * k + 1] = b[k]!;
  }
  for (let m = 0; m <= lMax; m++) out[4 * ((m * (m + 1)) / 2 + m) + 2] = sectoral[m]!;
  return out;
}

function labelsOf(hyperparameters: Hyperparameters, { species, densities, size }: FeatureLayout, nQuads: number): Uint32Array<ArrayBuffer> {
  const orders = (hyperparameters.basis.lMax + 1) ** 2;
  const { values: names } = featureLabels(hyperparameters, species);
  const out = new Uint32Array(4 * size);
  const weights = new Float32Array(out.buffer);
  const density = (z: number): number => (densities < species.length ? 0 : species.indexOf(z));
  for (let f = 0; f < size; f++) {
    const [za, zb, l, n, k] = names.subarray(5 * f, 5 * f + 5) as unknown as [number, number, number, number, number];
    out[4 * f] = (density(za) * orders + l * l) * 4 * nQuads + n;
    out[4 * f + 1] = (density(zb) * orders + l * l) * 4 * nQuads + k;
    out[4 * f + 2] = l;
    weights[4 * f + 3] = (za === zb && n === k ? 1 : Math.SQRT2) / Math.sqrt(2 * l + 1);
  }
  return out;
}

function blocksOf({ densities, blocks }: FeatureLayout): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(densities ** 2);
  for (const { a, b, offset } of blocks) out[a * densities + b] = out[b * densities + a] = offset;
  return out;
}
