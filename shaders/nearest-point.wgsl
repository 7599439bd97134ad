// Distances of all points to the one taken last, and with them those to the nearest taken point, THEORY.md Eq. (19). With D = |z − z'|²
// from differences, a = |z|², b = |z'|² and s = z·z' = (a + b − D)/2, nothing cancels in
//   d² = a^ζ + b^ζ − 2 s^ζ = (a − s) Σ_k a^{ζ−1−k} s^k + (b − s) Σ_k b^{ζ−1−k} s^k,   a − s = (D + a − b)/2.
// Components may come in several slabs, the sum of D going on from slab to slab. One thread per point; 64 points leave their farthest one behind.

override ZETA: u32;

/** Which of the taken points is the last. */
struct Step { index: u32 }
/** Components of this slab over 4; whether it is the first and the last one. */
struct Sizes { quads: u32, points: u32, is_first: u32, is_last: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> sizes: Sizes;
/** z less its mean over the points, [component / 4][point]. */
@group(0) @binding(2) var<storage, read> components: array<vec4<f32>>;
/** |z|² and what float32 leaves off it, [point]. */
@group(0) @binding(3) var<storage, read> squares: array<vec2<f32>>;
/** Index and distance d² of the points taken; [step]. */
@group(0) @binding(4) var<storage, read> taken: array<vec2<u32>>;
/** D so far, and d² to the nearest taken point; [point]. */
@group(0) @binding(5) var<storage, read_write> distances: array<vec2<f32>>;
/** Of 64 points the farthest: bits of d², which order like the numbers, and index. */
@group(0) @binding(6) var<storage, read_write> farthest: array<vec2<u32>>;

var<workgroup> parts: array<vec2<u32>, 64>;

/** Σ_k a^{ζ−1−k} s^k. */
fn homogeneous(a: f32, s: f32) -> f32 {
  var sum = 1.0;
  var power = 1.0;
  for (var k = 1u; k < ZETA; k++) {
    power *= a;
    sum = s * sum + power;
  }
  return sum;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let last = taken[step.index].x;
  // Threads beyond the last point repeat it.
  let point = min(id.x, sizes.points - 1u);
  var square = select(distances[point].x, 0.0, sizes.is_first == 1u);
  for (var quad = 0u; quad < sizes.quads; quad++) {
    let difference = components[quad * sizes.points + point] - components[quad * sizes.points + last];
    square += dot(difference, difference);
  }
  var nearest = distances[point].y;
  if (sizes.is_last == 1u) {
    let a = squares[point];
    let b = squares[last];
    let excess = (a.x - b.x) + (a.y - b.y);
    let s = 0.5 * (a.x + b.x - square);
    let distance = 0.5 * ((square + excess) * homogeneous(a.x, s) + (square - excess) * homogeneous(b.x, s));
    nearest = min(nearest, max(distance, 0.0));
  }
  if (id.x < sizes.points) {
    distances[point] = vec2<f32>(square, nearest);
  }
  parts[thread] = vec2<u32>(bitcast<u32>(nearest), point);
  for (var width = 32u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) {
      let a = parts[thread];
      let b = parts[thread + width];
      // Of equal ones the first.
      parts[thread] = select(a, b, b.x > a.x || (b.x == a.x && b.y < a.y));
    }
  }
  if (thread == 0u) {
    farthest[id.x / 64u] = parts[0];
  }
}
