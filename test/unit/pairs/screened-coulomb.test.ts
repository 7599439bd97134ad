// Repulsive cores against the formula written out, finite differences, strain, and sums over images written as a triple loop.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend, Evaluator, Prediction } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import type { Potential } from "../../../src/model/potential.js";
import { createScreenedCoulomb, universalScreening, type ScreenedCoulomb } from "../../../src/pairs/screened-coulomb.js";
import { covalentRadiusOf } from "../../../src/structure/elements.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { largestDifference, relativeDifference } from "../../reference/norms.js";
import { crystal, ethanol, hyperparameters, randomPotential, silicon } from "../backend/systems.js";

const AUTOMATIC = { inner: null, outer: null };
let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 2 });
});
afterAll(() => backend.destroy());

const zbl = (species: readonly number[], radii: { inner: number | null; outer: number | null } = AUTOMATIC): ScreenedCoulomb =>
  createScreenedCoulomb(universalScreening, species, radii, "");
const alone = (species: readonly number[], core: ScreenedCoulomb = zbl(species)): Potential =>
  ({ species, baseline: new Map(species.map((z) => [z, -z / 7])), terms: [], pairs: [core], provenance: {} });

async function predict(potential: Potential, structures: readonly Structure[], on: Backend = backend): Promise<Prediction[]> {
  const evaluator: Evaluator = await on.createEvaluator(potential);
  try {
    return await evaluator.predict(structures);
  } finally {
    evaluator.destroy();
  }
}

/** φ in eV as the book has it, with the covalent radii of the periodic table; 14.3996 eV Å is e²/4πε₀. */
function direct(a: number, b: number, r: number, inner = 0.4, outer = 0.8): number {
  const bond = covalentRadiusOf(a) + covalentRadiusOf(b);
  const x = r / ((0.8854 * 0.529177210903) / (a ** 0.23 + b ** 0.23));
  const screened = 0.18175 * Math.exp(-3.1998 * x) + 0.50986 * Math.exp(-0.94229 * x) + 0.28022 * Math.exp(-0.4029 * x) + 0.02817 * Math.exp(-0.20162 * x);
  const t = Math.min(1, Math.max(0, (r / bond - inner) / (outer - inner)));
  return ((14.3996454785 * a * b) / r) * screened * (1 - 10 * t ** 3 + 15 * t ** 4 - 6 * t ** 5);
}

const dimer = (a: number, b: number, r: number): Structure => createStructure({ species: [a, b], positions: [0.3, -0.2, 0.1, 0.3 + 0.48 * r, -0.2 + 0.6 * r, 0.1 + 0.64 * r] });

