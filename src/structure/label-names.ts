/**
 * Which names mean energy, forces, virial or stress.
 *
 * A name is split into words (label-units.ts). It is a candidate when every word is one of
 *   the property          energy, energies, toten | force, forces | virial, virials, stress, stresses
 *   a reference mark      ref, dft, qm, vasp, … and levels of theory: pbe, scan, mp2, …    → rank 0: says that it is what a model should learn
 *   a neutral word        total, potential, per, atom, … and units: ev, kbar, bohr, …    → rank 1, like the plain name
 *   another energy's word free, formation, cohesive, …    → rank 2
 *   a prediction mark     gap, mace, predicted, lather, …    → never taken unless asked for
 * Any other word ("cut_off_energy", "energy_sigma") makes it another number. The lowest rank wins; among equals a total before a per-atom value,
 * virial before stress, the name that more structures have, the one met first. So of `energy` and `dft_energy` the latter is taken: programs
 * that write predictions write them as the plain name (gap_fit, ASE calculators), and the marked one beside it is the reference.
 */
import { isUnitWord, unitOf, wordsOf, type Dimension, type LabelUnit } from "./label-units.js";

export type LabelProperty = "energy" | "forces" | "virial";

export interface LabelName {
  readonly property: LabelProperty;
  readonly rank: 0 | 1 | 2;
  readonly prediction: boolean;
  /** The value is an energy, or a virial, per atom. */
  readonly perAtom: boolean;
  /** The value is a stress, +dE/dε/V, and not a virial, −dE/dε. */
  readonly stress: boolean;
  /** What energy it is, if not the total: "free", "formation", …; energies of different kinds cannot stand for one another. */
  readonly kind: string;
  /** Level of theory that it names ("pbe"), or "". */
  readonly level: string;
  /** Null when the words for its unit make no sense together. */
  readonly unit: LabelUnit | null;
}

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(" "));
const ENERGY = setOf("energy energies toten");
const FORCES = setOf("force forces");
const VIRIAL = setOf("virial virials stress stresses");
const LEVEL = setOf("lda pw91 pbe pbesol rpbe scan rscan r2scan blyp b3lyp pbe0 hse hse06 wb97x hf mp2 cc ccsd ccsdt rpa dftb xtb");
const REFERENCE = setOf(
  "ref reference dft qm ab initio abinitio scf true target label labels exact vasp castep cp2k aims orca psi4 espresso qe gpaw siesta",
);
const NEUTRAL = setOf("total tot potential pot config structure atom peratom corrected");
const OTHER_ENERGY = setOf("free formation cohesive binding atomization interaction internal");
const PREDICTION = setOf(
  "pred predicted prediction predictions model ml mlip mlff mlp nn gap quip soap turbogap mace ace pace nequip allegro snap mtp nep schnet painn " +
    "chgnet m3gnet orb sevennet deepmd dp fchl krr gpr lather fit fitted sw eam tersoff lj",
);

/** What a name says; null when it names no label. */
export function classifyLabelName(name: string): LabelName | null {
  const words = wordsOf(name);
  const properties = words.filter((word) => ENERGY.has(word) || FORCES.has(word) || VIRIAL.has(word));
  if (properties.length !== 1) return null;
  const word = properties[0]!;
  const others = words.filter((other) => other !== word);
  const property = ENERGY.has(word) ? "energy" : FORCES.has(word) ? "forces" : "virial";
  const allowed = [REFERENCE, LEVEL, NEUTRAL, PREDICTION, ...(property === "energy" ? [OTHER_ENERGY] : [])];
  if (!others.every((other) => isUnitWord(other) || allowed.some((set) => set.has(other)))) return null;
  return describeLabelName(name, property);
}

/** The same for a name that is known to mean this property, whatever its words are. */
export function describeLabelName(name: string, property: LabelProperty): LabelName {
  const words = wordsOf(name);
  const some = (set: ReadonlySet<string>): string => words.filter((word) => set.has(word)).sort().join(" ");
  const stress = property === "virial" && words.some((word) => word === "stress" || word === "stresses");
  const kind = property === "energy" ? some(OTHER_ENERGY) : "";
  const level = some(LEVEL);
  return {
    property, stress, kind, level,
    rank: kind !== "" ? 2 : level !== "" || some(REFERENCE) !== "" ? 0 : 1,
    prediction: some(PREDICTION) !== "",
    // "…_per_atom", "…_per_atom_in_eV", "energyPerAtom"
    perAtom: property !== "forces" && !stress && /(?:^|_)per_?atom(?:_|$)/.test(words.join("_")),
    unit: unitOf(words, dimensionOf({ property, stress })),
  };
}

/** What a value under this name measures. */
export function dimensionOf({ property, stress }: Pick<LabelName, "property" | "stress">): Dimension {
  return property === "forces" ? "force" : stress ? "pressure" : "energy";
}
