// Linear terms of the radial spectrum as functions of pairs, Eq. (74), against the features and their adjoints, which know nothing of pairs.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { isPairTerm, pairSums } from "../../../src/backend/pair-terms.js";
import type { RadialBasis } from "../../../src/basis/hyperparameters.js";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import { createRandom } from "../../../src/selection/random.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { largestDifference, relativeDifference } from "../../reference/norms.js";
import { crystal, ethanol, hyperparameters, randomPotential, silicon, type PotentialOptions } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 2 });
});
afterAll(() => backend.destroy());

type Change = Parameters<typeof hyperparameters>[0];
const radial = (change: Change = {}): Hyperparameters => hyperparameters({ ...change, features: { kind: "radial-spectrum", normalize: false } });

/** Four functions contracted at random to three. */
function contraction(species: readonly number[], mixed: boolean, centers: readonly number[] | null = null): RadialBasis {
  const random = createRandom(5);
  const { basis } = hyperparameters();
  const matrix = Array.from({ length: (centers?.length ?? 1) * species.length * (basis.lMax + 1) * 3 * basis.nMax }, () => random.normal());
  return { ...basis, contraction: { mixed, channels: 3, species, centers, matrix } };
}

const cases: [string, () => Structure, Hyperparameters, PotentialOptions][] = [
  ["silicon in a cell thinner than the cutoff", () => silicon(1, 0.15), radial({ cutoff: { radius: 6 }, basis: { nMax: 7 } }), {}],
  ["a left-handed crystal of three elements", () => crystal([6, 14, 8], 7), radial(), {}],
  ["a projection of the features", () => crystal([6, 14], 5), radial(), { components: 3 }],
  ["a molecule with δ density, no center, radial scaling", ethanol, radial({ density: { kind: "delta", centerWeight: 0, scaling: { rate: 1, scale: 2, exponent: 4 } } }), {}],
  ["DVR, a polynomial cutoff", ethanol, radial({ basis: { kind: "dvr", nMax: 5 }, cutoff: { function: "polynomial" } }), {}],
  ["a step for a cutoff", ethanol, radial({ cutoff: { radius: 2.2, width: 0, function: "step" } }), {}],
  ["one function", ethanol, radial({ basis: { nMax: 1 } }), {}],
  ["an element that never occurs", ethanol, radial(), { species: [1, 6, 7, 8, 14] }],
  ["a basis that mixes the elements", () => crystal([6, 8, 14], 7), { ...radial(), basis: contraction([6, 8, 14], true) }, {}],
  ["one that depends on the center", () => crystal([6, 8, 14], 7), { ...radial(), basis: contraction([6, 8, 14], false, [8, 14, 6]) }, { components: 4 }],
  ["a structure that is cut for the threads", () => silicon(3, 0.2), radial(), {}],
];

test.each(cases)("%s", async (_, make, hyper, options) => {
  const structure = make();
  const potential = await randomPotential(backend, structure, hyper, { ...options, zeta: 1 });
  const [term] = potential.terms;
  expect(isPairTerm(term!)).toBe(true);
  const evaluator = await backend.createEvaluator(potential);
  const [found] = await evaluator.predict([structure]);
  const [withoutForces] = await evaluator.predict([structure], { forces: false });
  evaluator.destroy();
  // ∂E/∂p = V Σ_m x_m z_m of every center, and E = Σ_i ∂E/∂p · p + baseline.
  const { values, size, centers } = await backend.computeFeatures([structure], hyper, { species: potential.species });
  const gradient = new Float64Array(values.length);
  const energies = new Float64Array(centers.length);
  centers.forEach((z, i) => {
    const { projection, size: width, sparsePoints, weights } = term!.centers.find(({ species }) => species === z)!;
    for (let f = 0; f < size; f++) {
      weights.forEach((weight, m) => {
        for (let q = 0; q < width; q++) gradient[i * size + f]! += weight * sparsePoints[m * width + q]! * (projection ? projection[f * width + q]! : Number(f === q));
      });
      energies[i]! += gradient[i * size + f]! * values[i * size + f]!;
    }
    energies[i]! += potential.baseline.get(z)!;
  });
  const [slopes] = await backend.computeFeatureAdjoints([structure], hyper, potential.species, [gradient]);
  expect(relativeDifference(found!.localEnergies, energies)).toBeLessThan(1e-11);
  expect(Math.abs(found!.energy / energies.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-11);
  expect(relativeDifference(found!.forces!.map((f) => -f), slopes!)).toBeLessThan(1e-10);
  expect(withoutForces).toEqual({ ...found, forces: null, virial: null });
});

test("an atom without neighbors has the energy of its own density, and none without that", async () => {
  const lonely = createStructure({ species: [8], positions: [0, 0, 0] });
  for (const centerWeight of [1, 0]) {
    const hyper = radial({ density: { centerWeight } });
    const potential = await randomPotential(backend, ethanol(), hyper, { zeta: 1 });
    const center = potential.terms[0]!.centers.find(({ species }) => species === 8)!;
    const { values } = await backend.computeFeatures([lonely], hyper, { species: potential.species });
    let expected = potential.baseline.get(8)!;
    center.weights.forEach((weight, m) => values.forEach((value, f) => (expected += weight * value * center.sparsePoints[m * center.size + f]!)));
    const evaluator = await backend.createEvaluator(potential);
    const [found] = await evaluator.predict([lonely]);
    evaluator.destroy();
    expect(largestDifference([found!.energy], [expected])).toBeLessThan(1e-12);
    expect(found!.forces).toEqual(new Float64Array(3));
  }
});

test("elements without sparse points have their baseline alone; what is normalized or not linear is no function of pairs", async () => {
  const structure = ethanol();
  const potential = await randomPotential(backend, structure, radial(), { zeta: 1 });
  const [term] = potential.terms;
  const evaluator = await backend.createEvaluator({ ...potential, terms: [{ ...term!, centers: term!.centers.filter(({ species }) => species !== 1) }] });
  const [found] = await evaluator.predict([structure]);
  evaluator.destroy();
  expect(found!.localEnergies[4]).toBe(potential.baseline.get(1));
  const others = [{ ...term!, zeta: 2 }, { ...term!, hyperparameters: hyperparameters() }, { ...term!, hyperparameters: { ...radial(), features: { kind: "radial-spectrum", normalize: true } as const } }];
  expect(others.map(isPairTerm)).toEqual([false, false, false]);
  expect(pairSums({ ...potential, terms: others })).toBeNull();
});
