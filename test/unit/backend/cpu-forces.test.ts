// Forces and virials of the CPU backend against finite differences, and the symmetries that the energy must have.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend, Evaluator, Prediction } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { crystal, ethanol, hyperparameters, randomPotential, silicon, type PotentialOptions } from "./systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

async function withEvaluator<T>(
  structure: Structure,
  hyper: Hyperparameters,
  options: PotentialOptions,
  use: (evaluator: Evaluator) => Promise<T>,
): Promise<T> {
  const evaluator = await backend.createEvaluator(await randomPotential(backend, structure, hyper, options));
  try {
    return await use(evaluator);
  } finally {
    evaluator.destroy();
  }
}

async function predictOne(evaluator: Evaluator, structure: Structure): Promise<Prediction> {
  return (await evaluator.predict([structure]))[0]!;
}

function moved(structure: Structure, change: (positions: Float64Array, cell: Float64Array | null) => void): Structure {
  const [positions, cell] = [structure.positions.slice(), structure.cell?.slice() ?? null];
  change(positions, cell);
  return { ...structure, positions, cell };
}

const norm = (values: ArrayLike<number>): number => Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => norm(Array.from(a, (value, k) => value - b[k]!));

const cases: [string, () => Structure, Hyperparameters, PotentialOptions][] = [
  ["silicon in a cell thinner than the cutoff", () => silicon(1, 0.15), hyperparameters({ cutoff: { radius: 5 } }), { zeta: 4 }],
  ["a molecule", ethanol, hyperparameters(), {}],
  ["a left-handed crystal of three elements", () => crystal([6, 14, 8], 6), hyperparameters(), { zeta: 3 }],
  ["a projection of the features", () => crystal([6, 14], 5), hyperparameters(), { components: 7 }],
  ["features that are not normalized", ethanol, hyperparameters({ features: { normalize: false } }), { zeta: 1 }],
  ["the radial spectrum", () => crystal([6, 14], 5), hyperparameters({ features: { kind: "radial-spectrum" } }), {}],
  ["the radial spectrum as functions of pairs", () => crystal([6, 14], 5), hyperparameters({ features: { kind: "radial-spectrum", normalize: false } }), { zeta: 1 }],
  ["DVR, nMax 5", ethanol, hyperparameters({ basis: { kind: "dvr", nMax: 5 } }), {}],
  ["δ density, polynomial cutoff", ethanol, hyperparameters({ density: { kind: "delta", centerWeight: 0 }, cutoff: { function: "polynomial" } }), {}],
  ["radial scaling", () => crystal([6, 14], 4), hyperparameters({ density: { scaling: { rate: 1, scale: 2, exponent: 4 } } }), {}],
  ["nMax 1 and lMax 0", ethanol, hyperparameters({ basis: { nMax: 1, lMax: 0 } }), {}],
  ["the bispectrum", ethanol, hyperparameters({ basis: { nMax: 2, lMax: 3 }, features: { kind: "bispectrum" } }), { zeta: 2 }],
  [
    "a bispectrum with pseudoscalars, not normalized", () => crystal([6, 14], 5),
    hyperparameters({ basis: { nMax: 2, lMax: 2 }, features: { kind: "bispectrum", pseudoscalars: true, normalize: false } }), { zeta: 1 },
  ],
  ["λ-SOAP of degree 0", ethanol, hyperparameters({ features: { kind: "lambda-soap" } }), { zeta: 2 }],
  ["an element that never occurs", ethanol, hyperparameters(), { species: [1, 6, 7, 8, 14] }],
];

describe.each(cases)("%s", (_, make, hyper, options) => {
  test("forces are the derivative of the energy, and sum up to zero", async () => {
    const structure = make();
    await withEvaluator(structure, hyper, options, async (evaluator) => {
      const { forces } = await predictOne(evaluator, structure);
      const step = 1e-4;
      const numeric: number[] = [];
      for (let k = 0; k < structure.positions.length; k++) {
        // Four points: the error of the difference is of fourth order in the step.
        const energies = await evaluator.predict(
          [-2, -1, 1, 2].map((n) => moved(structure, (positions) => (positions[k]! += n * step))),
          { forces: false },
        );
        const [a, b, c, d] = energies.map(({ energy }) => energy) as [number, number, number, number];
        numeric.push(-(a - 8 * b + 8 * c - d) / (12 * step));
      }
      expect(norm(numeric)).toBeGreaterThan(1e-3);
      expect(distance(forces!, numeric) / norm(numeric)).toBeLessThan(1e-7);
      for (let axis = 0; axis < 3; axis++)
        expect(Math.abs(forces!.reduce((sum, force, k) => sum + (k % 3 === axis ? force : 0), 0))).toBeLessThan(1e-10);
    });
  });

  test("the virial is minus the derivative with respect to strain", async () => {
    const structure = make();
    await withEvaluator(structure, hyper, options, async (evaluator) => {
      const { virial } = await predictOne(evaluator, structure);
      const numeric: number[] = [];
      for (let component = 0; component < 9; component++) {
        const [row, column] = [Math.floor(component / 3), component % 3];
        const strained = (strain: number): Structure =>
          moved(structure, (positions, cell) => {
            for (const vectors of cell ? [positions, cell] : [positions])
              for (let k = 0; k < vectors.length; k += 3) vectors[k + row]! += strain * vectors[k + column]!;
          });
        const energies = await evaluator.predict([-2e-5, -1e-5, 1e-5, 2e-5].map(strained), { forces: false });
        const [a, b, c, d] = energies.map(({ energy }) => energy) as [number, number, number, number];
        numeric.push(-(a - 8 * b + 8 * c - d) / 12e-5);
      }
      expect(distance(virial!, numeric) / norm(numeric)).toBeLessThan(1e-7);
      expect(Math.abs(virial![1]! - virial![3]!)).toBeLessThan(1e-10 * (1 + norm(virial!)));
    });
  });
});

