// Neighbors of every center, THEORY.md Eq. (1), in the bins around it. One workgroup per center; its threads take different bins.
// Run twice with the same instructions, so that both find the same: first the pairs of each (center, element) are counted, then written.

override ELEMENTS: u32;
/** Å: two atoms on one site, SAME_SITE of src/structure/neighbor-list.ts. */
override SAME_SITE: f32;

struct Sizes { atoms: u32, capacity: u32, cutoff: f32, writes: u32 }
struct Box { vectors: array<vec4<f32>, 3>, rests: array<vec4<f32>, 3>, bins: vec4<u32>, reach: vec4<u32> }
/** Pairs, and how many there is room for; whether two atoms stand on one site, and whether the lists contradict themselves. */
struct Status { pairs: u32, capacity: u32, same_site: atomic<u32>, contradiction: atomic<u32> }

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> boxes: array<Box>;
@group(0) @binding(2) var<storage, read> coordinates: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> bins: array<u32>;
@group(0) @binding(4) var<storage, read> sorted: array<vec4<u32>>;
/** [center][element]: counts; when the pairs are written, the first of them. */
@group(0) @binding(5) var<storage, read_write> offsets: array<u32>;
/** Atom · 256 + element of the neighbor, and its image; [pair], in any order within a center and element. */
@group(0) @binding(6) var<storage, read_write> found: array<vec2<u32>>;
@group(0) @binding(7) var<storage, read_write> status: Status;

var<workgroup> cursors: array<atomic<u32>, ELEMENTS>;

/** Fractional r_ij: the nearest image from the integers, exactly, and whole turns to the image meant. */
fn displacement(own: vec3<u32>, other: vec3<u32>, image: vec3<i32>) -> vec3<f32> {
  let nearest = bitcast<vec3<i32>>(other - own);
  let turns = image + vec3<i32>(nearest < vec3<i32>(0i)) - vec3<i32>(other < own);
  return vec3<f32>(nearest) * 0x1p-32f + vec3<f32>(turns);
}

/** Images within ±511 along each axis; that of the reverse pair is 0x40100400 less this. */
fn packed(image: vec3<i32>) -> u32 {
  let positive = vec3<u32>(image + vec3<i32>(512i));
  return (positive.x << 20u) | (positive.y << 10u) | positive.z;
}

fn search_bin(center: u32, own: vec4<u32>, bin: u32, image: vec3<i32>) {
  let box = boxes[own.w >> 8u];
  for (var k = bins[bin]; k < bins[bin + 1u]; k++) {
    let other = sorted[k];
    let s = displacement(own.xyz, other.xyz, image);
    let r = s.x * box.vectors[0].xyz + s.y * box.vectors[1].xyz + s.z * box.vectors[2].xyz;
    let square = dot(r, r);
    let is_self = other.w >> 8u == center && all(image == vec3<i32>(0i));
    if (is_self || square >= sizes.cutoff * sizes.cutoff) {
      continue;
    }
    if (square < SAME_SITE * SAME_SITE) {
      atomicStore(&status.same_site, 1u);
    }
    let at = atomicAdd(&cursors[other.w & 255u], 1u);
    if (sizes.writes == 1u && at < sizes.capacity) {
      found[at] = vec2<u32>(other.w, packed(image));
    }
  }
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  // A dispatch may have fewer workgroups than there are centers.
  for (var center = group.x; center < sizes.atoms; center += groups.x) {
    let first = center * ELEMENTS;
    for (var element = thread; element < ELEMENTS; element += 64u) {
      atomicStore(&cursors[element], sizes.writes * offsets[first + element]);
    }
    workgroupBarrier();
    let own = coordinates[center];
    let counts = vec3<i32>(boxes[own.w >> 8u].bins.xyz);
    let first_bin = boxes[own.w >> 8u].bins.w;
    let reach = boxes[own.w >> 8u].reach;
    let periodic = (vec3<u32>(reach.w) & vec3<u32>(1u, 2u, 4u)) != vec3<u32>(0u);
    let home = vec3<i32>(((own.xyz >> vec3<u32>(16u)) * vec3<u32>(counts)) >> vec3<u32>(16u));
    let span = 2u * reach.xyz + 1u;
    for (var k = thread; k < span.x * span.y * span.z; k += 64u) {
      let offset = vec3<u32>(k / (span.y * span.z), (k / span.z) % span.y, k % span.z);
      // Counted from the first image in reach, nothing is negative and the quotient rounds down.
      let images = vec3<i32>(reach.xyz) + 1i;
      let place = home + vec3<i32>(offset) - vec3<i32>(reach.xyz) + images * counts;
      let image = place / counts - images;
      let bin = place % counts;
      if (all(periodic | (image == vec3<i32>(0i)))) {
        search_bin(center, own, first_bin + u32((bin.x * counts.y + bin.y) * counts.z + bin.z), image);
      }
    }
    workgroupBarrier();
    for (var element = thread; element < ELEMENTS; element += 64u) {
      let cursor = atomicLoad(&cursors[element]);
      if (sizes.writes == 0u) {
        offsets[first + element] = cursor;
      } else if (cursor != offsets[first + element + 1u]) {
        atomicStore(&status.contradiction, 1u);
      }
    }
    workgroupBarrier();
  }
  if (sizes.writes == 1u && group.x == 0u && thread == 0u) {
    status.pairs = offsets[sizes.atoms * ELEMENTS];
    status.capacity = sizes.capacity;
  }
}
