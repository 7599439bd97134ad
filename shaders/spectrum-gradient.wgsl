// ∂p̂/∂r_ij of every pair, for the rows of a fit, THEORY.md Eq. (23): ∂p̂ = (∂p − p̂ (p̂·∂p)) / |p|, ∂p from pair-contraction.wgsl.
// Three rows per pair, x, y and z, behind the features of the chunk's centers. One workgroup per center, element of the neighbors and stripe of
// pairs.

override ELEMENTS: u32;
override MIXED: bool;
override DENSITIES: u32;
override DEGREES: u32;
override N_STRIDE: u32;
override FEATURES: u32;
/** Numbers of a row of features; the padding is zero. */
override STRIDE: u32;
override RADIAL: bool;
override NORMALIZE: bool;
/** Workgroups that share the pairs of a center with one element. */
override STRIPES: u32;

const Y00: f32 = 0.28209479177387814;

struct Rows { slot: u32, first: u32, count: u32 }
struct Feature { left: u32, right: u32, l: u32, weight: f32 }

@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<storage, read> slots: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read> offsets: array<u32>;
@group(0) @binding(3) var<storage, read> pairs: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> places: array<vec4<u32>>;
@group(0) @binding(5) var<storage, read> labels: array<Feature>;
@group(0) @binding(6) var<storage, read> environments: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> contracted: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> features: array<f32>;

var<workgroup> parts: array<vec3<f32>, 64>;

/** Index of a density, degree and channel in what belongs to one pair. */
fn place(density: u32, l: u32, n: u32) -> u32 {
  return (density * DEGREES + l) * N_STRIDE + n;
}

/** Change of Σ_m c_left c_right with the left factor, if that has the neighbor's density. */
fn change(moving: u32, resting: u32, l: u32, density: u32, pair: u32, unit: vec3<f32>) -> vec3<f32> {
  // A density has the same number of coefficients for every (l, m, n).
  let block = DEGREES * DEGREES * N_STRIDE;
  if (moving / block != density) {
    return vec3<f32>();
  }
  let radial = contracted[pair + place(DENSITIES, l, moving % N_STRIDE)];
  let other = contracted[pair + place(resting / block, l, resting % N_STRIDE)];
  return radial.y * other.w * unit + radial.x * other.xyz;
}

fn derivative(label: Feature, density: u32, pair: u32, unit: vec3<f32>) -> vec3<f32> {
  if (RADIAL) {
    // Of the pair's own density alone: labels.left counts from density to density by the channels of l = 0.
    let moves = label.left / N_STRIDE == density;
    return select(vec3<f32>(), Y00 * contracted[pair + place(DENSITIES, 0u, label.left % N_STRIDE)].y * unit, moves);
  }
  let left = change(label.left, label.right, label.l, density, pair, unit);
  return label.weight * (left + change(label.right, label.left, label.l, density, pair, unit));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = rows.first + group.x;
  let element = group.y / STRIPES;
  let slot = slots[rows.slot + row];
  let shift = places[slot.x].y;
  let own = row * STRIDE;
  let end = offsets[slot.x * ELEMENTS + element + 1u];
  for (var pair = offsets[slot.x * ELEMENTS + element] + group.y % STRIPES; pair < end; pair += STRIPES) {
    let vector = pairs[pair];
    let unit = vector.xyz / vector.w;
    let from_pair = (pair + shift) * (DENSITIES + 1u) * DEGREES * N_STRIDE;
    let out = (rows.count + 3u * (pair + shift)) * STRIDE;
    var along = vec3<f32>();
    for (var f = thread; f < STRIDE; f += 64u) {
      var gradient = vec3<f32>();
      if (f < FEATURES) {
        gradient = derivative(labels[f], select(element, 0u, MIXED), from_pair, unit);
        along += features[own + f] * gradient;
      }
      features[out + f] = gradient.x;
      features[out + STRIDE + f] = gradient.y;
      features[out + 2u * STRIDE + f] = gradient.z;
    }
    if (NORMALIZE) {
      parts[thread] = along;
      for (var width = 32u; width > 0u; width >>= 1u) {
        workgroupBarrier();
        if (thread < width) {
          parts[thread] += parts[thread + width];
        }
      }
      workgroupBarrier();
      let total = parts[0];
      workgroupBarrier();
      let inverse = environments[row].x;
      for (var f = thread; f < FEATURES; f += 64u) {
        let feature = features[own + f];
        features[out + f] = inverse * (features[out + f] - feature * total.x);
        features[out + STRIDE + f] = inverse * (features[out + STRIDE + f] - feature * total.y);
        features[out + 2u * STRIDE + f] = inverse * (features[out + 2u * STRIDE + f] - feature * total.z);
      }
    }
  }
}
