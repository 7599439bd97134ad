// Slopes of a chain's components from ∂ε/∂p̂, the reverse of chain-join.wgsl: ∂ε/∂p = (g − p̂ (p̂·g)) / |p|, times the scale where a component is a
// feature, 0 elsewhere. One workgroup per row.

override COMPONENTS: u32;
override FEATURES: u32;
override STRIDE: u32;
override GRADIENT_STRIDE: u32;
override NORMALIZE: bool;

struct Rows { slot: u32, first: u32, count: u32 }
struct Feature { component: u32, scale: f32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<storage, read> labels: array<Feature>;
@group(0) @binding(2) var<storage, read> features: array<f32>;
@group(0) @binding(3) var<storage, read> environments: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> slopes: array<f32>;

var<workgroup> parts: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x;
  let stride = (rows.count + 63u) & ~63u;
  var total = 0.0;
  var inverse = 1.0;
  if (NORMALIZE) {
    var along = 0.0;
    for (var f = thread; f < FEATURES; f += 64u) {
      along += features[row * STRIDE + f] * gradient[row * GRADIENT_STRIDE + f];
    }
    parts[thread] = along;
    for (var width = 32u; width > 0u; width >>= 1u) {
      workgroupBarrier();
      if (thread < width) {
        parts[thread] += parts[thread + width];
      }
    }
    workgroupBarrier();
    total = parts[0];
    inverse = environments[row].x;
  }
  for (var k = thread; k < COMPONENTS; k += 64u) {
    slopes[k * stride + row] = 0.0;
  }
  storageBarrier();
  for (var f = thread; f < FEATURES; f += 64u) {
    var slope = gradient[row * GRADIENT_STRIDE + f];
    if (NORMALIZE) {
      slope = inverse * (slope - features[row * STRIDE + f] * total);
    }
    slopes[labels[f].component * stride + row] = labels[f].scale * slope;
  }
}