describe("symmetries", () => {
  const hyper = hyperparameters();

  test("rotation turns the forces with the structure and keeps the energy", async () => {
    const structure = crystal([6, 14, 8], 6);
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    // About z, then about x.
    const rotate = (vectors: Float64Array): void => {
      for (let k = 0; k < vectors.length; k += 3) {
        const [x, y, z] = [vectors[k]!, vectors[k + 1]!, vectors[k + 2]!];
        const [u, v] = [c * x - s * y, s * x + c * y];
        vectors.set([u, c * v - s * z, s * v + c * z], k);
      }
    };
    const rotated = moved(structure, (positions, cell) => [positions, cell!].forEach(rotate));
    await withEvaluator(structure, hyper, {}, async (evaluator) => {
      const [before, after] = (await evaluator.predict([structure, rotated])) as [Prediction, Prediction];
      expect(Math.abs(after.energy - before.energy)).toBeLessThan(1e-12 * Math.abs(before.energy));
      const turned = before.forces!.slice();
      rotate(turned);
      expect(distance(after.forces!, turned)).toBeLessThan(1e-11 * norm(turned));
    });
  });

  test("permutation, translation and a shift of an atom by a lattice vector change nothing", async () => {
    const structure = crystal([6, 14, 8], 6);
    const order = [3, 1, 5, 0, 4, 2];
    const permuted = createStructure({
      species: order.map((atom) => structure.species[atom]!),
      positions: order.flatMap((atom) =>
        [...structure.positions.subarray(3 * atom, 3 * atom + 3)].map(
          (value, k) => value + [0.3, -0.7, 1.9][k]! + (atom === 2 ? structure.cell![3 + k]! : 0),
        ),
      ),
      cell: structure.cell,
    });
    await withEvaluator(structure, hyper, {}, async (evaluator) => {
      const [before, after] = (await evaluator.predict([structure, permuted])) as [Prediction, Prediction];
      expect(Math.abs(after.energy - before.energy)).toBeLessThan(1e-12 * Math.abs(before.energy));
      const reordered = order.flatMap((atom) => [...before.forces!.subarray(3 * atom, 3 * atom + 3)]);
      expect(distance(after.forces!, reordered)).toBeLessThan(1e-11 * norm(reordered));
    });
  });

  test("a supercell has the energy of its cells", async () => {
    const structure = crystal([6, 14], 4);
    const { cell, positions, species } = structure;
    const double = createStructure({
      species: [...species, ...species],
      positions: [...positions, ...positions.map((value, k) => value + cell![6 + (k % 3)]!)],
      cell: [...cell!.subarray(0, 6), ...cell!.subarray(6).map((value) => 2 * value)],
    });
    await withEvaluator(structure, hyper, {}, async (evaluator) => {
      const [single, pair] = (await evaluator.predict([structure, double])) as [Prediction, Prediction];
      expect(Math.abs(pair.energy - 2 * single.energy)).toBeLessThan(1e-12 * Math.abs(pair.energy));
      expect(distance(pair.forces!, [...single.forces!, ...single.forces!])).toBeLessThan(1e-11 * norm(pair.forces!));
    });
  });

  test("a mirror image has the same energy", async () => {
    const structure = ethanol();
    const mirrored = moved(structure, (positions) => positions.forEach((value, k) => k % 3 === 0 && (positions[k] = -value)));
    await withEvaluator(structure, hyper, {}, async (evaluator) => {
      const [before, after] = (await evaluator.predict([structure, mirrored])) as [Prediction, Prediction];
      expect(Math.abs(after.energy - before.energy)).toBeLessThan(1e-12 * Math.abs(before.energy));
    });
  });

  test("energy and forces are continuous where a neighbor crosses the cutoff", async () => {
    const dimer = (r: number): Structure => createStructure({ species: [14, 14, 14], positions: [0, 0, 0, 2.3, 0, 0, 0, r, 0] });
    await withEvaluator(dimer(3), hyper, {}, async (evaluator) => {
      const radii = [4 - 1e-5, 4 - 1e-7, 4, 4 + 1e-7];
      const predictions = await evaluator.predict(radii.map(dimer));
      for (const { energy, forces } of predictions) {
        expect(Math.abs(energy - predictions[3]!.energy)).toBeLessThan(1e-9);
        expect(distance(forces!, predictions[3]!.forces!)).toBeLessThan(1e-4);
      }
    });
  });
});
