/** Molecules put together from bond lengths (Å), angles and dihedrals (degrees). */
import type { Atoms, Triple } from "./lattice.js";

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const minus = (a: Triple, b: Triple): Triple => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const cross = (a: Triple, b: Triple): Triple => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = (a: Triple): Triple => {
  const length = Math.hypot(...a);
  return [a[0] / length, a[1] / length, a[2] / length];
};

const TETRAHEDRAL = 109.4712;

class Molecule {
  private readonly symbols: string[] = [];
  private readonly sites: Triple[] = [];

  /** Adds an atom at given coordinates; returns its index. */
  put(symbol: string, x: number, y: number, z = 0): number {
    this.symbols.push(symbol);
    return this.sites.push([x, y, z]) - 1;
  }

  /** Adds an atom bound to `a` with the angle new–a–b and the dihedral new–a–b–c; returns its index. */
  bind(symbol: string, a: number, length: number, b: number, angle: number, c: number, dihedral: number): number {
    const axis = unit(minus(this.sites[a], this.sites[b]));
    const normal = unit(cross(minus(this.sites[b], this.sites[c]), axis));
    const side = cross(normal, axis);
    const along = -length * Math.cos(radians(angle));
    const across = length * Math.sin(radians(angle)) * Math.cos(radians(dihedral));
    const up = length * Math.sin(radians(angle)) * Math.sin(radians(dihedral));
    const [x, y, z] = [0, 1, 2].map((k) => this.sites[a][k] + along * axis[k] + across * side[k] + up * normal[k]);
    return this.put(symbol, x, y, z);
  }

  /** Three hydrogens on `carbon`, which is bound to `b`; the first at `dihedral` to c. */
  methyl(carbon: number, b: number, c: number, dihedral: number): void {
    for (const turn of [0, 120, 240]) this.bind("H", carbon, 1.09, b, TETRAHEDRAL, c, dihedral + turn);
  }

  /** Adds an atom to a ring atom of a plane ring, straight away from the ring's center. */
  outward(symbol: string, atom: number, length: number, center: readonly [number, number]): number {
    const [x, y] = this.sites[atom];
    const distance = Math.hypot(x - center[0], y - center[1]);
    return this.put(symbol, x + (length * (x - center[0])) / distance, y + (length * (y - center[1])) / distance);
  }

  atoms(): Atoms {
    return { symbols: this.symbols, positions: this.sites.flat(), cell: null };
  }
}

const onCircle = (radius: number, degrees: number, x = 0): [number, number] => [x + radius * Math.cos(radians(degrees)), radius * Math.sin(radians(degrees))];

export function water(): Atoms {
  const molecule = new Molecule();
  molecule.put("O", 0, 0);
  molecule.put("H", ...onCircle(0.9572, 104.52 / 2));
  molecule.put("H", ...onCircle(0.9572, -104.52 / 2));
  return molecule.atoms();
}

/** Hydrogens on a circle of radius (2/√3) r sin(angle/2), which gives the angle H–N–H. */
export function ammonia(): Atoms {
  const length = 1.012;
  const radius = (2 / Math.sqrt(3)) * length * Math.sin(radians(106.7 / 2));
  const molecule = new Molecule();
  molecule.put("N", 0, 0);
  for (const turn of [0, 120, 240]) molecule.put("H", ...onCircle(radius, turn), -Math.sqrt(length * length - radius * radius));
  return molecule.atoms();
}

