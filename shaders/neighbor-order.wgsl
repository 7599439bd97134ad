// Pairs of every (center, element) in the order of the neighbor, and of its image: the place of a pair is the number of pairs before it, so that
// the order does not depend on how they were found. Writes r_ij and |r_ij|. One workgroup per center.
// Joined with periodic-images.wgsl: Box, displacement and unpacked.

override ELEMENTS: u32;

struct Sizes { atoms: u32, capacity: u32 }

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> boxes: array<Box>;
@group(0) @binding(2) var<storage, read> coordinates: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> offsets: array<u32>;
/** Atom · 256 + element of the neighbor, and its image. */
@group(0) @binding(4) var<storage, read> found: array<vec2<u32>>;
@group(0) @binding(5) var<storage, read_write> pairs: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> neighbors: array<u32>;
@group(0) @binding(7) var<storage, read_write> images: array<u32>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  // Too many pairs: the batch is run again.
  if (offsets[sizes.atoms * ELEMENTS] > sizes.capacity) {
    return;
  }
  for (var center = group.x; center < sizes.atoms; center += groups.x) {
    let own = coordinates[center];
    let box = own.w >> 8u;
    let vectors = mat3x3<f32>(boxes[box].vectors[0].xyz, boxes[box].vectors[1].xyz, boxes[box].vectors[2].xyz);
    let rests = mat3x3<f32>(boxes[box].rests[0].xyz, boxes[box].rests[1].xyz, boxes[box].rests[2].xyz);
    let begin = offsets[center * ELEMENTS];
    let end = offsets[(center + 1u) * ELEMENTS];
    for (var pair = begin + thread; pair < end; pair += 64u) {
      let key = found[pair];
      let element = key.x & 255u;
      var rank = offsets[center * ELEMENTS + element];
      for (var k = begin; k < end; k++) {
        let other = found[k];
        rank += u32((other.x & 255u) == element && (other.x < key.x || (other.x == key.x && other.y < key.y)));
      }
      let neighbor = key.x >> 8u;
      let s = displacement(own.xyz, coordinates[neighbor].xyz, unpacked(key.y));
      // A rounded cell would strain the whole crystal, which stiff ones would feel as pressure.
      let r = vectors * s + rests * s;
      pairs[rank] = vec4<f32>(r, sqrt(dot(r, r)));
      neighbors[rank] = neighbor;
      images[rank] = key.y;
    }
  }
}
