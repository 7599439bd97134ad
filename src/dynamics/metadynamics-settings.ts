/** Settings of metadynamics as JSON, and hills and free energies as CSV text, whose numbers read back to the same bits. */
import * as v from "valibot";
import { InputError } from "../errors.js";
import { symbolOf } from "../structure/elements.js";
import type { Structure } from "../structure/structure.js";
import { coordinationVariable, distanceVariable } from "./collective-variables.js";
import type { BiasedVariable, Hill, Metadynamics, MetadynamicsOptions } from "./metadynamics.js";

const atomList = v.union([v.string(), v.array(v.number())]);
const common = { sigma: v.number(), name: v.optional(v.pipe(v.string(), v.regex(/^[\w.-]+$/, "expected a name of letters, digits, _, . and -"))) };
const schema = v.strictObject({
  variables: v.array(v.variant("kind", [
    v.strictObject({ kind: v.literal("distance"), atoms: v.tuple([v.number(), v.number()]), ...common }),
    v.strictObject({
      kind: v.literal("coordination"), centers: atomList, neighbors: atomList, radius: v.number(),
      numerator: v.optional(v.number()), denominator: v.optional(v.number()), cutoff: v.optional(v.number()), ...common,
    }),
  ])),
  height: v.number(),
  biasFactor: v.number(),
  every: v.number(),
});

export interface MetadynamicsSettings extends Pick<MetadynamicsOptions, "height" | "biasFactor" | "every"> {
  readonly variables: readonly BiasedVariable[];
  /** Of the variables: "distance1", "coordination2", … unless the settings name them. */
  readonly names: readonly string[];
}

/** 0-based atoms as given, or all of an element. */
function atomsOf(given: string | readonly number[], { species }: Structure): readonly number[] {
  if (typeof given !== "string") return given;
  return Array.from(species, (_, atom) => atom).filter((atom) => symbolOf(species[atom]) === given);
}

/**
 * Settings for `structure`:
 * { "variables": [{ "kind": "distance", "atoms": [0, 5], "sigma": 0.1 }, { "kind": "coordination", "centers": [0], "neighbors": "O", "radius": 2.2, "sigma": 0.2 }],
 *   "height": 0.02, "biasFactor": 10, "every": 100 }, Å and eV; atoms are 0-based numbers or, for a coordination number, an element.
 * @throws InputError on other text, with the place in it, and as the collective variables.
 */
export function parseMetadynamics(text: string, file: string, structure: Structure): MetadynamicsSettings {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError("not JSON", { file, expected: "settings of metadynamics as a JSON object", got: (error as Error).message });
  }
  const result = v.safeParse(schema, value);
  if (!result.success) {
    const [issue] = result.issues;
    throw new InputError("settings of metadynamics are not usable", { file, key: v.getDotPath(issue) ?? "", expected: String(issue.expected ?? "another value"), got: String(issue.received) });
  }
  const { variables, height, biasFactor, every } = result.output;
  return {
    height, biasFactor, every,
    names: variables.map(({ kind, name }, k) => name ?? `${kind}${k + 1}`),
    variables: variables.map((given) => ({
      sigma: given.sigma,
      variable: given.kind === "distance"
        ? distanceVariable(structure, given.atoms)
        : coordinationVariable(structure, { ...given, centers: atomsOf(given.centers, structure), neighbors: atomsOf(given.neighbors, structure) }),
    })),
  };
}

/** First line of a file of hills. */
export function hillsHeader(names: readonly string[]): string {
  return `step,${names.join(",")},height_eV\n`;
}

export function formatHill({ step, center, height }: Hill): string {
  return `${[step, ...center, height].join(",")}\n`;
}

/** @throws InputError unless the text is a header of these names and lines of as many numbers. */
export function parseHills(text: string, file: string, names: readonly string[]): Hill[] {
  const [header, ...lines] = text.split("\n");
  if (`${header}\n` !== hillsHeader(names)) throw new InputError("not the hills of these variables", { file, line: 1, expected: hillsHeader(names).trim(), got: header });
  return lines.filter((line) => line !== "").map((line, index) => {
    const [step, ...numbers] = line.split(",").map((word) => (word.trim() === "" ? NaN : Number(word)));
    if (numbers.length !== names.length + 1 || ![step, ...numbers].every(Number.isFinite)) throw new InputError("not a hill", { file, line: index + 2, expected: `${names.length + 2} numbers`, got: line });
    return { step, center: numbers.slice(0, -1), height: numbers.at(-1)! };
  });
}

/** Points along one variable; in two, as many lines. */
const GRID = [201, 61];

/**
 * Free energy on a grid over all hills and three σ around them, as CSV text, eV above its minimum.
 * @throws InputError with more than two variables, or without a hill.
 */
export function formatFreeEnergy(metadynamics: Metadynamics, { names, variables }: MetadynamicsSettings): string {
  if (names.length > 2) throw new InputError("a free energy is written for one or two variables", { key: "variables", expected: "1 or 2", got: `${names.length}` });
  const { hills } = metadynamics;
  if (hills.length === 0) throw new InputError("there is no free energy without a hill", { key: "steps", expected: "a run longer than the steps between two hills", got: "no hill" });
  const count = GRID[names.length - 1];
  const axes = names.map((_, k) => {
    const values = hills.map(({ center }) => center[k]);
    const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    const [from, to] = [least - 3 * variables[k].sigma, most + 3 * variables[k].sigma];
    return Array.from({ length: count }, (__, n) => from + ((to - from) * n) / (count - 1));
  });
  const points = axes.reduce<number[][]>((all, axis) => all.flatMap((point) => axis.map((value) => [...point, value])), [[]]);
  const energies = metadynamics.freeEnergy(points);
  const lowest = energies.reduce((a, b) => Math.min(a, b));
  return `${names.join(",")},free_energy_eV\n${points.map((point, k) => `${[...point, energies[k] - lowest].join(",")}\n`).join("")}`;
}
