// f_ij = Σ_nlm ∂ε_i/∂c_nlm ∂(I_nl Y_lm)/∂r_ij, THEORY.md Eq. (21), for every pair; eV/Å, [pair][xyz].
// One workgroup per center and element; pairs come in tiles as in density-coefficients.wgsl, and 64 / TILE threads share the sum of one pair.

override L_MAX: u32;
override N_QUADS: u32;
override ELEMENTS: u32;
/** One density for all elements. */
override MIXED: bool;
override DENSITIES: u32 = select(ELEMENTS, 1u, MIXED);
override TABLE_STRIDE: u32;
/** The same for the element of the center. */
override CENTER_STRIDE: u32;
/** A power of two. */
override TILE: u32;
override INTERVALS: u32;
override START: f32;
override INVERSE_STEP: f32;
/** What float32 leaves off it: a scale of all distances, which stiff crystals would feel as pressure. */
override INVERSE_STEP_REST: f32;
override DEGREES: u32 = L_MAX + 1u;
override ORDERS: u32 = (L_MAX + 1u) * (L_MAX + 1u);

struct Rows { slot: u32, first: u32, count: u32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<storage, read> slots: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read> offsets: array<u32>;
@group(0) @binding(3) var<storage, read> pairs: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> table: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> recurrence: array<vec4<f32>>;
/** ∂ε/∂c in eV, [row][density][lm][n]. */
@group(0) @binding(6) var<storage, read> adjoint: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> forces: array<f32>;

var<workgroup> values: array<vec4<f32>, TILE * DEGREES * N_QUADS>;
var<workgroup> slopes: array<vec4<f32>, TILE * DEGREES * N_QUADS>;
/** ∂Y/∂x, ∂Y/∂y, ∂Y/∂z of the polynomial, and Y. */
var<workgroup> angular: array<vec4<f32>, TILE * ORDERS>;
var<workgroup> parts: array<vec4<f32>, 64>;

fn radial_integrals(r: f32, first: u32, quad: u32, out: u32) {
  let position = (r - START) * INVERSE_STEP + (r - START) * INVERSE_STEP_REST;
  let interval = min(u32(position), INTERVALS - 1u);
  let t = position - f32(interval);
  let at = first + (interval * DEGREES * N_QUADS + quad) * 4u;
  let c1 = table[at + 1u];
  let c2 = table[at + 2u];
  let c3 = table[at + 3u];
  values[out] = table[at] + t * (c1 + t * (c2 + t * c3));
  slopes[out] = INVERSE_STEP * (c1 + t * (2.0 * c2 + 3.0 * t * c3));
}

fn harmonics(pair: vec4<f32>, m: u32, out: u32) {
  let unit = pair.xyz / pair.w;
  var c = 1.0;
  var s = 0.0;
  // m times (x + iy)^{m−1}; zero for m = 0.
  var dc = 0.0;
  var ds = 0.0;
  for (var k = 0u; k < m; k++) {
    dc = f32(m) * c;
    ds = f32(m) * s;
    let next = unit.x * c - unit.y * s;
    s = unit.x * s + unit.y * c;
    c = next;
  }
  var before = 0.0;
  var slope_before = 0.0;
  var slope = 0.0;
  var q = recurrence[m * (m + 1u) / 2u + m].z;
  for (var l = m; l <= L_MAX; l++) {
    if (l > m) {
      let factor = recurrence[l * (l + 1u) / 2u + m];
      let next = factor.x * (unit.z * q + factor.y * before);
      let next_slope = factor.x * (q + unit.z * slope + factor.y * slope_before);
      before = q;
      q = next;
      slope_before = slope;
      slope = next_slope;
    }
    let center = out + l * l + l;
    angular[center - m] = vec4<f32>(q * ds, q * dc, slope * s, q * s);
    angular[center + m] = vec4<f32>(q * dc, -q * ds, slope * c, q * c);
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
  let from_adjoint = (row * DENSITIES + select(element, 0u, MIXED)) * ORDERS * N_QUADS;
  for (var first = begin; first < end; first += TILE) {
    let count = min(TILE, end - first);
    workgroupBarrier();
    for (var k = thread; k < count * DEGREES * N_QUADS; k += 64u) {
      radial_integrals(pairs[first + k / (DEGREES * N_QUADS)].w, table_first, k % (DEGREES * N_QUADS), k);
    }
    for (var k = thread; k < count * DEGREES; k += 64u) {
      harmonics(pairs[first + k / DEGREES], k % DEGREES, (k / DEGREES) * ORDERS);
    }
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
