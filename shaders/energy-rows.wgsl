// Rows of L K for energies, THEORY.md Eq. (17): Σ_i (z_i·z_m)^ζ over the centers of one element in a segment of a structure's atoms, less a_m^ζ
// for each of them, which the host adds. With s = z·z_m = a + t it is t Σ_k a^{ζ−1−k} s^k, and as exact as t (src/backend/gpu/fit-columns.ts).
// The sum goes on from what stands there, in the order of the atoms. One thread per segment and four columns.
// Joined with kernel-products.wgsl: ZETA, Sizes and product.

/** Centers of this chunk, and the segments that they may be in. */
struct Chunk { slot: u32, count: u32, first: u32, segments: u32 }

@group(0) @binding(0) var<uniform> chunk: Chunk;
@group(0) @binding(1) var<uniform> sizes: Sizes;
/** x: slot of the atom as a center; [atom]. */
@group(0) @binding(2) var<storage, read> places: array<vec4<u32>>;
/** First atom, the atom behind the last, first row. */
@group(0) @binding(3) var<storage, read> segments: array<vec4<u32>>;
/** δ_i·δ_m of the chunk's centers, and in column `mean` δ_i·μ; [row][column]. */
@group(0) @binding(4) var<storage, read> products: array<vec4<f32>>;
/** a_m = μ·z_m. */
@group(0) @binding(5) var<storage, read> points: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> kernel_rows: array<vec4<f32>>;

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.y >= chunk.segments) {
    return;
  }
  let segment = segments[chunk.first + id.y];
  let at = segment.z * sizes.quads + id.x;
  var sum = kernel_rows[at];
  for (var atom = segment.x; atom < segment.y; atom++) {
    // Below the first slot the difference wraps around and is large.
    let row = places[atom].x - chunk.slot;
    if (row < chunk.count) {
      let t = product(row, id.x);
      let a = points[id.x];
      var power = vec4<f32>(1.0);
      var total = vec4<f32>(1.0);
      for (var k = 1u; k < ZETA; k++) {
        power *= a;
        total = (a + t) * total + power;
      }
      sum += t * total;
    }
  }
  kernel_rows[at] = sum;
}
