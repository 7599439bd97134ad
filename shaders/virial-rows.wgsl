// Rows of L K for virials, THEORY.md Eqs. (17), (22) and (23): −Σ_ij r_ij,α ∂k(z_i, z_m)/∂r_ij,β over the centers of one element in a segment of a
// structure's atoms, for xx, yy, zz, yz, xz, xy. The sums go on from what stands there, in the order of the atoms. One thread per segment and four
// columns.
// Joined with kernel-products.wgsl: ZETA, Sizes and product.

struct Chunk { slot: u32, count: u32, first: u32, segments: u32 }

@group(0) @binding(0) var<uniform> chunk: Chunk;
@group(0) @binding(1) var<uniform> sizes: Sizes;
/** Slot of the atom as a center, and from pairs of the batch to those of the chunk. */
@group(0) @binding(2) var<storage, read> places: array<vec4<u32>>;
/** First atom, the atom behind the last, first row. */
@group(0) @binding(3) var<storage, read> segments: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read> offsets: array<u32>;
@group(0) @binding(5) var<storage, read> pairs: array<vec4<f32>>;
/** δ_i·δ_m of the chunk's centers, then ∂δ_i/∂r_ij·δ_m, three rows per pair; in column `mean` the products with μ; [row][column]. */
@group(0) @binding(6) var<storage, read> products: array<vec4<f32>>;
/** a_m = μ·z_m. */
@group(0) @binding(7) var<storage, read> points: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> kernel_rows: array<vec4<f32>>;

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.y >= chunk.segments) {
    return;
  }
  let segment = segments[chunk.first + id.y];
  let at = segment.z * sizes.quads + id.x;
  var sums = array<vec4<f32>, 6>();
  for (var k = 0u; k < 6u; k++) {
    sums[k] = kernel_rows[at + k * sizes.quads];
  }
  for (var atom = segment.x; atom < segment.y; atom++) {
    let row = places[atom].x - chunk.slot;
    if (row >= chunk.count) {
      continue;
    }
    var strain = array<vec4<f32>, 6>();
    for (var pair = offsets[atom * sizes.elements]; pair < offsets[(atom + 1u) * sizes.elements]; pair++) {
      let r = pairs[pair];
      let from_pair = chunk.count + 3u * (pair + places[atom].y);
      let x = product(from_pair, id.x);
      let y = product(from_pair + 1u, id.x);
      let z = product(from_pair + 2u, id.x);
      strain[0] += r.x * x;
      strain[1] += r.y * y;
      strain[2] += r.z * z;
      strain[3] += r.y * z;
      strain[4] += r.x * z;
      strain[5] += r.x * y;
    }
    let s = points[id.x] + product(row, id.x);
    var factor = vec4<f32>(f32(ZETA));
    for (var k = 1u; k < ZETA; k++) {
      factor *= s;
    }
    for (var k = 0u; k < 6u; k++) {
      sums[k] -= factor * strain[k];
    }
  }
  for (var k = 0u; k < 6u; k++) {
    kernel_rows[at + k * sizes.quads] = sums[k];
  }
}
