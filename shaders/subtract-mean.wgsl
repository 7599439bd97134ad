// δ = z − μ in place, for the rows of a chunk's centers (src/backend/gpu/fit-columns.ts says why). One workgroup per row.

struct Rows { slot: u32, first: u32, count: u32 }
/** Numbers of a row, and from row to row. */
struct Sizes { columns: u32, stride: u32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<uniform> sizes: Sizes;
/** μ, [column]. */
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read_write> values: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = rows.first + group.x;
  for (var k = thread; k < sizes.columns; k += 64u) {
    values[row * sizes.stride + k] -= mean[k];
  }
}
