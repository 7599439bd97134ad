// What the derivatives of the spectrum need of every pair, THEORY.md Eq. (23). With c + ∂c, ∂c_nlm = I'_nl Y_lm r̂ + I_nl ∂Y_lm/∂r,
// a product Σ_m c_bn'lm c_nlm changes by I'_nl (Σ_m c_bn'lm Y_lm) r̂ + I_nl Σ_m c_bn'lm ∂Y_lm/∂r: the two sums are made here once for every
// density b, n' and l.
// One workgroup per center and element of the neighbors; pairs come in tiles (pair-derivatives.wgsl).

struct Rows { slot: u32, first: u32, count: u32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<storage, read> slots: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read> offsets: array<u32>;
@group(0) @binding(3) var<storage, read> pairs: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> coefficients: array<vec4<f32>>;
/** y: what makes the index of a pair in the batch its index in the chunk; [atom]. */
@group(0) @binding(7) var<storage, read> places: array<vec4<u32>>;
/** Σ_m c ∂Y/∂r and Σ_m c Y, [pair of the chunk][density][l][n]; behind the densities I_nl and I'_nl. */
@group(0) @binding(8) var<storage, read_write> contracted: array<vec4<f32>>;

/** Four n at once: out[n] = Σ_m c_nlm (T_lm, Y_lm) with the part of ∂Y normal to r. */
fn contract(pair: vec4<f32>, harmonics_at: u32, coefficients_at: u32, l: u32, out: u32) {
  let unit = pair.xyz / pair.w;
  var sum = mat4x4<f32>();
  for (var lm = l * l; lm < (l + 1u) * (l + 1u); lm++) {
    let y = angular[harmonics_at + lm];
    let tangent = (y.xyz - unit * dot(unit, y.xyz)) / pair.w;
    let c = coefficients[coefficients_at + lm * N_QUADS];
    let term = vec4<f32>(tangent, y.w);
    sum += mat4x4<f32>(c.x * term, c.y * term, c.z * term, c.w * term);
  }
  for (var n = 0u; n < 4u; n++) {
    contracted[out + n] = sum[n];
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = rows.first + group.x;
  let element = group.y;
  let slot = slots[rows.slot + row];
  let table_first = slot.y * CENTER_STRIDE + element * TABLE_STRIDE;
  let begin = offsets[slot.x * ELEMENTS + element];
  let end = offsets[slot.x * ELEMENTS + element + 1u];
  let shift = places[slot.x].y;
  // One (density, l, quad) after the other; the last "density" is the radial part.
  let columns = DEGREES * N_QUADS;
  let width = (DENSITIES + 1u) * columns;
  for (var first = begin; first < end; first += TILE) {
    let count = min(TILE, end - first);
    workgroupBarrier();
    fill_tile(first, count, table_first, thread);
    workgroupBarrier();
    for (var k = thread; k < count * width; k += 64u) {
      let j = k / width;
      let density = (k % width) / columns;
      let column = k % columns;
      let out = ((first + j + shift) * width + k % width) * 4u;
      if (density < DENSITIES) {
        let l = column / N_QUADS;
        let at = (row * DENSITIES + density) * ORDERS * N_QUADS + column % N_QUADS;
        contract(pairs[first + j], j * ORDERS, at, l, out);
      } else {
        let value = values[j * columns + column];
        let slope = slopes[j * columns + column];
        for (var n = 0u; n < 4u; n++) {
          contracted[out + n] = vec4<f32>(value[n], slope[n], 0.0, 0.0);
        }
      }
    }
  }
}