export function methane(): Atoms {
  const molecule = new Molecule();
  const x = 1.087 / Math.sqrt(3);
  molecule.put("C", 0, 0, 0);
  for (const [i, j, k] of [[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) molecule.put("H", i * x, j * x, k * x);
  return molecule.atoms();
}

export function ethanol(): Atoms {
  const molecule = new Molecule();
  const methyl = molecule.put("C", 0, 0);
  const methylene = molecule.put("C", 1.512, 0);
  const [x, y] = onCircle(1.431, 180 - 107.8, 1.512);
  const oxygen = molecule.put("O", x, y);
  molecule.bind("H", oxygen, 0.971, methylene, 105.4, methyl, 180);
  for (const dihedral of [120, 240]) molecule.bind("H", methylene, 1.098, methyl, 110.3, oxygen, dihedral);
  molecule.methyl(methyl, methylene, oxygen, 180);
  return molecule.atoms();
}

export function benzene(): Atoms {
  const molecule = new Molecule();
  for (let k = 0; k < 6; k++) molecule.put("C", ...onCircle(1.397, 60 * k));
  for (let k = 0; k < 6; k++) molecule.put("H", ...onCircle(1.397 + 1.084, 60 * k));
  return molecule.atoms();
}

/** Carboxyl group in the plane of the ring, acetoxy group turned out of it. */
export function aspirin(): Atoms {
  const molecule = new Molecule();
  const ring = [0, 1, 2, 3, 4, 5].map((k) => molecule.put("C", ...onCircle(1.39, 60 * k)));
  for (const k of [2, 3, 4, 5]) molecule.outward("H", ring[k], 1.08, [0, 0]);
  const carboxyl = molecule.outward("C", ring[0], 1.48, [0, 0]);
  molecule.bind("O", carboxyl, 1.22, ring[0], 123, ring[1], 180);
  const hydroxyl = molecule.bind("O", carboxyl, 1.34, ring[0], 115, ring[1], 0);
  molecule.bind("H", hydroxyl, 0.97, carboxyl, 106, ring[0], 180);
  const ester = molecule.outward("O", ring[1], 1.4, [0, 0]);
  const acetyl = molecule.bind("C", ester, 1.36, ring[1], 118, ring[0], 85);
  molecule.bind("O", acetyl, 1.2, ester, 123, ring[1], 0);
  const methyl = molecule.bind("C", acetyl, 1.49, ester, 111, ring[1], 180);
  molecule.methyl(methyl, acetyl, ester, 180);
  return molecule.atoms();
}

/** A regular hexagon and a regular pentagon that share an edge of 1.39 Å. */
export function caffeine(): Atoms {
  const molecule = new Molecule();
  const edge = 1.39;
  const center = (edge * Math.sqrt(3)) / 2 + edge / 2 / Math.tan(radians(36));
  const radius = edge / 2 / Math.sin(radians(36));
  const [, c6, n1, c2, n3] = (["C", "C", "N", "C", "N", "C"] as const).map((symbol, k) => molecule.put(symbol, ...onCircle(edge, 30 + 60 * k)));
  const [n7, c8] = (["N", "C", "N"] as const).map((symbol, k) => molecule.put(symbol, ...onCircle(radius, 72 - 72 * k, center)));
  molecule.outward("O", c6, 1.22, [0, 0]);
  molecule.outward("O", c2, 1.22, [0, 0]);
  molecule.outward("H", c8, 1.08, [center, 0]);
  for (const [nitrogen, neighbor, middle] of [[n1, c2, 0], [n3, c2, 0], [n7, c8, center]]) {
    const carbon = molecule.outward("C", nitrogen, 1.46, [middle, 0]);
    molecule.methyl(carbon, nitrogen, neighbor, 0);
  }
  return molecule.atoms();
}

/** Two atoms on each edge of an icosahedron, so that pentagon edges are 1.45 Å and the others 1.40 Å long. */
export function buckminsterfullerene(): Atoms {
  const [pentagon, other] = [1.45, 1.4];
  const edge = 2 * pentagon + other;
  const golden = (1 + Math.sqrt(5)) / 2;
  const corners = [-1, 1].flatMap((p) => [-golden, golden].flatMap((q): Triple[] => [[0, p, q], [p, q, 0], [q, 0, p]])).map((corner) => corner.map((x) => (x * edge) / 2));
  const molecule = new Molecule();
  for (const from of corners) {
    for (const to of corners) {
      if (from === to || Math.hypot(...from.map((x, k) => x - to[k])) > 1.01 * edge) continue;
      const [x, y, z] = from.map((start, k) => start + (pentagon / edge) * (to[k] - start));
      molecule.put("C", x, y, z);
    }
  }
  return molecule.atoms();
}
