/**
 * Which names mean energy, forces, virial or stress.
 *
 * A name is split into words at "_", "-", blanks and changes from small letters to capitals ("TotEnergy").
 * It is a candidate when every word is one of
 *   the property          energy, energies, toten | force, forces | virial, virials, stress, stresses
 *   a reference mark      ref, dft, qm, pbe, vasp, …    → rank 0: says that it is what a model should learn
 *   a neutral word        total, potential, per, atom, in, ev, …    → rank 1, like the plain name
 *   another energy's word free, formation, cohesive, …    → rank 2
 *   a prediction mark     gap, mace, predicted, lather, …    → never taken unless asked for
 * Any other word ("cut_off_energy", "energy_sigma") makes it another number. The lowest rank wins; among equals a total before a per-atom value,
 * virial before stress, the name that more structures have, the one met first. So of `energy` and `dft_energy` the latter is taken: programs
 * that write predictions write them as the plain name (gap_fit, ASE calculators), and the marked one beside it is the reference.
 */

export type LabelProperty = "energy" | "forces" | "virial";

export interface LabelName {
  readonly property: LabelProperty;
  readonly rank: 0 | 1 | 2;
  readonly prediction: boolean;
  /** The value is an energy per atom. */
  readonly perAtom: boolean;
  /** The value is a stress, +dE/dε/V, and not a virial, −dE/dε. */
  readonly stress: boolean;
}

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(" "));
const ENERGY = setOf("energy energies toten");
const FORCES = setOf("force forces");
const VIRIAL = setOf("virial virials stress stresses");
const REFERENCE = setOf(
  "ref reference dft qm ab initio abinitio scf true target label labels exact lda pw91 pbe pbesol rpbe scan rscan r2scan blyp b3lyp pbe0 hse hse06 " +
    "wb97x hf mp2 cc ccsd ccsdt rpa vasp castep cp2k aims orca psi4 espresso qe gpaw siesta dftb xtb",
);
const NEUTRAL = setOf("total tot potential pot config structure per atom peratom in ev a ang angstrom unit units corrected");
const OTHER_ENERGY = setOf("free formation cohesive binding atomization interaction internal");
const PREDICTION = setOf(
  "pred predicted prediction predictions model ml mlip mlff mlp nn gap quip soap turbogap mace ace pace nequip allegro snap mtp nep schnet painn " +
    "chgnet m3gnet orb sevennet deepmd dp fchl krr gpr lather fit fitted sw eam tersoff lj",
);

function wordsOf(name: string): readonly string[] {
  // Two small letters at least, as "eV" is one word.
  return name.replace(/([a-z\d]{2})([A-Z])/g, "$1_$2").toLowerCase().split(/[_\-\s]+/).filter((word) => word !== "");
}

/** What a name says; null when it names no label. */
export function classifyLabelName(name: string): LabelName | null {
  const words = wordsOf(name);
  const properties = words.filter((word) => ENERGY.has(word) || FORCES.has(word) || VIRIAL.has(word));
  if (properties.length !== 1) return null;
  const word = properties[0]!;
  const property = ENERGY.has(word) ? "energy" : FORCES.has(word) ? "forces" : "virial";
  const others = words.filter((other) => other !== word);
  const allowed = [REFERENCE, NEUTRAL, PREDICTION, ...(property === "energy" ? [OTHER_ENERGY] : [])];
  if (!others.every((other) => allowed.some((set) => set.has(other)))) return null;
  const other = others.some((mark) => OTHER_ENERGY.has(mark));
  const reference = others.some((mark) => REFERENCE.has(mark));
  return {
    property,
    rank: other ? 2 : reference ? 0 : 1,
    prediction: others.some((mark) => PREDICTION.has(mark)),
    perAtom: namesPerAtom(name),
    stress: namesStress(name),
  };
}

/** "…_per_atom", "…_per_atom_in_eV", "energyPerAtom": the value is per atom and is multiplied by the number of atoms. */
export function namesPerAtom(name: string): boolean {
  return /(?:^|_)per_?atom(?:_|$)/.test(wordsOf(name).join("_"));
}

export function namesStress(name: string): boolean {
  return wordsOf(name).some((word) => word === "stress" || word === "stresses");
}
