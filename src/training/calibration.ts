/**
 * Calibration of a committee by maximum likelihood, Eqs. (78) and (79): errors on labels that the members do not know are α times the members' spread.
 * As Imbalzano et al., J. Chem. Phys. 154, 074102 (2021), doi:10.1063/5.0036522, but for a finite committee with the likelihood itself, Student's t, in
 * the place of their (n − 3)/(n − 1) times the mean of e²/s²: of four or five members that mean has no variance, and a few labels where the members happen
 * to agree are most of it.
 */
import type { Backend, JobOptions, Prediction } from "../backend/backend.js";
import { InputError } from "../errors.js";
import { memberPotential } from "../model/committee.js";
import type { CalibratedScale, Calibration, Committee, Potential } from "../model/potential.js";
import type { LabeledStructure, Structure } from "../structure/structure.js";

/** Members without which a spread says too little. */
const LEAST_MEMBERS = 3;
/** A spread below this share of the root mean square is a zero by symmetry, or by neighbors that are not there, and rounding; it says nothing. */
const NO_SPREAD = 1e-4;

/** Errors of labels beside the spreads of the members that do not know them. */
export class Residuals {
  /** e and s², the members' mean square deviation from their mean (over n − 1). */
  readonly #errors: number[] = [];
  readonly #variances: number[] = [];
  readonly #members: number[] = [];
  readonly #ofMean: boolean;

  /** @param ofMean whether the errors are those of the members' mean, which itself is off by s/√n. */
  constructor(ofMean: boolean) {
    this.#ofMean = ofMean;
  }

  add(error: number, variance: number, members: number): void {
    this.#errors.push(error);
    this.#variances.push(variance);
    this.#members.push(members);
  }

  /** @param prediction null: the members' mean is what is wrong. */
  addLabel(label: number, values: readonly number[], prediction: number | null): void {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    this.add(label - (prediction ?? mean), values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1), values.length);
  }

  /** α of Eq. (78); null when no label has a spread, or the errors are no larger than those of the members' mean. */
  scale(): CalibratedScale | null {
    const least = (NO_SPREAD ** 2 * this.#variances.reduce((sum, variance) => sum + variance, 0)) / Math.max(1, this.#variances.length);
    const [ratios, freedom, ofMean]: number[][] = [[], [], []];
    this.#variances.forEach((variance, k) => {
      if (!(variance > least)) return;
      ratios!.push(this.#errors[k]! ** 2 / variance);
      freedom!.push(this.#members[k]! - 1);
      ofMean!.push(this.#ofMean ? 1 / this.#members[k]! : 0);
    });
    /** What the derivative of the logarithm of the likelihood with respect to α² has the sign of. */
    const slope = (square: number): number => ratios!.reduce((sum, ratio, k) => {
      const [nu, b] = [freedom![k]!, square + ofMean![k]!];
      return sum + (((nu + 1) * ratio) / (nu * b + ratio) - 1) / b;
    }, 0);
    // Thirty orders of magnitude, halved on the scale of the logarithm until the sixth digit stands.
    let [low, high] = [1e-15, 1e15];
    if (!(slope(low) > 0)) return null;
    while (high / low > 1 + 1e-6) {
      const middle = Math.sqrt(low * high);
      if (slope(middle) > 0) low = middle;
      else high = middle;
    }
    return { scale: Math.sqrt(low), labels: ratios!.length };
  }
}

/** Predictions of the structures at these indices, in order. */
async function predictSome(
  backend: Backend, potential: Potential, structures: readonly Structure[], indices: readonly number[], forces: boolean, options: JobOptions,
): Promise<Prediction[]> {
  const evaluator = await backend.createEvaluator(potential);
  try {
    return await evaluator.predict(indices.map((index) => structures[index]!), { ...options, forces });
  } finally {
    evaluator.destroy();
  }
}

async function calibrate(
  backend: Backend,
  potential: Potential,
  committee: Committee,
  from: Calibration["from"],
  data: readonly LabeledStructure[],
  /** Members that do not know the structure. */
  free: (structure: number, member: number) => boolean,
  { signal, onProgress }: JobOptions,
): Promise<Potential> {
  const structures = data.map(({ structure }) => structure);
  const members = Array.from({ length: committee.members }, (_, member) => member);
  const withForces = data.some(({ labels }) => labels.forces !== null);
  const useful = structures.map((_, s) => members.filter((member) => free(s, member)).length >= LEAST_MEMBERS);
  const indices = members.map((member) => structures.flatMap((_, s) => (useful[s] && free(s, member) ? [s] : [])));
  const total = indices.reduce((sum, own) => sum + own.length, 0);
  const known: Prediction[][] = structures.map(() => []);
  let done = 0;
  for (const member of members) {
    const own = indices[member]!;
    const predictions = await predictSome(backend, memberPotential(potential, member), structures, own, withForces, { signal });
    own.forEach((s, k) => known[s]!.push(predictions[k]!));
    done += own.length;
    onProgress?.({ stage: "calibration", done, total });
  }
  const whole = from === "test" ? await predictSome(backend, potential, structures, [...structures.keys()], withForces, { signal }) : null;
  const [energies, forces] = [new Residuals(!whole), new Residuals(!whole)];
  data.forEach(({ labels }, s) => {
    const own = known[s]!;
    if (!useful[s]) return;
    if (labels.energy !== null) energies.addLabel(labels.energy, own.map(({ energy }) => energy), whole && whole[s]!.energy);
    labels.forces?.forEach((label, k) => {
      // What is NaN in a label is not there.
      if (!Number.isNaN(label)) forces.addLabel(label, own.map((prediction) => prediction.forces![k]!), whole && whole[s]!.forces![k]!);
    });
  });
  const calibration: Calibration = { from, energy: energies.scale(), forces: forces.scale() };
  return { ...potential, committee: { ...committee, calibration: calibration.energy || calibration.forces ? calibration : null } };
}

/**
 * The potential with α measured on structures that none of its members knows.
 * @throws InputError when the potential has no committee
 */
export async function calibrateCommittee(backend: Backend, potential: Potential, data: readonly LabeledStructure[], options: JobOptions = {}): Promise<Potential> {
  const { committee } = potential;
  if (!committee) throw new InputError("a potential without a committee", { key: "committee", expected: "a fit with committee.members", got: "none" });
  return calibrate(backend, potential, committee, "test", data, () => true, options);
}

/**
 * The potential with α measured on its training structures, each by the members that left it out; as it is where too few did.
 * @param train and `structures`, the same with their origins
 * @param counts how often each member took each structure, [structure][member]
 */
export async function calibrateOutOfBag(
  backend: Backend,
  potential: Potential,
  { train, structures, counts }: { train: readonly LabeledStructure[]; structures: readonly Structure[]; counts: readonly (readonly number[])[] },
  options: JobOptions,
): Promise<Potential> {
  const data = train.map(({ labels }, s): LabeledStructure => ({ structure: structures[s]!, labels }));
  return calibrate(backend, potential, potential.committee!, "out-of-bag", data, (s, member) => counts[s]![member] === 0, options);
}
