// GAPs made here against their formulas written directly: QUIP's conventions as in the headers of src/model/gap-xml-*.ts.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import { formatModel, parseModel } from "../../../src/model/model-file.js";
import type { Potential } from "../../../src/model/potential.js";
import { createRandom } from "../../../src/selection/random.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { referencePowerSpectrum } from "../../reference/density-coefficients.js";
import { crystal } from "../backend/systems.js";
import { gapText, glueText, readGap, type Coordinates } from "./gap-files.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

async function predict(potential: Potential, structures: readonly Structure[]) {
  const evaluator = await backend.createEvaluator(potential);
  try {
    return await evaluator.predict(structures);
  } finally {
    evaluator.destroy();
  }
}

const random = createRandom(11);
const numbers = (count: number, scale = 1): number[] => Array.from({ length: count }, () => scale * random.normal());

/** Distances up to 7 Å of every directed pair, images of an atom itself included, by brute force. */
function directedPairs({ species, positions, cell }: Structure): [number, number, number][] {
  const found: [number, number, number][] = [];
  const reach = cell ? 5 : 0;
  species.forEach((a, i) => species.forEach((b, j) => {
    for (let u = -reach; u <= reach; u++) for (let v = -reach; v <= reach; v++) for (let w = -reach; w <= reach; w++) {
      const r = Math.hypot(...[0, 1, 2].map((k) => positions[3 * j + k]! - positions[3 * i + k]! + (cell ? u * cell[k]! + v * cell[3 + k]! + w * cell[6 + k]! : 0)));
      if (r > 0 && r < 7) found.push([a, b, r]);
    }
  }));
  return found;
}

/** −∂E/∂r by differences. */
function differences(structure: Structure, energyOf: (structure: Structure) => number, step = 1e-4): number[] {
  return Array.from(structure.positions, (_, k) => {
    const at = (shift: number): number => {
      const positions = structure.positions.slice();
      positions[k]! += shift;
      return energyOf({ ...structure, positions });
    };
    return (at(-step) - at(step)) / (2 * step);
  });
}

describe("distance_2b", () => {
  const points = (count: number, first: number, last: number): number[][] => Array.from({ length: count }, (_, m) => [first + ((last - first) * m) / (count - 1)]);
  const parts: (Coordinates & { pair: [number, number]; cutoff: number; width: number })[] = [
    { pair: [14, 14], cutoff: 4.9, width: 0.7, kernel: "distance", delta: 0.8, theta: 0.6, points: points(9, 1.2, 4.8), alpha: numbers(9, 0.4), sparseCutoff: numbers(9).map(Math.abs), descriptor: "distance_2b cutoff=4.9 cutoff_transition_width=0.7 Z1=14 Z2=14 delta=0.8 covariance_type=ard_se theta_uniform=0.6 n_sparse=9" },
    { pair: [14, 6], cutoff: 3.3, width: 0.5, kernel: "distance", delta: 1.7, offset: 0.3, theta: 0.37, points: points(12, 0.9, 3.2), alpha: numbers(12, 0.3), descriptor: "distance_2b cutoff=3.3 Z1=14 Z2=6 delta=1.7 f0=0.3 sparse_method=uniform" },
    { pair: [0, 6], cutoff: 2.1, width: 2.1, kernel: "distance", delta: 1, theta: 1, points: points(3, 1, 2), alpha: [0.5, -1, 0.7], descriptor: "distance_2b cutoff=2.1 cutoff_transition_width=2.1 Z1=0 Z2=6" },
  ];
  const e0 = { 6: -3.5, 14: -0.25 };

  function energyOf(structure: Structure, chosen = parts): number {
    let energy = structure.species.reduce((sum, z) => sum + e0[z as 6 | 14], 0);
    for (const [a, b, r] of directedPairs(structure)) {
      for (const { pair: [p, q], cutoff, width, delta, offset = 0, theta, points: own, alpha, sparseCutoff } of chosen) {
        const matches = ((p === 0 || p === a) && (q === 0 || q === b)) || ((p === 0 || p === b) && (q === 0 || q === a));
        if (!matches || r >= cutoff) continue;
        const fall = r < cutoff - width ? 1 : 0.5 * (Math.cos((Math.PI * (r - cutoff + width)) / width) + 1);
        own.forEach((point, m) => (energy += fall * alpha[m]! * (sparseCutoff?.[m] ?? 1) * (delta ** 2 * Math.exp(-0.5 * ((r - point[0]!) / theta!) ** 2) + offset ** 2)));
      }
    }
    return energy;
  }

  test("two elements, several cutoffs, any element, in a cell thinner than the cutoffs: energies and forces of the formula", async () => {
    const potential = await readGap(gapText(e0, parts));
    expect([potential.species, potential.terms]).toEqual([[6, 14], []]);
    const structures = [crystal([6, 14], 7), crystal([14], 3), createStructure({ species: [6, 14, 6], positions: [0, 0, 0, 1.9, 0.3, 0, 0.4, 2, 1] })];
    const found = await predict(potential, structures);
    structures.forEach((structure, s) => {
      expect(Math.abs(found[s]!.energy - energyOf(structure))).toBeLessThan(1e-7);
      expect(Math.max(...found[s]!.forces!.map(Math.abs))).toBeGreaterThan(0.1);
    });
    const forces = differences(structures[2]!, energyOf);
    found[2]!.forces!.forEach((value, k) => expect(Math.abs(value - forces[k]!)).toBeLessThan(1e-5));
    const inCrystal = differences(structures[1]!, energyOf);
    found[1]!.forces!.forEach((value, k) => expect(Math.abs(value - inCrystal[k]!)).toBeLessThan(1e-5));
  });

  test("value and slope stay those of the formula where the cutoff begins to fall, and go to zero at its end", async () => {
    const potential = await readGap(gapText(e0, parts.slice(0, 1)));
    const expected = (structure: Structure): number => energyOf(structure, parts.slice(0, 1));
    const dimer = (r: number): Structure => createStructure({ species: [14, 14], positions: [0, 0, 0, 0, 0, r] });
    const distances = [4.9 - 0.7 - 1e-7, 4.9 - 0.7 + 1e-7, 4.3, 4.9 - 1e-6, 4.9, 5].map(dimer);
    const found = await predict(potential, distances);
    distances.forEach((structure, s) => {
      expect(Math.abs(found[s]!.energy - expected(structure))).toBeLessThan(1e-8);
      expect(Math.abs(found[s]!.forces![2]! - differences(structure, expected)[2]!)).toBeLessThan(1e-4);
    });
    expect(found[5]!.energy).toBe(-0.5);
  });

  test("a model file brings the tables back in every bit", async () => {
    const potential = await readGap(gapText(e0, parts));
    expect(parseModel(formatModel(potential))).toEqual(potential);
  });
});

