// One plot as inline SVG: frame, ticks, lines told apart by colour and by dashes, a legend beside them. Colours are CSS variables of the page.
import { axisPosition, axisTicks, type Axis } from "./axis.js";

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Half the length of each point's error bar; 0 for none. */
  readonly bars?: readonly number[];
  /** Points to be ringed, by index. */
  readonly ringed?: readonly number[];
}

export interface LinePlot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** Dots on the points, for series of few points. */
  readonly dots?: boolean;
  /** A vertical line, with its name. */
  readonly marker?: { readonly x: number; readonly name: string };
  /** Room for the legend, in units of the SVG; short names need no more than is there. */
  readonly legendWidth?: number;
}

/** Lines that one plot can tell apart. */
export const largestSeries = 7;

const dashes = ["", "7 3", "2 2.5", "9 3 2 3", "14 4", "5 2 1.5 2 1.5 2", "1 4"];

/** Size of a plot and of its frame, in units of the SVG; the legend fills what is right of the frame. */
export const plotSize = { width: 430, height: 280, left: 62, top: 30, right: 318, bottom: 236 } as const;

/** Width of a plot with that much room for its legend. */
export function plotWidth(legendWidth: number = plotSize.width - plotSize.right): number {
  return plotSize.right + legendWidth;
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

const fixed = (value: number): string => String(Math.round(value * 100) / 100);

/** Runs of points that the axes can show: on a logarithmic axis those above 0. */
function runs(points: Series["points"], y: Axis): (readonly [number, number])[][] {
  const parts: (readonly [number, number])[][] = [[]];
  for (const point of points) {
    if (Number.isFinite(point[1]) && (!y.log || point[1] > 0)) parts[parts.length - 1]!.push(point);
    else parts.push([]);
  }
  return parts.filter((part) => part.length > 0);
}

/** @throws RangeError when there are more series than can be told apart. */
export function linePlot({ title, x, y, series, dots = false, marker, legendWidth }: LinePlot): string {
  if (series.length > largestSeries) throw new RangeError(`${series.length} lines in one plot: expected ${largestSeries} at most`);
  const { height, left, top, right, bottom } = plotSize;
  const width = plotWidth(legendWidth);
  const atX = (value: number): number => left + (right - left) * axisPosition(x, value);
  // What leaves the frame is cut by it; numbers far outside would not be drawn right.
  const atY = (value: number): number => Math.min(bottom + 500, Math.max(top - 500, bottom - (bottom - top) * axisPosition(y, value)));
  const xTicks = axisTicks(x, 6).map(({ value, text }) => {
    const at = fixed(atX(value));
    return `<path class="grid" d="M${at} ${top}V${bottom}"/><text x="${at}" y="${bottom + 16}" text-anchor="middle">${text}</text>`;
  });
  const yTicks = axisTicks(y, 6).map(({ value, text }) => {
    const at = atY(value);
    return `<path class="grid" d="M${left} ${fixed(at)}H${right}"/><text x="${left - 7}" y="${fixed(at + 4)}" text-anchor="end">${text}</text>`;
  });
  const lines = series.map(({ points, bars = [], ringed = [] }, index) => {
    const style = `stroke="var(--line-${index})"${dashes[index] === "" ? "" : ` stroke-dasharray="${dashes[index]}"`}`;
    const drawn = runs(points, y).map((run) => `M${run.map(([px, py]) => `${fixed(atX(px))} ${fixed(atY(py))}`).join("L")}`).join("");
    const circle = (at: number, radius: number): string => {
      const [px, py] = points[at]!;
      if (!Number.isFinite(py) || (y.log && !(py > 0))) return "";
      const fill = radius > 3 ? "none" : `var(--line-${index})`;
      return `<circle cx="${fixed(atX(px))}" cy="${fixed(atY(py))}" r="${radius}" fill="${fill}" stroke="var(--line-${index})"/>`;
    };
    const marks = [...(dots ? points.map((_, at) => circle(at, 2)) : []), ...ringed.map((at) => circle(at, 5))].join("");
    const bar = bars.map((half, at) => {
      const [px, py] = points[at]!;
      if (!(half > 0) || !Number.isFinite(py) || (y.log && !(py > 0))) return "";
      // On a logarithmic axis a bar that reaches 0 has no lower end.
      const [up, down] = [atY(py + half), y.log && half >= py ? bottom + 500 : atY(py - half)];
      return `M${fixed(atX(px))} ${fixed(up)}V${fixed(down)}${[up, down].map((end) => `M${fixed(atX(px) - 4)} ${fixed(end)}h8`).join("")}`;
    }).join("");
    const barPath = bar === "" ? "" : `<path class="bar" stroke="var(--line-${index})" d="${bar}"/>`;
    return `<path class="line" ${style} d="${drawn}"/>${barPath}${marks}`;
  });
  const legend = series.map(({ name }, index) => {
    const row = top + 10 + 18 * index;
    const dash = dashes[index] === "" ? "" : ` stroke-dasharray="${dashes[index]}"`;
    return `<path class="line" stroke="var(--line-${index})"${dash} d="M${right + 12} ${row}h34"/>` +
      `<text x="${right + 52}" y="${row + 4}">${escapeHtml(name)}</text>`;
  });
  const vertical = marker === undefined ? "" :
    `<path class="marker" d="M${fixed(atX(marker.x))} ${top}V${bottom}"/>` +
    `<text x="${fixed(atX(marker.x) - 4)}" y="${top + 15}" text-anchor="end">${escapeHtml(marker.name)}</text>`;
  return [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(`${title}: ${y.label} against ${x.label}`)}">`,
    `<text class="title" x="${left}" y="18">${escapeHtml(title)}</text>`,
    ...xTicks, ...yTicks, vertical,
    // A nested svg cuts what is outside of it.
    `<svg x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" viewBox="${left} ${top} ${right - left} ${bottom - top}">`,
    ...lines, "</svg>",
    `<rect class="frame" x="${left}" y="${top}" width="${right - left}" height="${bottom - top}"/>`,
    ...legend,
    `<text x="${(left + right) / 2}" y="${bottom + 36}" text-anchor="middle">${escapeHtml(x.label)}</text>`,
    `<text transform="translate(16 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(y.label)}</text>`,
    "</svg>",
  ].join("");
}
