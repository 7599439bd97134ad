// ½ δ·S'δ, the part of the quadratic energy that remains after centered-features.wgsl. One workgroup per row.

struct Rows { slot: u32, first: u32, count: u32 }
/** Numbers of a row of δ, and the stride of S'δ. */
struct Sizes { columns: u32, slope_stride: u32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<uniform> sizes: Sizes;
@group(0) @binding(2) var<storage, read> centered: array<f32>;
/** S'δ, [row][column]. */
@group(0) @binding(3) var<storage, read> slope: array<f32>;
/** Adds to z, the energy. */
@group(0) @binding(4) var<storage, read_write> environments: array<vec4<f32>>;

var<workgroup> parts: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = rows.first + group.x;
  var sum = 0.0;
  for (var k = thread; k < sizes.columns; k += 64u) {
    sum += centered[row * sizes.columns + k] * slope[row * sizes.slope_stride + k];
  }
  parts[thread] = sum;
  for (var width = 32u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) {
      parts[thread] += parts[thread + width];
    }
  }
  if (thread == 0u) {
    environments[row].z += 0.5 * parts[0];
  }
}
