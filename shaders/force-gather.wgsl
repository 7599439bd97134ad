// F_k = Σ_j f_kj − Σ_j f_jk, THEORY.md Eq. (21): the second sum through the reverse pairs, so that nothing is scattered. One thread per atom.

struct Atoms { count: u32, elements: u32 }

@group(0) @binding(0) var<uniform> atoms: Atoms;
@group(0) @binding(1) var<storage, read> offsets: array<u32>;
/** Pair j → k of the pair k → j. */
@group(0) @binding(2) var<storage, read> reverse: array<u32>;
@group(0) @binding(3) var<storage, read> pair_forces: array<f32>;
@group(0) @binding(4) var<storage, read_write> forces: array<f32>;

fn pair_force(pair: u32) -> vec3<f32> {
  return vec3<f32>(pair_forces[3u * pair], pair_forces[3u * pair + 1u], pair_forces[3u * pair + 2u]);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let atom = id.x;
  if (atom >= atoms.count) {
    return;
  }
  var force = vec3<f32>();
  for (var pair = offsets[atom * atoms.elements]; pair < offsets[(atom + 1u) * atoms.elements]; pair++) {
    force += pair_force(pair) - pair_force(reverse[pair]);
  }
  forces[3u * atom] = force.x;
  forces[3u * atom + 1u] = force.y;
  forces[3u * atom + 2u] = force.z;
}
