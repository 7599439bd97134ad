// Silicon labelled by the Stillinger–Weber potential: crystals about their sites, to train on, and structures far from these.
import { computeStillingerWeber } from "../src/dynamics/stillinger-weber.js";
import { createStructure, type LabeledStructure, type Structure } from "../src/index.js";
import { createRandom } from "../src/selection/random.js";

function label(structure: Structure, configType: string): LabeledStructure {
  const { energy, forces, virial } = computeStillingerWeber(structure);
  return { structure, labels: { energy, forces, virial, configType } };
}

/** Positions of `repeat`³ cubic cells of side `a`, Å, with Gaussian noise. */
function crystal(sites: readonly (readonly number[])[], a: number, repeat: number, noise: number, seed: number): Structure {
  const random = createRandom(seed);
  const positions: number[] = [];
  for (let cell = 0; cell < repeat ** 3; cell++) {
    const corner = [cell % repeat, Math.floor(cell / repeat) % repeat, Math.floor(cell / repeat ** 2)];
    for (const site of sites) for (let axis = 0; axis < 3; axis++) positions.push(a * (corner[axis]! + site[axis]!) + noise * random.normal());
  }
  const side = a * repeat;
  return createStructure({ species: new Array<number>(positions.length / 3).fill(14), positions, cell: [side, 0, 0, 0, side, 0, 0, 0, side] });
}

const DIAMOND = [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0], [0.25, 0.25, 0.25], [0.25, 0.75, 0.75], [0.75, 0.25, 0.75], [0.75, 0.75, 0.25]];

/** Diamond crystals of 8 atoms, strained by up to 3 % and displaced by 0.02 to 0.2 Å. */
export function nearSilicon(count: number, seed: number): LabeledStructure[] {
  return Array.from({ length: count }, (_, k) => label(crystal(DIAMOND, 5.431 * (0.97 + 0.06 * ((k % 7) / 6)), 1, 0.02 + 0.18 * ((k % 5) / 4), seed + k), "diamond"));
}

/** 32 atoms anywhere, no two closer than 2 Å, at the density of the crystal. */
function liquid(seed: number): Structure {
  const random = createRandom(seed);
  const side = 8.62;
  const positions: number[] = [];
  const away = (a: number, b: number): number => Math.min(Math.abs(a - b), side - Math.abs(a - b));
  while (positions.length < 96) {
    const site = [side * random.uniform(), side * random.uniform(), side * random.uniform()];
    let free = true;
    for (let atom = 0; atom < positions.length; atom += 3) if (Math.hypot(...site.map((x, axis) => away(x, positions[atom + axis]!))) < 2) free = false;
    if (free) positions.push(...site);
  }
  return createStructure({ species: new Array<number>(32).fill(14), positions, cell: [side, 0, 0, 0, side, 0, 0, 0, side] });
}

/** Dimers, a hot liquid, and simple, body-centered and face-centered cubic crystals. */
export function farSilicon(): LabeledStructure[] {
  const dimers = [1.9, 2.2, 2.5, 2.8, 3.1].map((r) => label(createStructure({ species: [14, 14], positions: [0, 0, 0, r, 0, 0] }), "dimer"));
  const liquids = [1, 2, 3, 4].map((seed) => label(liquid(seed), "liquid"));
  const cubic = (sites: readonly (readonly number[])[], a: number, repeat: number, name: string): LabeledStructure[] =>
    [0.05, 0.15].flatMap((noise, k) => [0.95, 1, 1.05].map((scale) => label(crystal(sites, a * scale, repeat, noise, 5 + k), name)));
  return [
    ...dimers, ...liquids, ...cubic([[0, 0, 0]], 2.53, 3, "simple cubic"), ...cubic([[0, 0, 0], [0.5, 0.5, 0.5]], 3.08, 2, "body-centered"),
    ...cubic([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]], 3.87, 2, "face-centered"),
  ];
}
