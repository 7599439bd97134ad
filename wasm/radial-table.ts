// I_nl(r) and dI_nl/dr from the table of Eq. (10): cubic Hermite interpolation between two nodes of a uniform grid.
// Node k holds 2·rowLength numbers: the values [l][nStride], then the slopes [l][nStride].

import { multiplyAdd } from "./multiply-add";

/**
 * Writes I_nl(r), and dI_nl/dr when `slopes` is not 0, both [l][nStride]; `rowLength` = (lMax + 1)·nStride is even.
 * `start` is the position of node 0 and `inverseStep` 1/step.
 */
@inline
export function interpolateRadial(rowLength: i32, table: usize, start: f64, inverseStep: f64, r: f64, values: usize, slopes: usize): void {
  const x = (r - start) * inverseStep;
  const node = <usize>(<i32>x);
  const t = x - <f64>node;
  const step = 1.0 / inverseStep;
  const row = <usize>rowLength << 3;
  let v0 = table + node * (row << 1);
  let s0 = v0 + row, v1 = s0 + row, s1 = v1 + row;
  const u = 1.0 - t;
  const a0 = f64x2.splat((1.0 + 2.0 * t) * u * u), a1 = f64x2.splat(t * t * (3.0 - 2.0 * t));
  const b0 = f64x2.splat(t * u * u * step), b1 = f64x2.splat(-t * t * u * step);
  if (slopes == 0) {
    for (const end = v0 + row; v0 < end; v0 += 16, s0 += 16, v1 += 16, s1 += 16, values += 16) {
      const value = multiplyAdd<f64>(f64x2.mul(v128.load(v0), a0), v128.load(v1), a1);
      v128.store(values, f64x2.add(value, multiplyAdd<f64>(f64x2.mul(v128.load(s0), b0), v128.load(s1), b1)));
    }
    return;
  }
  const da = f64x2.splat(6.0 * t * u * inverseStep);
  const d0 = f64x2.splat(u * (1.0 - 3.0 * t)), d1 = f64x2.splat(t * (3.0 * t - 2.0));
  for (const end = v0 + row; v0 < end; v0 += 16, s0 += 16, v1 += 16, s1 += 16, values += 16, slopes += 16) {
    const left = v128.load(v0), right = v128.load(v1), leftSlope = v128.load(s0), rightSlope = v128.load(s1);
    const value = multiplyAdd<f64>(f64x2.mul(left, a0), right, a1);
    v128.store(values, f64x2.add(value, multiplyAdd<f64>(f64x2.mul(leftSlope, b0), rightSlope, b1)));
    v128.store(slopes, f64x2.add(f64x2.mul(f64x2.sub(right, left), da), multiplyAdd<f64>(f64x2.mul(leftSlope, d0), rightSlope, d1)));
  }
}
