/** A number system with more digits than float64, for small matrices that are prepared once. */
export interface Arithmetic<T> {
  readonly zero: T;
  readonly one: T;
  add(a: T, b: T): T;
  subtract(a: T, b: T): T;
  multiply(a: T, b: T): T;
  divide(a: T, b: T): T;
  /** √a for a > 0. */
  squareRoot(a: T): T;
  fromNumber(value: number): T;
  toNumber(a: T): number;
  /** Below this share of the largest element of a matrix, an element is rounding. */
  readonly precision: number;
}
