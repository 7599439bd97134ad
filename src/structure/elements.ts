/**
 * The periodic table: symbols H … Og, standard atomic weights, covalent radii, display colors.
 *
 * Covalent radii: Cordero et al., doi:10.1039/b801115j (H … Cm; low-spin Mn, Fe, Co; sp³ C), single-bond radii of Pyykkö and Atsumi,
 * doi:10.1002/chem.200800987, beyond. Masses: IUPAC abridged standard atomic weights; the longest-lived isotope's mass number where there is none.
 * Electronegativities: Pauling's scale, H … Lr; Allen's (doi:10.1021/ja00207a003), which is scaled to it, for He, Ne and Ar.
 */
import { InputError } from "../errors.js";

const SYMBOLS = (
  "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr " +
  "Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu " +
  "Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr " +
  "Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og"
).split(" ");

/** Å, by atomic number − 1. */
const COVALENT_RADII = [
  0.31, 0.28, 1.28, 0.96, 0.84, 0.76, 0.71, 0.66, 0.57, 0.58, 1.66, 1.41, 1.21, 1.11, 1.07, 1.05, 1.02, 1.06, 2.03, 1.76, 1.7, 1.6, 1.53,
  1.39, 1.39, 1.32, 1.26, 1.24, 1.32, 1.22, 1.22, 1.2, 1.19, 1.2, 1.2, 1.16, 2.2, 1.95, 1.9, 1.75, 1.64, 1.54, 1.47, 1.46, 1.42, 1.39, 1.45,
  1.44, 1.42, 1.39, 1.39, 1.38, 1.39, 1.4, 2.44, 2.15, 2.07, 2.04, 2.03, 2.01, 1.99, 1.98, 1.98, 1.96, 1.94, 1.92, 1.92, 1.89, 1.9, 1.87,
  1.87, 1.75, 1.7, 1.62, 1.51, 1.44, 1.41, 1.36, 1.36, 1.32, 1.45, 1.46, 1.48, 1.4, 1.5, 1.5, 2.6, 2.21, 2.15, 2.06, 2.0, 1.96, 1.9, 1.87,
  1.8, 1.69, 1.68, 1.68, 1.65, 1.67, 1.73, 1.76, 1.61, 1.57, 1.49, 1.43, 1.41, 1.34, 1.29, 1.28, 1.21, 1.22, 1.36, 1.43, 1.62, 1.75, 1.65,
  1.57,
];

/** u, by atomic number − 1. */
const MASSES = [
  1.008, 4.002602, 6.94, 9.0121831, 10.81, 12.011, 14.007, 15.999, 18.998403162, 20.1797, 22.98976928, 24.305, 26.9815384, 28.085,
  30.973761998, 32.06, 35.45, 39.95, 39.0983, 40.078, 44.955907, 47.867, 50.9415, 51.9961, 54.938043, 55.845, 58.933194, 58.6934, 63.546,
  65.38, 69.723, 72.63, 74.921595, 78.971, 79.904, 83.798, 85.4678, 87.62, 88.905838, 91.224, 92.90637, 95.95, 97, 101.07, 102.90549, 106.42,
  107.8682, 112.414, 114.818, 118.71, 121.76, 127.6, 126.90447, 131.293, 132.90545196, 137.327, 138.90547, 140.116, 140.90766, 144.242, 145,
  150.36, 151.964, 157.25, 158.925354, 162.5, 164.930329, 167.259, 168.934219, 173.045, 174.9668, 178.486, 180.94788, 183.84, 186.207,
  190.23, 192.217, 195.084, 196.96657, 200.592, 204.38, 207.2, 208.9804, 209, 210, 222, 223, 226, 227, 232.0377, 231.03588, 238.02891, 237,
  244, 243, 247, 247, 251, 252, 257, 258, 259, 266, 267, 268, 269, 270, 269, 278, 281, 282, 285, 286, 289, 290, 293, 294, 294,
];

/** Pauling's scale, by atomic number − 1. */
const ELECTRONEGATIVITIES = [
  2.2, 4.16, 0.98, 1.57, 2.04, 2.55, 3.04, 3.44, 3.98, 4.79, 0.93, 1.31, 1.61, 1.9, 2.19, 2.58, 3.16, 3.24, 0.82, 1.0, 1.36, 1.54, 1.63, 1.66, 1.55,
  1.83, 1.88, 1.91, 1.9, 1.65, 1.81, 2.01, 2.18, 2.55, 2.96, 3.0, 0.82, 0.95, 1.22, 1.33, 1.6, 2.16, 1.9, 2.2, 2.28, 2.2, 1.93, 1.69, 1.78, 1.96,
  2.05, 2.1, 2.66, 2.6, 0.79, 0.89, 1.1, 1.12, 1.13, 1.14, 1.13, 1.17, 1.2, 1.2, 1.2, 1.22, 1.23, 1.24, 1.25, 1.1, 1.27, 1.3, 1.5, 2.36, 1.9, 2.2,
  2.2, 2.28, 2.54, 2.0, 1.62, 2.33, 2.02, 2.0, 2.2, 2.2, 0.79, 0.9, 1.1, 1.3, 1.5, 1.38, 1.36, 1.28, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3,
];

