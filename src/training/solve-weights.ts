// w of Eq. (18): of the fit to all structures, and of the members of a committee, Eq. (76).
import type { Backend, FitStructure, FitTerm, JobOptions } from "../backend/backend.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import { accumulateSubsets, countsOf, type Subsets, type Sums } from "./committee.js";
import type { FitConfiguration } from "./configuration.js";
import type { Stopwatch } from "./stopwatch.js";

/** What a problem is made of. */
export interface Equations {
  readonly data: readonly FitStructure[];
  readonly species: readonly number[];
  readonly terms: readonly FitTerm[];
  /** Null: no committee. */
  readonly subsets: Subsets | null;
}

/** w of the fit to all structures, [column], w of the members, and the number of rows. */
export interface Solutions {
  readonly weights: Float64Array;
  readonly members: readonly Float64Array[];
  readonly rows: number;
}

export function solveWeights(
  backend: Backend, algebra: LinearAlgebra, equations: Equations, method: FitConfiguration["solver"]["method"], options: JobOptions, watch: Stopwatch,
): Promise<Solutions> {
  return method === "qr" ? byRows(backend, algebra, equations, options, watch) : bySums(backend, algebra, equations, options, watch);
}

async function bySums(
  backend: Backend, algebra: LinearAlgebra, { data, species, terms, subsets }: Equations, options: JobOptions, watch: Stopwatch,
): Promise<Solutions> {
  const solve = ({ gram, right }: Sums): Float64Array => {
    const columns = right.length;
    for (let k = 0; k < columns; k++) gram[k * columns + k]! += 1;
    const factor = algebra.cholesky(gram, columns);
    return algebra.solveLowerTransposed(factor, algebra.solveLower(factor, right, columns), columns);
  };
  if (!subsets) {
    const sums = await backend.accumulateNormalEquations(data, species, terms, options);
    watch.stop("kernel rows");
    return { weights: solve(sums), members: [], rows: sums.rows };
  }
  const { all, members, rows } = await accumulateSubsets(backend, data, subsets, species, terms, options);
  watch.stop("kernel rows");
  return { weights: solve(all), members: members.map(solve), rows };
}

async function byRows(
  backend: Backend, algebra: LinearAlgebra, { data, species, terms, subsets }: Equations, options: JobOptions, watch: Stopwatch,
): Promise<Solutions> {
  const { values, targets } = await backend.computeFitRows(data, species, terms, options);
  watch.stop("kernel rows");
  const columns = values.length / Math.max(1, targets.length);
  /** @param counts how often each structure is taken; √n times a row counts as n of it. */
  const solve = (counts: readonly number[]): Float64Array => {
    const rows = counts.reduce((sum, count, s) => sum + (count === 0 ? 0 : rowsOf(data[s]!)), 0);
    const stacked = new Float64Array((rows + columns) * columns);
    const right = new Float64Array(rows + columns);
    let [from, to] = [0, 0];
    data.forEach((structure, s) => {
      const [length, scale] = [rowsOf(structure), Math.sqrt(counts[s]!)];
      if (scale > 0) {
        for (let k = 0; k < length * columns; k++) stacked[to * columns + k] = scale * values[from * columns + k]!;
        for (let k = 0; k < length; k++) right[to + k] = scale * targets[from + k]!;
        to += length;
      }
      from += length;
    });
    for (let k = 0; k < columns; k++) stacked[(rows + k) * columns + k] = 1;
    return algebra.leastSquares(stacked, rows + columns, columns, right);
  };
  const counts = subsets ? countsOf(subsets) : [];
  const members = Array.from({ length: subsets?.members ?? 0 }, (_, member) => solve(counts.map((own) => own[member]!)));
  return { weights: solve(data.map(() => 1)), members, rows: targets.length };
}

function rowsOf({ energy, forces, virial }: FitStructure): number {
  return (energy === null ? 0 : 1) + (forces?.length ?? 0) + (virial ? 6 : 0);
}
