// Mixing of channels, THEORY.md Eq. (52): out_qμ = Σ_k U_qk from_kμ, or out += for the adjoint with U transposed. A thread is a row and keeps eight
// channels of one μ.

override ACCUMULATE: bool;

struct Rows { slot: u32, first: u32, count: u32 }
/** First components of both blocks, their channels, and 2λ + 1. */
struct Sizes { first: u32, out: u32, inner: u32, channels: u32, width: u32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<uniform> sizes: Sizes;
/** U [k][q], q padded to 8. */
@group(0) @binding(2) var<storage, read> mixing: array<f32>;
@group(0) @binding(3) var<storage, read_write> values: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * 64u + thread;
  if (row >= rows.count) {
    return;
  }
  let stride = (rows.count + 63u) & ~63u;
  let padded = (sizes.channels + 7u) & ~7u;
  let first = group.y * 8u;
  var low = vec4<f32>();
  var high = vec4<f32>();
  for (var k = 0u; k < sizes.inner; k++) {
    let x = values[(sizes.first + k * sizes.width + group.z) * stride + row];
    let at = k * padded + first;
    low += x * vec4<f32>(mixing[at], mixing[at + 1u], mixing[at + 2u], mixing[at + 3u]);
    high += x * vec4<f32>(mixing[at + 4u], mixing[at + 5u], mixing[at + 6u], mixing[at + 7u]);
  }
  for (var q = 0u; q < min(8u, sizes.channels - first); q++) {
    let at = (sizes.out + (first + q) * sizes.width + group.z) * stride + row;
    let value = select(low[q & 3u], high[q & 3u], q > 3u);
    if (ACCUMULATE) {
      values[at] += value;
    } else {
      values[at] = value;
    }
  }
}
