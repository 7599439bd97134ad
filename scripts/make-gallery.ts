/**
 * Writes public/gallery.json, a small collection of crystals and molecules:
 *   node scripts/run.mjs scripts/make-gallery.ts
 * Crystals from textbook lattice constants and coordinates; molecules from textbook bond lengths and angles, put together in
 * scripts/molecules.ts. Idealized geometries to look at and to try things on, neither relaxed nor measured.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { repeat, turned, type Atoms, type Crystal, type Triple } from "./lattice.js";
import * as molecules from "./molecules.js";

type Site = readonly [string, number, number, number];

const cubic = (a: number): Triple<Triple> => [[a, 0, 0], [0, a, 0], [0, 0, a]];
const tetragonal = (a: number, c: number): Triple<Triple> => [[a, 0, 0], [0, a, 0], [0, 0, c]];
const hexagonal = (a: number, c: number): Triple<Triple> => turned([[a, 0, 0], [-a / 2, (a * Math.sqrt(3)) / 2, 0], [0, 0, c]]);

const faceCentered = (symbol: string, x = 0, y = x, z = x): Site[] => [[symbol, x, y, z], [symbol, x, y + 0.5, z + 0.5], [symbol, x + 0.5, y, z + 0.5], [symbol, x + 0.5, y + 0.5, z]];
const closePacked = (symbol: string, z: number): Site[] => [[symbol, 1 / 3, 2 / 3, z], [symbol, 2 / 3, 1 / 3, z + 0.5]];

/** α-quartz, P3₂21: Si on 3a, O on the general position. */
function quartz(): Crystal {
  const u = 0.4697;
  const [x, y, z] = [0.4135, 0.2669, 0.7858];
  const sites: Site[] = [
    ["Si", u, 0, 2 / 3], ["Si", 0, u, 1 / 3], ["Si", -u, -u, 0],
    ["O", x, y, z], ["O", -y, x - y, z + 2 / 3], ["O", y - x, -x, z + 1 / 3],
    ["O", y, x, -z], ["O", x - y, -y, 1 / 3 - z], ["O", -x, y - x, 2 / 3 - z],
  ];
  return { cell: hexagonal(4.913, 5.405), sites };
}

interface Entry {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly atoms: Atoms;
}

const crystal = (name: string, title: string, description: string, cell: Triple<Triple>, sites: readonly Site[]): Entry => ({ name, title, description, atoms: repeat({ cell, sites }, 1, 1, 1) });
const u = 0.3053;

