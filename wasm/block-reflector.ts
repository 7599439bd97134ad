// H₀ H₁ … H_{w−1} = 1 − V T Vᵀ for reflectors H = 1 − τ v vᵀ, Schreiber and Van Loan, doi:10.1137/0910005: T upper triangular, T_jj = τ_j, T_ij =
// −τ_j Σ_{i≤p<j} T_ip (v_p · v_j).

/** T [w × w] from the τ [w] and the Gram matrix of the v [w × w]. */
export function blockReflector(width: i32, taus: usize, gram: usize, triangle: usize): void {
  memory.fill(triangle, 0, (<usize>(width * width)) << 3);
  for (let j = 0; j < width; j++) {
    const tau = load<f64>(taus + ((<usize>j) << 3));
    store<f64>(triangle + ((<usize>(j * width + j)) << 3), tau);
    for (let i = 0; i < j; i++) {
      let sum = 0.0;
      for (let p = i; p < j; p++) sum += load<f64>(triangle + ((<usize>(i * width + p)) << 3)) * load<f64>(gram + ((<usize>(p * width + j)) << 3));
      store<f64>(triangle + ((<usize>(i * width + j)) << 3), -tau * sum);
    }
  }
}
