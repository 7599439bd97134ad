// What a program of this folder leaves: its numbers in bench/results/figures/NAME.json, its plots in docs/gallery/NAME.svg, one picture that loads nothing.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { escapeHtml, linePlot, plotSize, plotWidth, type LinePlot } from "../../src/cli/report/line-plot.js";
import { plotStyle } from "../../src/cli/report/page.js";
import { root } from "../data.js";

export interface Figure {
  /** Base name of both files. */
  readonly name: string;
  readonly title: string;
  readonly plots: readonly LinePlot[];
  /** Plots side by side. */
  readonly columns: number;
  readonly numbers: unknown;
}

const margin = 10;

/** The plots in rows as one SVG. */
export function formatFigure({ title, plots, columns }: Figure): string {
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

/** Writes both files. */
export async function publish(figure: Figure): Promise<void> {
  const { name, title, numbers } = figure;
  const contents = {
    [`bench/results/figures/${name}.json`]: `${JSON.stringify({ title, ...(numbers as object) }, null, 1)}\n`,
    [`docs/gallery/${name}.svg`]: formatFigure(figure),
  };
  for (const [file, text] of Object.entries(contents)) {
    await mkdir(dirname(resolve(root, file)), { recursive: true });
    await writeFile(resolve(root, file), text);
  }
}
