/**
 * Which names the labels of many structures are read from. A structure takes the first name of the list that it has, so that a set of several
 * sources (`energy` in most, `dft_energy` in some) is used whole. A name is on the list with the best one when it means the same:
 *   energies of one kind      a free energy does not stand for a total one
 *   one level of theory       `scan_energy` does not stand for `pbe_energy`; a name without a level stands for any
 *   no contradiction          where structures have both, most of them have the same number under both. The plain `energy` beside `dft_energy` with
 *                             another number is a prediction (gap_fit and ASE write them so), and does not stand for the reference elsewhere either
 */
import { InputError } from "../errors.js";
import { classifyLabelName, describeLabelName, dimensionOf, type LabelName, type LabelProperty } from "./label-names.js";
import { namesSigma } from "./label-sigmas.js";
import { parseUnit, UNIT_EXAMPLES } from "./label-units.js";
import { readLabelValue, type LabelSource } from "./label-values.js";
import type { InfoValue, Structure } from "./structure.js";

/** Names to take: a key, null to find them, false to leave the property out; and units that go before those in the names ("kcal/mol"). */
export interface LabelOverrides {
  readonly energy?: string | null | false;
  readonly forces?: string | null | false;
  readonly virial?: string | null | false;
  readonly energyUnit?: string | null;
  readonly forcesUnit?: string | null;
  readonly virialUnit?: string | null;
}

/** A name seen among the structures and how many have it. */
export interface KeyCount {
  readonly key: string;
  readonly structures: number;
}

/**
 * Why a name is passed over: it looks like the output of a model; it is another kind of energy, or another level of theory; where both are there it
 * differs from the name taken; another name was asked for; the property is left out.
 */
export type PassedOver = "prediction" | "kind" | "level" | "differs" | "not asked for" | "left out";

/** A name that could have been taken. */
export interface LabelCandidate extends KeyCount {
  readonly property: LabelProperty;
  readonly reason: PassedOver;
}

/** Names taken, best first (none: no such labels), and what else there was. */
export interface LabelKeys {
  readonly energy: readonly LabelSource[];
  readonly forces: readonly LabelSource[];
  /** Names of virials, and of stresses that virials are computed from. */
  readonly virial: readonly LabelSource[];
  /** Structures looked at. */
  readonly structures: number;
  /** Further names that mean one of the three, best first. */
  readonly candidates: readonly LabelCandidate[];
  /** Other entries that hold numbers, one or several, per structure; those of σ and weights are not among them. */
  readonly others: readonly KeyCount[];
}

export const PROPERTIES: readonly LabelProperty[] = ["energy", "forces", "virial"];

type Candidate = LabelName & KeyCount;

/** Collects the names of structures one at a time, for files that are streamed. */
export class LabelSurvey {
  private overrides: LabelOverrides;
  private structures = 0;
  private readonly infoCounts = new Map<string, number>();
  private readonly numericCounts = new Map<string, number>();
  private readonly arrayCounts = new Map<string, number>();
  /** Of structures that have both names: those where the numbers differ less those where they agree. */
  private readonly differences = new Map<string, number>();
  private readonly classes = new Map<string, LabelName | null>();

  constructor(overrides: LabelOverrides = {}) {
    this.overrides = overrides;
  }

  /** Counts the names and units of one more structure. */
  add(structure: Structure): void {
    this.structures++;
    for (const [key, value] of structure.info) {
      count(this.infoCounts, key);
      if (isNumeric(value)) count(this.numericCounts, key);
    }
    for (const key of structure.arrays.keys()) count(this.arrayCounts, key);
    for (const property of PROPERTIES) if (typeof (this.overrides[property] ?? undefined) === "undefined") this.compare(structure, property);
  }

  /** Whether any structure so far has this entry (forces: this column). */
  has(property: LabelProperty, key: string): boolean {
    return this.countsOf(property).has(key);
  }

  /** Leaves a property out of the fit, or of a comparison, as the override `false` does. */
  leaveOut(property: LabelProperty): void {
    this.overrides = { ...this.overrides, [property]: false };
  }

