// What a worker takes from a queue, and a leader from a worker: every field is checked before anything is computed with it.
import * as v from "valibot";
import type { FitCenter } from "../backend/backend.js";
import type { Task } from "../backend/cpu/tasks.js";
import type { PlanRecipe } from "../backend/cpu/plan-recipe.js";
import { InputError } from "../errors.js";
import { featureLayout } from "../features/feature-layout.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { checkExponent } from "../kernel/exponent.js";
import { formatModel, parseModel } from "../model/model-file.js";
import { validateHyperparametersOf } from "../training/configuration-schema.js";
import { hyperparameterEntries } from "../training/hyperparameter-schema.js";
import { parseFields } from "./parse.js";

const finite = v.pipe(v.number("a number"), v.check((value) => Number.isFinite(value), "a finite number"));
const count = v.pipe(v.number("a number"), v.check((value) => Number.isSafeInteger(value) && value >= 0, "a whole number, 0 or more"));
const flag = v.boolean("true or false");
const bytes = v.instance(Uint8Array, "an array of bytes");
const numbers = v.pipe(v.instance(Float64Array, "an array of numbers"), v.check((values) => values.every(Number.isFinite), "finite numbers"));
const element = v.pipe(count, v.check((z) => z >= 1 && z <= 118, "an atomic number"));
const elements = v.pipe(
  v.array(element, "a list of atomic numbers"), v.check((list) => list.length > 0 && list.every((z, k) => k === 0 || z > list[k - 1]!), "atomic numbers, ascending"),
);

const structure = v.pipe(
  v.strictObject({
    species: bytes, positions: numbers, cell: v.nullable(numbers), pbc: v.strictTuple([flag, flag, flag], "three times true or false"), first: count, end: count,
    origin: v.exactOptional(v.strictObject({ file: v.exactOptional(v.string("a name")), line: v.exactOptional(count), structure: count }, "an origin")),
  }, "a structure"),
  v.check(({ species, positions, cell, first, end }) =>
    positions.length === 3 * species.length && (cell === null || cell.length === 9) && first <= end && end <= species.length, "arrays that fit together"),
);
const structures = v.array(structure, "a list of structures");
const weight = v.union([finite, numbers], "a number or a list of them");
const labels = v.strictObject({
  energy: v.nullable(finite), forces: v.nullable(numbers), virial: v.nullable(numbers),
  weights: v.strictObject({ energy: finite, forces: weight, virial: weight }, "weights"),
}, "labels");
const covariance = v.strictObject({ centers: count, mixed: flag, blockOf: v.instance(Int32Array, "an array of integers"), weights: numbers }, "sums");

/** What a task has beside its structures. */
const rest = v.variant("kind", [
  v.strictObject({ kind: v.literal("coefficients") }),
  v.strictObject({ kind: v.literal("features") }),
  v.strictObject({ kind: v.literal("components") }),
  v.strictObject({ kind: v.literal("covariance"), sums: covariance }),
  v.strictObject({ kind: v.literal("adjoints"), gradients: v.array(numbers, "a list of gradients") }),
  v.strictObject({ kind: v.literal("predict"), forces: flag, spread: v.exactOptional(flag) }),
  v.strictObject({ kind: v.literal("rows"), labels: v.array(labels, "a list of labels"), keepRows: flag, endsSum: flag }),
], "a kind of task that workers know");

const KINDS: Readonly<Record<PlanRecipe["kind"], readonly Task["kind"][]>> = {
  features: ["coefficients", "covariance", "features", "adjoints"], components: ["components"], fit: ["rows"], potential: ["predict"],
};

function require(fits: boolean, key: string, expected: string, got: unknown): void {
  if (!fits) throw new InputError("a task that does not fit together", { key, expected, got: String(got) });
}

/** A task from its decoded parts, for a plan. @throws InputError where a field is missing, of another type, or fits nothing. */
export function parseTask(list: unknown, others: unknown, recipe: PlanRecipe): Task {
  const task = { structures: parseFields(structures, list), ...parseFields(rest, others) } as Task;
  require(KINDS[recipe.kind].includes(task.kind), "kind", KINDS[recipe.kind].join(", "), task.kind);
  const known = speciesOf(recipe);
  const n = task.structures.length;
  task.structures.forEach(({ species }, index) => {
    const strange = species.find((z) => !known.includes(z));
    require(strange === undefined, `structures.${index}.species`, known.join(", "), strange);
  });
  const atoms = task.structures.map(({ species }) => species.length);
  if (task.kind === "covariance") {
    const { centers, blockOf, weights } = task.sums;
    require(centers >= 1 && centers <= known.length, "sums.centers", `1 to ${known.length}`, centers);
    require(blockOf.length === known.length && blockOf.every((block) => block >= -1 && block < centers), "sums.blockOf", `${known.length} blocks below ${centers}`, blockOf);
    require(weights.length === n, "sums.weights", `${n} weights`, weights.length);
  }
  if (task.kind === "adjoints" && recipe.kind === "features") {
    const size = featureLayout(recipe.hyperparameters, known).size;
    const fits = task.gradients.length === n && task.gradients.every(({ length }, k) => (atoms[k] === 0 ? length === 0 : length % (atoms[k]! * size) === 0));
    require(fits, "gradients", `${size} numbers for every center`, task.gradients.map(({ length }) => length));
  }
  if (task.kind === "rows") {
    require(task.labels.length === n, "labels", `those of ${n} structures`, task.labels.length);
    task.labels.forEach(({ forces, virial, weights }, k) => {
      require(forces === null || forces.length === 3 * atoms[k]!, `labels.${k}.forces`, `${3 * atoms[k]!} numbers`, forces?.length);
      require(virial === null || virial.length === 9, `labels.${k}.virial`, "9 numbers", virial?.length);
      require(typeof weights.forces === "number" || weights.forces.length === 3 * atoms[k]!, `labels.${k}.weights.forces`, `1 or ${3 * atoms[k]!} numbers`, "others");
      require(typeof weights.virial === "number" || weights.virial.length === 6, `labels.${k}.weights.virial`, "1 or 6 numbers", "others");
    });
  }
  return task;
}

