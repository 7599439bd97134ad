/** Plain loops and seeded numbers, the specification of the linear-algebra kernels. */

export function createRandom(seed: number): () => number {
  let state = seed;
  // Park and Miller's minimal standard generator.
  return () => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
}

export function randomMatrix(rows: number, columns: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: rows * columns }, random);
}

export function multiplyNaive(a: ArrayLike<number>, b: ArrayLike<number>, m: number, n: number, k: number): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * k + p]! * b[p * n + j]!;
      c[i * n + j] = sum;
    }
  }
  return c;
}

export function transpose(a: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const t = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) t[j * rows + i] = a[i * columns + j]!;
  return t;
}

/** |x − y| / |y|, Euclidean; NaN when either holds a NaN. */
export function relativeError(x: ArrayLike<number>, y: ArrayLike<number>): number {
  if (x.length !== y.length) return Number.NaN;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < x.length; i++) {
    difference += (x[i]! - y[i]!) ** 2;
    size += y[i]! ** 2;
  }
  return size === 0 ? Math.sqrt(difference) : Math.sqrt(difference / size);
}