  /** @throws InputError when a name asked for does not occur, or a unit makes no sense. */
  keys(): LabelKeys {
    const all = this.candidates();
    const chosen = { energy: [], forces: [], virial: [] } as Record<LabelProperty, LabelSource[]>;
    const passedOver: LabelCandidate[] = [];
    for (const property of PROPERTIES) {
      const taken: Candidate[] = [];
      for (const candidate of all.filter((one) => one.property === property)) {
        const { key, structures } = candidate;
        const reason = this.objection(candidate, taken);
        if (reason === null) taken.push(candidate);
        else passedOver.push({ key, structures, property, reason });
      }
      const override = this.overrides[property];
      if (typeof override === "string") taken.push(this.demand(property, override));
      chosen[property] = this.sources(property, taken);
    }
    const seen = new Set([...Object.values(chosen).flat(), ...passedOver].filter(({ property }) => property !== "forces").map(({ key }) => key));
    const others = [...this.numericCounts].filter(([key]) => !seen.has(key) && !namesSigma(key));
    return { ...chosen, structures: this.structures, candidates: passedOver, others: others.map(([key, structures]) => ({ key, structures })) };
  }

  private countsOf(property: LabelProperty): ReadonlyMap<string, number> {
    return property === "forces" ? this.arrayCounts : this.infoCounts;
  }

  private classify(key: string): LabelName | null {
    const known = this.classes.get(key);
    if (known !== undefined) return known;
    const name = classifyLabelName(key);
    this.classes.set(key, name);
    return name;
  }

  private candidates(): Candidate[] {
    const found: Candidate[] = [];
    for (const property of PROPERTIES) {
      for (const [key, structures] of this.countsOf(property)) {
        const name = this.classify(key);
        if (name?.property === property) found.push({ ...name, key, structures });
      }
    }
    // Sorting is stable: among equals the name met first stays first.
    return found.sort(
      (a, b) =>
        Number(a.prediction) - Number(b.prediction) || a.rank - b.rank || Number(a.perAtom) - Number(b.perAtom) ||
        Number(a.stress) - Number(b.stress) || b.structures - a.structures,
    );
  }

  /** Why a name is not read from, given the better ones that are; null when it is. */
  private objection(candidate: Candidate, taken: readonly Candidate[]): PassedOver | null {
    const override = this.overrides[candidate.property];
    if (override === false) return "left out";
    if (candidate.prediction) return "prediction";
    if (typeof override === "string") return "not asked for";
    if (taken.length === 0) return null;
    if (candidate.kind !== taken[0]!.kind) return "kind";
    const level = taken.find((other) => other.level !== "")?.level ?? "";
    if (candidate.level !== "" && level !== "" && candidate.level !== level) return "level";
    return taken.some(({ key }) => (this.differences.get(pairOf(key, candidate.key)) ?? 0) > 0) ? "differs" : null;
  }

  /** The candidate that was asked for by name; without it among the others. */
  private demand(property: LabelProperty, key: string): Candidate {
    const counts = this.countsOf(property);
    const structures = counts.get(key);
    if (structures !== undefined) return { ...describeLabelName(key, property), key, structures };
    const known = [...counts.keys()].map((name) => `"${name}"`).join(", ");
    const kind = property === "forces" ? "per-atom column" : "comment-line entry";
    throw new InputError(`no structure has this ${kind} for the ${property}`, {
      key, expected: known === "" ? `a ${kind}; there is none` : `one of ${known}`,
    });
  }

