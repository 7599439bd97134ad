// The pair j → i of every pair i → j: among the neighbors of j that are of the element of i, the same atom and the opposite image, found by
// bisection. One workgroup per center.

override ELEMENTS: u32;

struct Sizes { atoms: u32, capacity: u32 }
struct Status { pairs: u32, capacity: u32, same_site: u32, contradiction: atomic<u32> }

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> coordinates: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> offsets: array<u32>;
@group(0) @binding(3) var<storage, read> neighbors: array<u32>;
@group(0) @binding(4) var<storage, read> images: array<u32>;
@group(0) @binding(5) var<storage, read_write> reverse: array<u32>;
@group(0) @binding(6) var<storage, read_write> status: Status;

/** The opposite of an image and the image, as periodic-images.wgsl packs them, add up to this. */
const MIRROR = 0x40100400u;

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
    let element = coordinates[center].w & 255u;
    let end = offsets[(center + 1u) * ELEMENTS];
    for (var pair = offsets[center * ELEMENTS] + thread; pair < end; pair += 64u) {
      let list = neighbors[pair] * ELEMENTS + element;
      let image = MIRROR - images[pair];
      var low = offsets[list];
      var high = offsets[list + 1u];
      while (low < high) {
        let middle = (low + high) / 2u;
        if (neighbors[middle] < center || (neighbors[middle] == center && images[middle] < image)) {
          low = middle + 1u;
        } else {
          high = middle;
        }
      }
      reverse[pair] = low;
      if (low == offsets[list + 1u] || neighbors[low] != center || images[low] != image) {
        atomicStore(&status.contradiction, 1u);
      }
    }
  }
}
