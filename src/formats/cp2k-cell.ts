/**
 * CP2K's file of cells beside a trajectory (…-1.cell, section MOTION/PRINT/CELL): a line per step with the step, the time in fs, the nine
 * components of the lattice vectors A, B, C in Å and the volume. Which axes are periodic is not said; CP2K's default is all three.
 */
import { InputError } from "../errors.js";
import { checkCell } from "../structure/structure.js";
import { LineReader } from "./line-reader.js";

/** Name of the file of cells beside a file of positions; undefined for other names. */
export function cellFileOf(file: string): string | undefined {
  return /-pos-\d+\.xyz$/i.test(file) ? file.replace(/-pos-(\d+)\.xyz$/i, "-$1.cell") : undefined;
}

export class CellFile {
  private readonly reader: LineReader;
  private row: { readonly step: number; readonly cell: Float64Array } | null = null;

  constructor(chunks: AsyncIterable<Uint8Array>, file: string) {
    this.reader = new LineReader(chunks, file);
  }

  /**
   * Lattice vectors of a step, as rows in Å; steps are asked for in rising order.
   * @throws InputError where the file has no such step, or a line is malformed.
   */
  async at(step: number): Promise<Float64Array> {
    while (this.row === null || this.row.step < step) {
      const line = await this.reader.next();
      if (line === undefined) break;
      if (/^\s*(?:#|$)/.test(line)) continue;
      const values = this.reader.parse(line, 11, "step, time and nine components of the cell");
      const cell = Float64Array.from(values.slice(2));
      const { file, line: place } = this.reader;
      checkCell({ cell, pbc: [true, true, true] }, { ...(file !== undefined && { file }), line: place });
      this.row = { step: values[0]!, cell };
    }
    if (this.row?.step === step) return this.row.cell.slice();
    const { file } = this.reader;
    throw new InputError("file of cells does not have this step", {
      ...(file !== undefined && { file }), expected: `step ${step}`, got: this.row === null ? "no step" : `step ${this.row.step}`,
    });
  }

  async close(): Promise<void> {
    await this.reader.close();
  }
}
