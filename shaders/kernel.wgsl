// Environment energies, THEORY.md Eq. (16), beyond their value and slope at μ: with s_m = a_m + t, a_m = μ·z_m, t = δ·μ + δ·δ_m,
//   Σ_m x_m [s^ζ − a^ζ − ζ a^{ζ−1} t] = Σ_m x_m t² H,   H = Σ_j (ζ − 1 − j) s^j a^{ζ−2−j},
//   ∂/∂s_m, less its value at μ:  ζ x_m (s^{ζ−1} − a^{ζ−1}) = ζ x_m t h,   h = Σ_k s^k a^{ζ−2−k}.
// The products δ·δ_m are replaced by the latter, to be multiplied by δ_m. Their sum c, and the slope g = γμ + g⟂ at μ, leave V[(γ + c)μ + g⟂] of ∂ε/∂p̂.
// Of a normalized p̂ only the part normal to p̂ counts: there Vμ is as good as Vμ − p̂, which is small. One workgroup per row.

override ZETA: u32;
override NORMALIZE: bool;

struct Rows { slot: u32, first: u32, count: u32 }
/** Sparse points with padding; features; strides of p̂ and of ∂ε/∂p̂. */
struct Sizes { points: u32, features: u32, feature_stride: u32, gradient_stride: u32, parallel: f32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<uniform> sizes: Sizes;
@group(0) @binding(2) var<storage, read> slots: array<vec2<u32>>;
/** 1/|p|, density or none, δ·μ, δ·g; [row]. */
@group(0) @binding(3) var<storage, read> environments: array<vec4<f32>>;
/** a_m and x_m, [point]; zero in the padding. */
@group(0) @binding(4) var<storage, read> points: array<vec2<f32>>;
/** Vμ and Vg⟂, [feature]. */
@group(0) @binding(5) var<storage, read> reference: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read> features: array<f32>;
@group(0) @binding(7) var<storage, read_write> products: array<f32>;
@group(0) @binding(8) var<storage, read_write> gradient: array<f32>;
/** ε − ε(μ) in eV, and whether there is any density; [center]. */
@group(0) @binding(9) var<storage, read_write> energies: array<vec2<f32>>;

var<workgroup> parts: array<vec2<f32>, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = rows.first + group.x;
  let environment = environments[row];
  var sum = vec2<f32>();
  for (var m = thread; m < sizes.points; m += 64u) {
    let at = row * sizes.points + m;
    let a = points[m].x;
    let t = environment.z + products[at];
    let s = a + t;
    var derivative = 0.0;
    if (ZETA > 1u) {
      var power = 1.0;
      var low = 1.0;
      var high = 1.0;
      for (var k = 2u; k < ZETA; k++) {
        power *= a;
        low = s * low + power;
        high = a * high + low;
      }
      let weighted = points[m].y * t;
      sum.x += weighted * t * high;
      derivative = f32(ZETA) * weighted * low;
    }
    sum.y += derivative;
    products[at] = derivative;
  }
  parts[thread] = sum;
  for (var width = 32u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) {
      parts[thread] += parts[thread + width];
    }
  }
  workgroupBarrier();
  let total = parts[0];
  let parallel = sizes.parallel + total.y;
  for (var k = thread; k < sizes.gradient_stride; k += 64u) {
    var value = 0.0;
    if (k < sizes.features) {
      var direction = reference[k].x;
      if (NORMALIZE) {
        direction -= features[row * sizes.feature_stride + k];
      }
      value = reference[k].y + parallel * direction;
    }
    gradient[row * sizes.gradient_stride + k] = value;
  }
  if (thread == 0u) {
    energies[slots[rows.slot + row].x] = vec2<f32>(environment.w + total.x, environment.y);
  }
}
