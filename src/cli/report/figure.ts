// Plots side by side as one picture that loads nothing and stands alone.
import { escapeHtml, linePlot, plotSize, plotWidth, type LinePlot } from "./line-plot.js";
import { plotStyle } from "./page.js";

export interface PlotSheet {
  readonly title: string;
  readonly plots: readonly LinePlot[];
  /** Plots side by side. */
  readonly columns: number;
}

const margin = 10;

/** The plots in rows as one SVG. */
export function formatFigure({ title, plots, columns }: PlotSheet): string {
  const cell = { width: Math.max(...plots.map(({ legendWidth }) => plotWidth(legendWidth))) + margin, height: plotSize.height + margin };
  const [width, height] = [Math.min(columns, plots.length) * cell.width + margin, Math.ceil(plots.length / columns) * cell.height + margin];
  const placed = plots.map((plot, index) => {
    const [x, y] = [margin + (index % columns) * cell.width, margin + Math.floor(index / columns) * cell.height];
    return `<svg x="${x}" y="${y}" width="${plotWidth(plot.legendWidth)}" height="${plotSize.height}">${linePlot(plot)}</svg>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escapeHtml(title)}</title><style>${plotStyle}</style>`,
    `<rect width="${width}" height="${height}" fill="var(--paper)"/>`, ...placed, "</svg>\n",
  ].join("\n");
}