describe("a dimer", () => {
  test.each([[14, 14], [1, 1], [1, 14], [8, 92]])("of elements %i and %i has the energy and the force of the formula", async (a, b) => {
    const bond = covalentRadiusOf(a) + covalentRadiusOf(b);
    const species = a === b ? [a] : [a, b];
    const distances = [1e-3, 0.02, 0.1, 0.3, 0.399, 0.401, 0.5, 0.65, 0.79, 0.799].map((share) => share * bond);
    const predictions = await predict(alone(species), distances.map((r) => dimer(a, b, r)));
    distances.forEach((r, k) => {
      const { energy, forces, localEnergies } = predictions[k]!;
      const expected = direct(a, b, r);
      const repulsion = energy + (a + b) / 7;
      // Relative to what is not switched off yet; the baseline costs digits besides.
      const bound = 2e-9 * direct(a, b, r, 2, 3) + 1e-14 * (a + b);
      expect(Math.abs(repulsion - expected)).toBeLessThan(bound);
      expect(Math.abs(localEnergies[0]! + a / 7 - expected / 2)).toBeLessThan(bound);
      const h = 1e-4 * r;
      const slope = (direct(a, b, r - 2 * h) - 8 * direct(a, b, r - h) + 8 * direct(a, b, r + h) - direct(a, b, r + 2 * h)) / (12 * h);
      const force = forces![0]! * 0.48 + forces![1]! * 0.6 + forces![2]! * 0.64;
      expect(Math.abs(force - slope)).toBeLessThan(1e-6 * Math.abs(slope) + 1e-6 * direct(a, b, r, 2, 3));
    });
  });

  test("is left alone from the outer radius on, and force and energy get there without a step", async () => {
    const outer = 0.8 * 2 * covalentRadiusOf(14);
    const [inside, at, beyond] = await predict(alone([14]), [outer - 1e-5, outer, outer + 0.1].map((r) => dimer(14, 14, r)));
    for (const { energy, forces } of [at!, beyond!]) {
      expect(energy).toBe(-4);
      expect([...forces!].every((f) => f === 0)).toBe(true);
    }
    expect(Math.abs(inside!.energy + 4)).toBeLessThan(1e-12);
    expect(Math.max(...inside!.forces!.map(Math.abs))).toBeLessThan(1e-6);
  });

  test("is switched where it is told to be; other screening is that which is given", async () => {
    const moliere = { coefficients: [0.35, 0.55, 0.1], exponents: [0.3, 1.2, 6], length: 0.2 };
    const core = createScreenedCoulomb(moliere, [14], { inner: 1, outer: 3 }, "");
    const [inner, middle] = await predict(alone([14], core), [0.9, 2].map((r) => dimer(14, 14, r)));
    const bare = (r: number): number => ((14.3996454785 * 196) / r) * (0.35 * Math.exp((-0.3 * r) / 0.2) + 0.55 * Math.exp((-1.2 * r) / 0.2) + 0.1 * Math.exp((-6 * r) / 0.2));
    expect(inner!.energy + 4).toBeCloseTo(bare(0.9), 6);
    expect(middle!.energy + 4).toBeCloseTo(bare(2) / 2, 6);
  });
});

const compressed = (structure: Structure, factor: number): Structure =>
  ({ ...structure, positions: structure.positions.map((x) => factor * x), cell: structure.cell && structure.cell.map((x) => factor * x) });

test.each([
  ["a cell thinner than the radius of the core", [14], () => createStructure({ species: [14, 14], positions: [0, 0, 0, 0.5, 0.4, 0.7], cell: [1.1, 0.1, 0, 0.2, -1.3, 0, 0.1, 0, 1.2] })],
  ["a left-handed crystal of two elements", [6, 14], () => compressed(crystal([6, 14], 6), 0.6)],
  ["a wire", [14], () => createStructure({ species: [14], positions: [0, 0, 0], cell: [0.9, 0, 0, 0, 1, 0, 0, 0, 1], pbc: [true, false, false] })],
] as const)("%s: energy by a sum over images, forces by differences, virial by strain", async (_, species, make) => {
  const structure = make();
  const potential = alone(species);
  const sum = ({ species: elements, positions, cell, pbc }: Structure): number => {
    let energy = 0;
    const reach = pbc.map((periodic) => (periodic ? 4 : 0));
    for (let i = 0; i < elements.length; i++) {
      energy -= elements[i]! / 7;
      for (let j = 0; j < elements.length; j++) {
        for (let a = -reach[0]!; a <= reach[0]!; a++) for (let b = -reach[1]!; b <= reach[1]!; b++) for (let c = -reach[2]!; c <= reach[2]!; c++) {
          const r = Math.hypot(...[0, 1, 2].map((k) => positions[3 * j + k]! - positions[3 * i + k]! + a * cell![k]! + b * cell![3 + k]! + c * cell![6 + k]!));
          if (r > 0) energy += direct(elements[i]!, elements[j]!, r) / 2;
        }
      }
    }
    return energy;
  };
  const [found] = await predict(potential, [structure]);
  expect(found!.energy / sum(structure) - 1).toBeCloseTo(0, 7);
  const h = 1e-4;
  const shifted = Array.from({ length: structure.positions.length }, (_, k) => [-2, -1, 1, 2].map((steps) => {
    const positions = structure.positions.slice();
    positions[k]! += steps * h;
    return { ...structure, positions };
  }));
  const strained = Array.from({ length: 9 }, (_, k) => [-2, -1, 1, 2].map((steps) => {
    const strain = (vectors: Float64Array): Float64Array => vectors.map((x, at) => x + (Math.floor(k / 3) === at % 3 ? steps * h * vectors[at - (at % 3) + (k % 3)]! : 0));
    return { ...structure, positions: strain(structure.positions), cell: strain(structure.cell!) };
  }));
  const slopes = async (moved: readonly Structure[][]): Promise<number[]> => {
    const energies = (await predict(potential, moved.flat())).map(({ energy }) => energy);
    return moved.map((_, k) => -(energies[4 * k]! - 8 * energies[4 * k + 1]! + 8 * energies[4 * k + 2]! - energies[4 * k + 3]!) / (12 * h));
  };
  const largest = Math.max(1, ...found!.virial!.map(Math.abs));
  expect(largestDifference(found!.forces!, await slopes(shifted)) / largest).toBeLessThan(1e-6);
  expect(largestDifference(found!.virial!, await slopes(strained)) / largest).toBeLessThan(1e-6);
});