const entries: Entry[] = [
  crystal("silicon", "Silicon (diamond)", "Each atom has four neighbors at 2.35 Å; the cell of the embedded data.", cubic(5.431), [...faceCentered("Si"), ...faceCentered("Si", 0.25)]),
  crystal("diamond", "Diamond", "Carbon with four bonds of 1.54 Å per atom.", cubic(3.567), [...faceCentered("C"), ...faceCentered("C", 0.25)]),
  crystal("graphite", "Graphite", "Hexagonal carbon sheets in AB stacking, 3.35 Å apart.", hexagonal(2.461, 6.708), [["C", 0, 0, 0.25], ["C", 0, 0, 0.75], ["C", 1 / 3, 2 / 3, 0.25], ["C", 2 / 3, 1 / 3, 0.75]]),
  crystal("beta-tin", "White tin (β)", "Tetragonal tin; silicon takes this structure under pressure.", tetragonal(5.831, 3.182), [["Sn", 0, 0, 0], ["Sn", 0.5, 0.5, 0.5], ["Sn", 0, 0.5, 0.25], ["Sn", 0.5, 0, 0.75]]),
  crystal("copper", "Copper (fcc)", "Face-centered cubic: twelve nearest neighbors.", cubic(3.615), faceCentered("Cu")),
  crystal("tungsten", "Tungsten (bcc)", "Body-centered cubic: eight nearest neighbors.", cubic(3.165), [["W", 0, 0, 0], ["W", 0.5, 0.5, 0.5]]),
  crystal("magnesium", "Magnesium (hcp)", "Hexagonal close packing, c/a = 1.62.", hexagonal(3.209, 5.211), closePacked("Mg", 0.25)),
  crystal("rock-salt", "Sodium chloride", "Rock salt: each ion has six of the other kind.", cubic(5.64), [...faceCentered("Na"), ...faceCentered("Cl", 0.5)]),
  crystal("caesium-chloride", "Caesium chloride", "Each ion sits in a cube of eight of the other kind.", cubic(4.123), [["Cs", 0, 0, 0], ["Cl", 0.5, 0.5, 0.5]]),
  crystal("fluorite", "Calcium fluoride", "Fluorite: calcium with eight, fluorine with four neighbors.", cubic(5.463), [...faceCentered("Ca"), ...faceCentered("F", 0.25), ...faceCentered("F", 0.75)]),
  crystal("zincblende", "Gallium arsenide", "Zincblende: diamond with two elements.", cubic(5.653), [...faceCentered("Ga"), ...faceCentered("As", 0.25)]),
  crystal("wurtzite", "Zinc oxide", "Wurtzite: the hexagonal sister of zincblende.", hexagonal(3.25, 5.207), [...closePacked("Zn", 0), ...closePacked("O", 0.382)]),
  crystal("perovskite", "Strontium titanate", "Cubic perovskite: corner-sharing oxygen octahedra around titanium.", cubic(3.905), [["Sr", 0, 0, 0], ["Ti", 0.5, 0.5, 0.5], ["O", 0, 0.5, 0.5], ["O", 0.5, 0, 0.5], ["O", 0.5, 0.5, 0]]),
  crystal("rutile", "Titanium dioxide", "Rutile: chains of octahedra that share edges.", tetragonal(4.594, 2.959), [["Ti", 0, 0, 0], ["Ti", 0.5, 0.5, 0.5], ["O", u, u, 0], ["O", 1 - u, 1 - u, 0], ["O", 0.5 + u, 0.5 - u, 0.5], ["O", 0.5 - u, 0.5 + u, 0.5]]),
  { name: "quartz", title: "Quartz (α)", description: "Silica: corner-sharing tetrahedra that wind round a screw axis.", atoms: repeat(quartz(), 1, 1, 1) },
  { name: "water", title: "Water", description: "O–H 0.957 Å, H–O–H 104.5°.", atoms: molecules.water() },
  { name: "ammonia", title: "Ammonia", description: "A pyramid: N–H 1.012 Å, H–N–H 106.7°.", atoms: molecules.ammonia() },
  { name: "methane", title: "Methane", description: "A tetrahedron with C–H 1.087 Å.", atoms: molecules.methane() },
  { name: "ethanol", title: "Ethanol", description: "The trans conformer; the molecule of the rMD17 benchmark.", atoms: molecules.ethanol() },
  { name: "benzene", title: "Benzene", description: "A regular hexagon: C–C 1.397 Å, C–H 1.084 Å.", atoms: molecules.benzene() },
  { name: "aspirin", title: "Aspirin", description: "Acetylsalicylic acid, idealized bond lengths and angles.", atoms: molecules.aspirin() },
  { name: "caffeine", title: "Caffeine", description: "A planar double ring with three methyl groups, idealized.", atoms: molecules.caffeine() },
  { name: "c60", title: "Buckminsterfullerene C₆₀", description: "A truncated icosahedron with bonds of 1.40 and 1.45 Å.", atoms: molecules.buckminsterfullerene() },
];

const digits = (x: number): string => x.toFixed(5).replace(/^-(0\.0*)$/, "$1");

function format({ symbols, positions, cell }: Atoms): string {
  const lattice = cell ? `Lattice="${cell.map(digits).join(" ")}" ` : "";
  const lines = symbols.map((symbol, atom) => `${symbol} ${positions.slice(3 * atom, 3 * atom + 3).map(digits).join(" ")}`);
  return `${[`${symbols.length}`, `${lattice}Properties=species:S:1:pos:R:3 pbc="${cell ? "T T T" : "F F F"}"`, ...lines].join("\n")}\n`;
}

const structures = entries.map(({ name, title, description, atoms }) => ({ name, title, description, xyz: format(atoms) }));
// scripts/run.mjs bundles this file elsewhere and leaves its own path in argv[1].
const folder = resolve(process.argv[2] ?? resolve(dirname(process.argv[1]), "../public"));
mkdirSync(folder, { recursive: true });
const text = `${JSON.stringify({ note: "Idealized textbook geometries; see README.md. CC0.", structures }, null, 1)}\n`;
writeFileSync(resolve(folder, "gallery.json"), text);
console.log(`gallery.json: ${structures.length} structures, ${text.length} characters`);