  private sources(property: LabelProperty, taken: readonly Candidate[]): LabelSource[] {
    const setting = `keys.${property}Unit`;
    const given = this.overrides[`${property}Unit`] ?? null;
    const sources = taken.map((candidate): LabelSource => {
      const { key, perAtom, stress } = candidate;
      const dimension = dimensionOf(candidate);
      const unit = (given === null ? null : parseUnit(given, dimension)) ?? candidate.unit;
      if (unit) return { key, property, perAtom, stress, unit: unit.name, factor: unit.factor };
      throw new InputError("unit in the name of a label is not understood", { key, expected: `${setting} with ${UNIT_EXAMPLES[dimension]}`, got: key });
    });
    if (given !== null && taken.length > 0 && taken.every((candidate) => parseUnit(given, dimensionOf(candidate)) === null)) {
      const expected = `${UNIT_EXAMPLES[dimensionOf(taken[0]!)]} for "${taken[0]!.key}"`;
      throw new InputError("unit of another kind of number", { key: setting, expected, got: given });
    }
    return sources;
  }

  /** Whether the names of one property that a structure has agree with one another. */
  private compare(structure: Structure, property: LabelProperty): void {
    const keys = [...(property === "forces" ? structure.arrays : structure.info).keys()]
      .filter((key) => this.classify(key)?.property === property && !this.classify(key)!.prediction);
    if (keys.length < 2) return;
    const values = keys.map((key) => valueUnder(structure, this.sourceOf(property, key)));
    keys.forEach((a, i) => {
      keys.slice(0, i).forEach((b, k) => {
        if (values[i] === null || values[k] === null) return;
        const pair = pairOf(a, b);
        const differ = clearlyDiffer(values[i]!, values[k]!, structure.species.length);
        this.differences.set(pair, (this.differences.get(pair) ?? 0) + (differ ? 1 : -1));
      });
    });
  }

  private sourceOf(property: LabelProperty, key: string): LabelSource | null {
    const name = this.classify(key)!;
    const given = this.overrides[`${property}Unit`] ?? null;
    const unit = (given === null ? null : parseUnit(given, dimensionOf(name))) ?? name.unit;
    return unit && { key, property, perAtom: name.perAtom, stress: name.stress, unit: unit.name, factor: unit.factor };
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function isNumeric(value: InfoValue): boolean {
  return typeof value === "number" || (Array.isArray(value) && value.length > 0 && (value as readonly InfoValue[]).every(isNumeric));
}

/** A blank cannot stand in a name of a comment line. */
function pairOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/** The label, or null where there is none to compare; what is wrong with one is said when it is read. */
function valueUnder(structure: Structure, source: LabelSource | null): number | Float64Array | null {
  if (!source) return null;
  try {
    const value = readLabelValue(structure, source, {});
    return typeof value === "string" ? null : value;
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

/** eV per atom, and eV/Å: beyond what printing with a few digits takes off a copy, and below what any model misses. */
const ENERGY_TOLERANCE = 1e-4;
const FORCE_TOLERANCE = 1e-3;
/** Of the largest component: a stress is printed with few digits, and its volume multiplies what was cut off. */
const RELATIVE_TOLERANCE = 1e-2;

function clearlyDiffer(a: number | Float64Array, b: number | Float64Array, atoms: number): boolean {
  if (typeof a === "number" || typeof b === "number") return Math.abs(Number(a) - Number(b)) > ENERGY_TOLERANCE * atoms;
  let [largest, difference] = [0, 0];
  for (let k = 0; k < a.length; k++) {
    if (Number.isNaN(a[k]!) || Number.isNaN(b[k]!)) continue;
    largest = Math.max(largest, Math.abs(a[k]!), Math.abs(b[k]!));
    difference = Math.max(difference, Math.abs(a[k]! - b[k]!));
  }
  return difference > Math.max(FORCE_TOLERANCE, (a.length === 9 ? RELATIVE_TOLERANCE : 0) * largest);
}

/**
 * Names of the labels of these structures; `overrides` decides by hand. A name that only some structures have counts.
 * @throws InputError when a name asked for does not occur, or a unit makes no sense. Finding none is no error: the lists are empty.
 */
export function findLabelKeys(structures: Iterable<Structure>, overrides: LabelOverrides = {}): LabelKeys {
  const survey = new LabelSurvey(overrides);
  for (const structure of structures) survey.add(structure);
  return survey.keys();
}
