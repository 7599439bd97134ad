/**
 * Spherical Bessel functions of the first kind j_l and their zeros, from + − × ÷ √ alone (see elementary.ts).
 *   j_{l−1} + j_{l+1} = ((2l+1)/x) j_l   (NIST DLMF 10.51.1), run downward from a degree well above x, where j_l > 0 (Miller), and scaled by
 *   Σ_l (2l+1) j_l² = 1   (10.60.12);
 *   Σ_k (−x²/2)^k x^l / (k! (2l+1)!! (2l+3) … (2l+2k+1))   (10.53.1) for |x| < 1.
 */

function series(lMax: number, x: number, out: Float64Array): void {
  let leading = 1;
  for (let l = 0; l <= lMax; l++) {
    if (l > 0) leading *= x / (2 * l + 1);
    let [term, sum] = [1, 1];
    for (let k = 1; Math.abs(term) > 1e-18; k++) {
      term *= (-0.5 * x * x) / (k * (2 * l + 2 * k + 1));
      sum += term;
    }
    out[l] = leading * sum;
  }
}

function downward(lMax: number, x: number, out: Float64Array): void {
  const top = Math.ceil(Math.max(lMax, x) + 30 + Math.sqrt(x));
  let [above, value, squares] = [0, 1e-100, 0];
  for (let l = top; l > 0; l--) {
    [above, value] = [value, ((2 * l + 1) / x) * value - above];
    squares += (2 * l - 1) * value * value;
    if (l - 1 <= lMax) out[l - 1] = value;
    if (Math.abs(value) > 1e100) {
      above *= 1e-200;
      value *= 1e-200;
      squares = (2 * l - 1) * value * value;
      for (let done = l - 1; done <= lMax; done++) out[done] = out[done]! * 1e-200;
    }
  }
  const scale = 1 / Math.sqrt(squares);
  for (let l = 0; l <= lMax; l++) out[l] = out[l]! * scale;
}

/** Fills out[l] = j_l(x) for l = 0 … lMax and any real x (parity (−1)^l). */
export function sphericalBessel(lMax: number, x: number, out: Float64Array): void {
  if (Math.abs(x) < 1) {
    series(lMax, x, out);
    return;
  }
  downward(lMax, Math.abs(x), out);
  if (x < 0) for (let l = 1; l <= lMax; l += 2) out[l] = -out[l]!;
}

/** The first `count` positive zeros of j_l for l = 0 … lMax, [l][count]. They interlace: each of j_l lies between two neighbors of j_{l−1}. */
export function sphericalBesselZeros(lMax: number, count: number): Float64Array[] {
  const values = new Float64Array(lMax + 1);
  const at = (l: number, x: number): number => {
    sphericalBessel(l, x, values);
    return values[l]!;
  };
  let zeros = Float64Array.from({ length: count + lMax }, (_, k) => (k + 1) * Math.PI);
  const found = [zeros.slice(0, count)];
  for (let l = 1; l <= lMax; l++) {
    const next = new Float64Array(zeros.length - 1);
    for (let k = 0; k < next.length; k++) {
      let [low, high] = [zeros[k]!, zeros[k + 1]!];
      const sign = Math.sign(at(l, low));
      // Bisection to neighboring float64; Newton's method would want its own safeguard.
      for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2) {
        if (Math.sign(at(l, middle)) === sign) low = middle;
        else high = middle;
      }
      next[k] = low;
    }
    found.push(next.slice(0, count));
    zeros = next;
  }
  return found;
}
