// The parts of a fit put together: columns without their padding, sums in the order of the parts.
import type { FitCenter, FitRowMatrix, NormalEquations } from "./backend.js";
import type { FitPart } from "./cpu/whitened-rows.js";

/** G of every element, ascending: the order of the columns. */
export function fitFactors(centers: readonly FitCenter[]): Float64Array[] {
  return [...centers].sort((a, b) => a.species - b.species).map(({ factor }) => factor);
}

export async function collectNormalEquations(parts: AsyncIterable<FitPart>, centers: readonly FitCenter[]): Promise<NormalEquations> {
  const { count, padded, of } = fitColumns(centers);
  const gram = new Float64Array(padded * padded);
  const right = new Float64Array(padded);
  let rows = 0;
  for await (const part of parts) {
    const [partGram, partRight] = [part.gram!, part.right!];
    for (let row = 0; row < padded; row++) for (let k = row * padded, end = k + row; k <= end; k++) gram[k]! += partGram[k]!;
    for (let k = 0; k < padded; k++) right[k]! += partRight[k]!;
    rows += part.targets.length;
  }
  const out = new Float64Array(count * count);
  for (let i = 0; i < count; i++) for (let j = 0; j <= i; j++) out[i * count + j] = out[j * count + i] = gram[of[i]! * padded + of[j]!]!;
  return { gram: out, right: Float64Array.from(of, (column) => right[column]!), rows };
}

export async function collectFitRows(stream: AsyncIterable<FitPart>, centers: readonly FitCenter[]): Promise<FitRowMatrix> {
  const { count, padded, of } = fitColumns(centers);
  const parts: FitPart[] = [];
  for await (const part of stream) parts.push(part);
  const total = parts.reduce((sum, { targets }) => sum + targets.length, 0);
  const values = new Float64Array(total * count);
  const targets = new Float64Array(total);
  let row = 0;
  for (const part of parts) {
    targets.set(part.targets, row);
    for (let k = 0; k < part.targets.length; k++, row++) for (let j = 0; j < count; j++) values[row * count + j] = part.rows![k * padded + of[j]!]!;
  }
  return { values, targets };
}

/** Columns of a fit with and without the padding to even numbers of points per element. */
function fitColumns(centers: readonly FitCenter[]): { count: number; padded: number; of: number[] } {
  const of: number[] = [];
  let padded = 0;
  for (const factor of fitFactors(centers)) {
    const points = Math.sqrt(factor.length);
    for (let point = 0; point < points; point++) of.push(padded + point);
    padded += points + (points & 1);
  }
  return { count: of.length, padded, of };
}
