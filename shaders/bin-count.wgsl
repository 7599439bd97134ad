// Atoms of each bin of the neighbor search, and the place of each atom in its bin. One thread per atom.
// The places depend on the order in which the GPU comes along; neighbor-order.wgsl takes what that leaves in the pairs away.
// Joined with periodic-images.wgsl: Box.

struct Sizes { atoms: u32 }

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> boxes: array<Box>;
/** 2³² s_k; box · 256 + element; [atom]. */
@group(0) @binding(2) var<storage, read> coordinates: array<vec4<u32>>;
/** Zero before; [bin]. */
@group(0) @binding(3) var<storage, read_write> bins: array<atomic<u32>>;
/** Bin and place in it, [atom]. */
@group(0) @binding(4) var<storage, read_write> places: array<vec2<u32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let atom = id.x;
  if (atom >= sizes.atoms) {
    return;
  }
  let own = coordinates[atom];
  let counts = boxes[own.w >> 8u].bins;
  let bin = ((own.xyz >> vec3<u32>(16u)) * counts.xyz) >> vec3<u32>(16u);
  let at = counts.w + (bin.x * counts.y + bin.y) * counts.z + bin.z;
  places[atom] = vec2<u32>(at, atomicAdd(&bins[at], 1u));
}
