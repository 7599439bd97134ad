// What a program of this folder leaves: its numbers in bench/results/figures/NAME.json, its plots in docs/gallery/NAME.svg, one picture that loads nothing.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { formatFigure, type PlotSheet } from "../../src/cli/report/figure.js";
import { root } from "../data.js";

export interface Figure extends PlotSheet {
  /** Base name of both files. */
  readonly name: string;
  readonly numbers: unknown;
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
