// W = −Σ r_ij ⊗ f_ij, THEORY.md Eq. (22), over the pairs of some centers of one structure; [segment][3][3]. One workgroup per segment.

struct Atoms { count: u32, elements: u32 }

@group(0) @binding(0) var<uniform> atoms: Atoms;
/** First center of each segment and the center behind its last one. */
@group(0) @binding(1) var<storage, read> segments: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read> offsets: array<u32>;
@group(0) @binding(3) var<storage, read> pairs: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> pair_forces: array<f32>;
@group(0) @binding(5) var<storage, read_write> virials: array<f32>;

var<workgroup> parts: array<mat3x3<f32>, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let segment = segments[group.x];
  let end = offsets[segment.y * atoms.elements];
  // Column α holds r_α f.
  var sum = mat3x3<f32>();
  for (var pair = offsets[segment.x * atoms.elements] + thread; pair < end; pair += 64u) {
    let r = pairs[pair];
    let f = vec3<f32>(pair_forces[3u * pair], pair_forces[3u * pair + 1u], pair_forces[3u * pair + 2u]);
    sum -= mat3x3<f32>(r.x * f, r.y * f, r.z * f);
  }
  parts[thread] = sum;
  for (var width = 32u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) {
      parts[thread] += parts[thread + width];
    }
  }
  workgroupBarrier();
  if (thread < 9u) {
    virials[9u * group.x + thread] = parts[0][thread / 3u][thread % 3u];
  }
}
