// What an optimal radial basis is, in plots: its functions R_aql(s), Eq. (37), the eigenvalues λ_q, Eq. (32), and the variance left out, Eq. (33).
import { basename } from "node:path";
import { createContractedFunctions, latherVersion, symbolOf, type Hyperparameters, type OptimalBasis } from "../../index.js";
import { byCenter, densityBlocks, formatShare, keptRows, summarizeBasis, varianceLeft, type DensityBlocks } from "../basis-summary.js";
import { decadesAround, spread } from "./axis.js";
import { escapeHtml, largestSeries, linePlot } from "./line-plot.js";
import { formatHtmlTable, formatPage } from "./page.js";
import type { CoefficientErrors, Reconstruction, ReconstructionCurves } from "./reconstruction.js";

export interface BasisSource {
  readonly file: string;
  readonly structures: number;
  /** Atomic numbers of the centers; null for all. */
  readonly centers: readonly number[] | null;
  readonly reconstruction: Reconstruction;
}

/** Functions of one element and degree that are drawn; elements whose functions are drawn; points of a function. */
const [functionsDrawn, elementsDrawn, samples] = [4, 8, 241];
/** More dots than that would hide the dashes. */
const mostDots = 16;

/** R_aql(s) of one element for a few degrees. */
function functionPlots(hyperparameters: Hyperparameters, z: number, { center, degrees }: DensityBlocks): string[] {
  const { cutoff: { radius }, density, basis } = hyperparameters;
  const { channels } = basis.contraction!;
  const evaluate = createContractedFunctions(hyperparameters, z, center);
  // The functions overlap with Gaussians of neighbors at the cutoff.
  const end = density.kind === "gaussian" ? radius + 3 * density.width : radius;
  // DVR functions grow as 1/s.
  const begin = basis.kind === "dvr" ? Math.min(density.width, end / 4) : 0;
  const grid = Array.from({ length: samples }, (_, index) => begin + ((end - begin) * index) / (samples - 1));
  const values = grid.map((s) => evaluate(s));
  return spread(basis.lMax, 3).filter((l) => degrees[l]!.kept > 0).map((l) => {
    const series = Array.from({ length: Math.min(functionsDrawn, degrees[l]!.kept) }, (_, q) => ({
      name: `q = ${q + 1}`, points: grid.map((s, index) => [s, values[index]![l * channels + q]!] as const),
    }));
    const all = series.flatMap(({ points }) => points.map(([, value]) => value));
    const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
    const margin = 0.05 * (high - low || 1);
    return linePlot({
      title: `${symbolOf(z)}${around(center)}, l = ${l}`,
      x: { label: "s / Å", min: 0, max: end },
      y: { label: "R(s) / Å⁻³ᐟ²", min: low - margin, max: high + margin },
      series,
      ...(end > radius && { marker: { x: radius, name: "cutoff" } }),
    });
  });
}

function around(center: number | null): string {
  return center === null ? "" : ` around ${symbolOf(center)}`;
}

/** λ_q against q. */
function eigenvaluePlot({ name, center, degrees }: DensityBlocks): string {
  const drawn = spread(degrees.length - 1, largestSeries);
  const most = Math.max(...degrees.map(({ variances }) => variances.length));
  const series = drawn.map((l) => ({
    name: `l = ${l}`, points: [...degrees[l]!.variances].map((value, q) => [q + 1, value] as const), ringed: ringOf(degrees[l]!.kept - 1),
  }));
  return linePlot({
    title: `${name}${around(center)}`, dots: most <= mostDots, series,
    x: { label: "q", min: 0, max: most + 1 },
    y: { label: "eigenvalue λ", log: true, ...decadesAround(series.flatMap(({ points }) => points.map(([, value]) => value))) },
  });
}

/** Share of a degree's variance that is left when q functions are kept. */
function residualPlot({ name, center, degrees }: DensityBlocks): string {
  const most = Math.max(...degrees.map(({ variances }) => variances.length));
  const series = spread(degrees.length - 1, largestSeries).map((l) => {
    const { variances, total, kept } = degrees[l]!;
    const share = (count: number): number => varianceLeft(degrees[l]!, count) / total;
    // With all directions rounding alone is left, which would stretch the axis.
    const points = Array.from({ length: variances.length }, (_, q) => [q, share(q)] as const).filter(([, value]) => value > 1e-14);
    return { name: `l = ${l}`, points, ringed: ringOf(points.findIndex(([q]) => q === kept)) };
  });
  return linePlot({
    title: `${name}${around(center)}`, dots: most <= mostDots, series,
    x: { label: "functions kept", min: 0, max: most + 1 },
    y: { label: "residual variance", log: true, ...decadesAround(series.flatMap(({ points }) => points.map(([, value]) => value))) },
  });
}

function ringOf(index: number): number[] {
  return index >= 0 ? [index] : [];
}

/** GFRE of one degree: the optimal basis and primitive ones of its size. */
function reconstructionPlot({ degree, optimal, primitive }: ReconstructionCurves): string {
  const points = [...optimal, ...primitive];
  return linePlot({
    title: `l = ${degree}`, dots: true, series: [{ name: "optimal", points: optimal }, { name: "primitive", points: primitive }],
    x: { label: "radial channels, all elements", min: 0, max: Math.max(...points.map(([channels]) => channels)) + 1 },
    y: { label: "GFRE", log: true, ...decadesAround(points.map(([, error]) => error)) },
  });
}

