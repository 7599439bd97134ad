// Energies and forces far from the rest: |x − median| > 20 s, with s = 1.4826 median |x − median| (Huber and Ronchetti, Robust Statistics,
// doi:10.1002/9780470434697), and not below what ordinary data spread.
import { speciesOf } from "../features/feature-layout.js";
import type { LabeledStructure } from "../structure/structure.js";
import { leastSquares, referenceEnergy } from "./baseline.js";
import { medianOf, type Doubt } from "./doubt.js";

const MOST_DEVIATIONS = 20;
/** Robust deviation over standard deviation of a normal distribution. */
const NORMAL = 1.4826;
/** eV per atom and eV/Å: perfect crystals and ends of relaxations spread less, beside which ordinary frames would look odd. */
const LEAST_SPREAD = { energy: 0.01, forces: 0.25 };
/** Forces from which median and spread are taken, evenly over the data. */
const SAMPLE = 100_000;

interface Spread {
  readonly center: number;
  readonly deviation: number;
}

function spreadOf(values: ArrayLike<number>, least: number): Spread {
  const center = medianOf(values);
  return { center, deviation: Math.max(least, NORMAL * medianOf(Float64Array.from(values, (value) => Math.abs(value - center)))) };
}

/** Energies per atom, of which the best energies per element are subtracted; single atoms are no part of the comparison. */
function energyOutliers(data: readonly LabeledStructure[]): Doubt | null {
  const frames = data.flatMap(({ structure, labels }, frame) => (labels.energy !== null && structure.species.length > 1 ? frame : []));
  if (frames.length < 4) return null;
  const chosen = frames.map((frame) => data[frame]!);
  const baseline = leastSquares(chosen, speciesOf(chosen.map(({ structure }) => structure)));
  const values = chosen.map(({ structure, labels }) => (labels.energy! - referenceEnergy(structure, baseline)) / structure.species.length);
  const spread = spreadOf(values, LEAST_SPREAD.energy);
  const far = values.map((value) => Math.abs(value - spread.center) / spread.deviation);
  const count = far.filter((distance) => distance > MOST_DEVIATIONS).length;
  if (count === 0) return null;
  const worst = far.reduce((best, distance, index) => (distance > far[best]! ? index : best), 0);
  const text =
    `energies of ${count} of ${frames.length} frames are far from the rest; the farthest is ${(values[worst]! - spread.center).toPrecision(3)} eV per atom ` +
    `from the median, ${far[worst]!.toPrecision(3)} robust deviations`;
  return { code: "energy-outlier", frame: frames[worst]!, text };
}

/** |F| of atoms. */
function forceOutliers(data: readonly LabeledStructure[]): Doubt | null {
  const total = data.reduce((sum, { labels }) => sum + (labels.forces ? labels.forces.length / 3 : 0), 0);
  if (total < 4) return null;
  const step = Math.ceil(total / SAMPLE);
  const sample: number[] = [];
  let seen = 0;
  const most = data.map(({ labels: { forces } }) => {
    let largest = -1;
    for (let k = 0; forces && k < forces.length; k += 3) {
      const size = Math.sqrt(forces[k]! ** 2 + forces[k + 1]! ** 2 + forces[k + 2]! ** 2);
      if (seen++ % step === 0 && !Number.isNaN(size)) sample.push(size);
      if (size > largest) largest = size;
    }
    return largest;
  });
  const { center, deviation } = spreadOf(sample, LEAST_SPREAD.forces);
  const limit = center + MOST_DEVIATIONS * deviation;
  const count = most.filter((largest) => largest > limit).length;
  if (count === 0) return null;
  const worst = most.reduce((best, largest, frame) => (largest > most[best]! ? frame : best), 0);
  const text =
    `forces in ${count} of ${data.length} frames are far from the rest; the largest is ${most[worst]!.toPrecision(3)} eV/Å, ` +
    `${((most[worst]! - center) / deviation).toPrecision(3)} robust deviations from the median of ${center.toPrecision(3)}`;
  return { code: "force-outlier", frame: worst, text };
}

export function outliers(data: readonly LabeledStructure[]): (Doubt | null)[] {
  return [energyOutliers(data), forceOutliers(data)];
}
