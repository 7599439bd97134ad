// Cells and images of the neighbor search, for bin-count.wgsl, neighbor-search.wgsl and neighbor-order.wgsl, which this file is joined to.

/** Rows a_k and what float32 leaves off them; bins along each axis and the first bin; bins to look at on either side, and which axes are periodic. */
struct Box { vectors: array<vec4<f32>, 3>, rests: array<vec4<f32>, 3>, bins: vec4<u32>, reach: vec4<u32> }

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

fn unpacked(image: u32) -> vec3<i32> {
  return vec3<i32>((vec3<u32>(image) >> vec3<u32>(20u, 10u, 0u)) & vec3<u32>(1023u)) - 512i;
}
