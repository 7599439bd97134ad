// What a CPU worker must know before it can work: the tables of the features and, for kernels, the sparse points.
// Plain data that survives structured cloning.
import { createElementTables } from "../../basis/element-tables.js";
import type { RadialTable } from "../../basis/radial-table.js";
import type { Chain } from "../../features/chain.js";
import { featureChain } from "../../features/feature-chain.js";
import { featureLayout, type FeatureLayout } from "../../features/feature-layout.js";
import { contractTable, elementMatrix } from "../../basis/contracted-table.js";
import { radialChannels } from "../../basis/hyperparameters.js";
import type { PairSums } from "../../pairs/pair-sums.js";
import type { Hyperparameters } from "../../features/hyperparameters.js";

/** A radial table padded for the SIMD kernels. */
export interface PackedTable {
  /** [node][values, slopes][l][nStride], one row of zeros behind the last node: r just below the cutoff may round up to it. */
  readonly rows: Float64Array;
  readonly start: number;
  readonly inverseStep: number;
  /** Expansion of the center's own density, [nStride]. */
  readonly center: Float64Array;
}

export interface FeaturePlan {
  readonly kind: Hyperparameters["features"]["kind"];
  readonly normalize: boolean;
  readonly cutoff: number;
  readonly nMax: number;
  readonly lMax: number;
  /** nMax rounded up to a multiple of 4. */
  readonly nStride: number;
  readonly hasCenter: boolean;
  readonly layout: FeatureLayout;
  /** Null for the radial and the power spectrum, which have a pass of their own. */
  readonly chain: Chain | null;
  /** [center element][element]; the same objects wherever the basis makes no difference. */
  readonly tables: readonly (readonly PackedTable[])[];
}

/** Sparse points of one center element, or only a projection, when there are no sparse points yet. */
export interface KernelPlanCenter {
  readonly species: number;
  /** [feature][component], or null. */
  readonly projection: Float64Array | null;
  readonly size: number;
  /** [point][component] */
  readonly sparsePoints: Float64Array;
  /** [point] */
  readonly weights: Float64Array;
  /** Weights of further outputs, Eq. (80), [direction][point]. */
  readonly directions?: Float64Array | undefined;
}

export interface KernelPlan {
  readonly zeta: number;
  readonly centers: readonly KernelPlanCenter[];
}

/** Features, and a kernel where the tasks need one. */
export interface TermPlan {
  readonly features: FeaturePlan;
  readonly kernel?: KernelPlan;
}

export interface Plan {
  /** Terms of a potential or a fit; tasks that are about features alone have one. */
  readonly terms: readonly TermPlan[];
  /** What of a potential is functions of pairs. */
  readonly pairs?: PairSums | null;
  /** For the rows of a fit: lower triangles G of Eq. (18), [point][point], term after term, by ascending element. */
  readonly factors?: readonly Float64Array[];
}

function packTable(table: RadialTable, nStride: number): PackedTable {
  const { nMax, lMax, intervals } = table;
  const half = (lMax + 1) * nStride;
  const rows = new Float64Array((intervals + 2) * 2 * half);
  for (let node = 0; node <= intervals; node++) {
    for (let l = 0; l <= lMax; l++) {
      const from = (node * (lMax + 1) + l) * nMax;
      const to = node * 2 * half + l * nStride;
      rows.set(table.values.subarray(from, from + nMax), to);
      rows.set(table.slopes.subarray(from, from + nMax), to + half);
    }
  }
  const center = new Float64Array(nStride);
  center.set(table.center);
  return { rows, start: table.radius - intervals * table.step, inverseStep: 1 / table.step, center };
}

/** One row of tables for each element of the centers: the primitive tables, or their contraction for each element. */
function elementTables(hyperparameters: Hyperparameters, species: readonly number[], nStride: number): PackedTable[][] {
  const { contraction, ...basis } = hyperparameters.basis;
  // Without the contraction, which is made for all degrees of the basis where the radial spectrum has but one.
  const primitive = createElementTables({ ...hyperparameters, basis }, species);
  if (!contraction) {
    const packed = new Map([...new Set(primitive)].map((table) => [table, packTable(table, nStride)]));
    const row = primitive.map((table) => packed.get(table)!);
    return species.map(() => row);
  }
  const around = (center: number | null): PackedTable[] =>
    species.map((z, element) => {
      const u = elementMatrix(contraction, center, z, hyperparameters.basis);
      return packTable(contractTable(primitive[element]!, u, contraction.channels), nStride);
    });
  if (contraction.centers) return species.map(around);
  const row = around(null);
  return species.map(() => row);
}

/** Builds the tables; the costly part of preparing a calculation (tens of milliseconds). */
export function createFeaturePlan(hyperparameters: Hyperparameters, species: readonly number[]): FeaturePlan {
  const { features, basis, cutoff, density } = hyperparameters;
  const nMax = radialChannels(basis);
  // The radial spectrum has l = 0 only; higher degrees would be computed and thrown away.
  const used = features.kind === "radial-spectrum" ? { ...hyperparameters, basis: { ...basis, lMax: 0 } } : hyperparameters;
  const nStride = 4 * Math.ceil(nMax / 4);
  return {
    kind: features.kind,
    normalize: features.normalize,
    cutoff: cutoff.radius,
    nMax,
    lMax: used.basis.lMax,
    nStride,
    hasCenter: density.centerWeight !== 0,
    layout: featureLayout(used, species),
    chain: featureChain(used, species)?.chain ?? null,
    tables: elementTables(used, species, nStride),
  };
}
