// The parts of a fit put together: columns without their padding, sums in the order of the parts.
import type { FitRowMatrix, FitTerm, NormalEquations } from "./backend.js";
import type { FitPart } from "./cpu/whitened-rows.js";

/** G of every element, term after term, ascending: the order of the columns. */
export function fitFactors(terms: readonly FitTerm[]): Float64Array[] {
  return terms.flatMap(({ centers }) => [...centers].sort((a, b) => a.species - b.species).map(({ factor }) => factor));
}

/**
 * The sums of each group of structures, one after the other.
 * @param sizes structures of each group; no part belongs to two groups
 */
export async function* collectNormalEquations(
  parts: AsyncGenerator<FitPart>, terms: readonly FitTerm[], sizes: readonly number[],
): AsyncGenerator<NormalEquations> {
  const { count, padded, of } = fitColumns(terms);
  try {
    for (const size of sizes) {
      const gram = new Float64Array(padded * padded);
      const right = new Float64Array(padded);
      let rows = 0;
      for (let structures = 0; structures < size; ) {
        const part = (await parts.next()).value as FitPart;
        const [partGram, partRight] = [part.gram!, part.right!];
        for (let row = 0; row < padded; row++) for (let k = row * padded, end = k + row; k <= end; k++) gram[k]! += partGram[k]!;
        for (let k = 0; k < padded; k++) right[k]! += partRight[k]!;
        rows += part.targets.length;
        structures += part.structures;
      }
      const out = new Float64Array(count * count);
      for (let i = 0; i < count; i++) for (let j = 0; j <= i; j++) out[i * count + j] = out[j * count + i] = gram[of[i]! * padded + of[j]!]!;
      yield { gram: out, right: Float64Array.from(of, (column) => right[column]!), rows };
    }
  } finally {
    await parts.return(undefined);
  }
}

/** The first item, after which the generator is closed. */
export async function firstOf<T>(items: AsyncGenerator<T>): Promise<T> {
  for await (const item of items) return item;
  throw new Error("there is none");
}

export async function collectFitRows(stream: AsyncIterable<FitPart>, terms: readonly FitTerm[]): Promise<FitRowMatrix> {
  const { count, padded, of } = fitColumns(terms);
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
function fitColumns(terms: readonly FitTerm[]): { count: number; padded: number; of: number[] } {
  const of: number[] = [];
  let padded = 0;
  for (const factor of fitFactors(terms)) {
    const points = Math.sqrt(factor.length);
    for (let point = 0; point < points; point++) of.push(padded + point);
    padded += points + (points & 1);
  }
  return { count: of.length, padded, of };
}
