// References: energies of the 1985 paper and of the crystal's closed form, a sum over pairs and triplets written from Eq. (24) without
// a neighbor list, and finite differences.
import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.js";
import { computeStillingerWeber, siliconParameters } from "../../../src/dynamics/stillinger-weber.js";
import { createRandom } from "../../../src/selection/random.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";

const diamondSites = [[0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0], [1, 1, 1], [1, 3, 3], [3, 1, 3], [3, 3, 1]].flat();

function diamond(a: number, noise = 0, seed = 1): Structure {
  const random = createRandom(seed);
  const positions = diamondSites.map((x) => (x * a) / 4 + noise * random.normal());
  return createStructure({ species: new Array<number>(8).fill(14), positions, cell: [a, 0, 0, 0, a, 0, 0, 0, a] });
}

function cluster(size: number, seed: number): Structure {
  const random = createRandom(seed);
  const positions: number[] = [];
  while (positions.length < 3 * size) {
    const site = [5 * random.uniform(), 5 * random.uniform(), 5 * random.uniform()];
    const apart = positions.every((_, k) => k % 3 !== 0 || Math.hypot(site[0] - positions[k], site[1] - positions[k + 1], site[2] - positions[k + 2]) > 1.9);
    if (apart) positions.push(...site);
  }
  return createStructure({ species: new Array<number>(size).fill(14), positions });
}

/** Eq. (24) of a cluster, as printed: every pair and every triplet once, in units of ε and σ. */
function energyAsPrinted({ species, positions }: Structure): number {
  const { epsilon, sigma, A, B, p, q, a, lambda, gamma } = siliconParameters;
  const size = species.length;
  const r = (i: number, j: number): number => Math.hypot(...[0, 1, 2].map((k) => positions[3 * i + k] - positions[3 * j + k])) / sigma;
  const h = (rij: number, rik: number, rjk: number): number => {
    if (rij >= a || rik >= a) return 0;
    const cosine = (rij * rij + rik * rik - rjk * rjk) / (2 * rij * rik);
    return lambda * Math.exp(gamma / (rij - a) + gamma / (rik - a)) * (cosine + 1 / 3) ** 2;
  };
  let energy = 0;
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      if (r(i, j) < a) energy += A * (B * r(i, j) ** -p - r(i, j) ** -q) * Math.exp(1 / (r(i, j) - a));
      for (let k = j + 1; k < size; k++) energy += h(r(i, j), r(i, k), r(j, k)) + h(r(j, i), r(j, k), r(i, k)) + h(r(k, i), r(k, j), r(i, j));
    }
  }
  return epsilon * energy;
}

const moved = (structure: Structure, change: (positions: Float64Array) => void): Structure => {
  const positions = structure.positions.slice();
  change(positions);
  return { ...structure, positions };
};

function strained({ cell, positions, ...rest }: Structure, row: number, column: number, strain: number): Structure {
  const apply = (vectors: Float64Array): Float64Array => vectors.map((x, k) => (k % 3 === row ? x + strain * vectors[k - row + column] : x));
  return { ...rest, cell: apply(cell!), positions: apply(positions) };
}

describe("Stillinger–Weber silicon", () => {
  it("has the cohesive energy of the paper, 2ε per atom, and its minimum at 5.431 Å", () => {
    const perAtom = (a: number): number => computeStillingerWeber(diamond(a)).energy / 8;
    expect(Math.abs(perAtom(5.431) + 4.3366)).toBeLessThan(2e-4);
    expect(Math.abs(perAtom(5.431) + 2 * siliconParameters.epsilon)).toBeLessThan(1e-5);
    expect(perAtom(5.43)).toBeGreaterThan(perAtom(5.4310));
    expect(perAtom(5.432)).toBeGreaterThan(perAtom(5.4310));
    const { energies, forces, virial } = computeStillingerWeber(diamond(5.431));
    for (const energy of energies) expect(energy).toBeCloseTo(perAtom(5.431), 12);
    expect(Math.max(...forces.map(Math.abs))).toBeLessThan(1e-13);
    expect(Math.max(...virial.map(Math.abs))).toBeLessThan(0.05);
  });

  it("equals the sum over pairs and triplets as printed in the paper", () => {
    for (const seed of [1, 2, 3]) {
      const structure = cluster(9, seed);
      const expected = energyAsPrinted(structure);
      const { energy, energies } = computeStillingerWeber(structure);
      if (!(Math.abs(energy - expected) <= 1e-12 * Math.abs(expected))) expect.fail(`${energy} instead of ${expected} eV`);
      expect(energies.reduce((sum, value) => sum + value, 0)).toBe(energy);
    }
  });

  it.each([["crystal", diamond(5.3, 0.15)], ["cluster", cluster(8, 7)]])("forces of a %s are −dE/dx by finite differences, and sum up to zero", (_, structure) => {
    const { forces } = computeStillingerWeber(structure);
    const step = 1e-4;
    let error = 0;
    for (let k = 0; k < forces.length; k++) {
      const energy = (shift: number): number => computeStillingerWeber(moved(structure, (positions) => (positions[k] += shift * step))).energy;
      // Fourth order: a second-order quotient would be off by step²·E''' ≈ 1e-6.
      const slope = (8 * (energy(1) - energy(-1)) - (energy(2) - energy(-2))) / (12 * step);
      error = Math.hypot(error, slope + forces[k]);
    }
    if (!(error <= 1e-7 * Math.hypot(...forces))) expect.fail(`finite differences differ by ${error} of ${Math.hypot(...forces)} eV/Å`);
    for (let k = 0; k < 3; k++) expect(Math.abs(forces.reduce((sum, force, index) => (index % 3 === k ? sum + force : sum), 0))).toBeLessThan(1e-12);
  });

  it("virial is −dE/dε by finite differences", () => {
    const structure = diamond(5.3, 0.15);
    const { virial } = computeStillingerWeber(structure);
    const step = 1e-5;
    let error = 0;
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 3; column++) {
        const energy = (shift: number): number => computeStillingerWeber(strained(structure, row, column, shift * step)).energy;
        const slope = (8 * (energy(1) - energy(-1)) - (energy(2) - energy(-2))) / (12 * step);
        error = Math.hypot(error, slope + virial[3 * row + column]);
      }
    }
    if (!(error <= 1e-7 * Math.hypot(...virial))) expect.fail(`finite differences differ by ${error} of ${Math.hypot(...virial)} eV`);
  });

  it("goes to zero smoothly at aσ", () => {
    const range = siliconParameters.a * siliconParameters.sigma;
    const dimer = (r: number): ReturnType<typeof computeStillingerWeber> => computeStillingerWeber(createStructure({ species: [14, 14], positions: [0, 0, 0, r, 0, 0] }));
    expect(dimer(range).energy).toBe(0);
    const near = dimer(range - 0.05);
    expect(Math.abs(near.energy)).toBeLessThan(1e-12);
    expect(Math.hypot(...near.forces)).toBeLessThan(1e-10);
    expect(dimer(range * (1 - 2 ** -52)).energy).toBeCloseTo(0, 300);
  });

  it("refuses another element", () => {
    const structure = createStructure({ species: [14, 6], positions: [0, 0, 0, 2, 0, 0] });
    expect(() => computeStillingerWeber(structure)).toThrow(InputError);
    expect(() => computeStillingerWeber(structure)).toThrow(/atom 1.*got 6/);
  });
});
