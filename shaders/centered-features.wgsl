// δ = z − μ, and what all sparse points share of it: δ·μ, and δ·g, the linear term of the energy about μ (src/backend/gpu/centered-model.ts).
// One workgroup per row.

struct Rows { slot: u32, first: u32, count: u32 }
/** Numbers of a row of δ, padding included, and the stride of z. */
struct Sizes { columns: u32, source_stride: u32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<uniform> sizes: Sizes;
/** z, [row][column]; zero in the padding, as μ and g are. */
@group(0) @binding(2) var<storage, read> source: array<f32>;
/** μ and g, [column]. */
@group(0) @binding(3) var<storage, read> mean: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> centered: array<f32>;
/** Keeps x and y, sets z = δ·μ and w = δ·g. */
@group(0) @binding(5) var<storage, read_write> environments: array<vec4<f32>>;

var<workgroup> parts: array<vec2<f32>, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = rows.first + group.x;
  var sum = vec2<f32>();
  for (var k = thread; k < sizes.columns; k += 64u) {
    let reference = mean[k];
    let delta = source[row * sizes.source_stride + k] - reference.x;
    centered[row * sizes.columns + k] = delta;
    sum += delta * reference;
  }
  parts[thread] = sum;
  for (var width = 32u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) {
      parts[thread] += parts[thread + width];
    }
  }
  if (thread == 0u) {
    environments[row] = vec4<f32>(environments[row].xy, parts[0]);
  }
}
