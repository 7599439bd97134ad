// Sums of consecutive blocks of counts, the first half of a prefix sum: prefix-sum.wgsl. One workgroup per block.

struct Counts { count: u32, per_block: u32 }

@group(0) @binding(0) var<uniform> counts: Counts;
@group(0) @binding(1) var<storage, read> values: array<u32>;
@group(0) @binding(2) var<storage, read_write> sums: array<u32>;

var<workgroup> parts: array<u32, 64>;

/** Stays at the largest number instead of passing it, so that too many are never taken for few. */
fn add(a: u32, b: u32) -> u32 {
  return a + min(b, 0xffffffffu - a);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let end = min(counts.count, (group.x + 1u) * counts.per_block);
  var sum = 0u;
  for (var k = group.x * counts.per_block + thread; k < end; k += 64u) {
    sum = add(sum, values[k]);
  }
  parts[thread] = sum;
  for (var width = 32u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) {
      parts[thread] = add(parts[thread], parts[thread + width]);
    }
  }
  if (thread == 0u) {
    sums[group.x] = parts[0];
  }
}
