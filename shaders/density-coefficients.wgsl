// Density coefficients, THEORY.md Eq. (5): c_nlm = Σ_j I_nl(r_j) Y_lm(r̂_j) of every center and density, [row][density][lm][n]. A density is one neighbor
// element, or all of them where the radial basis mixes the elements. One workgroup per center and density.
// Pairs come in tiles: I and Y of a tile are made once in workgroup memory, then every thread adds to its own c.

override L_MAX: u32;
/** nMax / 4, rounded up; the padding of the table is zero. */
override N_QUADS: u32;
override ELEMENTS: u32;
/** One density for all elements. */
override MIXED: bool;
override DENSITIES: u32 = select(ELEMENTS, 1u, MIXED);
/** From the table of one element to that of the next, in vec4; 0 where they share one. */
override TABLE_STRIDE: u32;
/** The same for the element of the center. */
override CENTER_STRIDE: u32;
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
/** Center of each row, and its element. */
@group(0) @binding(1) var<storage, read> slots: array<vec2<u32>>;
/** First pair of each (center, element). */
@group(0) @binding(2) var<storage, read> offsets: array<u32>;
/** r_ij and |r_ij| in Å. */
@group(0) @binding(3) var<storage, read> pairs: array<vec4<f32>>;
/** [center element][element][interval][l][n / 4][power of t], four n at a time. */
@group(0) @binding(4) var<storage, read> table: array<vec4<f32>>;
/** a_lm, b_lm, and the sectoral factor where l = m; [l (l + 1) / 2 + m]. */
@group(0) @binding(5) var<storage, read> recurrence: array<vec4<f32>>;
/** w₀ I_n0(0) Y_00 of the center's own density, [element][n / 4]. */
@group(0) @binding(6) var<storage, read> own: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> coefficients: array<vec4<f32>>;

var<workgroup> radial: array<vec4<f32>, TILE * DEGREES * N_QUADS>;
var<workgroup> angular: array<f32, TILE * ORDERS>;

/** I_nl(r) of four n, from the cubic of its interval, Eq. (10). */
fn radial_integrals(r: f32, first: u32, quad: u32) -> vec4<f32> {
  let position = (r - START) * INVERSE_STEP + (r - START) * INVERSE_STEP_REST;
  // float32 may round a distance just below the cutoff up to it.
  let interval = min(u32(position), INTERVALS - 1u);
  let t = position - f32(interval);
  let at = first + (interval * DEGREES * N_QUADS + quad) * 4u;
  return table[at] + t * (table[at + 1u] + t * (table[at + 2u] + t * table[at + 3u]));
}

/** Y_lm and Y_l−m of the pair for all l ≥ m, Eq. (9). */
fn harmonics(pair: vec4<f32>, m: u32, out: u32) {
  let unit = pair.xyz / pair.w;
  var c = 1.0;
  var s = 0.0;
  for (var k = 0u; k < m; k++) {
    let next = unit.x * c - unit.y * s;
    s = unit.x * s + unit.y * c;
    c = next;
  }
  var before = 0.0;
  var q = recurrence[m * (m + 1u) / 2u + m].z;
  for (var l = m; l <= L_MAX; l++) {
    if (l > m) {
      let factor = recurrence[l * (l + 1u) / 2u + m];
      let next = factor.x * (unit.z * q + factor.y * before);
      before = q;
      q = next;
    }
    let center = out + l * l + l;
    angular[center - m] = q * s;
    angular[center + m] = q * c;
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = rows.first + group.x;
  let density = group.y;
  let slot = slots[rows.slot + row];
  let out = (row * DENSITIES + density) * ORDERS * N_QUADS;
  for (var k = thread; k < ORDERS * N_QUADS; k += 64u) {
    var start = vec4<f32>();
    if ((MIXED || slot.y == density) && k < N_QUADS) {
      start = own[slot.y * N_QUADS + k];
    }
    coefficients[out + k] = start;
  }
  for (var element = select(density, 0u, MIXED); element < select(density + 1u, ELEMENTS, MIXED); element++) {
    let table_first = slot.y * CENTER_STRIDE + element * TABLE_STRIDE;
    let begin = offsets[slot.x * ELEMENTS + element];
    let end = offsets[slot.x * ELEMENTS + element + 1u];
    for (var first = begin; first < end; first += TILE) {
      let count = min(TILE, end - first);
      workgroupBarrier();
      for (var k = thread; k < count * DEGREES * N_QUADS; k += 64u) {
        radial[k] = radial_integrals(pairs[first + k / (DEGREES * N_QUADS)].w, table_first, k % (DEGREES * N_QUADS));
      }
      for (var k = thread; k < count * DEGREES; k += 64u) {
        harmonics(pairs[first + k / DEGREES], k % DEGREES, (k / DEGREES) * ORDERS);
      }
      workgroupBarrier();
      for (var k = thread; k < ORDERS * N_QUADS; k += 64u) {
        let lm = k / N_QUADS;
        // Between l² and (l + 1)² the half keeps the root of any accuracy inside.
        let column = u32(sqrt(f32(lm) + 0.5)) * N_QUADS + k % N_QUADS;
        var sum = coefficients[out + k];
        for (var j = 0u; j < count; j++) {
          sum += angular[j * ORDERS + lm] * radial[j * DEGREES * N_QUADS + column];
        }
        coefficients[out + k] = sum;
      }
    }
  }
}
