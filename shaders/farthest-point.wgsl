// The point that is farthest from all taken ones, THEORY.md Eq. (19), becomes the next one: the first among equals. One workgroup.

struct Step { index: u32 }
struct Sizes { quads: u32, points: u32 }

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> sizes: Sizes;
@group(0) @binding(2) var<storage, read> farthest: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read_write> taken: array<vec2<u32>>;

var<workgroup> parts: array<vec2<u32>, 64>;

fn farther(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return select(a, b, b.x > a.x || (b.x == a.x && b.y < a.y));
}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
  let groups = (sizes.points + 63u) / 64u;
  var best = vec2<u32>(0u, 0xffffffffu);
  for (var k = thread; k < groups; k += 64u) {
    best = farther(best, farthest[k]);
  }
  parts[thread] = best;
  for (var width = 32u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) {
      parts[thread] = farther(parts[thread], parts[thread + width]);
    }
  }
  if (thread == 0u) {
    taken[step.index + 1u] = parts[0].yx;
  }
}
