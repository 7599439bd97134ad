/** Largest |a_i − b_i|; NaN when the lengths differ or any element is not a number, so that every comparison with it fails. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return NaN;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest)) largest = difference;
    if (Number.isNaN(difference)) return NaN;
  }
  return largest;
}

/** Largest |a_i|, NaN when one is. */
export function largestMagnitude(a: ArrayLike<number>): number {
  return largestDifference(a, new Float64Array(a.length));
}

/** largestDifference relative to the largest |b_i|. */
export function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return largestDifference(a, b) / largestMagnitude(b);
}
