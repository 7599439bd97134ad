// The functions R_aql(r) of one degree and element, q up to the chosen number, in front of the primitive R_nl(r).
import * as Plot from "@observablehq/plot";
import type { BasisResult } from "./basis-job.js";
import { asImage } from "./plot-image.js";
import { dashOf, fillLegend, SERIES, strokeOf } from "./series.js";

export interface FunctionChoice {
  readonly degree: number;
  /** Functions kept, at most as many as the block has. */
  readonly kept: number;
  readonly element: number;
  readonly timesR: boolean;
}

/** In a DVR functions grow as 1/r toward r = 0; the height of the plot follows the optimal ones beyond this, in Å. */
const INNER = 0.15;
const HEIGHT = 340;

type Curve = { readonly x: Float64Array; readonly y: Float64Array };

/** Rows [first, first + count) of a table [row][point], end to end, each point with its row as z. */
function stack(table: Float64Array, rows: { first: number; count: number }, { distances }: BasisResult, timesR: boolean): Curve & { z: number[] } {
  const points = distances.length;
  const y = table.slice(rows.first * points, (rows.first + rows.count) * points);
  if (timesR) y.forEach((value, k) => (y[k] = value * distances[k % points]!));
  return { x: Float64Array.from(y, (_, k) => distances[k % points]!), y, z: Array.from(y, (_, k) => Math.floor(k / points)) };
}

function rangeOf(curves: readonly Curve[]): [number, number] {
  let [low, high] = [0, 0];
  for (const { x, y } of curves) {
    y.forEach((value, k) => {
      if (x[k]! < INNER) return;
      low = Math.min(low, value);
      high = Math.max(high, value);
    });
  }
  const margin = high > low ? 0.05 * (high - low) : 1;
  return [low - margin, high + margin];
}

function lines({ x, y, z }: Curve & { z: number[] }, options: Plot.LineOptions): Plot.Line {
  return Plot.line({ length: x.length }, { x, y, z, ...options });
}

/** Fills the figure with the plot, its legend and a note on what is not drawn. */
export function drawFunctions(figure: HTMLElement, result: BasisResult, { degree, kept, element, timesR }: FunctionChoice): void {
  const width = Math.floor(figure.clientWidth);
  if (width === 0) return;
  const { radius, channels, elements, directions: { nMax, lMax } } = result;
  const primitive = stack(result.primitive, { first: degree * nMax, count: nMax }, result, timesR);
  // More curves than there are styles could not be told apart.
  const skipped = Math.max(0, kept - SERIES);
  const row = (element * (lMax + 1) + degree) * channels;
  const shown = Array.from({ length: kept - skipped }, (_, k) => {
    const q = skipped + k + 1;
    return { q, curve: stack(result.functions, { first: row + q - 1, count: 1 }, result, timesR), widest: q === kept };
  });
  const domain = rangeOf(kept > 0 ? shown.map(({ curve }) => curve) : [primitive]);
  const end = result.distances[result.distances.length - 1]!;
  const unit = timesR ? "Å⁻¹ᐟ²" : "Å⁻³ᐟ²";
  const symbol = timesR ? "r · R(r)" : "R(r)";
  const plot = asImage(Plot.plot({
    width,
    height: HEIGHT,
    marginLeft: 56, marginBottom: 44, marginRight: 14, marginTop: 18,
    style: { background: "transparent", fontSize: "12px" },
    ariaLabel: `${symbol} of ${elements[element]}, l = ${degree}, the first ${kept} functions against the distance r`,
    x: { domain: [0, end], label: "distance r (Å)", labelAnchor: "center", labelArrow: "none", ticks: Math.max(4, Math.round(width / 90)) },
    y: { domain, label: `${symbol} (${unit})`, labelAnchor: "center", labelArrow: "none", grid: true, ticks: 6 },
    marks: [
      lines(primitive, { stroke: "currentColor", strokeWidth: 1, className: "primitive", clip: true }),
      Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.5 }),
      Plot.ruleX([radius], { stroke: "currentColor", strokeOpacity: 0.6, strokeDasharray: "4 3" }),
      Plot.text([{ x: radius, text: "cutoff" }], { x: "x", text: "text", frameAnchor: "top", dy: -12, fill: "currentColor" }),
      ...shown.map(({ q, curve, widest }) => lines(curve, {
        stroke: strokeOf(q - 1), strokeWidth: widest ? 3 : 1.8, strokeDasharray: dashOf(q - 1), className: "optimal", clip: true,
      })),
    ],
  }));
  const legend = document.createElement("ul");
  legend.className = "legend";
  fillLegend(legend, [
    ...shown.map(({ q, widest }) => ({ text: `q = ${q}`, stroke: strokeOf(q - 1), dash: dashOf(q - 1), width: widest ? 3 : 1.8, chosen: widest })),
    { text: `the ${nMax} primitive functions`, stroke: "color-mix(in srgb, currentColor 35%, transparent)", dash: "none", width: 1.4, chosen: false },
  ]);
  figure.replaceChildren(plot, legend);
  const notes = [
    ...(kept === 0 ? ["This degree has no variance in these data: there is no optimal function."] : []),
    ...(skipped > 0 ? [`Functions 1 to ${skipped} are left out of the drawing.`] : []),
  ];
  if (notes.length === 0) return;
  const caption = document.createElement("figcaption");
  caption.textContent = notes.join(" ");
  figure.append(caption);
}
