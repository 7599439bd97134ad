// out = A B, or out + A B: rows [row][k] times a resident matrix [k][column] whose columns are padded to 64.
// Tiles of 64 × 64; every thread keeps 8 × 8 sums in registers and makes 256 multiply-adds of 16 loads. A row has the same bits in any company.

override ACCUMULATE: bool;

struct Rows { slot: u32, first: u32, count: u32 }
/** In units of four numbers: length of k, columns of B, and the strides of A and out. */
struct Sizes { inner: u32, columns: u32, left_stride: u32, out_stride: u32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<uniform> sizes: Sizes;
@group(0) @binding(2) var<storage, read> left: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> right: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4<f32>>;

/** Four products are added up before they meet the long sum: half the rounding errors of one chain. */
fn multiply_add(sum: vec4<f32>, a: vec4<f32>, b0: vec4<f32>, b1: vec4<f32>, b2: vec4<f32>, b3: vec4<f32>) -> vec4<f32> {
  return sum + ((a.x * b0 + a.y * b1) + (a.z * b2 + a.w * b3));
}

fn put(row: u32, column: u32, low: vec4<f32>, high: vec4<f32>) {
  if (row >= rows.first + rows.count) {
    return;
  }
  let at = row * sizes.out_stride + column;
  if (ACCUMULATE) {
    out[at] += low;
    out[at + 1u] += high;
  } else {
    out[at] = low;
    out[at + 1u] = high;
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = rows.first + group.x * 64u + (thread / 8u) * 8u;
  let column = group.y * 16u + (thread % 8u) * 2u;
  // Rows beyond the last read the last one and are not stored.
  let last = rows.first + rows.count - 1u;
  let r0 = min(row, last) * sizes.left_stride;
  let r1 = min(row + 1u, last) * sizes.left_stride;
  let r2 = min(row + 2u, last) * sizes.left_stride;
  let r3 = min(row + 3u, last) * sizes.left_stride;
  let r4 = min(row + 4u, last) * sizes.left_stride;
  let r5 = min(row + 5u, last) * sizes.left_stride;
  let r6 = min(row + 6u, last) * sizes.left_stride;
  let r7 = min(row + 7u, last) * sizes.left_stride;
  var s00 = vec4<f32>(); var s01 = vec4<f32>(); var s10 = vec4<f32>(); var s11 = vec4<f32>();
  var s20 = vec4<f32>(); var s21 = vec4<f32>(); var s30 = vec4<f32>(); var s31 = vec4<f32>();
  var s40 = vec4<f32>(); var s41 = vec4<f32>(); var s50 = vec4<f32>(); var s51 = vec4<f32>();
  var s60 = vec4<f32>(); var s61 = vec4<f32>(); var s70 = vec4<f32>(); var s71 = vec4<f32>();
  var at = column;
  for (var k = 0u; k < sizes.inner; k++) {
    let b00 = right[at]; let b01 = right[at + 1u];
    at += sizes.columns;
    let b10 = right[at]; let b11 = right[at + 1u];
    at += sizes.columns;
    let b20 = right[at]; let b21 = right[at + 1u];
    at += sizes.columns;
    let b30 = right[at]; let b31 = right[at + 1u];
    at += sizes.columns;
    let a0 = left[r0 + k]; let a1 = left[r1 + k]; let a2 = left[r2 + k]; let a3 = left[r3 + k];
    let a4 = left[r4 + k]; let a5 = left[r5 + k]; let a6 = left[r6 + k]; let a7 = left[r7 + k];
    s00 = multiply_add(s00, a0, b00, b10, b20, b30); s01 = multiply_add(s01, a0, b01, b11, b21, b31);
    s10 = multiply_add(s10, a1, b00, b10, b20, b30); s11 = multiply_add(s11, a1, b01, b11, b21, b31);
    s20 = multiply_add(s20, a2, b00, b10, b20, b30); s21 = multiply_add(s21, a2, b01, b11, b21, b31);
    s30 = multiply_add(s30, a3, b00, b10, b20, b30); s31 = multiply_add(s31, a3, b01, b11, b21, b31);
    s40 = multiply_add(s40, a4, b00, b10, b20, b30); s41 = multiply_add(s41, a4, b01, b11, b21, b31);
    s50 = multiply_add(s50, a5, b00, b10, b20, b30); s51 = multiply_add(s51, a5, b01, b11, b21, b31);
    s60 = multiply_add(s60, a6, b00, b10, b20, b30); s61 = multiply_add(s61, a6, b01, b11, b21, b31);
    s70 = multiply_add(s70, a7, b00, b10, b20, b30); s71 = multiply_add(s71, a7, b01, b11, b21, b31);
  }
  put(row, column, s00, s01);
  put(row + 1u, column, s10, s11);
  put(row + 2u, column, s20, s21);
  put(row + 3u, column, s30, s31);
  put(row + 4u, column, s40, s41);
  put(row + 5u, column, s50, s51);
  put(row + 6u, column, s60, s61);
  put(row + 7u, column, s70, s71);
}
