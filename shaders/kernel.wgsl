// What the sparse points add to the energy of an environment, THEORY.md Eq. (16), beyond its first terms about μ (src/backend/gpu/centered-model.ts).
// With s = a_m + t, t = δ·μ + δ·δ_m and the complete homogeneous polynomials h_n of s and of a as often as said,
//   Σ_m x_m t^k h_{ζ−k}(s, a × k),   and of ∂/∂s_m   ζ x_m t^{k−1} h_{ζ−k}(s, a × (k − 1)),   k = ORDER.
// The products δ·δ_m are replaced by the latter, to be multiplied by δ_m. Their sum, γ and s·δ together leave V[(γ + …)μ + g⟂] of ∂ε/∂p̂.
// Of a normalized p̂ only the part normal to p̂ counts: there Vμ is as good as Vμ − p̂, which is small. One workgroup per row.

override ZETA: u32;
/** 2 or 3. */
override ORDER: u32;
override NORMALIZE: bool;
/** Add to what stands in ∂ε/∂p̂. */
override ACCUMULATE: bool;

/** `slopes`: whether ∂ε/∂s_m and ∂ε/∂p̂ are wanted, and not energies alone. */
struct Rows { slot: u32, first: u32, count: u32, slopes: u32 }
/** Sparse points with padding; features; strides of p̂ and of ∂ε/∂p̂; γ. */
struct Sizes { points: u32, features: u32, feature_stride: u32, gradient_stride: u32, parallel: f32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<uniform> sizes: Sizes;
@group(0) @binding(2) var<storage, read> slots: array<vec2<u32>>;
/** 1/|p| or 0 without density; δ·μ; energy so far; s·δ; [row]. */
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

/** Energy and derivative that one sparse point adds. */
fn remainder(a: f32, weight: f32, t: f32) -> vec2<f32> {
  let s = a + t;
  var power = 1.0;
  var once = 1.0;
  var twice = 1.0;
  var thrice = 1.0;
  for (var k = ORDER; k < ZETA; k++) {
    power *= a;
    once = s * once + power;
    twice = a * twice + once;
    thrice = a * thrice + twice;
  }
  if (ORDER == 2u) {
    return weight * t * vec2<f32>(t * twice, f32(ZETA) * once);
  }
  return weight * t * t * vec2<f32>(t * thrice, f32(ZETA) * twice);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = rows.first + group.x;
  let environment = environments[row];
  var sum = vec2<f32>();
  if (ZETA >= ORDER) {
    for (var m = thread; m < sizes.points; m += 64u) {
      let at = row * sizes.points + m;
      let point = points[m];
      let added = remainder(point.x, point.y, environment.y + products[at]);
      sum += added;
      if (rows.slopes != 0u) {
        products[at] = added.y;
      }
    }
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
  let parallel = sizes.parallel + environment.w + total.y;
  let columns = select(0u, sizes.gradient_stride, rows.slopes != 0u);
  for (var k = thread; k < columns; k += 64u) {
    var value = 0.0;
    if (k < sizes.features) {
      var direction = reference[k].x;
      if (NORMALIZE) {
        direction -= features[row * sizes.feature_stride + k];
      }
      value = reference[k].y + parallel * direction;
    }
    let at = row * sizes.gradient_stride + k;
    if (ACCUMULATE) {
      value += gradient[at];
    }
    gradient[at] = value;
  }
  if (thread == 0u) {
    energies[slots[rows.slot + row].x] = vec2<f32>(environment.z + total.x, select(0.0, 1.0, environment.x > 0.0));
  }
}
