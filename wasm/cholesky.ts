// A = L Lᵀ in place on the lower triangle, by halves: L₁₁ from A₁₁, L₂₁ = A₂₁ L₁₁^{-T}, L₂₂ from A₂₂ − L₂₁ L₂₁ᵀ.

import { LOWER, gemmTriangle } from "./gemm";
import { trsmRightLowerTransposed } from "./triangular";
import { dot } from "./vector";

const BASE: i32 = 24;

/**
 * The lower triangle of A [n × n] becomes L; the upper one is neither read nor written.
 * Returns −1, or the index of the first pivot that is not positive, whose value then stands on the diagonal.
 */
export function cholesky(n: i32, a: usize, lda: i32): i32 {
  if (n <= BASE) {
    for (let i = 0; i < n; i++) {
      const row = a + ((<usize>(i * lda)) << 3);
      for (let j = 0; j < i; j++) {
        const other = a + ((<usize>(j * lda)) << 3);
        const to = row + ((<usize>j) << 3);
        store<f64>(to, (load<f64>(to) - dot(j, row, other)) / load<f64>(other + ((<usize>j) << 3)));
      }
      const diagonal = row + ((<usize>i) << 3);
      const pivot = load<f64>(diagonal) - dot(i, row, row);
      store<f64>(diagonal, pivot);
      if (!(pivot > 0)) return i;
      store<f64>(diagonal, sqrt(pivot));
    }
    return -1;
  }
  const half = ((n / 2 + 7) / 8) * 8;
  const below = a + ((<usize>(half * lda)) << 3);
  const corner = below + ((<usize>half) << 3);
  let failed = cholesky(half, a, lda);
  if (failed >= 0) return failed;
  trsmRightLowerTransposed(n - half, half, a, lda, below, lda);
  gemmTriangle(LOWER, 0, 1, n - half, half, -1, below, lda, below, lda, 1, corner, lda);
  failed = cholesky(n - half, corner, lda);
  return failed < 0 ? failed : failed + half;
}
