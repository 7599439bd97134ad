// Features of a chunk of centers from a chain's components: p = scale A, then p̂ = p / |p|, THEORY.md Eq. (13). One workgroup per row.

override FEATURES: u32;
/** Numbers of a row of features; the padding is zero. */
override STRIDE: u32;
override NORMALIZE: bool;

struct Rows { slot: u32, first: u32, count: u32 }
struct Feature { component: u32, scale: f32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<storage, read> labels: array<Feature>;
@group(0) @binding(2) var<storage, read> values: array<f32>;
@group(0) @binding(3) var<storage, read_write> features: array<f32>;
/** x: 1/|p|, or 1 without normalization; 0 where there is no density; [row]. */
@group(0) @binding(4) var<storage, read_write> environments: array<vec4<f32>>;

var<workgroup> parts: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x;
  let stride = (rows.count + 63u) & ~63u;
  var square = 0.0;
  for (var f = thread; f < STRIDE; f += 64u) {
    var p = 0.0;
    if (f < FEATURES) {
      p = labels[f].scale * values[labels[f].component * stride + row];
    }
    square += p * p;
    features[row * STRIDE + f] = p;
  }
  parts[thread] = square;
  for (var width = 32u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) {
      parts[thread] += parts[thread + width];
    }
  }
  workgroupBarrier();
  let norm = parts[0];
  var inverse = 0.0;
  if (norm > 0.0) {
    inverse = select(1.0, 1.0 / sqrt(norm), NORMALIZE);
  }
  if (NORMALIZE) {
    for (var f = thread; f < FEATURES; f += 64u) {
      features[row * STRIDE + f] *= inverse;
    }
  }
  if (thread == 0u) {
    environments[row] = vec4<f32>(inverse, 0.0, 0.0, 0.0);
  }
}
