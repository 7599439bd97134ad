/**
 * Optimal transport between n and m points of equal masses: W ≥ 0 with row sums 1/n and column sums 1/m that minimizes Σ_ij W_ij C_ij, by successive
 * shortest paths with potentials (the Hungarian method where n = m; Jonker and Volgenant, doi:10.1007/BF02278710, for the search of a path). Masses are
 * whole numbers, so that the plan is exact; n³ operations for n = m.
 */
import { InputError, NumericalError } from "../errors.js";

export interface TransportPlan {
  /** W, [n][m]; for n = m a permutation over n. */
  readonly plan: Float64Array;
  /** u and v with C_ij − u_i − v_j ≥ 0, and = 0 (up to rounding) where W_ij > 0. */
  readonly rows: Float64Array;
  readonly columns: Float64Array;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * @param cost C, [n][m]
 * @throws InputError when the costs are not n × m, or there are none; NumericalError when one is not finite.
 */
export function optimalTransport(cost: Float64Array, n: number, m: number): TransportPlan {
  if (cost.length !== n * m || n < 1 || m < 1) throw new InputError("costs of a transport", { expected: `${n} × ${m} numbers, one at least`, got: String(cost.length) });
  const wrong = cost.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new NumericalError("a cost is not finite", { expected: "finite numbers", got: `${cost[wrong]} for ${Math.floor(wrong / m)}, ${wrong % m}` });
  const unit = greatestCommonDivisor(n, m);
  const flow = new Float64Array(n * m);
  const [rows, columns] = [new Float64Array(n), new Float64Array(m)];
  const demand = new Float64Array(m).fill(n / unit);
  const distance = new Float64Array(m);
  const reached = new Float64Array(n);
  const [rowBefore, columnBefore] = [new Int32Array(m), new Int32Array(n)];
  const [seenRow, seenColumn] = [new Uint8Array(n), new Uint8Array(m)];
  for (let source = 0; source < n; source++) {
    for (let supply = m / unit; supply > 0; ) {
      seenRow.fill(0);
      seenColumn.fill(0);
      distance.fill(Infinity);
      const visit = (row: number, from: number): void => {
        seenRow[row] = 1;
        reached[row] = from;
        for (let j = 0; j < m; j++) {
          const through = from + cost[row * m + j]! - rows[row]! - columns[j]!;
          if (seenColumn[j] || !(through < distance[j]!)) continue;
          distance[j] = through;
          rowBefore[j] = row;
        }
      };
      visit(source, 0);
      let end = -1;
      for (;;) {
        end = -1;
        for (let j = 0; j < m; j++) if (!seenColumn[j] && (end < 0 || distance[j]! < distance[end]!)) end = j;
        if (demand[end]! > 0) break;
        seenColumn[end] = 1;
        for (let row = 0; row < n; row++) {
          if (seenRow[row] || !(flow[row * m + end]! > 0)) continue;
          columnBefore[row] = end;
          visit(row, distance[end]!);
        }
      }
      const length = distance[end]!;
      for (let row = 0; row < n; row++) if (seenRow[row]) rows[row]! += length - reached[row]!;
      for (let j = 0; j < m; j++) if (seenColumn[j]) columns[j]! -= length - distance[j]!;
      let amount = Math.min(supply, demand[end]!);
      for (let row = rowBefore[end]!; row !== source; row = rowBefore[columnBefore[row]!]!) amount = Math.min(amount, flow[row * m + columnBefore[row]!]!);
      for (let j = end; ; ) {
        const row = rowBefore[j]!;
        flow[row * m + j]! += amount;
        if (row === source) break;
        j = columnBefore[row]!;
        flow[row * m + j]! -= amount;
      }
      demand[end]! -= amount;
      supply -= amount;
    }
  }
  // Rounding of the sums on the way leaves a trace in the potentials of rows that were not on the last paths: the columns' are taken as they are.
  for (let i = 0; i < n; i++) {
    rows[i] = Infinity;
    for (let j = 0; j < m; j++) rows[i] = Math.min(rows[i]!, cost[i * m + j]! - columns[j]!);
  }
  return { plan: flow.map((value) => (value * unit) / (n * m)), rows, columns };
}
