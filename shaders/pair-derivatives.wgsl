// Of a tile of pairs, for pair-forces.wgsl and pair-contraction.wgsl, which this file is joined to: radial integrals, Eq. (10), and harmonics,
// Eq. (9), with their derivatives.

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

@group(0) @binding(4) var<storage, read> table: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> recurrence: array<vec4<f32>>;

/** I_nl and dI_nl/dr of four n, [pair][l][n / 4]. */
var<workgroup> values: array<vec4<f32>, TILE * DEGREES * N_QUADS>;
var<workgroup> slopes: array<vec4<f32>, TILE * DEGREES * N_QUADS>;
/** ∂Y/∂x, ∂Y/∂y, ∂Y/∂z of the polynomial, and Y; [pair][lm]. */
var<workgroup> angular: array<vec4<f32>, TILE * ORDERS>;

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

/** Radial integrals and harmonics of `count` pairs from `first` on, by 64 threads. */
fn fill_tile(first: u32, count: u32, table_first: u32, thread: u32) {
  let columns = DEGREES * N_QUADS;
  for (var k = thread; k < count * columns; k += 64u) {
    radial_integrals(pairs[first + k / columns].w, table_first, k % columns, k);
  }
  for (var k = thread; k < count * DEGREES; k += 64u) {
    harmonics(pairs[first + k / DEGREES], k % DEGREES, (k / DEGREES) * ORDERS);
  }
}
