// Expected errors against observed ones: silicon near the training data and far from it, and the published data of Zuo et al. (2020).
import { afterAll, beforeAll, expect, test } from "vitest";
import { farSilicon, nearSilicon } from "../../../bench/far-silicon.js";
import type { Backend, Prediction } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import type { Potential } from "../../../src/model/potential.js";
import { readAllStructures } from "../../../src/node/index.js";
import { labelStructures } from "../../../src/structure/labels.js";
import type { LabeledStructure } from "../../../src/structure/structure.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { describeShared } from "../../shared-data.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 2 });
});
afterAll(() => backend.destroy());

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const rms = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => value * value)));

function correlation(pairs: readonly (readonly [number, number])[]): number {
  const [x, y] = [mean(pairs.map(([a]) => a)), mean(pairs.map(([, b]) => b))];
  return mean(pairs.map(([a, b]) => (a - x) * (b - y))) / Math.sqrt(mean(pairs.map(([a]) => (a - x) ** 2)) * mean(pairs.map(([, b]) => (b - y) ** 2)));
}

async function predict(potential: Potential, data: readonly LabeledStructure[]): Promise<Prediction[]> {
  const evaluator = await backend.createEvaluator(potential);
  const predictions = await evaluator.predict(data.map(({ structure }) => structure), { uncertainty: true });
  evaluator.destroy();
  return predictions;
}

/** Expected and observed errors of force components, of one structure. */
function forcePairs({ labels }: LabeledStructure, { forces, uncertainty }: Prediction): [number, number][] {
  return [...labels.forces!].map((force, k) => [uncertainty!.forces![k]!, Math.abs(forces![k]! - force)]);
}

const ofStructure = (pairs: readonly [number, number][]): [number, number] => [rms(pairs.map(([expected]) => expected)), rms(pairs.map(([, observed]) => observed))];

test("dimers, a liquid and other crystals are known to be far from a training set of diamond", async () => {
  const settings = parseFitConfiguration({
    cutoff: { radius: 4.5 }, basis: { nMax: 6, lMax: 4 }, sparse: { count: 200 }, noise: { energy: 0.001, forces: 0.02, virial: 0.05 },
    baseline: { kind: "given", energies: { Si: 0 } }, committee: { members: 8 },
  });
  const { potential } = await fitPotential(backend, nearSilicon(60, 1), settings);
  const [near, far] = [nearSilicon(20, 1000), farSilicon()];
  const data = [...near, ...far];
  const predictions = await predict(potential, data);
  const pairs = data.map((labeled, k) => forcePairs(labeled, predictions[k]!));
  expect(correlation(pairs.flat())).toBeGreaterThan(0.6);
  expect(correlation(pairs.map(ofStructure))).toBeGreaterThan(0.8);
  const perAtom = data.map(({ structure, labels }, k): [number, number] => {
    const atoms = structure.species.length;
    return [predictions[k]!.uncertainty!.energy / atoms, Math.abs(predictions[k]!.energy - labels.energy!) / atoms];
  });
  expect(correlation(perAtom)).toBeGreaterThan(0.6);
  // No structure far from the data passes for one of them.
  const [largestNear, leastFar] = [Math.max(...perAtom.slice(0, near.length).map(([expected]) => expected)), Math.min(...perAtom.slice(near.length).map(([expected]) => expected))];
  expect(leastFar).toBeGreaterThan(3 * largestNear);
  // Near them the errors are those expected: calibrated on the structures that members left out, not on these.
  const [expected, observed] = ofStructure(pairs.slice(0, near.length).flat());
  expect(expected / observed).toBeGreaterThan(0.5);
  expect(expected / observed).toBeLessThan(2);
});

describeShared("zuo2020 Si", ["data/zuo2020/Si_train.xyz", "data/zuo2020/Si_test.xyz"], (trainPath, testPath) => {
  test("expected errors go with those observed on the test set", async () => {
    // Smaller than bench/configs/zuo2020-si.json, which bench/committee.ts takes; a part of the data, of every kind.
    const settings = parseFitConfiguration({
      cutoff: { radius: 5 }, basis: { nMax: 5, lMax: 4 }, sparse: { count: 200 }, keys: { virial: false }, committee: { members: 8 },
    });
    const read = async (path: string): Promise<LabeledStructure[]> => [...labelStructures(await readAllStructures(path), settings.keys).data];
    const [train, held] = [(await read(trainPath!)).filter((_, k) => k % 4 === 0), await read(testPath!)];
    const { potential } = await fitPotential(backend, train, settings);
    const predictions = await predict(potential, held);
    const pairs = held.map((labeled, k) => forcePairs(labeled, predictions[k]!));
    expect(correlation(pairs.map(ofStructure))).toBeGreaterThan(0.6);
    const [expected, observed] = ofStructure(pairs.flat());
    expect(expected / observed).toBeGreaterThan(0.4);
    expect(expected / observed).toBeLessThan(2.5);
  });
});
