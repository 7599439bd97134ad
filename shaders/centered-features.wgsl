// δ = z − μ, and what all sparse points share of it (src/backend/gpu/centered-model.ts): δ·μ, the linear energy δ·g, and s·δ.
// One workgroup per row.

struct Rows { slot: u32, first: u32, count: u32 }
/** Numbers of a row of δ, padding included, and the stride of z. */
struct Sizes { columns: u32, source_stride: u32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<uniform> sizes: Sizes;
/** z, [row][column]; zero in the padding, as μ, g and s are. */
@group(0) @binding(2) var<storage, read> source: array<f32>;
/** μ, g and s, [column]. */
@group(0) @binding(3) var<storage, read> reference: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> centered: array<f32>;
/** Keeps x; sets y = δ·μ, z = the energy so far, w = s·δ. */
@group(0) @binding(5) var<storage, read_write> environments: array<vec4<f32>>;

var<workgroup> parts: array<vec4<f32>, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = rows.first + group.x;
  var sum = vec4<f32>();
  for (var k = thread; k < sizes.columns; k += 64u) {
    let vectors = reference[k];
    let delta = source[row * sizes.source_stride + k] - vectors.x;
    centered[row * sizes.columns + k] = delta;
    sum += delta * vectors;
  }
  parts[thread] = sum;
  for (var width = 32u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) {
      parts[thread] += parts[thread + width];
    }
  }
  if (thread == 0u) {
    let total = parts[0];
    // Half of δ·Sδ = (δ·μ)(s·δ) + δ·S'δ; the other part follows in curvature.wgsl.
    environments[row] = vec4<f32>(environments[row].x, total.x, total.y + 0.5 * total.x * total.z, total.z);
  }
}
