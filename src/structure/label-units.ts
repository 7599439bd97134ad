/**
 * Units of energies, forces and stresses, as words in the name of a label ("stress_kbar", "energy_kcal_mol", "forces_Ha_per_bohr") or in a
 * setting ("GPa", "kcal/mol", "Ha/bohr"), and what they are in eV and Å.
 *
 * Constants: CODATA 2022, https://physics.nist.gov/cuu/Constants/; e, N_A and the thermochemical calorie are exact.
 */

/** What a label measures: an energy (eV; also the virial), a force (eV/Å), a pressure (eV/Å³; the stress). */
export type Dimension = "energy" | "force" | "pressure";

/** A unit: its name for people, and its size in eV, eV/Å or eV/Å³. */
export interface LabelUnit {
  readonly name: string;
  readonly factor: number;
}

/** C, exact. */
const ELEMENTARY_CHARGE = 1.602176634e-19;
/** 1/mol, exact. */
const AVOGADRO = 6.02214076e23;
/** eV. */
const HARTREE = 27.211386245981;
/** Å. */
const BOHR = 0.529177210544;
/** eV. */
const KJ_PER_MOL = 1000 / (AVOGADRO * ELEMENTARY_CHARGE);
/** eV/Å³: 1 GPa = 10⁹ J/m³. */
const GIGAPASCAL = 1e9 / (ELEMENTARY_CHARGE * 1e30);

const table = (entries: readonly (readonly [words: string, name: string, factor: number])[]): ReadonlyMap<string, LabelUnit> =>
  new Map(entries.flatMap(([words, name, factor]) => words.split(" ").map((word) => [word, { name, factor }] as const)));

const ENERGIES = table([
  ["ev", "eV", 1], ["mev", "meV", 1e-3], ["ha hartree hartrees eh", "Ha", HARTREE], ["ry rydberg rydbergs", "Ry", HARTREE / 2],
  // No structure has an energy of kilojoules: without "mol" they are per mole all the same.
  ["kcal kcalmol", "kcal/mol", 4.184 * KJ_PER_MOL], ["kj kjmol", "kJ/mol", KJ_PER_MOL],
]);
const LENGTHS = table([["a ang angs angstrom angstroms", "Å", 1], ["bohr bohrs a0", "bohr", BOHR], ["nm", "nm", 10]]);
const VOLUMES = table([["a3 ang3 angstrom3", "Å³", 1], ["bohr3", "bohr³", BOHR ** 3], ["nm3", "nm³", 1000]]);
const PRESSURES = table([
  ["gpa", "GPa", GIGAPASCAL], ["kbar kb", "kbar", GIGAPASCAL / 10], ["mpa", "MPa", GIGAPASCAL / 1e3], ["bar", "bar", GIGAPASCAL / 1e4],
  ["kpa", "kPa", GIGAPASCAL / 1e6], ["pa", "Pa", GIGAPASCAL / 1e9],
]);
/** Hartree atomic units, whatever is measured. */
const ATOMIC = "au";
/** Belong to a unit, and say nothing without one. */
const JOINTS: ReadonlySet<string> = new Set(["per", "mol", "in", "unit", "units"]);

const DEFAULTS: Readonly<Record<Dimension, LabelUnit>> = {
  energy: { name: "eV", factor: 1 }, force: { name: "eV/Å", factor: 1 }, pressure: { name: "eV/Å³", factor: 1 },
};
const ATOMIC_UNITS: Readonly<Record<Dimension, LabelUnit>> = {
  energy: { name: "Ha", factor: HARTREE }, force: { name: "Ha/bohr", factor: HARTREE / BOHR }, pressure: { name: "Ha/bohr³", factor: HARTREE / BOHR ** 3 },
};

/** Units that a setting may name, for messages. */
export const UNIT_EXAMPLES: Readonly<Record<Dimension, string>> = {
  energy: "eV, meV, Ha, Ry, kcal/mol or kJ/mol",
  force: "eV/Å, Ha/bohr, Ry/bohr or kcal/mol/Å",
  pressure: "eV/Å³, GPa, kbar, MPa, bar or Ha/bohr³",
};

/**
 * Words of a name, in small letters: split at "_", "-", "/", brackets, blanks and changes from small letters to capitals ("TotEnergy").
 * "MeV" keeps its capital: lower-cased it would be a billionth of itself.
 */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/\^[-+]?/g, "").replaceAll("³", "3").replace(/[\u00c5\u212b]/g, "A")
    .replace(/(^|[^A-Za-z])MeV/g, "$1MEGAEV").replaceAll("meV", "mev")
    // Two small letters at least, as "eV" is one word.
    .replace(/([a-z\d]{2})([A-Z])/g, "$1_$2")
    .toLowerCase().split(/[_\-\s/·*()[\]]+/).filter((word) => word !== "");
}

/** Whether the word can be a part of a unit. */
export function isUnitWord(word: string): boolean {
  return word === ATOMIC || JOINTS.has(word) || [ENERGIES, LENGTHS, VOLUMES, PRESSURES].some((units) => units.has(word));
}

/**
 * The unit that the words of a name make, of this dimension: the usual one (eV, eV/Å, eV/Å³) when they name none; null when they name one that
 * makes no sense ("forces_GPa", "energy_eV_Ha"). Words that belong to no unit are passed over.
 */
export function unitOf(words: readonly string[], dimension: Dimension): LabelUnit | null {
  const named = (units: ReadonlyMap<string, LabelUnit>): LabelUnit[] => words.flatMap((word) => units.get(word) ?? []);
  const [energies, lengths, volumes, pressures] = [named(ENERGIES), named(LENGTHS), named(VOLUMES), named(PRESSURES)];
  const heads = energies.length + pressures.length + Number(words.includes(ATOMIC));
  if (heads === 0) return [...lengths, ...volumes].every(({ factor }) => factor === 1) ? DEFAULTS[dimension] : null;
  if (heads > 1) return null;
  if (words.includes(ATOMIC)) return lengths.length + volumes.length === 0 ? ATOMIC_UNITS[dimension] : null;
  const [energy] = energies;
  if (!energy) return dimension === "pressure" && lengths.length + volumes.length === 0 ? pressures[0]! : null;
  const over = (divisors: readonly LabelUnit[]): LabelUnit | null =>
    divisors.length === 1 ? { name: `${energy.name}/${divisors[0]!.name}`, factor: energy.factor / divisors[0]!.factor } : null;
  switch (dimension) {
    case "energy":
      return lengths.length + volumes.length === 0 ? energy : null;
    case "force":
      if (volumes.length > 0) return null;
      // "forces_eV" is eV/Å to everybody; "forces_Ha" may be per bohr or per Å.
      return lengths.length === 0 && energy.factor <= 1 && energy.name.endsWith("eV") ? over([LENGTHS.get("a")!]) : over(lengths);
    case "pressure":
      return lengths.length > 0 ? null : over(volumes);
  }
}

/** The unit that a setting names, of this dimension; null when it is none. */
export function parseUnit(text: string, dimension: Dimension): LabelUnit | null {
  const words = wordsOf(text);
  const says = words.some((word) => isUnitWord(word) && !JOINTS.has(word)) && words.every(isUnitWord);
  return says && words.some((word) => word === ATOMIC || ENERGIES.has(word) || PRESSURES.has(word)) ? unitOf(words, dimension) : null;
}
