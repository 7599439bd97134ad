/**
 * The first sphere that a ray meets: |o + t d − c|² = R², d a unit vector, so t = b − √(b² − |c − o|² + R²) with b = d · (c − o).
 * `positions` [atom][xyz], `radii` [atom], lengths in one unit. Returns the atom's index, or −1.
 */
export function pickAtom(
  origin: ArrayLike<number>,
  direction: ArrayLike<number>,
  positions: ArrayLike<number>,
  radii: ArrayLike<number>,
): number {
  let nearest = Infinity;
  let picked = -1;
  for (let atom = 0; atom < radii.length; atom++) {
    const x = positions[3 * atom]! - origin[0]!;
    const y = positions[3 * atom + 1]! - origin[1]!;
    const z = positions[3 * atom + 2]! - origin[2]!;
    const along = x * direction[0]! + y * direction[1]! + z * direction[2]!;
    const discriminant = along * along - (x * x + y * y + z * z) + radii[atom]! * radii[atom]!;
    if (discriminant < 0) continue;
    const distance = along - Math.sqrt(discriminant);
    if (distance > 0 && distance < nearest) {
      nearest = distance;
      picked = atom;
    }
  }
  return picked;
}
