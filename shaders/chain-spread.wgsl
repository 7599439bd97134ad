// Density coefficients of a chunk of centers as components of a chain, THEORY.md Eq. (49): component k of all rows stands together, [k][row].

/** Numbers of one center's coefficients. */
override COEFFICIENTS: u32;

struct Rows { slot: u32, first: u32, count: u32 }

@group(0) @binding(0) var<uniform> rows: Rows;
/** Where each component stands among the coefficients of a center. */
@group(0) @binding(1) var<storage, read> places: array<u32>;
@group(0) @binding(2) var<storage, read> coefficients: array<f32>;
@group(0) @binding(3) var<storage, read_write> values: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * 64u + thread;
  if (row >= rows.count) {
    return;
  }
  let stride = (rows.count + 63u) & ~63u;
  values[group.y * stride + row] = coefficients[row * COEFFICIENTS + places[group.y]];
}
