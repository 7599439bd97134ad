// The parts of a fit put together: columns without their padding, sums in the order of the parts.
import type { FitRowMatrix, FitTerm, NormalEquations } from "./backend.js";
import type { FitPart } from "./cpu/whitened-rows.js";

/** G of every element, term after term, ascending: the order of the columns. */
export function fitFactors(terms: readonly FitTerm[]): Float64Array[] {
  return terms.flatMap(({ centers }) => [...centers].sort((a, b) => a.species - b.species).map(({ factor }) => factor));
}

/**
 * Consecutive tasks whose sums are taken first, before those of the next ones: a machine of a cluster then sends one matrix for all of them, and one
 * machine that adds in the same order has the same bits.
 */
export const SUM_TASKS = 8;

interface Sums {
  /** Lower triangle, [column][column]. */
  readonly gram: Float64Array;
  readonly right: Float64Array;
}

function zeros(columns: number): Sums {
  return { gram: new Float64Array(columns * columns), right: new Float64Array(columns) };
}

function add({ gram, right }: Sums, part: Sums): void {
  const columns = right.length;
  for (let row = 0; row < columns; row++) for (let k = row * columns, end = k + row; k <= end; k++) gram[k]! += part.gram[k]!;
  for (let k = 0; k < columns; k++) right[k]! += part.right[k]!;
}

/** The parts of up to SUM_TASKS tasks, which begin at a multiple of it, as one. */
export function sumFitParts(parts: readonly FitPart[]): FitPart {
  const sums = zeros(parts[0]!.right!.length);
  const targets = new Float64Array(parts.reduce((count, part) => count + part.targets.length, 0));
  let [tasks, structures, at] = [0, 0, 0];
  for (const part of parts) {
    add(sums, part as Sums);
    targets.set(part.targets, at);
    at += part.targets.length;
    tasks += part.tasks;
    structures += part.structures;
  }
  return { tasks, structures, ...sums, rows: null, targets };
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
      const total = zeros(padded);
      const few = zeros(padded);
      let [rows, tasks] = [0, 0];
      const close = (): void => {
        add(total, few);
        few.gram.fill(0);
        few.right.fill(0);
        tasks = 0;
      };
      for (let structures = 0; structures < size; ) {
        const part = (await parts.next()).value as FitPart;
        add(few, part as Sums);
        rows += part.targets.length;
        structures += part.structures;
        tasks += part.tasks;
        if (tasks >= SUM_TASKS) close();
      }
      close();
      const { gram, right } = total;
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