/** Errors of the rebuilt coefficients against l. */
function errorPlot(errors: readonly CoefficientErrors[]): string {
  const series = ([["largest", "largest"], ["rms", "rootMeanSquare"], ["median", "median"]] as const).map(([name, key]) => ({
    // With all functions rounding alone is left, which would stretch the axis.
    name, points: errors.map((error) => [error.degree, error[key]] as const).filter(([, value]) => value > 1e-7),
  }));
  return linePlot({
    title: "coefficients of each environment", dots: true, series,
    x: { label: "degree l", min: -0.5, max: Math.max(...errors.map(({ degree }) => degree)) + 0.5 },
    y: { label: "relative error |c − c′|", log: true, ...decadesAround(series.flatMap(({ points }) => points.map(([, value]) => value))) },
  });
}

/** ", widths H 0.3, weights H 0.5", or nothing. */
function byElement({ widths, weights }: Hyperparameters["density"]): string {
  const listed = (name: string, values: Readonly<Record<string, number>> | undefined): string =>
    values ? `, ${name} ${Object.entries(values).map(([symbol, value]) => `${symbol} ${value}`).join(" ")}` : "";
  return listed("widths", widths) + listed("weights", weights);
}

function settings({ cutoff, density, basis }: Hyperparameters): string {
  const { rate, scale, exponent } = density.scaling ?? {};
  const scaling = density.scaling ? `scaling c = ${rate}, r₀ = ${scale} Å, k = ${exponent}` : "no radial scaling";
  return `${basis.kind}, nMax ${basis.nMax}, lMax ${basis.lMax}; cutoff ${cutoff.radius} Å (${cutoff.function}, ${cutoff.width} Å wide); ` +
    `${density.kind} density of width ${density.width} Å${byElement(density)}; ${scaling}`;
}

function plots(list: readonly string[]): string {
  return `<div class="plots">${list.map((plot) => `<div>${plot}</div>`).join("\n")}</div>`;
}

/** What fewer functions know of all coefficients, and how well environments are rebuilt. */
function reconstructionSections({ environments, curves, errors }: Reconstruction, nMax: number): string[] {
  const nothing = "<p>The environments do not differ: there is nothing to be reconstructed.</p>";
  const gfre = curves.length === 0 ? nothing : plots(curves.map(reconstructionPlot));
  return [
    "<h2>Reconstruction error</h2>",
    `<p>Global feature reconstruction error of the coefficients of all ${nMax} primitive functions by linear regression from fewer channels, ` +
    "those of the optimal basis and those of a primitive basis of that size: 0 when they know all of them, 1 when nothing. " +
    `${environments} environments, half of them for the regression and half for the error.</p>`, gfre,
    "<h2>Errors</h2>",
    "<p>Distance of the coefficients c of an environment from c′, which the functions kept rebuild, relative to the root mean square of |c| " +
    "at that degree: largest, root mean square and median over the same environments.</p>", plots([errorPlot(errors)]),
  ];
}

/** The report as one HTML file that loads nothing. */
export function formatBasisReport(basis: OptimalBasis, { file, structures, centers, reconstruction }: BasisSource): string {
  const { hyperparameters } = basis;
  const summary = summarizeBasis(basis);
  const densities = densityBlocks(basis);
  const pairs = densities.flatMap((density) => density.species.map((z) => ({ z, density })));
  const shown = pairs.slice(0, elementsDrawn);
  const left = pairs.slice(elementsDrawn).map(({ z, density }) => `${symbolOf(z)}${around(density.center)}`);
  const whose = centers ? `centers ${centers.map((z) => symbolOf(z)).join(", ")}` : "all centers";
  const tables = byCenter(densities).map(
    ({ center, densities: own }) => `${center === null ? "" : `<h3>Around ${symbolOf(center)}</h3>`}${formatHtmlTable(keptRows(own))}`,
  );
  const body = [
    `<p>${escapeHtml(basename(file))}: ${structures} structures, ${basis.environments} environments (${whose}). ` +
    `Primitive basis: ${escapeHtml(settings(hyperparameters))}.</p>`,
    `<p>${summary.mixed ? "One density for all elements" : "One density per element"}, ${summary.channels.total} radial channels in all; ` +
    `residual variance ${formatShare(summary.residual_variance)}.</p>`,
    "<h2>Functions kept</h2>", ...tables,
    "<h2>Radial functions</h2>",
    `<p>The first ${functionsDrawn} functions R<sub>aql</sub>(s) of each element; s is the distance from the center.` +
    `${summary.mixed ? " With mixed elements the same q has a function for every element." : ""}` +
    `${left.length > 0 ? ` Not drawn: ${left.join(", ")}.` : ""}</p>`,
    plots(shown.flatMap(({ z, density }) => functionPlots(hyperparameters, z, density))),
    "<h2>Eigenvalues</h2>", "<p>Variance λ<sub>q</sub> of the density coefficients along each direction; a ring marks the last one kept.</p>",
    plots(densities.map(eigenvaluePlot)),
    "<h2>Residual variance</h2>", "<p>Share of the variance of each l that is left out with so many functions; a ring marks what is kept.</p>",
    plots(densities.map(residualPlot)),
    ...reconstructionSections(reconstruction, hyperparameters.basis.nMax),
    `<p>Lather ${latherVersion}, <code>lather basis</code></p>`,
  ];
  return formatPage("Optimal radial basis", body.join("\n"));
}
