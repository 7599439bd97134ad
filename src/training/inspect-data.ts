// What is doubtful about labelled structures: each kind of doubt is said once, with the frame in which it is worst and the number of frames.
// Linear in the data: one neighbor search with the radius of a bond, sums, medians, and a sort.
import type { DataWarning } from "../errors.js";
import { originOf } from "../structure/origin.js";
import type { LabeledStructure } from "../structure/structure.js";
import type { FitConfiguration } from "./configuration.js";
import { doubtAbout, type Doubt } from "./doubt.js";
import { repeatedFrames } from "./repeated-frames.js";
import { closestAtoms } from "./closest-atoms.js";
import type { NoiseCounts } from "./fit-structure.js";
import type { ErrorReport } from "./measure-errors.js";
import { outliers } from "./outliers.js";
import { virialSign } from "./virial-sign.js";

/**
 * Warnings about structures and their labels: atoms too close or fractional coordinates, energies and forces far from the rest, forces that do not
 * sum to zero, repeated frames, virials of the other sign. Empty where nothing is doubtful.
 * @throws InputError and CapacityError of the neighbor search.
 */
export function inspectData(data: readonly LabeledStructure[]): DataWarning[] {
  const doubts: (Doubt | null)[] = [...closestAtoms(data), ...outliers(data), netForces(data), repetitions(data), virialSign(data)];
  return doubts.filter((doubt) => doubt !== null).map((doubt) => doubtAbout(data, doubt));
}

/** A warning when structures of the test set occur in the training set, whatever their labels: errors on them say nothing about others. */
export function inspectTestData(train: readonly LabeledStructure[], test: readonly LabeledStructure[]): DataWarning[] {
  const shared = repeatedFrames([...train, ...test]).filter(([first, second]) => first < train.length && second >= train.length);
  const frames = new Set(shared.map(([, second]) => second - train.length));
  const [worst] = frames;
  if (worst === undefined) return [];
  const twin = shared[0]![0];
  const original = originOf(train[twin]!.structure, twin);
  const words = (count: number): string => `${count} of ${test.length} test frames ${count === 1 ? "occurs" : "occur"} in the training data`;
  const there = `frame ${original.structure} ${original.file === undefined ? "there" : `of ${original.file}`}`;
  const text = `test frame ${originOf(test[worst]!.structure, worst).structure} is ${there}`;
  return [doubtAbout(test, { code: "test-in-train", frame: worst, text: `${words(frames.size)}; ${text}` })];
}

/** Errors beyond so many σ: a fit that was told of exact data which it cannot carry. */
const MOST_SIGMAS = 30;

/**
 * Warnings about σ far below what the data can carry, from the errors on the training data, for each σ of the configuration once.
 * @param counts which σ the rows took; a σ that no row took from the configuration is not judged
 */
export function inspectErrors(errors: ErrorReport, { noise }: Pick<FitConfiguration, "noise">, counts?: NoiseCounts): DataWarning[] {
  const kinds = [["energy", "energy_rmse", "eV/atom"], ["forces", "force_rmse", "eV/Å"], ["virial", "virial_rmse", "eV/atom"]] as const;
  const types = Object.entries(errors.by_config_type);
  return kinds.flatMap(([name, error, unit]): DataWarning[] => {
    if (counts && counts[name].all === undefined && counts[name]["config type"] === undefined) return [];
    const beyond = types
      .map(([type, statistics]) => ({ type, rmse: statistics[error] ?? 0, sigma: noise.byConfigType[type]?.[name] ?? noise[name] }))
      .filter(({ rmse, sigma }) => rmse > MOST_SIGMAS * sigma)
      .sort((a, b) => b.rmse / b.sigma - a.rmse / a.sigma);
    if (beyond.length === 0) return [];
    const { type, rmse, sigma } = beyond[0]!;
    const where = types.length > 1 ? ` of config_type ${type}` : "";
    const text =
      `the training errors of the ${name}${where} are ${Math.round(rmse / sigma)} times noise.${name} (RMSE ${rmse.toPrecision(3)} ${unit}, ` +
      `σ ${Number(sigma.toPrecision(3))}): the σ is far below what these data and this model can carry, or labels are wrong`;
    return [{ code: "noise-too-small", key: `noise.${name}`, text }];
  });
}

/** Forces in the mean over a structure's atoms (eV/Å), and relative to their root mean square, that no rounding makes. */
const NET_FORCE = { absolute: 0.02, relative: 0.05 };

/** Forces that do not sum to zero, as without an external field they must. */
function netForces(data: readonly LabeledStructure[]): Doubt | null {
  let [frames, worst, most] = [0, -1, 0];
  data.forEach(({ labels: { forces }, structure: { species } }, frame) => {
    if (!forces || species.length === 0) return;
    let [x, y, z, square] = [0, 0, 0, 0];
    for (let k = 0; k < forces.length; k += 3) {
      x += forces[k]!;
      y += forces[k + 1]!;
      z += forces[k + 2]!;
      square += forces[k]! ** 2 + forces[k + 1]! ** 2 + forces[k + 2]! ** 2;
    }
    const mean = Math.hypot(x, y, z) / species.length;
    if (!(mean > NET_FORCE.absolute && mean > NET_FORCE.relative * Math.sqrt(square / species.length))) return;
    frames++;
    if (mean > most) [worst, most] = [frame, mean];
  });
  if (worst < 0) return null;
  const total = most * data[worst]!.structure.species.length;
  const text = `forces do not sum to zero in ${frames} of ${data.length} frames; the worst sum is ${total.toPrecision(3)} eV/Å`;
  return { code: "net-force", frame: worst, text };
}

/** Energies per atom (eV) and forces (eV/Å) of one structure that differ by more are not the same calculation. */
const SAME_LABELS = { energy: 1e-3, forces: 0.01 };

function disagree({ labels: a, structure }: LabeledStructure, { labels: b }: LabeledStructure): boolean {
  if (a.energy !== null && b.energy !== null && Math.abs(a.energy - b.energy) > SAME_LABELS.energy * structure.species.length) return true;
  return a.forces !== null && b.forces !== null && a.forces.some((force, k) => Math.abs(force - b.forces![k]!) > SAME_LABELS.forces);
}

function repetitions(data: readonly LabeledStructure[]): Doubt | null {
  const pairs = repeatedFrames(data);
  if (pairs.length === 0) return null;
  const contradictions = pairs.filter(([first, second]) => disagree(data[first]!, data[second]!));
  const [first, second] = contradictions[0] ?? pairs[0]!;
  const frames = new Set(pairs.map(([, repeated]) => repeated)).size;
  const said = `${frames} of ${data.length} frames ${frames === 1 ? "repeats the structure of another" : "repeat structures of others"}`;
  const text = `${said}${contradictions.length > 0 ? ", with other labels" : ""}; the first repeats frame ${originOf(data[first]!.structure, first).structure}`;
  return { code: contradictions.length > 0 ? "repeated-frames-differ" : "repeated-frames", frame: second, text };
}
