// ∂ε/∂c of a chunk of centers from the slopes of a chain's components, the reverse of chain-spread.wgsl: [row][density][lm][n], 0 in the padding.

override COEFFICIENTS: u32;

struct Rows { slot: u32, first: u32, count: u32 }

@group(0) @binding(0) var<uniform> rows: Rows;
/** Component of each coefficient of a center, plus one; 0 in the padding. */
@group(0) @binding(1) var<storage, read> components: array<u32>;
@group(0) @binding(2) var<storage, read> slopes: array<f32>;
@group(0) @binding(3) var<storage, read_write> adjoint: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let stride = (rows.count + 63u) & ~63u;
  for (var k = thread; k < COEFFICIENTS; k += 64u) {
    let component = components[k];
    var value = 0.0;
    if (component > 0u) {
      value = slopes[(component - 1u) * stride + group.x];
    }
    adjoint[group.x * COEFFICIENTS + k] = value;
  }
}