const ATOMIC_NUMBERS: ReadonlyMap<string, number> = new Map(SYMBOLS.map((symbol, index) => [symbol, index + 1]));

/** The largest atomic number in the table. */
export const LAST_ELEMENT = SYMBOLS.length;

function rowOf(z: number): number {
  if (!Number.isInteger(z) || z < 1 || z > LAST_ELEMENT) {
    throw new InputError("unknown element", { key: "species", expected: `an atomic number from 1 to ${LAST_ELEMENT}`, got: String(z) });
  }
  return z - 1;
}

/** Symbol of an atomic number. @throws InputError outside 1 … 118. */
export function symbolOf(z: number): string {
  return SYMBOLS[rowOf(z)]!;
}

/** Atomic number of a symbol in any capitalization ("Si", "SI", "si"); undefined when there is no such element. */
export function atomicNumberOf(symbol: string): number | undefined {
  return ATOMIC_NUMBERS.get(symbol) ?? ATOMIC_NUMBERS.get(symbol.slice(0, 1).toUpperCase() + symbol.slice(1).toLowerCase());
}

/** Covalent radius in Å. @throws InputError outside 1 … 118. */
export function covalentRadiusOf(z: number): number {
  return COVALENT_RADII[rowOf(z)]!;
}

/** Electronegativity, Pauling's scale. @throws InputError outside 1 … 103. */
export function electronegativityOf(z: number): number {
  const value = ELECTRONEGATIVITIES[rowOf(z)];
  if (value !== undefined) return value;
  throw new InputError("no electronegativity is known", { key: "species", expected: `H to ${symbolOf(ELECTRONEGATIVITIES.length)}`, got: symbolOf(z) });
}

/** Standard atomic weight in u. @throws InputError outside 1 … 118. */
export function massOf(z: number): number {
  return MASSES[rowOf(z)]!;
}

/**
 * Elements that often meet in one picture: the familiar hues (carbon dark, nitrogen blue, oxygen red, sulfur yellow, halogens green),
 * with lightness set apart so that they stay distinct when red and green look alike.
 */
const FAMILIAR_COLORS: Readonly<Record<string, string>> = {
  H: "#f4f4f4", C: "#4a4a4a", N: "#3f6fd9", O: "#d53e2a", F: "#8fd6a9", Na: "#8e63c9", Mg: "#4f9a86", Al: "#b7a7b9", Si: "#d9b382", P: "#e58a1f",
  S: "#f0dc4a", Cl: "#4fae6a", K: "#6f47ab", Ca: "#3f8372", Ti: "#a3a9b3", Fe: "#b5632d", Ni: "#5fa88f", Cu: "#c47a4a", Zn: "#7d82ad", Ga: "#c48f8f",
  Ge: "#7f9c92", As: "#b183d8", Br: "#8a3324", Ag: "#c3c8ce", I: "#7a2f8f", Pt: "#cfd0dd", Au: "#e8c33c", Pb: "#5b5f66",
};

/** Hue (degrees) and saturation of a group's or series' elements. */
function familyOf(z: number): { hue: number; saturation: number } {
  if ((z >= 57 && z <= 71) || (z >= 89 && z <= 103)) return { hue: z < 72 ? 175 : 205, saturation: 0.45 };
  const group = groupOf(z);
  if (group === 1) return { hue: 268, saturation: 0.45 };
  if (group === 2) return { hue: 165, saturation: 0.35 };
  if (group <= 12) return { hue: 215 - 4 * group, saturation: 0.22 };
  if (group <= 14) return { hue: 350, saturation: 0.16 };
  if (group <= 16) return { hue: group === 15 ? 280 : 35, saturation: 0.5 };
  return group === 17 ? { hue: 320, saturation: 0.4 } : { hue: 190, saturation: 0.45 };
}

const NOBLE_GASES = [0, 2, 10, 18, 36, 54, 86, 118];

/** Row 1 … 7 of the periodic table. */
export function periodOf(z: number): number {
  return NOBLE_GASES.findIndex((last) => z <= last);
}

/** Group 1 … 18; lanthanides and actinides count as group 3. */
export function groupOf(z: number): number {
  const period = periodOf(z);
  const fromStart = z - NOBLE_GASES[period - 1]!;
  const fromEnd = NOBLE_GASES[period]! - z;
  if (fromEnd <= 5 && z > 2) return 18 - fromEnd;
  if (z === 2) return 18;
  if (fromStart <= 2) return fromStart;
  return Math.max(3, 18 - fromEnd);
}

/** CSS color "#rrggbb" for the viewer. @throws InputError outside 1 … 118. */
export function colorOf(z: number): string {
  const familiar = FAMILIAR_COLORS[symbolOf(z)];
  if (familiar !== undefined) return familiar;
  const { hue, saturation } = familyOf(z);
  // Heavier elements of a family are darker.
  const lightness = 0.82 - 0.06 * periodOf(z) - 0.012 * (z % 4);
  const channel = (offset: number): string => {
    const position = (offset + hue / 30) % 12;
    const value = lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(position - 3, 9 - position, 1));
    return Math.round(255 * value).toString(16).padStart(2, "0");
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}
