// What an optimal radial basis keeps and leaves out, per degree l, Eq. (33): 1 − Σ_{q kept} λ_q / Tr C.
import { symbolOf, type OptimalBasis } from "../index.js";
import { formatSignificant, formatTable } from "./table.js";

/** One density of the basis: of one element, or of all where they are mixed. */
export interface DensityBlocks {
  /** Element symbol; "all elements" where they are mixed. */
  readonly name: string;
  /** Atomic numbers. */
  readonly species: readonly number[];
  /** Functions kept, variances λ_q of all directions, and the trace of the covariance, for every degree. */
  readonly degrees: readonly { readonly kept: number; readonly variances: Float64Array; readonly total: number }[];
}

/** The blocks of the basis by density and degree. */
export function densityBlocks({ directions, kept, hyperparameters }: OptimalBasis): DensityBlocks[] {
  const { mixed, lMax, blocks } = directions;
  const { species } = hyperparameters.basis.contraction!;
  const degrees = (density: number): DensityBlocks["degrees"] =>
    Array.from({ length: lMax + 1 }, (_, l) => {
      const block = density * (lMax + 1) + l;
      return { kept: kept[block]!, variances: blocks[block]!.variances, total: blocks[block]!.total };
    });
  if (mixed) return [{ name: "all elements", species, degrees: degrees(0) }];
  return species.map((z, density) => ({ name: symbolOf(z), species: [z], degrees: degrees(density) }));
}

/** Variance that is left when the first `count` directions are kept. */
export function varianceLeft({ variances, total }: DensityBlocks["degrees"][number], count: number): number {
  return Math.max(0, variances.subarray(0, count).reduce((left, value) => left - value, total));
}

/** The part of the --json output that is about the basis itself. */
export interface BasisSummary {
  readonly mixed: boolean;
  readonly channels: {
    /** Functions kept, [l], or [l] under each element symbol. */
    readonly per_l: readonly number[] | Readonly<Record<string, readonly number[]>>;
    /** Largest number for any degree and element. */
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
  const { mixed, lMax } = basis.directions;
  const densities = densityBlocks(basis);
  const counts = densities.map(({ name, degrees }) => [name, degrees.map(({ kept }) => kept)] as const);
  const { channels: largest } = basis.hyperparameters.basis.contraction!;
  const residuals = Array.from({ length: lMax + 1 }, (_, l) => {
    const blocks = densities.map(({ degrees }) => degrees[l]!);
    const all = blocks.reduce((sum, { total }) => sum + total, 0);
    return all > 0 ? blocks.reduce((sum, block) => sum + varianceLeft(block, block.kept), 0) / all : null;
  });
  return {
    mixed,
    channels: { per_l: mixed ? counts[0]![1] : Object.fromEntries(counts), largest, total: largest * densities.length },
    residual_variance: basis.residualVariance,
    residual_variance_per_l: residuals,
    environments: basis.environments,
  };
}

/** The same for people: a row for each degree. */
export function formatBasis(basis: OptimalBasis): string {
  const densities = densityBlocks(basis);
  const { residual_variance_per_l: residuals, residual_variance: residual, channels } = summarizeBasis(basis);
  const rows = residuals.map((value, l) => [
    String(l), ...densities.map(({ degrees }) => String(degrees[l]!.kept)), value === null ? "–" : formatShare(value),
  ]);
  const largest = densities.map(({ degrees }) => String(Math.max(...degrees.map(({ kept }) => kept))));
  const head = ["l", ...densities.map(({ name }) => name), "residual variance"];
  return `${formatTable([head, ...rows, ["all", ...largest, formatShare(residual)]])}\n${channels.total} channels in all\n`;
}

/** A share of a variance, which spans many decades. */
export function formatShare(value: number): string {
  return value >= 0.01 || value === 0 ? formatSignificant(value) : value.toExponential(2);
}
