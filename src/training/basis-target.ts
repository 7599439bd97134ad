// A target of the optimal radial basis, Eqs. (34), (43) and (44): the linear model of it on the coefficients of l = 0.
import { accumulateTarget, createTargetSums, fitTarget, type TargetModel } from "../basis/principal-covariates.js";
import type { Backend, CovarianceOptions, Features } from "../backend/backend.js";
import { InputError } from "../errors.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import type { LinearAlgebra } from "../linalg/linear-algebra.js";
import { originOf } from "../structure/origin.js";
import type { Structure } from "../structure/structure.js";
import { portions } from "./portions.js";

/**
 * A number per structure, which belongs to the sum over its environments, or a list of one per atom; null where it is unknown.
 * The model has no constant: take the mean off first, of energies the baseline.
 */
export type BasisTarget = readonly (number | ArrayLike<number> | null)[];

/** The choice of environments, made explicit. */
type Choice = CovarianceOptions & { readonly species: readonly number[] };

/** @throws InputError when the target does not fit the structures or is not finite. */
function checkTarget(structures: readonly Structure[], target: BasisTarget): void {
  if (target.length !== structures.length) {
    throw new InputError("number of targets", { key: "target", expected: `${structures.length}, one per structure`, got: String(target.length) });
  }
  target.forEach((value, index) => {
    if (value === null) return;
    const where = { ...originOf(structures[index]!, index), key: "target" };
    const atoms = structures[index]!.species.length;
    const numbers = typeof value === "number" ? [value] : Array.from(value);
    if (typeof value !== "number" && numbers.length !== atoms) {
      throw new InputError("number of targets", { ...where, expected: `${atoms}, one per atom`, got: String(numbers.length) });
    }
    const bad = numbers.find((number) => !Number.isFinite(number));
    if (bad !== undefined) throw new InputError("a target is not finite", { ...where, got: String(bad) });
  });
  if (target.some((value) => value !== null)) return;
  throw new InputError("no target in any structure", { key: "target", expected: "a number for some structure", got: "none" });
}

/** Rows and targets of structures whose c_{an00} are given: x over (center, a, n), zero but for the element of the center. */
function targetRows(
  { values, size, offsets, centers }: Features, targets: BasisTarget, { weights, centers: wanted, centerDependent }: Choice, first: number,
): { rows: Float64Array; targets: Float64Array } {
  const blocks = centerDependent ? wanted! : [0];
  const blockOf = (z: number): number => (centerDependent ? blocks.indexOf(z) : !wanted || wanted.includes(z) ? 0 : -1);
  const rows: Float64Array[] = [];
  const found: number[] = [];
  const add = (from: number, to: number, y: number, weight: number): void => {
    const used = Array.from({ length: to - from }, (_, k) => from + k).filter((center) => blockOf(centers[center]!) >= 0);
    if (used.length === 0 || !(weight > 0)) return;
    const row = new Float64Array(blocks.length * size);
    for (const center of used) {
      const at = blockOf(centers[center]!) * size;
      for (let k = 0; k < size; k++) row[at + k]! += values[center * size + k]!;
    }
    const root = Math.sqrt(weight);
    rows.push(row.map((value) => root * value));
    found.push(root * y);
  };
  for (let s = 0; s + 1 < offsets.length; s++) {
    const y = targets[first + s]!;
    const weight = weights ? weights[first + s]! : 1;
    if (typeof y === "number") add(offsets[s]!, offsets[s + 1]!, y, weight);
    else if (y !== null) Array.from(y).forEach((value, atom) => add(offsets[s]! + atom, offsets[s]! + atom + 1, value, weight));
  }
  const flat = new Float64Array(rows.length * blocks.length * size);
  rows.forEach((row, index) => flat.set(row, index * row.length));
  return { rows: flat, targets: Float64Array.from(found) };
}

/**
 * The model of least squares, over (center, a, n) where the basis depends on the center and over (a, n) where it does not.
 * Only the chosen centers count.
 * @throws InputError when the target does not fit the structures, or belongs to no chosen center.
 */
export async function fitBasisTarget(
  backend: Backend,
  algebra: LinearAlgebra,
  structures: readonly Structure[],
  primitive: Hyperparameters,
  target: BasisTarget,
  choice: Choice,
): Promise<TargetModel> {
  checkTarget(structures, target);
  const { species, signal } = choice;
  // Eq. (11) is c_{an00} itself.
  const invariants: Hyperparameters = { ...primitive, features: { kind: "radial-spectrum", normalize: false } };
  const elements = (choice.centerDependent ? choice.centers!.length : 1) * species.length;
  const sums = createTargetSums({ species: elements, nMax: primitive.basis.nMax, lMax: 0 });
  let [first, count] = [0, 0];
  for (const part of portions(structures)) {
    const { rows, targets } = targetRows(await backend.computeFeatures(part, invariants, { species, signal }), target, choice, first);
    accumulateTarget(algebra, sums, rows, targets);
    first += part.length;
    count += targets.length;
  }
  if (count > 0) return fitTarget(algebra, sums);
  throw new InputError("the target belongs to no chosen center", { key: "target", expected: "structures with such centers", got: "none" });
}
