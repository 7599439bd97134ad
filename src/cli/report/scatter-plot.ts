// Points in a plane as one SVG that loads nothing: frame, ticks, and colors that stand for a number, with a color bar, or for a few kinds, with a legend.
import { cssColor, sequentialColor } from "../../viewer/color-map.js";
import { axisPosition, axisTicks, type Axis } from "./axis.js";
import { escapeHtml, largestSeries } from "./line-plot.js";
import { plotStyle } from "./page.js";

export interface ScatterPlot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** [point][xy] */
  readonly points: Float64Array;
  /** A number for each point, NaN where there is none, and its name; or the kinds of the points, seven at the most; or neither. */
  readonly color: { readonly label: string; readonly values: Float64Array } | { readonly kinds: readonly string[]; readonly of: ArrayLike<number> } | null;
}

const size = { width: 640, height: 480, left: 74, top: 36, right: 520, bottom: 428 } as const;
const bar = { left: 540, width: 16 } as const;
/** Colors that are told apart; points of one color are one path. */
const SHADES = 48;
/** Points that are drawn large. */
const FEW = 1500;

const fixed = (value: number): string => String(Math.round(value * 100) / 100);

/** The range of finite numbers with some room around it. */
export function paddedRange(values: ArrayLike<number>, room = 0.04): { readonly min: number; readonly max: number } {
  let [min, max] = [Infinity, -Infinity];
  for (let k = 0; k < values.length; k++) {
    if (!Number.isFinite(values[k]!)) continue;
    [min, max] = [Math.min(min, values[k]!), Math.max(max, values[k]!)];
  }
  if (min > max) return { min: 0, max: 1 };
  // Numbers that are all equal have an axis, too.
  const pad = max > min ? room * (max - min) : Math.abs(max) || 1;
  return { min: min - pad, max: max + pad };
}

/** Paths of dots, one for each color, in the order of the colors; −1 is drawn first and gray. */
function dots(points: Float64Array, groupOf: (point: number) => number, groups: number, colorOf: (group: number) => string, at: (k: number) => string): string[] {
  const lists: string[][] = Array.from({ length: groups + 1 }, () => []);
  for (let k = 0; 2 * k < points.length; k++) lists[groupOf(k) + 1]!.push(`M${at(k)}h0`);
  return lists.flatMap((list, index) => (list.length === 0 ? [] : [`<path class="dots" stroke="${index === 0 ? "var(--mark)" : colorOf(index - 1)}" d="${list.join("")}"/>`]));
}

function colorBar(label: string, range: Axis): string[] {
  const height = (size.bottom - size.top) / SHADES;
  const cells = Array.from({ length: SHADES }, (_, k) =>
    `<rect x="${bar.left}" y="${fixed(size.bottom - (k + 1) * height)}" width="${bar.width}" height="${fixed(height + 0.5)}" fill="${cssColor(sequentialColor((k + 0.5) / SHADES))}"/>`);
  const ticks = axisTicks(range, 6).map(({ value, text }) => {
    const y = size.bottom - (size.bottom - size.top) * axisPosition(range, value);
    return `<path class="frame" d="M${bar.left + bar.width} ${fixed(y)}h4"/><text x="${bar.left + bar.width + 7}" y="${fixed(y + 4)}">${text}</text>`;
  });
  const middle = (size.top + size.bottom) / 2;
  return [
    ...cells, `<rect class="frame" x="${bar.left}" y="${size.top}" width="${bar.width}" height="${size.bottom - size.top}"/>`, ...ticks,
    `<text transform="translate(${size.width - 10} ${middle}) rotate(-90)" text-anchor="middle">${escapeHtml(label)}</text>`,
  ];
}

function legend(kinds: readonly string[]): string[] {
  return kinds.map((kind, index) => {
    const y = size.top + 12 + 20 * index;
    return `<circle cx="${bar.left + 6}" cy="${y}" r="5" fill="var(--line-${index})"/><text x="${bar.left + 18}" y="${y + 4}">${escapeHtml(kind)}</text>`;
  });
}

/** The whole file. */
export function scatterPlot({ title, x, y, points, color }: ScatterPlot): string {
  const { left, top, right, bottom, width, height } = size;
  const atX = (value: number): number => left + (right - left) * axisPosition(x, value);
  const atY = (value: number): number => bottom - (bottom - top) * axisPosition(y, value);
  const at = (k: number): string => `${fixed(atX(points[2 * k]!))} ${fixed(atY(points[2 * k + 1]!))}`;
  const xTicks = axisTicks(x, 7).map(({ value, text }) =>
    `<path class="grid" d="M${fixed(atX(value))} ${top}V${bottom}"/><text x="${fixed(atX(value))}" y="${bottom + 17}" text-anchor="middle">${text}</text>`);
  const yTicks = axisTicks(y, 7).map(({ value, text }) =>
    `<path class="grid" d="M${left} ${fixed(atY(value))}H${right}"/><text x="${left - 7}" y="${fixed(atY(value) + 4)}" text-anchor="end">${text}</text>`);
  let drawn: string[];
  let key: string[] = [];
  if (color && "values" in color) {
    const range: Axis = { label: color.label, ...paddedRange(color.values, 0) };
    const shade = (k: number): number => {
      const value = color.values[k]!;
      return Number.isFinite(value) ? Math.min(SHADES - 1, Math.floor(SHADES * axisPosition(range, value))) : -1;
    };
    drawn = dots(points, shade, SHADES, (group) => cssColor(sequentialColor((group + 0.5) / SHADES)), at);
    key = colorBar(color.label, range);
  } else if (color) {
    drawn = dots(points, (k) => (color.of[k]! < largestSeries ? color.of[k]! : -1), largestSeries, (group) => `var(--line-${group})`, at);
    key = legend(color.kinds.slice(0, largestSeries));
  } else drawn = dots(points, () => 0, 1, () => "var(--line-0)", at);
  const dot = points.length / 2 <= FEW ? 6 : 2.5;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeHtml(`${title}: ${y.label} against ${x.label}`)}">`,
    `<title>${escapeHtml(title)}</title><style>${plotStyle}.dots { fill: none; stroke-width: ${dot}; stroke-linecap: round; stroke-opacity: 0.85; }</style>`,
    `<rect width="${width}" height="${height}" fill="var(--paper)"/>`, `<text class="title" x="${left}" y="22">${escapeHtml(title)}</text>`,
    ...xTicks, ...yTicks, ...drawn, `<rect class="frame" x="${left}" y="${top}" width="${right - left}" height="${bottom - top}"/>`, ...key,
    `<text x="${(left + right) / 2}" y="${bottom + 40}" text-anchor="middle">${escapeHtml(x.label)}</text>`,
    `<text transform="translate(18 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(y.label)}</text>`, "</svg>\n",
  ].join("\n");
}
