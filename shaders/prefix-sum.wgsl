// Counts become the sums of all counts before them, and the sum of all stands behind the last (exclusive scan; Blelloch, Prefix sums and their
// applications, CMU-CS-90-190, 1990). The sums of the blocks are there already. One workgroup per block.

struct Counts { count: u32, per_block: u32 }

@group(0) @binding(0) var<uniform> counts: Counts;
/** [block] */
@group(0) @binding(1) var<storage, read> sums: array<u32>;
@group(0) @binding(2) var<storage, read_write> values: array<u32>;

var<workgroup> parts: array<u32, 64>;

fn add(a: u32, b: u32) -> u32 {
  return a + min(b, 0xffffffffu - a);
}

/** Sums over the threads up to and with each. */
fn scan(thread: u32, value: u32) {
  parts[thread] = value;
  for (var width = 1u; width < 64u; width <<= 1u) {
    workgroupBarrier();
    var before = 0u;
    if (thread >= width) {
      before = parts[thread - width];
    }
    workgroupBarrier();
    parts[thread] = add(parts[thread], before);
  }
  workgroupBarrier();
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  var sum = 0u;
  for (var k = thread; k < group.x; k += 64u) {
    sum = add(sum, sums[k]);
  }
  scan(thread, sum);
  var base = parts[63];
  let end = min(counts.count, (group.x + 1u) * counts.per_block);
  for (var first = group.x * counts.per_block; first < end; first += 256u) {
    // Four counts of every thread.
    var own = vec4<u32>();
    let at = first + 4u * thread;
    for (var k = 0u; k < 4u && at + k < end; k++) {
      own[k] = values[at + k];
    }
    workgroupBarrier();
    scan(thread, add(add(own.x, own.y), add(own.z, own.w)));
    var before = base;
    if (thread > 0u) {
      before = add(base, parts[thread - 1u]);
    }
    for (var k = 0u; k < 4u && at + k < end; k++) {
      values[at + k] = before;
      before = add(before, own[k]);
    }
    base = add(base, parts[63]);
  }
  if (group.x == groups.x - 1u && thread == 0u) {
    values[counts.count] = base;
  }
}
