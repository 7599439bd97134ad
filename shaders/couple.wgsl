// Products of a chain's components, THEORY.md Eq. (49): every component of the new blocks is one sum Σ C x y, written once. A thread is a row: terms
// are the same for all threads of a workgroup, and neighbors read neighbors.

override COUNT: u32;

struct Rows { slot: u32, first: u32, count: u32 }
struct Sum { place: u32, first: u32, end: u32 }
struct Term { x: u32, y: u32, c: f32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<storage, read> sums: array<Sum>;
@group(0) @binding(2) var<storage, read> terms: array<Term>;
@group(0) @binding(3) var<storage, read_write> values: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * 64u + thread;
  let index = group.z * 32768u + group.y;
  if (row >= rows.count || index >= COUNT) {
    return;
  }
  let stride = (rows.count + 63u) & ~63u;
  let own = sums[index];
  var total = 0.0;
  for (var k = own.first; k < own.end; k++) {
    let term = terms[k];
    total += term.c * values[term.x * stride + row] * values[term.y * stride + row];
  }
  values[own.place * stride + row] = total;
}
