/**
 * e^x, x^y and cos πx, sin πx from + − × ÷ √ alone. ECMAScript leaves the last bits of Math.exp, Math.cos and ** to the engine; the weights of a
 * potential are large and alternate in sign, so that such a bit in a radial table shows in the energy. With these a model gives the same bits
 * in every engine. Accuracy: a few units in the last place (power: a few times |y ln x|).
 */

/** Upper bits of ln 2, so that k·LN2_HIGH is exact for |k| < 2^11, and the rest. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** 2^k for a whole k from −1022 to 1023, exact. */
function powerOfTwo(k: number): number {
  let [result, base] = [1, k < 0 ? 0.5 : 2];
  for (let rest = Math.abs(k); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= base;
    base *= base;
  }
  return result;
}

/** Σ r^n/n! from n = 1: e^r − 1 for |r| ≤ 0.35. */
function exponentialSeries(r: number): number {
  let sum = 1;
  for (let n = 15; n >= 2; n--) sum = 1 + (r / n) * sum;
  return r * sum;
}

/** e^x; 0 below −700. */
export function exponential(x: number): number {
  if (x < -700) return 0;
  const k = Math.round(x / (LN2_HIGH + LN2_LOW));
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  return (1 + exponentialSeries(r)) * powerOfTwo(k);
}

/** e^x − 1, accurate near 0. */
export function exponentialMinusOne(x: number): number {
  return Math.abs(x) <= 0.35 ? exponentialSeries(x) : exponential(x) - 1;
}

/** ln x for x > 0: x = m 2^k with m from √½ to √2, ln m = 2 artanh((m − 1)/(m + 1)). */
export function logarithm(x: number): number {
  let [m, k] = [x, 0];
  for (; m > Math.SQRT2; m /= 2) k++;
  for (; m < Math.SQRT1_2; m *= 2) k--;
  const t = (m - 1) / (m + 1);
  let sum = 0;
  for (let n = 23; n >= 1; n -= 2) sum = 1 / n + t * t * sum;
  return k * LN2_HIGH + (k * LN2_LOW + 2 * t * sum);
}

/** x^y for x ≥ 0: by multiplication for a whole or half y, through the logarithm otherwise. */
export function power(x: number, y: number): number {
  if (y < 0) return 1 / power(x, -y);
  const whole = Math.floor(y);
  if (y !== whole && y !== whole + 0.5) return x === 0 ? 0 : exponential(y * logarithm(x));
  let [result, base] = [y === whole ? 1 : Math.sqrt(x), x];
  for (let rest = whole; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= base;
    base *= base;
  }
  return result;
}

/** cos πx and sin πx for 0 ≤ x ≤ ¼. */
function trigonometricSeries(x: number): { readonly cosine: number; readonly sine: number } {
  const a = Math.PI * x;
  const square = a * a;
  let [cosine, sine] = [1, 1];
  for (let n = 18; n >= 2; n -= 2) {
    cosine = 1 - (square / (n * (n - 1))) * cosine;
    sine = 1 - (square / (n * (n + 1))) * sine;
  }
  return { cosine, sine: a * sine };
}

/** cos πx for 0 ≤ x ≤ 1. */
export function cosinePi(x: number): number {
  if (x > 0.5) return -cosinePi(1 - x);
  return x > 0.25 ? trigonometricSeries(0.5 - x).sine : trigonometricSeries(x).cosine;
}

/** sin πx for 0 ≤ x ≤ 1. */
export function sinePi(x: number): number {
  if (x > 0.5) return sinePi(1 - x);
  return x > 0.25 ? trigonometricSeries(0.5 - x).cosine : trigonometricSeries(x).sine;
}
