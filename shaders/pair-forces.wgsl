// f_ij = Σ_nlm ∂ε_i/∂c_nlm ∂(I_nl Y_lm)/∂r_ij, THEORY.md Eq. (21), for every pair; eV/Å, [pair][xyz].
// One workgroup per center and element; pairs come in tiles (pair-derivatives.wgsl), and 64 / TILE threads share the sum of one pair.

struct Rows { slot: u32, first: u32, count: u32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<storage, read> slots: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read> offsets: array<u32>;
@group(0) @binding(3) var<storage, read> pairs: array<vec4<f32>>;
/** ∂ε/∂c in eV, [row][density][lm][n]. */
@group(0) @binding(6) var<storage, read> adjoint: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> forces: array<f32>;

var<workgroup> parts: array<vec4<f32>, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = rows.first + group.x;
  let element = group.y;
  let slot = slots[rows.slot + row];
  let table_first = slot.y * CENTER_STRIDE + element * TABLE_STRIDE;
  let begin = offsets[slot.x * ELEMENTS + element];
  let end = offsets[slot.x * ELEMENTS + element + 1u];
  let from_adjoint = (row * DENSITIES + select(element, 0u, MIXED)) * ORDERS * N_QUADS;
  for (var first = begin; first < end; first += TILE) {
    let count = min(TILE, end - first);
    workgroupBarrier();
    fill_tile(first, count, table_first, thread);
    workgroupBarrier();
    let j = thread % TILE;
    var sum = vec4<f32>();
    if (j < count) {
      for (var lm = thread / TILE; lm < ORDERS; lm += 64u / TILE) {
        let column = (j * DEGREES + u32(sqrt(f32(lm) + 0.5))) * N_QUADS;
        var value = 0.0;
        var slope = 0.0;
        for (var n = 0u; n < N_QUADS; n++) {
          let weight = adjoint[from_adjoint + lm * N_QUADS + n];
          value += dot(weight, values[column + n]);
          slope += dot(weight, slopes[column + n]);
        }
        let y = angular[j * ORDERS + lm];
        sum += vec4<f32>(value * y.xyz, slope * y.w);
      }
    }
    parts[thread] = sum;
    workgroupBarrier();
    if (thread < count) {
      var total = vec4<f32>();
      for (var k = thread; k < 64u; k += TILE) {
        total += parts[k];
      }
      let pair = pairs[first + thread];
      let unit = pair.xyz / pair.w;
      let force = total.w * unit + (total.xyz - unit * dot(unit, total.xyz)) / pair.w;
      let at = 3u * (first + thread);
      forces[at] = force.x;
      forces[at + 1u] = force.y;
      forces[at + 2u] = force.z;
    }
  }
}
