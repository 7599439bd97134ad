// Neighbors of every center, THEORY.md Eq. (1), in the bins around it; the bins of a row along the last axis stand together in memory.
// Run twice with the same instructions, so that both find the same: first the pairs of each (center, element) are counted, then written.
// One thread per center: a software GPU takes 100 µs for a workgroup with barriers, and a GPU has threads enough.
// Joined with periodic-images.wgsl: Box, displacement and packed.

override ELEMENTS: u32;
/** Å: two atoms on one site, SAME_SITE of src/structure/neighbor-list.ts. */
override SAME_SITE: f32;

struct Sizes { atoms: u32, capacity: u32, cutoff: f32, writes: u32 }
/** Pairs, and how many there is room for; whether two atoms stand on one site, and whether the lists contradict themselves. */
struct Status { pairs: u32, capacity: u32, same_site: atomic<u32>, contradiction: atomic<u32> }

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> boxes: array<Box>;
@group(0) @binding(2) var<storage, read> coordinates: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> bins: array<u32>;
@group(0) @binding(4) var<storage, read> sorted: array<vec4<u32>>;
/** [center][element]: numbers of pairs; when the pairs are written, the first of them. */
@group(0) @binding(5) var<storage, read_write> offsets: array<u32>;
/** Atom · 256 + element of the neighbor, and its image; [pair], in the order of the bins within a center. */
@group(0) @binding(6) var<storage, read_write> found: array<vec2<u32>>;
@group(0) @binding(7) var<storage, read_write> status: Status;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let center = id.x;
  if (center >= sizes.atoms) {
    return;
  }
  let list = center * ELEMENTS;
  var cursor = offsets[list];
  for (var element = 0u; sizes.writes == 0u && element < ELEMENTS; element++) {
    offsets[list + element] = 0u;
  }
  let own = coordinates[center];
  let box = own.w >> 8u;
  let vectors = mat3x3<f32>(boxes[box].vectors[0].xyz, boxes[box].vectors[1].xyz, boxes[box].vectors[2].xyz);
  let counts = vec3<i32>(boxes[box].bins.xyz);
  let first_bin = boxes[box].bins.w;
  let reach = vec3<i32>(boxes[box].reach.xyz);
  let periodic = (vec3<u32>(boxes[box].reach.w) & vec3<u32>(1u, 2u, 4u)) != vec3<u32>(0u);
  let home = vec3<i32>(((own.xyz >> vec3<u32>(16u)) * vec3<u32>(counts)) >> vec3<u32>(16u));
  let low = select(max(home.z - reach.z, 0i), home.z - reach.z, periodic.z);
  let high = select(min(home.z + reach.z, counts.z - 1i), home.z + reach.z, periodic.z);
  // Counted from an image beyond the reach, nothing is negative and quotients round down.
  let images = reach + 1i;
  let lowest_turn = (low + images.z * counts.z) / counts.z - images.z;
  let span = 2i * reach.xy + 1i;
  for (var row = 0i; row < span.x * span.y; row++) {
    let place = home.xy + vec2<i32>(row / span.y, row % span.y) - reach.xy + images.xy * counts.xy;
    let turns = place / counts.xy - images.xy;
    if (!all(periodic.xy | (turns == vec2<i32>(0i)))) {
      continue;
    }
    let bin = place % counts.xy;
    let row_bin = first_bin + u32((bin.x * counts.y + bin.y) * counts.z);
    // The bins low … high, image by image.
    for (var turn = lowest_turn; turn * counts.z <= high; turn++) {
      let image = vec3<i32>(turns, turn);
      let is_home = all(image == vec3<i32>(0i));
      let end = bins[row_bin + u32(min(high - turn * counts.z, counts.z - 1i)) + 1u];
      for (var k = bins[row_bin + u32(max(low - turn * counts.z, 0i))]; k < end; k++) {
        let other = sorted[k];
        let r = vectors * displacement(own.xyz, other.xyz, image);
        let square = dot(r, r);
        if (square >= sizes.cutoff * sizes.cutoff || (is_home && other.w >> 8u == center)) {
          continue;
        }
        if (square < SAME_SITE * SAME_SITE) {
          atomicStore(&status.same_site, 1u);
        }
        if (sizes.writes == 0u) {
          offsets[list + (other.w & 255u)] += 1u;
        } else if (cursor < sizes.capacity) {
          found[cursor] = vec2<u32>(other.w, packed(image));
        }
        cursor++;
      }
    }
  }
  if (sizes.writes == 1u && cursor != offsets[list + ELEMENTS]) {
    atomicStore(&status.contradiction, 1u);
  }
  if (sizes.writes == 1u && center == 0u) {
    status.pairs = offsets[sizes.atoms * ELEMENTS];
    status.capacity = sizes.capacity;
  }
}
