// E_i − c = Σ_j g(r_ij) and f_ij = g' r_ij/r_ij of functions of pairs, THEORY.md Eq. (70): splines u(r), or u(r)/r. One thread per atom.

/** `slopes`: whether the forces are wanted, and not energies alone. */
struct Atoms { count: u32, elements: u32, slopes: u32 }

struct PairFunction {
  /** Of the coefficients, and their number. */
  first: u32,
  intervals: u32,
  divided: u32,
  radius: f32,
  start: f32,
  inverse_step: f32,
  /** What float32 leaves off it: a scale of all distances, which stiff crystals would feel as pressure. */
  inverse_step_rest: f32,
  unused: u32,
}

@group(0) @binding(0) var<uniform> atoms: Atoms;
/** 256 · structure + element in w. */
@group(0) @binding(1) var<storage, read> coordinates: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> offsets: array<u32>;
@group(0) @binding(3) var<storage, read> pairs: array<vec4<f32>>;
/** First function of [element of the center][element of the neighbor] and the one behind the last. */
@group(0) @binding(4) var<storage, read> ranges: array<vec2<u32>>;
@group(0) @binding(5) var<storage, read> functions: array<PairFunction>;
@group(0) @binding(6) var<storage, read> coefficients: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> energies: array<vec2<f32>>;
@group(0) @binding(8) var<storage, read_write> forces: array<f32>;

/** Value and slope. */
fn evaluate(one: PairFunction, r: f32) -> vec2<f32> {
  let position = (r - one.start) * one.inverse_step + (r - one.start) * one.inverse_step_rest;
  let interval = min(u32(position), one.intervals - 1u);
  let t = position - f32(interval);
  let c = coefficients[one.first + interval];
  let value = c.x + t * (c.y + t * (c.z + t * c.w));
  let slope = one.inverse_step * (c.y + t * (2.0 * c.z + 3.0 * t * c.w));
  return select(vec2<f32>(value, slope), vec2<f32>(value, slope - value / r) / r, one.divided != 0u);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let atom = id.x;
  if (atom >= atoms.count) {
    return;
  }
  let own = coordinates[atom].w & 255u;
  var energy = 0.0;
  for (var element = 0u; element < atoms.elements; element++) {
    let range = ranges[own * atoms.elements + element];
    let end = offsets[atom * atoms.elements + element + 1u];
    for (var pair = offsets[atom * atoms.elements + element]; pair < end; pair++) {
      let r = pairs[pair];
      var sum = vec2<f32>();
      for (var k = range.x; k < range.y; k++) {
        if (r.w < functions[k].radius) {
          sum += evaluate(functions[k], r.w);
        }
      }
      energy += sum.x;
      if (atoms.slopes != 0u) {
        let force = (sum.y / r.w) * r.xyz;
        forces[3u * pair] = force.x;
        forces[3u * pair + 1u] = force.y;
        forces[3u * pair + 2u] = force.z;
      }
    }
  }
  energies[atom] = vec2<f32>(energy, 1.0);
}
