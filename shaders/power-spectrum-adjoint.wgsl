// Reverse of the power spectrum, THEORY.md Eq. (21): ∂ε/∂p̂ → ∂ε/∂p = (g − p̂ (p̂·g)) / |p| →
// ∂ε/∂c_anlm = Σ_bn' ∂ε/∂p_(an)(bn')l ∂p/∂c.
// One workgroup per row.

override L_MAX: u32;
override N_MAX: u32;
override N_STRIDE: u32;
override DENSITIES: u32;
override FEATURES: u32;
override STRIDE: u32;
override GRADIENT_STRIDE: u32;
override RADIAL: bool;
override NORMALIZE: bool;
override ORDERS: u32 = (L_MAX + 1u) * (L_MAX + 1u);
override TRIANGLE: u32 = N_MAX * (N_MAX + 1u) / 2u;

const SQRT2: f32 = 1.4142135623730951;

struct Rows { slot: u32, first: u32, count: u32 }

@group(0) @binding(0) var<uniform> rows: Rows;
/** First feature of the densities (a, b) = (b, a); [a][b]. */
@group(0) @binding(1) var<storage, read> blocks: array<u32>;
@group(0) @binding(2) var<storage, read> coefficients: array<f32>;
@group(0) @binding(3) var<storage, read> features: array<f32>;
@group(0) @binding(4) var<storage, read> environments: array<vec4<f32>>;
/** ∂ε/∂p̂, becomes ∂ε/∂p. */
@group(0) @binding(5) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> adjoint: array<f32>;

var<workgroup> parts: array<f32, 64>;

/** Σ_n' of one pair of densities; (n, n') ascending where they are the same. */
fn block_sum(a: u32, b: u32, l: u32, n: u32, from_gradient: u32, from_coefficients: u32) -> f32 {
  var sum = 0.0;
  var at = from_gradient + blocks[a * DENSITIES + b];
  if (a == b) {
    at += l * TRIANGLE + n;
    for (var k = 0u; k < N_MAX; k++) {
      sum += select(SQRT2, 2.0, k == n) * gradient[at] * coefficients[from_coefficients + k];
      at += select(1u, N_MAX - k - 1u, k < n);
    }
    return sum;
  }
  at += l * N_MAX * N_MAX + select(n, n * N_MAX, a < b);
  let step = select(N_MAX, 1u, a < b);
  for (var k = 0u; k < N_MAX; k++) {
    sum += gradient[at] * coefficients[from_coefficients + k];
    at += step;
  }
  return SQRT2 * sum;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = rows.first + group.x;
  let from_gradient = row * GRADIENT_STRIDE;
  if (NORMALIZE) {
    var along = 0.0;
    for (var f = thread; f < FEATURES; f += 64u) {
      along += features[row * STRIDE + f] * gradient[from_gradient + f];
    }
    parts[thread] = along;
    for (var width = 32u; width > 0u; width >>= 1u) {
      workgroupBarrier();
      if (thread < width) {
        parts[thread] += parts[thread + width];
      }
    }
    workgroupBarrier();
    let total = parts[0];
    let inverse = environments[row].x;
    for (var f = thread; f < FEATURES; f += 64u) {
      gradient[from_gradient + f] = inverse * (gradient[from_gradient + f] - features[row * STRIDE + f] * total);
    }
    storageBarrier();
  }
  for (var k = thread; k < DENSITIES * ORDERS * N_STRIDE; k += 64u) {
    let n = k % N_STRIDE;
    let lm = (k / N_STRIDE) % ORDERS;
    let a = k / (N_STRIDE * ORDERS);
    var value = 0.0;
    if (n < N_MAX) {
      if (RADIAL) {
        value = gradient[from_gradient + a * N_MAX + n];
      } else {
        let l = u32(sqrt(f32(lm) + 0.5));
        for (var b = 0u; b < DENSITIES; b++) {
          value += block_sum(a, b, l, n, from_gradient, ((row * DENSITIES + b) * ORDERS + lm) * N_STRIDE);
        }
        value /= sqrt(f32(2u * l + 1u));
      }
    }
    adjoint[row * DENSITIES * ORDERS * N_STRIDE + k] = value;
  }
}
