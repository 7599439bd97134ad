// Atoms in the order of their bins, so that those of a bin stand together. One thread per atom.

struct Sizes { atoms: u32 }

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> coordinates: array<vec4<u32>>;
/** First sorted atom of each bin. */
@group(0) @binding(2) var<storage, read> bins: array<u32>;
@group(0) @binding(3) var<storage, read> places: array<vec2<u32>>;
/** 2³² s_k; atom · 256 + element; [sorted]. */
@group(0) @binding(4) var<storage, read_write> sorted: array<vec4<u32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let atom = id.x;
  if (atom >= sizes.atoms) {
    return;
  }
  let own = coordinates[atom];
  let place = places[atom];
  sorted[bins[place.x] + place.y] = vec4<u32>(own.xyz, (atom << 8u) | (own.w & 255u));
}
