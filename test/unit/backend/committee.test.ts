// Uncertainties of a committee on the CPU against the explicit potentials of its members, one by one.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend, Prediction } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { InputError } from "../../../src/errors.js";
import { memberPotential } from "../../../src/model/committee.js";
import type { Calibration, Potential } from "../../../src/model/potential.js";
import { createScreenedCoulomb, universalScreening } from "../../../src/pairs/screened-coulomb.js";
import { createRandom } from "../../../src/selection/random.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { crystal, ethanol, hyperparameters, randomPotential, silicon, type PotentialOptions } from "./systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 2 });
});
afterAll(() => backend.destroy());

/** A committee of random weights, or of members that all have those of the potential. */
function withCommittee(potential: Potential, members: number, equal = false): Potential {
  const random = createRandom(5);
  return {
    ...potential,
    committee: { members, calibration: null },
    terms: potential.terms.map((term) => ({
      ...term,
      centers: term.centers.map((center) => {
        const draw = (_: unknown, k: number): number => (equal ? center.weights[k % center.weights.length]! : random.normal());
        return { ...center, members: Float64Array.from({ length: members * center.weights.length }, draw) };
      }),
    })),
  };
}

async function predict(potential: Potential, structure: Structure, uncertainty: boolean, forces = true): Promise<Prediction> {
  const evaluator = await backend.createEvaluator(potential);
  const [prediction] = await evaluator.predict([structure], { uncertainty, forces });
  evaluator.destroy();
  return prediction!;
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

const farthest = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((most, value, k) => Math.max(most, Math.abs(value - b[k]!)), 0);

const systems: [string, Structure, Parameters<typeof hyperparameters>[0], PotentialOptions][] = [
  ["silicon, projected", silicon(1, 0.2), {}, { zeta: 3, components: 11 }],
  ["ethanol, where elements are absent, projected", ethanol(), { cutoff: { radius: 1.5 } }, { components: 7 }],
  ["ethanol", ethanol(), { cutoff: { radius: 3 } }, { zeta: 4 }],
  ["a sheared crystal, not normalized", crystal([8, 14], 7), { features: { kind: "power-spectrum", normalize: false } }, {}],
  ["a chain of stages", crystal([6, 14], 5), { basis: { nMax: 2, lMax: 2 }, features: { kind: "bispectrum", normalize: true, pseudoscalars: false } as never }, {}],
  ["a linear kernel", ethanol(), {}, { zeta: 1 }],
  ["more than 192 atoms, in ranges", silicon(3, 0.1), { basis: { nMax: 2, lMax: 1 } }, {}],
  ["one atom", createStructure({ species: [14], positions: [0, 0, 0] }), {}, {}],
];

describe.each(systems)("%s", (_, structure, change, options) => {
  test.each([2, 8, 9])("%i members: spreads of energies, atoms and forces", async (members) => {
    const potential = withCommittee(await randomPotential(backend, structure, hyperparameters(change), options), members);
    const found = await predict(potential, structure, true);
    const plain = await predict(memberless(potential), structure, false);
    const each: Prediction[] = [];
    for (let member = 0; member < members; member++) each.push(await predict(memberPotential(potential, member), structure, false));
    const { energy, localEnergies, forces } = found.uncertainty!;
    const close = (a: number, b: number): void => expect(Math.abs(a - b)).toBeLessThan(1e-10 * (1 + Math.abs(b)));
    close(energy, deviation(each.map((own) => own.energy)));
    localEnergies.forEach((sigma, atom) => close(sigma, deviation(each.map((own) => own.localEnergies[atom]!))));
    expect(forces).toHaveLength(structure.positions.length);
    forces!.forEach((sigma, k) => close(sigma, deviation(each.map((own) => own.forces![k]!))));
    // What is predicted is not changed by asking, beyond the order of its sums.
    expect(farthest([found.energy, ...found.localEnergies], [plain.energy, ...plain.localEnergies])).toBeLessThan(1e-12 * (1 + Math.abs(plain.energy)));
    expect(farthest(found.forces!, plain.forces!)).toBeLessThan(1e-11);
    expect(farthest(found.virial!, plain.virial!)).toBeLessThan(1e-10);
  });
});

function memberless(potential: Potential): Potential {
  return { ...potential, committee: undefined, terms: potential.terms.map((term) => ({ ...term, centers: term.centers.map((center) => ({ ...center, members: undefined })) })) };
}

test("members that agree have no spread at all", async () => {
  const structure = silicon(1, 0.2);
  const potential = withCommittee(await randomPotential(backend, structure, hyperparameters()), 8, true);
  const { uncertainty, ...prediction } = await predict(potential, structure, true);
  expect(uncertainty!.energy).toBe(0);
  expect([...uncertainty!.localEnergies, ...uncertainty!.forces!].every((sigma) => sigma === 0)).toBe(true);
  // Without being asked for uncertainties the potential with a committee predicts bit for bit what it predicts without.
  expect(await predict(potential, structure, false)).toEqual(await predict(memberless(potential), structure, false));
  expect(prediction.energy).toBe((await predict(memberless(potential), structure, false)).energy);
});

test("of several terms the spreads of the sum", async () => {
  const structure = silicon(1, 0.2);
  const parts = [hyperparameters(), hyperparameters({ cutoff: { radius: 3 }, features: { kind: "radial-spectrum", normalize: true } })];
  const all = await Promise.all(parts.map((own, k) => randomPotential(backend, structure, own, { zeta: 2 + k })));
  const potential = withCommittee({ ...all[0]!, terms: all.flatMap(({ terms }) => terms) }, 4);
  const found = await predict(potential, structure, true);
  const each = await Promise.all([0, 1, 2, 3].map((member) => predict(memberPotential(potential, member), structure, false)));
  expect(found.uncertainty!.energy).toBeCloseTo(deviation(each.map((own) => own.energy)), 10);
  found.uncertainty!.forces!.forEach((sigma, k) => expect(sigma).toBeCloseTo(deviation(each.map((own) => own.forces![k]!)), 10));
});

test("a core adds to what is predicted and not to its spread; a term of pairs keeps the weights of its members", async () => {
  const structure = silicon(1, 0.2);
  const linear = hyperparameters({ cutoff: { radius: 3 }, features: { kind: "radial-spectrum", normalize: false } });
  const all = [await randomPotential(backend, structure, linear, { zeta: 1 }), await randomPotential(backend, structure, hyperparameters())];
  const core = createScreenedCoulomb(universalScreening, [14], { inner: 1, outer: 2.6 }, "");
  const potential = withCommittee({ ...all[0]!, terms: all.flatMap(({ terms }) => terms), pairs: [core] }, 4);
  const found = await predict(potential, structure, true);
  const plain = await predict(memberless(potential), structure, false);
  expect(Math.abs(found.energy - (await predict(memberless({ ...potential, pairs: [] }), structure, false)).energy)).toBeGreaterThan(0.01);
  expect(Math.abs(found.energy - plain.energy)).toBeLessThan(1e-10 * (1 + Math.abs(plain.energy)));
  expect(farthest(found.forces!, plain.forces!)).toBeLessThan(1e-9);
  expect(farthest(found.virial!, plain.virial!)).toBeLessThan(1e-9);
  const each = await Promise.all([0, 1, 2, 3].map((member) => predict(memberPotential(potential, member), structure, false)));
  expect(found.uncertainty!.energy / deviation(each.map((own) => own.energy)) - 1).toBeCloseTo(0, 9);
  found.uncertainty!.forces!.forEach((sigma, k) => expect(sigma).toBeCloseTo(deviation(each.map((own) => own.forces![k]!)), 9));
});

test("the forces of a member are minus the derivative of its energy", async () => {
  const structure = crystal([8, 14], 5);
  const potential = withCommittee(await randomPotential(backend, structure, hyperparameters()), 3);
  const step = 1e-4;
  const energiesAt = async (k: number, shift: number): Promise<number[]> => {
    const positions = structure.positions.slice();
    positions[k]! += shift;
    return Promise.all([0, 1, 2].map(async (member) => (await predict(memberPotential(potential, member), { ...structure, positions }, false, false)).energy));
  };
  const { forces } = (await predict(potential, structure, true)).uncertainty!;
  for (const k of [0, 4, 11]) {
    const [before, after] = [await energiesAt(k, -step), await energiesAt(k, step)];
    expect(forces![k]!).toBeCloseTo(deviation(before.map((energy, member) => (energy - after[member]!) / (2 * step))), 5);
  }
});

test("uncertainties go with the atoms and turn with the structure", async () => {
  const structure = crystal([8, 14], 6);
  const potential = withCommittee(await randomPotential(backend, structure, hyperparameters()), 5);
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  const turn = (values: Float64Array): Float64Array => values.map((_, k) => {
    const [x, y, z] = values.subarray(k - (k % 3), k - (k % 3) + 3);
    return [c * x! - s * y!, s * x! + c * y!, z!][k % 3]!;
  });
  const order = [3, 0, 5, 4, 1, 2];
  const moved: Structure = {
    ...structure,
    species: Uint8Array.from(order, (atom) => structure.species[atom]!),
    positions: turn(Float64Array.from(order.flatMap((atom) => [...structure.positions.subarray(3 * atom, 3 * atom + 3)]))),
    cell: turn(structure.cell!),
  };
  const [before, after] = [(await predict(potential, structure, true)).uncertainty!, (await predict(potential, moved, true)).uncertainty!];
  expect(after.energy).toBeCloseTo(before.energy, 9);
  order.forEach((atom, at) => {
    expect(after.localEnergies[at]!).toBeCloseTo(before.localEnergies[atom]!, 9);
    // The trace of the covariance and its component along the axis are what a turn leaves alone.
    const square = ({ forces }: typeof before, from: number): number => forces!.subarray(3 * from, 3 * from + 3).reduce((sum, sigma) => sum + sigma ** 2, 0);
    expect(square(after, at)).toBeCloseTo(square(before, atom), 8);
    expect(after.forces![3 * at + 2]!).toBeCloseTo(before.forces![3 * atom + 2]!, 9);
  });
});

test("calibration multiplies; energies alone have no forces; a potential without a committee says so", async () => {
  const structure = ethanol();
  const potential = withCommittee(await randomPotential(backend, structure, hyperparameters()), 4);
  const calibration: Calibration = { from: "test", energy: { scale: 3, labels: 7 }, forces: { scale: 0.5, labels: 9 } };
  const [raw, scaled] = [
    (await predict(potential, structure, true)).uncertainty!,
    (await predict({ ...potential, committee: { members: 4, calibration } }, structure, true)).uncertainty!,
  ];
  expect(scaled.energy / raw.energy).toBeCloseTo(3, 12);
  expect(scaled.localEnergies[2]! / raw.localEnergies[2]!).toBeCloseTo(3, 12);
  expect(scaled.forces![5]! / raw.forces![5]!).toBeCloseTo(0.5, 12);
  const alone = await predict(potential, structure, true, false);
  expect([alone.forces, alone.uncertainty!.forces]).toEqual([null, null]);
  expect(alone.uncertainty!.energy).toBeCloseTo(raw.energy, 12);
  await expect(predict(memberless(potential), structure, true)).rejects.toThrow(InputError);
  await expect(predict(memberless(potential), structure, true)).rejects.toMatchObject({ details: { key: "uncertainty" } });
  expect(() => memberPotential(potential, 4)).toThrow(InputError);
  await expect(predict({ ...memberless(potential), committee: potential.committee }, structure, true)).rejects.toThrow("4 × ");
});
