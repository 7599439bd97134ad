// Σ_i w_i Σ_m c c of groups of centers of one element, THEORY.md Eqs. (30), (31) and (42): [group][matrix][quad][quad][4][4], matrices [density][l],
// or, mixed, [l] over the channels of all densities. A group is GROUP rows at the most, so that float32 sums stay short, and the same rows
// whatever the size of the chunks. One thread makes the products of four channels with four.

override L_MAX: u32;
override N_QUADS: u32;
override DENSITIES: u32;
/** Matrices over (density, n). */
override MIXED: bool;
override GROUP: u32;
override QUADS: u32 = select(N_QUADS, DENSITIES * N_QUADS, MIXED);
override TILES: u32 = select(DENSITIES, 1u, MIXED) * (L_MAX + 1u) * QUADS * QUADS;
override ORDERS: u32 = (L_MAX + 1u) * (L_MAX + 1u);

struct Rows { slot: u32, first: u32, count: u32 }

@group(0) @binding(0) var<uniform> rows: Rows;
/** Center of each row, and its element. */
@group(0) @binding(1) var<storage, read> slots: array<vec2<u32>>;
/** √w of each center. */
@group(0) @binding(2) var<storage, read> roots: array<f32>;
/** [row][density][lm][n / 4]. */
@group(0) @binding(3) var<storage, read> coefficients: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> partials: array<vec4<f32>>;

/** First order of four channels of a row. */
fn channel(row: u32, density: u32, quad: u32) -> u32 {
  let own = select(density, quad / N_QUADS, MIXED);
  return (row * DENSITIES + own) * ORDERS * N_QUADS + quad % N_QUADS;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let tile = group.y * 64u + thread;
  if (tile >= TILES) {
    return;
  }
  let block = rows.first / GROUP + group.x;
  let begin = max(rows.first, block * GROUP);
  let end = min(rows.first + rows.count, (block + 1u) * GROUP);
  let matrix = tile / (QUADS * QUADS);
  let density = matrix / (L_MAX + 1u);
  let l = matrix % (L_MAX + 1u);
  let left = (tile / QUADS) % QUADS;
  let right = tile % QUADS;
  var sum = mat4x4<f32>();
  for (var row = begin; row < end; row++) {
    let root = roots[slots[rows.slot + row].x];
    let a = channel(row, density, left);
    let b = channel(row, density, right);
    var own = mat4x4<f32>();
    for (var lm = l * l; lm < (l + 1u) * (l + 1u); lm++) {
      let x = root * coefficients[a + lm * N_QUADS];
      let y = root * coefficients[b + lm * N_QUADS];
      own += mat4x4<f32>(x.x * y, x.y * y, x.z * y, x.w * y);
    }
    sum += own;
  }
  // Two elements in one block of rows have two groups: elements ascend with the rows.
  let out = ((block + slots[rows.slot + rows.first].y) * TILES + tile) * 4u;
  partials[out] = sum[0];
  partials[out + 1u] = sum[1];
  partials[out + 2u] = sum[2];
  partials[out + 3u] = sum[3];
}
