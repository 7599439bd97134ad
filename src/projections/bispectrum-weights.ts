/**
 * Descriptors of four bodies as linear maps of the bispectrum of δ densities, THEORY.md Eq. (63). Three functions of neighbors, A¹, A² and A³ of Eq. (59),
 * are multiplied and summed with an invariant tensor T; the invariant tensors of three degrees are multiples of one, so that
 *
 *   Σ T_{m₁m₂m₃} A¹_{l₁m₁} A²_{l₂m₂} A³_{l₃m₃} = (T·I) Σ I_{m₁m₂m₃} A¹ A² A³,   I = ⟨l₁m₁ l₂m₂|l₃m₃⟩/√(2l₃+1),   |I| = 1.
 */
import { coupling } from "../angular/clebsch-gordan.js";
import { InputError } from "../errors.js";
import { featureLabels } from "../features/feature-layout.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { checkProjectable, createRadialFit, fitFunction, type NeighborFunction } from "./neighbor-functions.js";
import type { ProjectionWeights } from "./spectrum-weights.js";

/** The three degrees of a product. */
export type Degrees = readonly [number, number, number];

export interface TripleSum {
  readonly functions: readonly [NeighborFunction, NeighborFunction, NeighborFunction];
  /** Degrees that occur in each function. */
  readonly degrees: readonly [readonly number[], readonly number[], readonly number[]];
  /** T [m₁ + l₁][m₂ + l₂][m₃ + l₃], invariant under rotations, for degrees with an even sum; null where it is zero. */
  readonly tensor: (degrees: Degrees) => Float64Array | null;
}

/** The six orders of three things. */
const ORDERS = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] as const;

/** I of three degrees, [m₁ + l₁][m₂ + l₂][m₃ + l₃], the coupling of Eq. (50) whatever the order of the degrees. */
export function invariantTensor(degrees: Degrees): Float64Array {
  // The sign of a coupling depends on which degree comes last: that of ascending degrees is the bispectrum's.
  const slots = [0, 1, 2].sort((a, b) => degrees[a]! - degrees[b]!);
  const [l1, l2, l3] = slots.map((slot) => degrees[slot]!) as [number, number, number];
  const tensor = new Float64Array(degrees.reduce((size, l) => size * (2 * l + 1), 1));
  if (l3 > l1 + l2) return tensor;
  const { indices, values } = coupling(l1, l2, l3);
  const m = [0, 0, 0];
  values.forEach((value, term) => {
    slots.forEach((slot, k) => (m[slot] = indices[3 * term + k]!));
    tensor[(m[0]! * (2 * degrees[1] + 1) + m[1]!) * (2 * degrees[2] + 1) + m[2]!] = value / Math.sqrt(2 * l3 + 1);
  });
  return tensor;
}

/** T·I for the degrees of a sum, 0 where T has none. */
function overlaps({ degrees, tensor }: TripleSum): (triple: Degrees) => number {
  const known = new Map<string, number>();
  return (triple) => {
    if (triple.some((l, slot) => !degrees[slot]!.includes(l))) return 0;
    const key = triple.join(" ");
    const found = known.get(key);
    if (found !== undefined) return found;
    const given = tensor(triple);
    const invariant = invariantTensor(triple);
    const overlap = given ? given.reduce((sum, value, k) => sum + value * invariant[k]!, 0) : 0;
    known.set(key, overlap);
    return overlap;
  };
}

interface TripleFeature {
  /** Degree and channel (element, n) of its three coefficients, by ascending degree and channel. */
  readonly channels: readonly { readonly l: number; readonly x: number }[];
  /** N of Eq. (50); 0 for a pseudoscalar, which no tensor here meets. */
  readonly orders: number;
}

function tripleFeatures(hyperparameters: Hyperparameters, species: readonly number[]): TripleFeature[] {
  const { nMax } = hyperparameters.basis;
  const { values: labels } = featureLabels(hyperparameters, species);
  return Array.from({ length: labels.length / 9 }, (_, f) => {
    const channels = [0, 3, 6].map((at) => ({ l: labels[9 * f + at + 1]!, x: species.indexOf(labels[9 * f + at]!) * nMax + labels[9 * f + at + 2]! }));
    const [one, two] = [0, 1].map((k) => channels[k]!.l === channels[k + 1]!.l && channels[k]!.x === channels[k + 1]!.x);
    const odd = channels.reduce((sum, { l }) => sum + l, 0) % 2 === 1;
    return { channels, orders: odd ? 0 : one && two ? 1 : one || two ? 3 : 6 };
  });
}

/**
 * W with W p = the sums over all ordered triples of neighbors, equal ones included, for p the bispectrum. Pseudoscalars have no part in it.
 * @throws InputError on features that are no plain sums over neighbors, and for degrees beyond theirs.
 */
export function bispectrumWeights(hyperparameters: Hyperparameters, species: readonly number[], sums: readonly TripleSum[]): ProjectionWeights {
  checkProjectable(hyperparameters, "bispectrum");
  const { lMax } = hyperparameters.basis;
  const fit = createRadialFit(hyperparameters);
  const features = tripleFeatures(hyperparameters, species);
  const size = features.length;
  const values = new Float64Array(sums.length * size);
  const errors = sums.map((sum, row) => {
    const highest = Math.max(...sum.degrees.flat());
    if (highest > lMax) throw new InputError("degree beyond the features", { key: "basis.lMax", expected: `${highest} or more`, got: `${lMax}` });
    const fitted = sum.functions.map((item, slot) => fitFunction(fit, species, lMax, item, sum.degrees[slot]!));
    const overlapOf = overlaps(sum);
    features.forEach(({ channels, orders }, f) => {
      let weight = 0;
      for (const order of ORDERS) {
        let product = 1;
        for (let slot = 0; slot < 3 && product !== 0; slot++) product *= fitted[slot]!.weights[channels[order[slot]!]!.l]![channels[order[slot]!]!.x]!;
        if (product !== 0) weight += product * overlapOf(order.map((k) => channels[k]!.l) as unknown as Degrees);
      }
      // The sum over N distinct orders is N/6 of that over all six; the feature holds √N of each.
      values[row * size + f] = (Math.sqrt(orders) / 6) * weight;
    });
    return Math.max(...fitted.map(({ error }) => error));
  });
  return { values, size, errors: Float64Array.from(errors) };
}
