// What an optimal radial basis keeps and leaves out, per degree l, Eq. (33): 1 − Σ_{q kept} λ_q / Tr C.
import { symbolOf, type OptimalBasis } from "../index.js";
import { formatSignificant, formatTable } from "./table.js";

/** One density of the basis: of one element, or of all where they are mixed; around all centers, or those of one element. */
export interface DensityBlocks {
  /** Element symbol; "all elements" where they are mixed. */
  readonly name: string;
  /** Atomic number of the centers; null where all share the functions. */
  readonly center: number | null;
  /** Atomic numbers. */
  readonly species: readonly number[];
  /** Functions kept, variances λ_q of all directions, and the trace of the covariance, for every degree. */
  readonly degrees: readonly { readonly kept: number; readonly variances: Float64Array; readonly total: number }[];
}

/** The blocks of the basis by center, density and degree. */
export function densityBlocks({ directions, kept, hyperparameters }: OptimalBasis): DensityBlocks[] {
  const { mixed, centers, lMax, blocks } = directions;
  const { species } = hyperparameters.basis.contraction!;
  const densities = mixed ? [{ name: "all elements", species }] : species.map((z) => ({ name: symbolOf(z), species: [z] }));
  return (centers ?? [null]).flatMap((center, c) =>
    densities.map((density, a) => ({
      ...density, center,
      degrees: Array.from({ length: lMax + 1 }, (_, l) => {
        const block = (c * densities.length + a) * (lMax + 1) + l;
        return { kept: kept[block]!, variances: blocks[block]!.variances, total: blocks[block]!.total };
      }),
    })),
  );
}

/** The blocks around the centers of each element together. */
export function byCenter(densities: readonly DensityBlocks[]): { readonly center: number | null; readonly densities: DensityBlocks[] }[] {
  const centers = [...new Set(densities.map(({ center }) => center))];
  return centers.map((center) => ({ center, densities: densities.filter((density) => density.center === center) }));
}

/** Variance that is left when the first `count` directions are kept. */
export function varianceLeft({ variances, total }: DensityBlocks["degrees"][number], count: number): number {
  return Math.max(0, variances.subarray(0, count).reduce((left, value) => left - value, total));
}

/** Share of the variance that the densities leave out in all, and of each degree's, [l], null where the degree has none. */
function residuals(densities: readonly DensityBlocks[]): { readonly all: number | null; readonly perDegree: (number | null)[] } {
  const share = (blocks: readonly DensityBlocks["degrees"][number][]): number | null => {
    const all = blocks.reduce((sum, { total }) => sum + total, 0);
    return all > 0 ? blocks.reduce((sum, block) => sum + varianceLeft(block, block.kept), 0) / all : null;
  };
  const degrees = densities[0]!.degrees.map((_, l) => densities.map((density) => density.degrees[l]!));
  return { all: share(degrees.flat()), perDegree: degrees.map(share) };
}

/** Functions kept, [l], or [l] under each element symbol. */
type Counts = readonly number[] | Readonly<Record<string, readonly number[]>>;

/** The part of the --json output that is about the basis itself. */
export interface BasisSummary {
  readonly mixed: boolean;
  readonly center_dependent: boolean;
  readonly channels: {
    /** Of all centers, or under the symbol of each center element. */
    readonly per_l: Counts | Readonly<Record<string, Counts>>;
    /** Largest number for any degree, element and center. */
    readonly largest: number;
    /** Radial channels of all densities together: elements × largest, or, mixed, largest. */
    readonly total: number;
  };
  /** Share of the variance of all coefficients that is left out; and of each degree's, [l], null where the degree has none. */
  readonly residual_variance: number;
  readonly residual_variance_per_l: readonly (number | null)[];
  readonly environments: number;
}

export function summarizeBasis(basis: OptimalBasis): BasisSummary {
  const { mixed, centers } = basis.directions;
  const densities = densityBlocks(basis);
  const counts = (list: readonly DensityBlocks[]): Counts => {
    const named = list.map(({ name, degrees }) => [name, degrees.map(({ kept }) => kept)] as const);
    return mixed ? named[0]![1] : Object.fromEntries(named);
  };
  const groups = byCenter(densities);
  const { channels: largest } = basis.hyperparameters.basis.contraction!;
  return {
    mixed,
    center_dependent: centers !== null,
    channels: {
      per_l: centers ? Object.fromEntries(groups.map((group) => [symbolOf(group.center!), counts(group.densities)])) : counts(densities),
      largest, total: largest * groups[0]!.densities.length,
    },
    residual_variance: basis.residualVariance,
    residual_variance_per_l: residuals(densities).perDegree,
    environments: basis.environments,
  };
}

/** Rows of a table of functions kept around one kind of center, its head first: a row for each degree, and one for all. */
export function keptRows(densities: readonly DensityBlocks[]): string[][] {
  const { all, perDegree } = residuals(densities);
  const shown = (value: number | null): string => (value === null ? "–" : formatShare(value));
  const largest = densities.map(({ degrees }) => String(Math.max(...degrees.map(({ kept }) => kept))));
  return [
    ["l", ...densities.map(({ name }) => name), "residual variance"],
    ...perDegree.map((value, l) => [String(l), ...densities.map(({ degrees }) => String(degrees[l]!.kept)), shown(value)]),
    ["all", ...largest, shown(all)],
  ];
}

/** The same for people: a table for each kind of center. */
export function formatBasis(basis: OptimalBasis): string {
  const tables = byCenter(densityBlocks(basis)).map(({ center, densities }) =>
    `${center === null ? "" : `Around ${symbolOf(center)}\n`}${formatTable(keptRows(densities))}\n`,
  );
  return `${tables.join("\n")}${summarizeBasis(basis).channels.total} channels in all\n`;
}

/** A share of a variance, which spans many decades. */
export function formatShare(value: number): string {
  return value >= 0.01 || value === 0 ? formatSignificant(value) : value.toExponential(2);
}