test("isolated atoms, no atoms, and elements that are unknown", async () => {
  const far = createStructure({ species: [14, 6], positions: [0, 0, 0, 9, 0, 0] });
  const [pair, none] = await predict(alone([6, 14]), [far, createStructure({ species: [], positions: [] })]);
  expect(pair).toEqual({ energy: -2 - 6 / 7, localEnergies: Float64Array.of(-2, -6 / 7), forces: new Float64Array(6), virial: new Float64Array(9) });
  expect(none!.energy).toBe(0);
  await expect(predict(alone([14]), [ethanol()])).rejects.toThrow("element unknown");
});

test("beside another term it adds what it has alone, with the same bits for any number of threads", async () => {
  const structures = [compressed(silicon(1, 0.2), 0.55), compressed(silicon(3, 0.3, 2), 0.6)];
  const soap = await randomPotential(backend, structures[0]!, hyperparameters());
  const both: Potential = { ...soap, pairs: [zbl([14])] };
  const [sum, term, core] = [await predict(both, structures), await predict(soap, structures), await predict({ ...alone([14]), baseline: new Map() }, structures)];
  structures.forEach((_, s) => {
    for (const key of ["localEnergies", "forces", "virial"] as const) {
      expect(relativeDifference(sum[s]![key]!, term[s]![key]!.map((value, k) => value + core[s]![key]![k]!))).toBeLessThan(1e-12);
    }
    expect(Math.max(...core[s]!.forces!.map(Math.abs))).toBeGreaterThan(1);
  });
  const single = await createBackend("cpu", { threads: 1 });
  expect(await predict(both, structures, single)).toEqual(sum);
  single.destroy();
});

test.each([
  [{ screening: { ...universalScreening, exponents: [1, 2, 3, -1] } }, "pairs.0.screening.exponents.3", "-1"],
  [{ screening: { ...universalScreening, exponents: [1, 2, 3] } }, "pairs.0.screening.exponents", "3"],
  [{ screening: { ...universalScreening, coefficients: [1, 2, 3, 4] } }, "pairs.0.screening.coefficients", "a sum of 10"],
  [{ screening: { ...universalScreening, coefficients: [NaN, 0, 0, 1] } }, "pairs.0.screening.coefficients.0", "NaN"],
  [{ screening: { ...universalScreening, length: 0 } }, "pairs.0.screening.length", "0"],
  [{ pairs: [] }, "pairs.0.pairs", ""],
  [{ pairs: [{ species: [14, 14], inner: 1, outer: 1 }] }, "pairs.0.pairs.0.outer", "1"],
  [{ pairs: [{ species: [14, 14], inner: -1, outer: 1 }] }, "pairs.0.pairs.0.inner", "-1"],
  [{ pairs: [{ species: [14, 14], inner: 1, outer: Infinity }] }, "pairs.0.pairs.0.outer", "Infinity"],
] as const)("numbers out of range are refused: %j", async (change, key, got) => {
  await expect(predict(alone([14], { ...zbl([14]), ...change } as ScreenedCoulomb), [silicon(1, 0)])).rejects.toMatchObject({ name: "InputError", details: { key, got } });
});
