// The two programs that measure an adapter's limits. They are no part of the library, whose own are in shaders/.

/**
 * C = Aᵀ B of square matrices: tiles of 128 × 128 by 256 threads; 8 of k at a time in workgroup memory; every thread keeps 8 × 8 sums in registers
 * and makes 64 multiply-adds of four loads.
 */
export const PRODUCT = /* wgsl */ `
/** Rows of A, B and C; a multiple of 128. */
override SIZE: u32;
override QUADS: u32 = SIZE / 4u;

@group(0) @binding(0) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4<f32>>;

var<workgroup> left: array<vec4<f32>, 256>;
var<workgroup> right: array<vec4<f32>, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * 32u;
  let column = group.y * 32u;
  let own_row = thread / 16u;
  let own_column = thread % 16u;
  var s00 = vec4<f32>(); var s01 = vec4<f32>(); var s10 = vec4<f32>(); var s11 = vec4<f32>();
  var s20 = vec4<f32>(); var s21 = vec4<f32>(); var s30 = vec4<f32>(); var s31 = vec4<f32>();
  var s40 = vec4<f32>(); var s41 = vec4<f32>(); var s50 = vec4<f32>(); var s51 = vec4<f32>();
  var s60 = vec4<f32>(); var s61 = vec4<f32>(); var s70 = vec4<f32>(); var s71 = vec4<f32>();
  for (var first = 0u; first < SIZE; first += 8u) {
    let place = (first + thread / 32u) * QUADS + thread % 32u;
    left[thread] = a[place + row];
    right[thread] = b[place + column];
    workgroupBarrier();
    for (var k = 0u; k < 256u; k += 32u) {
      let a0 = left[k + own_row];
      let a1 = left[k + own_row + 16u];
      let b0 = right[k + own_column];
      let b1 = right[k + own_column + 16u];
      s00 += a0.x * b0; s01 += a0.x * b1; s10 += a0.y * b0; s11 += a0.y * b1;
      s20 += a0.z * b0; s21 += a0.z * b1; s30 += a0.w * b0; s31 += a0.w * b1;
      s40 += a1.x * b0; s41 += a1.x * b1; s50 += a1.y * b0; s51 += a1.y * b1;
      s60 += a1.z * b0; s61 += a1.z * b1; s70 += a1.w * b0; s71 += a1.w * b1;
    }
    workgroupBarrier();
  }
  var at = (4u * (row + own_row)) * QUADS + column + own_column;
  c[at] = s00; c[at + 16u] = s01; at += QUADS;
  c[at] = s10; c[at + 16u] = s11; at += QUADS;
  c[at] = s20; c[at + 16u] = s21; at += QUADS;
  c[at] = s30; c[at + 16u] = s31; at += 61u * QUADS;
  c[at] = s40; c[at + 16u] = s41; at += QUADS;
  c[at] = s50; c[at + 16u] = s51; at += QUADS;
  c[at] = s60; c[at + 16u] = s61; at += QUADS;
  c[at] = s70; c[at + 16u] = s71;
}
`;

/** 1,024 times four numbers per workgroup, neighbors by neighboring threads. */
export const COPY = /* wgsl */ `
@group(0) @binding(0) var<storage, read> source: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> copy: array<vec4<f32>>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let first = group.x * 1024u + thread;
  copy[first] = source[first];
  copy[first + 256u] = source[first + 256u];
  copy[first + 512u] = source[first + 512u];
  copy[first + 768u] = source[first + 768u];
}
`;
