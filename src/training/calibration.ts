/**
 * Calibration of a committee by maximum likelihood, Eqs. (C4) and (C5), after Imbalzano et al., J. Chem. Phys. 154, 074102 (2021), doi:10.1063/5.0036522:
 * errors on labels that the members do not know are α times the members' spread.
 */
import type { Backend, JobOptions, Prediction } from "../backend/backend.js";
import { InputError } from "../errors.js";
import { memberPotential } from "../model/committee.js";
import type { CalibratedScale, Calibration, Committee, Potential } from "../model/potential.js";
import type { LabeledStructure, Structure } from "../structure/structure.js";

/** Members without which (n − 3)/(n − 1), the mean of 1/s² over normally distributed members, does not exist. */
const LEAST_MEMBERS = 4;
/** A spread below this share of the root mean square is a zero by symmetry, or by neighbors that are not there, and rounding; it says nothing. */
const NO_SPREAD = 1e-4;

/** An error of one label, the members' mean square deviation s² from their mean (divided by n − 1), and their number n. */
export interface Residual {
  readonly error: number;
  readonly variance: number;
  readonly members: number;
  /** Whether the error is that of the members' mean, which itself has a spread of s/√n. */
  readonly ofMean: boolean;
}

/** α of Eq. (C4); null when no label has a spread by four members or more, or the errors are no larger than the members' mean has itself. */
export function calibratedScale(residuals: readonly Residual[]): CalibratedScale | null {
  const counting = residuals.filter(({ members }) => members >= LEAST_MEMBERS);
  const least = (NO_SPREAD ** 2 * counting.reduce((sum, { variance }) => sum + variance, 0)) / Math.max(1, counting.length);
  let [sum, labels] = [0, 0];
  for (const { error, variance, members, ofMean } of counting) {
    if (!(variance > least)) continue;
    sum += ((members - 3) / (members - 1)) * (error * error / variance) - (ofMean ? 1 / members : 0);
    labels++;
  }
  return sum > 0 ? { scale: Math.sqrt(sum / labels), labels } : null;
}

/** Residuals of the label k of one structure from values of its members, [member][k]. */
function residual(label: number, values: readonly number[], prediction: number | null): Residual {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { error: label - (prediction ?? mean), variance, members: values.length, ofMean: prediction === null };
}

function residualsOf(
  { labels }: LabeledStructure, members: readonly Prediction[], whole: Prediction | null,
): { energy: Residual[]; forces: Residual[] } {
  const energy = labels.energy === null ? [] : [residual(labels.energy, members.map((own) => own.energy), whole && whole.energy)];
  const forces: Residual[] = [];
  labels.forces?.forEach((label, k) => {
    // What is NaN in a label is not there.
    if (!Number.isNaN(label)) forces.push(residual(label, members.map((own) => own.forces![k]!), whole && whole.forces![k]!));
  });
  return { energy, forces };
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
  const all = data.flatMap((labeled, s) => (useful[s] ? [residualsOf(labeled, known[s]!, whole && whole[s]!)] : []));
  const calibration: Calibration = {
    from, energy: calibratedScale(all.flatMap(({ energy }) => energy)), forces: calibratedScale(all.flatMap(({ forces }) => forces)),
  };
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