describe("soap of several elements", () => {
  const settings: Hyperparameters = {
    cutoff: { radius: 3.6, width: 0.6, function: "cosine" },
    density: { kind: "gaussian", width: 0.55, centerWeight: 0.7, scaling: { rate: 1.3, scale: 2, exponent: 4 } },
    basis: { kind: "shifted-gaussians", nMax: 4, lMax: 3, accuracy: 1e-10 },
    features: { kind: "power-spectrum", normalize: true },
  };
  const words = "l_max=3 n_max=4 atom_sigma=0.55 cutoff=3.6 cutoff_transition_width=0.6 central_weight=0.7 cutoff_dexp=4 cutoff_scale=2.0 cutoff_rate=1.3 zeta=3 n_sparse=4";
  const structure = crystal([6, 14], 6);

  /** QUIP's vectors: x = (species, n) in the order of species_Z, y ≤ x, l; √2 where x ≠ y; one more number. */
  function vectors(of: Structure, order: readonly number[]): number[][] {
    const channels = 4 * order.length;
    return referencePowerSpectrum(of, settings, order).map((full) => {
      const vector: number[] = [];
      for (let x = 0; x < channels; x++) for (let y = 0; y <= x; y++) for (let l = 0; l <= 3; l++) vector.push(full[(x * channels + y) * 4 + l]! * (x === y ? 1 : Math.SQRT2));
      const length = Math.hypot(...vector);
      return [...vector.map((value) => value / length), 0];
    });
  }
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0);

  test("species_Z in any order, a descriptor that knows one of the elements alone, another one of other cutoffs", async () => {
    const [both, other] = [vectors(crystal([6, 14], 6, 5), [14, 6]), vectors(crystal([6, 14], 6, 5), [14])];
    const ofCarbon: Coordinates = { kernel: "soap", delta: 0.9, zeta: 3, points: both.slice(0, 4), alpha: numbers(4), descriptor: `soap ${words} n_species=2 Z=6 species_Z={14 6 }` };
    const ofSilicon: Coordinates = { ...ofCarbon, delta: 1.2, points: both.slice(2, 6), alpha: numbers(4), descriptor: `soap ${words} n_species=2 Z=14 species_Z={14 6 }` };
    const alone: Coordinates = { ...ofCarbon, delta: 0.5, zeta: 2, points: other.slice(1, 4), alpha: numbers(3), descriptor: `soap ${words} n_species=1 Z=14 species_Z={14}` };
    const potential = await readGap(gapText({ 6: -1, 14: -2 }, [ofCarbon, ofSilicon, alone]));
    // The first two have the features in common.
    expect(potential.terms.map(({ centers }) => centers.map(({ species }) => species))).toEqual([[6, 14], [14]]);
    const [found] = await predict(potential, [structure]);
    const [p, q] = [vectors(structure, [14, 6]), vectors(structure, [14])];
    const local = Array.from(structure.species, (z, i) => {
      const sum = ({ delta, zeta, points, alpha }: Coordinates, vector: readonly number[]): number =>
        delta ** 2 * points.reduce((total, point, m) => total + alpha[m]! * dot(vector, Array.from(point)) ** zeta!, 0);
      return z === 6 ? -1 + sum(ofCarbon, p[i]!) : -2 + sum(ofSilicon, p[i]!) + sum(alone, q[i]!);
    });
    found!.localEnergies.forEach((energy, i) => expect(Math.abs(energy - local[i]!)).toBeLessThan(1e-8));
    expect(Math.max(...found!.forces!.map(Math.abs))).toBeGreaterThan(0.1);
  });

  test("sparse points within the XML, as they were before they had files", async () => {
    const points = vectors(structure, [14, 6]).slice(0, 2);
    const part: Coordinates = { kernel: "soap", delta: 0.9, zeta: 3, points, alpha: [1, -2], descriptor: `soap ${words} n_species=2 Z=6 species_Z={14 6 }` };
    const text = gapText({ 6: 0, 14: 0 }, [part]);
    const numbersOf = (m: number, from: number, to: number): string => points[m]!.slice(from, to).join(" ");
    const inline = text.xml.replace(/sparseX_filename="[^"]*" sparseX_md5sum="[^"]*"/, "")
      .replace('<sparseX i="1" alpha="1" sparseCutoff="1"/>', `<sparseX i="1" alpha="1" sparseCutoff="1">${numbersOf(0, 0, 999)}</sparseX>`)
      .replace('<sparseX i="2" alpha="-2" sparseCutoff="1"/>', `<sparseX i="2" alpha="-2" sparseCutoff="1" sliced="T"><sparseX_slice start="1" end="90">${numbersOf(1, 0, 90)}</sparseX_slice><sparseX_slice start="91" end="145">${numbersOf(1, 90, 999)}</sparseX_slice></sparseX>`);
    expect(await readGap({ xml: inline, files: new Map() })).toEqual(await readGap(text));
  });
});

