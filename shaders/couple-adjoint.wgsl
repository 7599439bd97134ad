// Both adjoints of couple.wgsl at once: for every component that is a factor, slope += Σ C (slope of the product) (other factor), written once.

override COUNT: u32;

struct Rows { slot: u32, first: u32, count: u32 }
struct Sum { place: u32, first: u32, end: u32 }
/** x: the product, y: the other factor. */
struct Term { x: u32, y: u32, c: f32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<storage, read> sums: array<Sum>;
@group(0) @binding(2) var<storage, read> terms: array<Term>;
@group(0) @binding(3) var<storage, read> values: array<f32>;
@group(0) @binding(4) var<storage, read_write> slopes: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * 64u + thread;
  let index = group.z * 32768u + group.y;
  if (row >= rows.count || index >= COUNT) {
    return;
  }
  let stride = (rows.count + 63u) & ~63u;
  let own = sums[index];
  var total = slopes[own.place * stride + row];
  for (var k = own.first; k < own.end; k++) {
    let term = terms[k];
    total += term.c * slopes[term.x * stride + row] * values[term.y * stride + row];
  }
  slopes[own.place * stride + row] = total;
}
