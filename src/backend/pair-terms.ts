// What of a potential is functions of pairs: its cores, Eq. (71), its tables, and the linear terms of the radial spectrum, whose energy is Σ_j g(r_ij), Eq. (74).
import { validateHyperparameters } from "../features/validate-hyperparameters.js";
import { collapsed } from "../kernel/linear-term.js";
import type { CenterModel, Potential, Term } from "../model/potential.js";
import { createPairFunction, type PairFunction } from "../pairs/pair-function.js";
import { checkPairTerm, halvesOf } from "../pairs/pair-term.js";
import type { PairSums } from "../pairs/pair-sums.js";
import { createFeaturePlan, type FeaturePlan, type PackedTable } from "./cpu/plan.js";

/** Y_00. */
const HARMONIC = 1 / Math.sqrt(4 * Math.PI);

/** Whether a term is a sum of functions of pairs: linear in features that are linear in the density. Normalized ones are not, and ζ > 1 has triplets. */
export function isPairTerm({ zeta, hyperparameters: { features } }: Term): boolean {
  return zeta === 1 && features.kind === "radial-spectrum" && !features.normalize;
}

/** Terms that are predicted by their sparse points: with a committee also those of pairs, as the weights of its members are of the points. */
export function kernelTerms({ terms, committee }: Potential): readonly Term[] {
  return committee ? terms : terms.filter((term) => !isPairTerm(term));
}

/**
 * The functions of pairs of a potential; null where it has other terms alone.
 * @throws InputError on hyperparameters or numbers of a core out of range
 */
export function pairSums({ species, terms, pairs = [], committee }: Potential): PairSums | null {
  const linear = committee ? [] : terms.filter(isPairTerm);
  if (linear.length + pairs.length === 0 && terms.length > 0) return null;
  const functions = species.map(() => species.map((): PairFunction[] => []));
  const constants = new Float64Array(species.length);
  pairs.forEach((term, index) => {
    checkPairTerm(term, species, `pairs.${index}.`);
    for (const [pair, half] of halvesOf(term)) {
      const [a, b] = pair.map((z) => species.indexOf(z)) as [number, number];
      functions[a]![b]!.push(half);
      if (a !== b) functions[b]![a]!.push(half);
    }
  });
  for (const { hyperparameters, zeta, centers } of linear) {
    validateHyperparameters(hyperparameters);
    const plan = createFeaturePlan(hyperparameters, species);
    for (const center of collapsed(centers, zeta)) {
      if (center.weights.length > 0) addLinear(plan, center, functions, constants);
    }
  }
  const cutoff = functions.flat(2).reduce((largest, { radius }) => Math.max(largest, radius), 0);
  return { species, cutoff, constants, functions };
}

/** g_ba(r) = Y_00 Σ_n w_an I_n0(r) with w = V v, spline for spline; the center's own density is a constant. */
function addLinear(plan: FeaturePlan, center: CenterModel, functions: readonly (readonly PairFunction[][])[], constants: Float64Array): void {
  const { layout, tables, nMax, nStride, cutoff } = plan;
  const own = layout.species.indexOf(center.species);
  const vector = featureVector(center, layout.size);
  const weightsOf = (element: number): Float64Array => {
    const { offset } = layout.blocks[layout.densityOf[element]!]!;
    return vector.subarray(offset, offset + nMax).map((value) => HARMONIC * value);
  };
  const ofCenter = tables[own]![own]!.center;
  constants[own]! += weightsOf(own).reduce((sum, weight, n) => sum + weight * ofCenter[n]!, 0);
  tables[own]!.forEach((table, element) => functions[own]![element]!.push(contracted(table, weightsOf(element), nStride, cutoff)));
}

/** w = V v, [feature]: the collapsed sparse point before its compression. */
function featureVector({ projection, size, sparsePoints, weights: [weight] }: CenterModel, features: number): Float64Array {
  if (!projection) return sparsePoints.map((value) => weight! * value);
  return Float64Array.from({ length: features }, (_, f) => {
    let sum = 0;
    for (let q = 0; q < size; q++) sum += projection[f * size + q]! * sparsePoints[q]!;
    return weight! * sum;
  });
}

/** A table of lMax 0, contracted to one function: the spline of the sum is the sum of the splines. */
function contracted({ rows, start, inverseStep }: PackedTable, weights: Float64Array, nStride: number, radius: number): PairFunction {
  // One row of zeros is behind the last node.
  const count = rows.length / (2 * nStride) - 1;
  const nodes = new Float64Array(2 * count);
  for (let k = 0; k < 2 * count; k++) nodes[k] = weights.reduce((sum, weight, n) => sum + weight * rows[k * nStride + n]!, 0);
  return createPairFunction(nodes, start, 1 / inverseStep, radius, false);
}
