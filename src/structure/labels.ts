/**
 * Energies, forces and virials of structures from an extended-XYZ file. Units are not converted: energy eV, forces eV/Å, virial eV, stress eV/Å³.
 *
 *   virial  W = −∂E/∂ε (THEORY.md Eq. 22), 9 numbers
 *   stress  σ = +∂E/∂ε / V as in ASE (positive under tension), 9 numbers or 6 in the order xx yy zz yz xz xy;  W = −V σ
 *
 * Both are symmetrized; an asymmetry above 1 % of the largest component (and above 1 meV) is an error, as the numbers then are no stress.
 * Names ending in `_per_atom` (also `_per_atom_in_eV`) hold the energy per atom: E = N × value. Which name is taken: see label-names.ts.
 */
import { InputError, type ErrorDetails } from "../errors.js";
import { classifyLabelName, namesPerAtom, namesStress, type LabelName, type LabelProperty } from "./label-names.js";
import { cellVolume, type InfoValue, type Labels, type Structure } from "./structure.js";

/** Names to take: a key, null to find one, false to leave the property out. */
export interface LabelOverrides {
  readonly energy?: string | null | false;
  readonly forces?: string | null | false;
  readonly virial?: string | null | false;
}

/** A name seen among the structures and how many have it. */
export interface KeyCount {
  readonly key: string;
  readonly structures: number;
}

/** A name that could have been taken. */
export interface LabelCandidate extends KeyCount {
  readonly property: LabelProperty;
  /** It looks like the output of a model and is taken only when asked for. */
  readonly prediction: boolean;
}

/** Names taken (null: none), and what there was. */
export interface LabelKeys {
  readonly energy: string | null;
  readonly forces: string | null;
  /** Name of the virial, or of the stress that it is computed from. */
  readonly virial: string | null;
  readonly energyIsPerAtom: boolean;
  readonly virialIsStress: boolean;
  /** Structures looked at. */
  readonly structures: number;
  /** Structures that have each of the names taken. */
  readonly counts: Readonly<Record<LabelProperty, number>>;
  /** Further names that mean one of the three, best first. */
  readonly candidates: readonly LabelCandidate[];
  /** Other entries that hold numbers, one or several, per structure. */
  readonly others: readonly KeyCount[];
}

const PROPERTIES: readonly LabelProperty[] = ["energy", "forces", "virial"];

/** Collects the names of structures one at a time, for files that are streamed. */
export class LabelSurvey {
  private structures = 0;
  private readonly infoCounts = new Map<string, number>();
  private readonly numericCounts = new Map<string, number>();
  private readonly arrayCounts = new Map<string, number>();

  add(structure: Structure): void {
    this.structures++;
    for (const [key, value] of structure.info) {
      count(this.infoCounts, key);
      if (isNumeric(value)) count(this.numericCounts, key);
    }
    for (const key of structure.arrays.keys()) count(this.arrayCounts, key);
  }

  /** @throws InputError when a name asked for does not occur. */
  keys(overrides: LabelOverrides = {}): LabelKeys {
    const candidates = this.candidates();
    const chosen = { energy: null, forces: null, virial: null } as Record<LabelProperty, string | null>;
    for (const property of PROPERTIES) {
      const override = overrides[property];
      if (override === false) continue;
      if (typeof override === "string") this.demand(property, override);
      chosen[property] = override ?? candidates.find((candidate) => candidate.property === property && !candidate.prediction)?.key ?? null;
    }
    const taken = (property: LabelProperty, key: string): boolean => chosen[property] === key;
    const seen = new Set([...Object.values(chosen), ...candidates.filter(({ property }) => property !== "forces").map(({ key }) => key)]);
    const countOf = (property: LabelProperty): number => (chosen[property] === null ? 0 : (this.countsOf(property).get(chosen[property]) ?? 0));
    return {
      ...chosen,
      energyIsPerAtom: chosen.energy !== null && namesPerAtom(chosen.energy),
      virialIsStress: chosen.virial !== null && namesStress(chosen.virial),
      structures: this.structures,
      counts: { energy: countOf("energy"), forces: countOf("forces"), virial: countOf("virial") },
      candidates: candidates
        .filter(({ property, key }) => !taken(property, key))
        .map(({ key, structures, property, prediction }) => ({ key, structures, property, prediction })),
      others: [...this.numericCounts].filter(([key]) => !seen.has(key)).map(([key, structures]) => ({ key, structures })),
    };
  }