export function speciesOf(recipe: PlanRecipe): readonly number[] {
  return recipe.kind === "potential" ? recipe.potential.species : recipe.species;
}

const hyperparameters = v.strictObject(hyperparameterEntries, "hyperparameters");
const projection = { species: element, projection: v.nullable(numbers), size: count };
const recipes = v.variant("kind", [
  v.strictObject({ kind: v.literal("features"), hyperparameters, species: elements }),
  v.strictObject({ kind: v.literal("components"), hyperparameters, species: elements, centers: v.array(v.strictObject(projection, "a projection"), "a list") }),
  v.strictObject({
    kind: v.literal("fit"), species: elements,
    terms: v.array(v.strictObject({
      hyperparameters, zeta: count, centers: v.array(v.strictObject({ ...projection, sparsePoints: numbers, factor: numbers }, "a center"), "a list"),
    }, "a term"), "a list"),
  }),
  v.strictObject({ kind: v.literal("potential"), model: v.string("the text of a model file") }),
], "a kind of plan that workers know");

/** The recipe as it travels: hyperparameters alone of what a configuration has, a potential as a model file, which has its own checks. */
export function recipeToSend(recipe: PlanRecipe): object {
  const only = ({ cutoff, density, basis, features }: Hyperparameters): Hyperparameters => ({ cutoff, density, basis, features });
  switch (recipe.kind) {
    case "potential":
      return { kind: recipe.kind, model: formatModel({ ...recipe.potential, provenance: {} }) };
    case "fit":
      return {
        kind: recipe.kind, species: [...recipe.species],
        terms: recipe.terms.map(({ hyperparameters: own, zeta, centers }) => ({
          hyperparameters: only(own), zeta,
          centers: centers.map(({ species, projection: matrix, size, sparsePoints, factor }) => ({ species, projection: matrix, size, sparsePoints, factor })),
        })),
      };
    case "components":
      return {
        kind: recipe.kind, hyperparameters: only(recipe.hyperparameters), species: [...recipe.species],
        centers: recipe.centers.map(({ species, projection: matrix, size }) => ({ species, projection: matrix, size })),
      };
    case "features":
      return { kind: recipe.kind, hyperparameters: only(recipe.hyperparameters), species: [...recipe.species] };
  }
}

/** @throws InputError where a field is missing, of another type or out of range, or arrays do not fit together. */
export function parseRecipe(value: unknown): PlanRecipe {
  const parsed = parseFields(recipes, value);
  if (parsed.kind === "potential") return { kind: parsed.kind, potential: parseModel(parsed.model, "the model of a job") };
  const terms = parsed.kind === "fit" ? parsed.terms : [{ hyperparameters: parsed.hyperparameters, zeta: 1, centers: parsed.kind === "components" ? parsed.centers : [] }];
  require(terms.length > 0, "terms", "one term or more", 0);
  terms.forEach(({ hyperparameters: own, zeta, centers }, t) => {
    validateHyperparametersOf(own, undefined);
    checkExponent(zeta);
    const features = featureLayout(own, parsed.species).size;
    require(new Set(centers.map(({ species }) => species)).size === centers.length, `terms.${t}.centers`, "each element once", centers.map(({ species }) => species));
    for (const center of centers) {
      const { species, projection: matrix, size } = center;
      const key = `terms.${t}, element ${species}`;
      require(parsed.species.includes(species), key, parsed.species.join(", "), species);
      require(matrix === null ? size === features : matrix.length === features * size, key, `a projection of ${features} features`, matrix?.length ?? size);
      const { factor, sparsePoints } = center as Partial<FitCenter>;
      if (!factor || !sparsePoints) continue;
      const points = Math.sqrt(factor.length);
      require(Number.isInteger(points) && sparsePoints.length === points * size, key, `sparse points of ${size} components and a square factor`, sparsePoints.length);
    }
  });
  return parsed as PlanRecipe;
}
