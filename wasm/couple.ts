// Clebsch–Gordan products of channels as one trilinear form T = Σ C x y w, THEORY.md Eqs. (49) and (52): forward, tangent and both adjoints are this sum
// with another argument left open. Components are [row][lane], lanes being environments (forward, adjoint) or directions (tangent).
//
// A list of pairs holds three int32 for each product of channels: the first rows of the channels that x, y and out give. A list of terms holds, in
// 24 bytes each, three int32 (component of x, of y, of out), 4 bytes unused, and C as float64; terms of the same component of out follow each other.

import { multiplyAdd } from "./multiply-add";

@inline
const TERM: usize = 24;

/** out += Σ C x y for every pair of channels. `lanes` is a multiple of 8. */
export function couple(pairs: usize, count: i32, terms: usize, termCount: i32, lanes: i32, x: usize, y: usize, out: usize): void {
  const bytes = <usize>lanes << 3;
  const end = terms + <usize>termCount * TERM;
  for (const last = pairs + <usize>count * 12; pairs < last; pairs += 12) {
    const left = x + <usize>i32.load(pairs) * bytes, right = y + <usize>i32.load(pairs, 4) * bytes, target = out + <usize>i32.load(pairs, 8) * bytes;
    for (let lane: usize = 0; lane < bytes; lane += 64) {
      let term = terms;
      while (term < end) {
        const component = i32.load(term, 8);
        const to = target + <usize>component * bytes + lane;
        let s0 = v128.load(to), s1 = v128.load(to, 16), s2 = v128.load(to, 32), s3 = v128.load(to, 48);
        do {
          const a = left + <usize>i32.load(term) * bytes + lane, b = right + <usize>i32.load(term, 4) * bytes + lane;
          const c = v128.load64_splat(term, 16);
          s0 = multiplyAdd<f64>(s0, f64x2.mul(c, v128.load(a)), v128.load(b));
          s1 = multiplyAdd<f64>(s1, f64x2.mul(c, v128.load(a, 16)), v128.load(b, 16));
          s2 = multiplyAdd<f64>(s2, f64x2.mul(c, v128.load(a, 32)), v128.load(b, 32));
          s3 = multiplyAdd<f64>(s3, f64x2.mul(c, v128.load(a, 48)), v128.load(b, 48));
          term += TERM;
        } while (term < end && i32.load(term, 8) == component);
        v128.store(to, s0);
        v128.store(to, s1, 16);
        v128.store(to, s2, 32);
        v128.store(to, s3, 48);
      }
    }
  }
}

/** The same with one lane of y for all of x and out: the derivative of a product along many directions. */
export function coupleOne(pairs: usize, count: i32, terms: usize, termCount: i32, lanes: i32, x: usize, y: usize, out: usize): void {
  const bytes = <usize>lanes << 3;
  const end = terms + <usize>termCount * TERM;
  for (const last = pairs + <usize>count * 12; pairs < last; pairs += 12) {
    const left = x + <usize>i32.load(pairs) * bytes, right = y + (<usize>i32.load(pairs, 4) << 3), target = out + <usize>i32.load(pairs, 8) * bytes;
    for (let lane: usize = 0; lane < bytes; lane += 64) {
      let term = terms;
      while (term < end) {
        const component = i32.load(term, 8);
        const to = target + <usize>component * bytes + lane;
        let s0 = v128.load(to), s1 = v128.load(to, 16), s2 = v128.load(to, 32), s3 = v128.load(to, 48);
        do {
          const a = left + <usize>i32.load(term) * bytes + lane;
          const c = f64x2.splat(f64.load(term, 16) * f64.load(right + (<usize>i32.load(term, 4) << 3)));
          s0 = multiplyAdd<f64>(s0, c, v128.load(a));
          s1 = multiplyAdd<f64>(s1, c, v128.load(a, 16));
          s2 = multiplyAdd<f64>(s2, c, v128.load(a, 32));
          s3 = multiplyAdd<f64>(s3, c, v128.load(a, 48));
          term += TERM;
        } while (term < end && i32.load(term, 8) == component);
        v128.store(to, s0);
        v128.store(to, s1, 16);
        v128.store(to, s2, 32);
        v128.store(to, s3, 48);
      }
    }
  }
}

/**
 * One density of one environment into its lane: component m of channel n of degree l goes to row rows[l] + n (2l + 1) + m.
 * `source` is [lm][nStride], `rows` int32 [l].
 */
export function spreadLane(nMax: i32, nStride: i32, lMax: i32, source: usize, rows: usize, lanes: i32, lane: i32, out: usize): void {
  for (let l = 0; l <= lMax; l++) {
    const width = 2 * l + 1;
    for (let m = 0; m < width; m++) {
      let to = out + (<usize>((i32.load(rows + (<usize>l << 2)) + m) * lanes + lane) << 3);
      const from = source + (<usize>((l * l + m) * nStride) << 3);
      for (let n = 0; n < nMax; n++, to += <usize>(width * lanes) << 3) f64.store(to, f64.load(from + (<usize>n << 3)));
    }
  }
}

/** The reverse of `spreadLane`; the padding of `target` is left as it is. */
export function gatherLane(nMax: i32, nStride: i32, lMax: i32, source: usize, rows: usize, lanes: i32, lane: i32, target: usize): void {
  for (let l = 0; l <= lMax; l++) {
    const width = 2 * l + 1;
    for (let m = 0; m < width; m++) {
      let from = source + (<usize>((i32.load(rows + (<usize>l << 2)) + m) * lanes + lane) << 3);
      const to = target + (<usize>((l * l + m) * nStride) << 3);
      for (let n = 0; n < nMax; n++, from += <usize>(width * lanes) << 3) f64.store(to + (<usize>n << 3), f64.load(from));
    }
  }
}

/** features[μ channels + q] = scale_q A_qμ of one lane; A is [q][μ][lane]. */
export function joinLane(channels: i32, components: i32, lanes: i32, lane: i32, source: usize, scale: usize, features: usize): void {
  for (let q = 0; q < channels; q++) {
    const factor = f64.load(scale + (<usize>q << 3));
    for (let mu = 0; mu < components; mu++) {
      f64.store(features + (<usize>(mu * channels + q) << 3), factor * f64.load(source + (<usize>((q * components + mu) * lanes + lane) << 3)));
    }
  }
}

/** The reverse of `joinLane`: target_qμ += scale_q gradient[μ channels + q]. */
export function splitLane(channels: i32, components: i32, lanes: i32, lane: i32, gradient: usize, scale: usize, target: usize): void {
  for (let q = 0; q < channels; q++) {
    const factor = f64.load(scale + (<usize>q << 3));
    for (let mu = 0; mu < components; mu++) {
      const to = target + (<usize>((q * components + mu) * lanes + lane) << 3);
      f64.store(to, f64.load(to) + factor * f64.load(gradient + (<usize>(mu * channels + q) << 3)));
    }
  }
}