describe("a Glue core", () => {
  const soft: Coordinates = { kernel: "distance", delta: 1, theta: 1, points: [[2], [3]], alpha: [0, 0], descriptor: "distance_2b cutoff=4 Z1=6 Z2=14" };
  const dimer = (a: number, b: number, r: number): Structure => createStructure({ species: [a, b], positions: [0, 0, 0, 0, 0.6 * r, 0.8 * r] });
  // Splines of points of a cubic with its own slopes at the ends, or none where its second derivative is zero, are that cubic.
  const first = (r: number): number => 40 - 31 * r + 9 * r * r - 1.2 * r ** 3;
  const firstSlope = (r: number): number => -31 + 18 * r - 3.6 * r * r;
  const second = (r: number): number => 5 - 4 * (r - 0.7) - 0.8 * (r - 0.7) ** 3;
  const even = [0.5, 1, 1.5, 2, 2.5].map((r): [number, number] => [r, first(r)]);
  const uneven = [2.2, 0.7, 0.83, 1.171, 1.9].map((r): [number, number] => [r, second(r)]);
  const core = glueText([14, 6], [
    { types: [1, 1], slopes: `y1="${firstSlope(0.5)}" yn="${firstSlope(2.5)}"`, points: even },
    { types: [1, 2], slopes: `y1="1.0e50" yn="${-4 - 2.4 * 1.5 ** 2}"`, points: uneven },
  ]);

  test("is the cubic spline through its points, straight below them, zero behind", async () => {
    const potential = await readGap(gapText({ 6: -1, 14: -2 }, [soft], core, "T"));
    const cases: [number, number, number, number][] = [
      ...[0.5, 0.777, 1.31, 2.05, 2.4999].map((r): [number, number, number, number] => [14, 14, r, first(r)]), [14, 14, 0.2, first(0.5) - 0.3 * firstSlope(0.5)], [14, 14, 2.6, 0],
      ...[0.7, 0.75, 1.17, 1.8, 2.1999].map((r): [number, number, number, number] => [6, 14, r, second(r)]), [14, 6, 0.3, 5 + 4 * 0.4], [6, 14, 2.2, 0], [6, 6, 1, 0],
    ];
    const found = await predict(potential, cases.map(([a, b, r]) => dimer(a, b, r)));
    cases.forEach(([a, b, , energy], k) => expect(Math.abs(found[k]!.energy - energy - [a, b].reduce((sum, z) => sum + (z === 6 ? -1 : -2), 0))).toBeLessThan(2e-7));
  });

  test("with points of no polynomial its slope and second derivative have no jump at a point", async () => {
    const points = [0.6, 0.9, 1.3, 1.6, 2].map((r, k): [number, number] => [r, [9, 4, 3, 1, 0][k]!]);
    const potential = await readGap(gapText({ 6: 0, 14: 0 }, [soft], glueText([14], [{ types: [1, 1], slopes: "", points }]), "T"));
    const h = 1e-4;
    for (const [r, energy] of points.slice(0, -1)) {
      const around = (await predict(potential, [-2, -1, 0, 1, 2].map((k) => dimer(14, 14, r + k * h)))).map((prediction) => prediction.energy) as [number, number, number, number, number];
      expect(Math.abs(around[2] - energy)).toBeLessThan(1e-7);
      if (r === 0.6) expect(Math.abs(around[3] - around[2]) / h).toBeLessThan(0.02);
      else expect(Math.abs(around[0] - 2 * around[1] + 2 * around[3] - around[4]) / h ** 2).toBeLessThan(0.5);
    }
  });
});
