// Rows of L K for forces, THEORY.md Eqs. (17), (21) and (23), in the columns of one element: with f_ij = ζ (z_i·z_m)^{ζ−1} ∂(z_i·z_m)/∂r_ij,
// Σ_j f_kj for the atom k's own environment, − f_ik for every environment i that it is in, through the reverse pairs. The sums go on from what
// stands there, environment after environment in the order of the atoms. One thread per atom and four columns.
// Joined with kernel-products.wgsl: ZETA, Sizes and product.

/** Centers of this chunk, and the atoms of their structures. */
struct Chunk { slot: u32, count: u32, first: u32, atoms: u32 }

@group(0) @binding(0) var<uniform> chunk: Chunk;
@group(0) @binding(1) var<uniform> sizes: Sizes;
/** Slot of the atom as a center, from pairs of the batch to those of the chunk, row of the atom's force along x. */
@group(0) @binding(2) var<storage, read> places: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> offsets: array<u32>;
/** Atom j of the pair i → j. */
@group(0) @binding(4) var<storage, read> neighbors: array<u32>;
@group(0) @binding(5) var<storage, read> reverse: array<u32>;
/** δ_i·δ_m of the chunk's centers, then ∂δ_i/∂r_ij·δ_m, three rows per pair; in column `mean` the products with μ; [row][column]. */
@group(0) @binding(6) var<storage, read> products: array<vec4<f32>>;
/** a_m = μ·z_m. */
@group(0) @binding(7) var<storage, read> points: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> kernel_rows: array<vec4<f32>>;

/** x, y, z of four columns. */
struct Forces { x: vec4<f32>, y: vec4<f32>, z: vec4<f32> }

/** ζ s^{ζ−1} of a center. */
fn factor(row: u32, quad: u32) -> vec4<f32> {
  let s = points[quad] + product(row, quad);
  var value = vec4<f32>(f32(ZETA));
  for (var k = 1u; k < ZETA; k++) {
    value *= s;
  }
  return value;
}

fn add(forces: ptr<function, Forces>, scale: vec4<f32>, pair: u32, quad: u32) {
  let row = chunk.count + 3u * pair;
  (*forces).x += scale * product(row, quad);
  (*forces).y += scale * product(row + 1u, quad);
  (*forces).z += scale * product(row + 2u, quad);
}

/** Σ_j f_kj. An image of the atom moves with it and does not count. */
fn add_own(forces: ptr<function, Forces>, atom: u32, quad: u32) {
  var sum = Forces();
  for (var pair = offsets[atom * sizes.elements]; pair < offsets[(atom + 1u) * sizes.elements]; pair++) {
    if (neighbors[pair] != atom) {
      add(&sum, vec4<f32>(1.0), pair + places[atom].y, quad);
    }
  }
  let scale = factor(places[atom].x - chunk.slot, quad);
  (*forces).x += scale * sum.x;
  (*forces).y += scale * sum.y;
  (*forces).z += scale * sum.z;
}

/** The first of the pairs with neighbors of this element, sorted by neighbor, whose neighbor is not before the chunk. */
fn first_pair(atom: u32) -> u32 {
  var low = offsets[atom * sizes.elements + sizes.element];
  var high = offsets[atom * sizes.elements + sizes.element + 1u];
  while (low < high) {
    let middle = (low + high) / 2u;
    if (places[neighbors[middle]].x < chunk.slot) {
      low = middle + 1u;
    } else {
      high = middle;
    }
  }
  return low;
}

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.y >= chunk.atoms) {
    return;
  }
  let quad = id.x;
  let atom = chunk.first + id.y;
  let at = places[atom].z * sizes.quads + quad;
  var forces = Forces(kernel_rows[at], kernel_rows[at + sizes.quads], kernel_rows[at + 2u * sizes.quads]);
  // Slots that are not in the chunk wrap around to more than its centers.
  let own = places[atom].x - chunk.slot;
  var is_pending = own < chunk.count;
  let end = offsets[atom * sizes.elements + sizes.element + 1u];
  for (var pair = first_pair(atom); pair < end; pair++) {
    let center = neighbors[pair];
    let row = places[center].x - chunk.slot;
    if (row >= chunk.count) {
      break;
    }
    if (is_pending && row >= own) {
      add_own(&forces, atom, quad);
      is_pending = false;
    }
    if (center != atom) {
      add(&forces, -factor(row, quad), reverse[pair] + places[center].y, quad);
    }
  }
  if (is_pending) {
    add_own(&forces, atom, quad);
  }
  kernel_rows[at] = forces.x;
  kernel_rows[at + sizes.quads] = forces.y;
  kernel_rows[at + 2u * sizes.quads] = forces.z;
}
