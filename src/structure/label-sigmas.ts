/**
 * σ and weights that the data give with their labels, names as in gap_fit:
 *
 *   energy_sigma, virial_sigma          per structure, of the total energy and of each component of the virial
 *   force_sigma                         per structure, or a column with one number per atom
 *   force_atom_sigma                    a column with one number per atom
 *   force_component_sigma               a column with three
 *   virial_component_sigma              9 numbers, or 6 in the order xx yy zz yz xz xy
 *   config_weight, weight               per structure: each σ is divided by √weight; weight 0 leaves the structure's labels out
 *   energy_weight, forces_weight, virial_weight, stress_weight, also with config_ before it: the same for one kind of label
 *
 * The σ of a component goes before that of its atom, and that before the structure's. As in gap_fit they are absolute: energy_sigma is the σ of the
 * whole energy, with no √N. They have the unit of their label; virial_sigma beside a stress is in eV.
 */
import { InputError, type ErrorDetails } from "../errors.js";
import { readTensor } from "./label-values.js";
import type { InfoValue, Structure } from "./structure.js";

/** What a σ belongs to. */
export type SigmaScope = "frame" | "atom" | "component";

/** One σ for all, or one for each: [atom][xyz] or [3][3]; in eV and Å, before the weight. */
export interface GivenSigma {
  readonly scope: SigmaScope;
  readonly value: number | Float64Array;
}

/** What the data say of how far to trust one kind of label. */
export interface LabelTrust {
  /** Null where the data give none. */
  readonly sigma: GivenSigma | null;
  /** 1 where the data give none. */
  readonly weight: number;
}

type Kind = "energy" | "forces" | "virial";

const SIGMAS: Readonly<Record<Kind, Readonly<Record<SigmaScope, readonly string[]>>>> = {
  energy: { frame: ["energy_sigma"], atom: [], component: [] },
  forces: {
    frame: ["force_sigma", "forces_sigma"], atom: ["force_atom_sigma", "forces_atom_sigma", "force_sigma", "forces_sigma"],
    component: ["force_component_sigma", "forces_component_sigma"],
  },
  virial: { frame: ["virial_sigma"], atom: [], component: ["virial_component_sigma"] },
};
const WEIGHTS: Readonly<Record<Kind | "all", readonly string[]>> = {
  all: ["config_weight", "weight"],
  energy: ["energy_weight", "config_energy_weight"],
  forces: ["forces_weight", "force_weight", "config_forces_weight", "config_force_weight"],
  virial: ["virial_weight", "virials_weight", "stress_weight", "config_virial_weight", "config_virials_weight", "config_stress_weight"],
};

const NAMES: ReadonlySet<string> = new Set([
  ...Object.values(SIGMAS).flatMap((scopes) => Object.values(scopes).flat()), ...Object.values(WEIGHTS).flat(),
]);

/** Whether σ or weights stand under this name, for people who list what is not used. */
export function namesSigma(name: string): boolean {
  return NAMES.has(name);
}

function refuse(what: string, expected: string, value: InfoValue, where: ErrorDetails): never {
  const got = typeof value === "number" ? String(value) : JSON.stringify(value);
  throw new InputError(what, { ...where, expected, got });
}

const POSITIVE = "a number above 0 (leave a label out with nan in its place, or with a weight of 0)";

function checkSigma(value: InfoValue | undefined, where: ErrorDetails): number {
  if (typeof value === "number" && value > 0 && value < Infinity) return value;
  return refuse("σ is not above 0", POSITIVE, value ?? null, where);
}

function frameSigma({ info }: Structure, keys: readonly string[], where: ErrorDetails): number | null {
  const key = keys.find((name) => info.has(name));
  return key === undefined ? null : checkSigma(info.get(key), { ...where, key });
}

/** [atom][xyz] from a column of this width; null without one. Only what belongs to a label is checked. */
function columnSigma(
  { arrays }: Structure, keys: readonly string[], width: 1 | 3, label: Float64Array, where: ErrorDetails,
): Float64Array | null {
  const key = keys.find((name) => arrays.has(name));
  if (key === undefined) return null;
  const { kind, width: columns, values } = arrays.get(key)!;
  if ((kind !== "R" && kind !== "I") || columns !== width) {
    throw new InputError("column of σ has the wrong shape", { ...where, key, expected: `${key}:R:${width}`, got: `${key}:${kind}:${columns}` });
  }
  return Float64Array.from(label, (force, k) => {
    const atom = Math.floor(k / 3);
    return Number.isNaN(force) ? 1 : checkSigma(values[width === 1 ? atom : k], { ...where, key, atom });
  });
}

function componentSigma({ info }: Structure, keys: readonly string[], label: Float64Array, where: ErrorDetails): Float64Array | null {
  const key = keys.find((name) => info.has(name));
  if (key === undefined) return null;
  const tensor = readTensor(info.get(key)!, "σ of the virial", { ...where, key });
  return tensor.map((sigma, k) => (Number.isNaN(label[k]) ? 1 : checkSigma(sigma, { ...where, key })));
}

function weightOf({ info }: Structure, kind: Kind, where: ErrorDetails): number {
  return [WEIGHTS.all, WEIGHTS[kind]].reduce((product, keys) => {
    const key = keys.find((name) => info.has(name));
    if (key === undefined) return product;
    const value = info.get(key)!;
    if (typeof value !== "number" || !(value >= 0 && value < Infinity)) {
      refuse("weight of a structure is out of range", "a number, 0 or more", value, { ...where, key });
    }
    return product * value;
  }, 1);
}

/**
 * σ and weight of one label of a structure; null when the data say nothing.
 * @param label as read, to know which of its components are there
 * @param factor of the label's unit
 * @throws InputError naming file, line, structure, atom and key for a σ that is not above 0 and a weight below 0.
 */
export function readTrust(
  structure: Structure, kind: Kind, label: number | Float64Array, factor: number, where: ErrorDetails,
): LabelTrust | null {
  const { frame, atom, component } = SIGMAS[kind];
  const array = typeof label === "number" ? null : label;
  const components = array && (kind === "forces" ? columnSigma(structure, component, 3, array, where) : componentSigma(structure, component, array, where));
  const given = ((): GivenSigma | null => {
    if (components) return { scope: "component", value: components };
    const atoms = array && columnSigma(structure, atom, 1, array, where);
    if (atoms) return { scope: "atom", value: atoms };
    const one = frameSigma(structure, frame, where);
    return one === null ? null : { scope: "frame", value: one };
  })();
  const weight = weightOf(structure, kind, where);
  if (given === null && weight === 1) return null;
  const value = given && (typeof given.value === "number" ? given.value * factor : given.value.map((sigma) => sigma * factor));
  return { sigma: given && { scope: given.scope, value: value! }, weight };
}
