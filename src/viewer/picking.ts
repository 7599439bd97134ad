import { vec3d } from "wgpu-matrix";

/**
 * The first sphere that a ray meets: |o + t d − c|² = R², d a unit vector, so t = b − √(b² − |c − o|² + R²) with b = d · (c − o).
 * `positions` [atom][xyz], `radii` [atom], lengths in one unit. Returns the atom's index, or −1.
 */
export function pickAtom(
  origin: readonly number[],
  direction: readonly number[],
  positions: ArrayLike<number>,
  radii: ArrayLike<number>,
): number {
  const offset = vec3d.create();
  let nearest = Infinity;
  let picked = -1;
  for (let atom = 0; atom < radii.length; atom++) {
    vec3d.set(positions[3 * atom]!, positions[3 * atom + 1]!, positions[3 * atom + 2]!, offset);
    vec3d.subtract(offset, origin, offset);
    const along = vec3d.dot(offset, direction);
    const discriminant = along * along - vec3d.lenSq(offset) + radii[atom]! * radii[atom]!;
    if (discriminant < 0) continue;
    const distance = along - Math.sqrt(discriminant);
    if (distance > 0 && distance < nearest) {
      nearest = distance;
      picked = atom;
    }
  }
  return picked;
}