  private countsOf(property: LabelProperty): ReadonlyMap<string, number> {
    return property === "forces" ? this.arrayCounts : this.infoCounts;
  }

  private candidates(): (LabelName & KeyCount)[] {
    const found: (LabelName & KeyCount)[] = [];
    for (const property of PROPERTIES) {
      for (const [key, structures] of this.countsOf(property)) {
        const name = classifyLabelName(key);
        if (name?.property === property) found.push({ ...name, key, structures });
      }
    }
    // Sorting is stable: among equals the name met first stays first.
    return found.sort(
      (a, b) =>
        PROPERTIES.indexOf(a.property) - PROPERTIES.indexOf(b.property) || Number(a.prediction) - Number(b.prediction) || a.rank - b.rank ||
        Number(a.perAtom) - Number(b.perAtom) || Number(a.stress) - Number(b.stress) || b.structures - a.structures,
    );
  }

  private demand(property: LabelProperty, key: string): void {
    const counts = this.countsOf(property);
    if (counts.has(key)) return;
    const known = [...counts.keys()].map((name) => `"${name}"`).join(", ");
    const kind = property === "forces" ? "per-atom column" : "comment-line entry";
    throw new InputError(`no structure has this ${kind} for the ${property}`, {
      key, expected: known === "" ? `a ${kind}; there is none` : `one of ${known}`,
    });
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function isNumeric(value: InfoValue): boolean {
  return typeof value === "number" || (Array.isArray(value) && value.length > 0 && (value as readonly InfoValue[]).every(isNumeric));
}

/**
 * Names of the labels of these structures; `overrides` decides by hand. A name that only some structures have counts.
 * @throws InputError when a name asked for does not occur. Finding none is no error: the name is null.
 */
export function findLabelKeys(structures: Iterable<Structure>, overrides: LabelOverrides = {}): LabelKeys {
  const survey = new LabelSurvey();
  for (const structure of structures) survey.add(structure);
  return survey.keys(overrides);
}

/** The choice in words, a line each: what was taken and for how many structures, what else was there. */
export function describeLabelKeys(keys: LabelKeys): string[] {
  const lines = PROPERTIES.map((property) => {
    const key = keys[property];
    if (key === null) return `${property}: none`;
    const perAtom = property === "energy" && keys.energyIsPerAtom ? ", per atom" : "";
    const fromStress = property === "virial" && keys.virialIsStress ? ", virial = -volume x stress" : "";
    return `${property}: "${key}"${perAtom}${fromStress}, ${keys.counts[property]} of ${keys.structures} structures`;
  });
  const passedOver = keys.candidates.map(({ key, structures, prediction }) => `"${key}" (${prediction ? "looks predicted, " : ""}${structures})`);
  if (passedOver.length > 0) lines.push(`not used: ${passedOver.join(", ")}`);
  if (keys.others.length > 0) lines.push(`other numbers: ${keys.others.map(({ key, structures }) => `"${key}" (${structures})`).join(", ")}`);
  return lines;
}

/** Where the structure stands, for error messages. */
export interface LabelPlace {
  readonly file?: string;
  readonly structure?: number;
}

/**
 * Labels of one structure under the names found; null for what it lacks. `forces` is the structure's own array, not a copy.
 * @throws InputError naming file, structure and atom on NaN or infinity, wrong sizes, an asymmetric virial, a stress without a cell.
 */
export function readLabels(structure: Structure, keys: Pick<LabelKeys, "energy" | "forces" | "virial">, where: LabelPlace = {}): Labels {
  const config = structure.info.get("config_type");
  return {
    energy: keys.energy === null ? null : readEnergy(structure, keys.energy, where),
    forces: keys.forces === null ? null : readForces(structure, keys.forces, where),
    virial: keys.virial === null ? null : readVirial(structure, keys.virial, where),
    configType: config === undefined ? "default" : typeof config === "object" ? JSON.stringify(config) : String(config),
  };
}

/** A single atom that its `config_type` (isolated_atom, IsolatedAtom, …) declares the zero of energy. */
export function isIsolatedAtom(structure: Structure): boolean {
  const config = structure.info.get("config_type");
  return structure.species.length === 1 && typeof config === "string" && /^isolated[_-]?atoms?$/i.test(config);
}

function readEnergy(structure: Structure, key: string, where: ErrorDetails): number | null {
  const value = structure.info.get(key);
  if (value === undefined) return null;
  const number = Array.isArray(value) && value.length === 1 ? (value as readonly InfoValue[])[0] : value;
  if (typeof number !== "number" || !Number.isFinite(number)) {
    throw new InputError("energy is not a finite number", {
      ...where, key, expected: "a number in eV", got: JSON.stringify(typeof number === "number" ? String(number) : value),
    });
  }
  return namesPerAtom(key) ? number * structure.species.length : number;
}

function readForces(structure: Structure, key: string, where: ErrorDetails): Float64Array | null {
  const column = structure.arrays.get(key);
  if (column === undefined) return null;
  if ((column.kind !== "R" && column.kind !== "I") || column.width !== 3) {
    throw new InputError("forces have the wrong shape", { ...where, key, expected: `${key}:R:3`, got: `${key}:${column.kind}:${column.width}` });
  }
  const bad = column.values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InputError("force is not a finite number", {
      ...where, atom: Math.floor(bad / 3), key, expected: "a number in eV/Å", got: String(column.values[bad]),
    });
  }
  return column.values;
}

/** Indices of xx xy xz yx yy yz zx zy zz among xx yy zz yz xz xy. */
const VOIGT = [0, 5, 4, 5, 1, 3, 4, 3, 2];

function readVirial(structure: Structure, key: string, where: ErrorDetails): Float64Array | null {
  const value = structure.info.get(key);
  if (value === undefined) return null;
  const numbers = (Array.isArray(value) ? (value as readonly InfoValue[]) : [value]).flat() as readonly InfoValue[];
  if ((numbers.length !== 9 && numbers.length !== 6) || !numbers.every((number) => typeof number === "number" && Number.isFinite(number))) {
    const got = JSON.stringify(numbers.map((number) => (typeof number === "number" ? String(number) : number)));
    throw new InputError("virial or stress is malformed", { ...where, key, expected: "9 numbers, or 6 in the order xx yy zz yz xz xy", got });
  }
  const tensor = Float64Array.from(numbers.length === 9 ? numbers : VOIGT.map((index) => numbers[index]!), Number);
  if (namesStress(key)) {
    if (!structure.cell) {
      if (tensor.every((component) => component === 0)) return null;
      throw new InputError("stress of a structure without a cell", { ...where, key, expected: "a Lattice, or no stress", got: tensor.join(" ") });
    }
    const volume = Math.abs(cellVolume(structure.cell));
    tensor.forEach((component, index) => (tensor[index] = component === 0 ? 0 : -volume * component));
  }
  return symmetrize(tensor, { ...where, key });
}

const LARGEST_ASYMMETRY = 1e-2;
/** eV; rounding in files makes the vanishing shears of crystals asymmetric by any relative amount. */
const NEGLIGIBLE_ASYMMETRY = 1e-3;

function symmetrize(tensor: Float64Array, where: ErrorDetails): Float64Array {
  const largest = tensor.reduce((max, component) => Math.max(max, Math.abs(component)), 0);
  for (const [upper, lower] of [[1, 3], [2, 6], [5, 7]] as const) {
    const asymmetry = Math.abs(tensor[upper]! - tensor[lower]!);
    if (!(asymmetry <= Math.max(LARGEST_ASYMMETRY * largest, NEGLIGIBLE_ASYMMETRY))) {
      throw new InputError("virial is not symmetric", {
        ...where, expected: `an asymmetry below ${LARGEST_ASYMMETRY} of the largest component`, got: Array.from(tensor).join(" "),
      });
    }
    tensor[upper] = tensor[lower] = (tensor[upper]! + tensor[lower]!) / 2;
  }
  return tensor;
}
