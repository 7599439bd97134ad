// References: closed forms of chains and of a face-centered lattice of springs, frozen phonons, sound velocities from elastic constants, and the
// folding of a large cell's zone. Frequencies in THz: ω² in eV/(Å² u) is 0.0096485 fs⁻².
import { describe, expect, it } from "vitest";
import { analyticModel } from "../../../src/dynamics/energy-model.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { createLinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { diamondCell, diamondPrimitiveCell } from "../../../src/properties/diamond.js";
import { cubicConstants, elasticConstants } from "../../../src/properties/elastic-constants.js";
import { FACE_CENTERED_CUBIC_PATH, forceConstants, phononDensityOfStates, phononDispersion, phononFrequencies, type WaveVector } from "../../../src/properties/phonons.js";
import { createNeighborList } from "../../../src/structure/neighbor-list.js";
import { createStructure } from "../../../src/structure/structure.js";
import { repeatStructure } from "../../../src/structure/supercell.js";
import { LATTICE_CONSTANT as a, stillingerWeber } from "./silicon.js";

const algebra = await createLinearAlgebra();
const terahertz = (square: number): number => (Math.sqrt(square * 0.009648533212) * 1000) / (2 * Math.PI);

/** Springs of stiffness K and length d between neighbors. */
const springs = (K: number, d: number) => analyticModel((structure) => {
  const { offsets, neighbors, vectors, distances } = createNeighborList(structure, 1.2 * d);
  const forces = new Float64Array(structure.positions.length);
  let energy = 0;
  for (let i = 0; i + 1 < offsets.length; i++) {
    for (let pair = offsets[i]; pair < offsets[i + 1]; pair++) {
      const stretch = distances[pair] - d;
      energy += (K * stretch * stretch) / 4;
      for (let k = 0; k < 3; k++) forces[3 * neighbors[pair] + k] -= (K * stretch * vectors[3 * pair + k]) / distances[pair] / 2;
      for (let k = 0; k < 3; k++) forces[3 * i + k] += (K * stretch * vectors[3 * pair + k]) / distances[pair] / 2;
    }
  }
  return { energy, forces, virial: null };
});

describe("phonons of springs", () => {
  it.each([3, 2, 1])("of a chain of two masses have the closed form, from %i cells", async (count) => {
    const [K, m1, m2] = [7, 10, 23];
    const chain = createStructure({ species: [5, 11], positions: [0, 0, 0, 2, 0, 0], cell: [4, 0, 0, 0, 9, 0, 0, 0, 9] });
    const constants = await forceConstants(springs(K, 2), chain, { counts: [count, 1, 1], masses: [m1, m2], displacement: 1e-4 });
    for (const q of [0.03, 0.2, 1 / 3, 0.5, 0.71]) {
      const [mean, root] = [K * (1 / m1 + 1 / m2), K * Math.sqrt((1 / m1 + 1 / m2) ** 2 - (4 * Math.sin(Math.PI * q) ** 2) / (m1 * m2))];
      const frequencies = phononFrequencies(algebra, constants, [q, 0.1, 0.4]);
      for (let k = 0; k < 4; k++) expect(Math.abs(frequencies[k])).toBeLessThan(0.01);
      expect(frequencies[4]).toBeCloseTo(terahertz(mean - root), 4);
      expect(frequencies[5]).toBeCloseTo(terahertz(mean + root), 4);
    }
  });

  // In a supercell of two the neighbors are those of both sides: half of the force constant belongs to either.
  it.each([3, 2])("of a face-centered lattice have the dynamical matrix Σ K n n (1 − cos q·r)/m, from %i cells along each vector", async (count) => {
    const [K, d] = [3, 4 / Math.SQRT2];
    const lattice = createStructure({ species: [29], positions: [0.3, 0.1, 0.2], cell: [0, 2, 2, 2, 0, 2, 2, 2, 0] });
    const constants = await forceConstants(springs(K, d), lattice, { counts: [count, count, count], masses: [63.5], displacement: 1e-4 });
    for (const q of [[0.1, 0.27, 0.4], [0.5, 0.5, 0.5], [0.5, 0, 0.5], [-0.2, 0.3, 0.9]] as WaveVector[]) {
      // q in 1/Å: b₁ = 2π/4 (−1 1 1) and so on.
      const [x, y, z] = [-q[0] + q[1] + q[2], q[0] - q[1] + q[2], q[0] + q[1] - q[2]].map((n) => (n * Math.PI) / 2);
      const matrix = new Float64Array(9);
      for (const [i, j] of [[0, 1], [0, 2], [1, 2]]) {
        for (const sign of [1, -1]) {
          const n = [0, 0, 0];
          [n[i], n[j]] = [Math.SQRT1_2, sign * Math.SQRT1_2];
          const factor = (2 * K * (1 - Math.cos(d * (n[0] * x + n[1] * y + n[2] * z)))) / 63.5;
          for (let k = 0; k < 9; k++) matrix[k] += factor * n[Math.floor(k / 3)] * n[k % 3];
        }
      }
      const expected = [...algebra.symmetricEigen(matrix, 3).values].reverse().map((square) => terahertz(Math.max(square, 0)));
      phononFrequencies(algebra, constants, q).forEach((f, k) => expect(f).toBeCloseTo(expected[k], 4));
    }
  });
});

it("the acoustic sum rule holds where the forces do not know it", async () => {
  const lattice = createStructure({ species: [29], positions: [0, 0, 0], cell: [0, 2, 2, 2, 0, 2, 2, 2, 0] });
  const free = springs(3, 4 / Math.SQRT2);
  const bound = analyticModel(({ positions }) => ({ energy: 0, forces: positions.map((x, k) => -0.5 * (x - supercell.positions[k])), virial: null }));
  const supercell = repeatStructure(lattice, [3, 3, 3]);
  const both: typeof free = async (structures) => {
    const [a1, b1] = [await free(structures), await bound(structures)];
    return a1.map((evaluation, k) => ({ ...evaluation, forces: evaluation.forces.map((f, n) => f + b1[k].forces[n]) }));
  };
  const [expected, constants] = [await forceConstants(free, lattice, { counts: [3, 3, 3] }), await forceConstants(both, lattice, { counts: [3, 3, 3] })];
  for (const q of [[0, 0, 0], [0.2, 0.1, 0.4]] as WaveVector[]) phononFrequencies(algebra, constants, q).forEach((f, k) => expect(f).toBeCloseTo(phononFrequencies(algebra, expected, q)[k], 6));
});

describe("phonons of Stillinger–Weber silicon", async () => {
  const primitive = diamondPrimitiveCell(14, a);
  const constants = await forceConstants(stillingerWeber, primitive, { counts: [4, 4, 4] });

  it("begin at zero and go up with the velocities of sound", async () => {
    const gamma = phononFrequencies(algebra, constants, [0, 0, 0]);
    for (let k = 0; k < 3; k++) expect(Math.abs(gamma[k])).toBeLessThan(1e-3);
    const { c11, c44 } = cubicConstants((await elasticConstants(stillingerWeber, diamondCell(14, a), { maximalForce: 1e-6 })).constants);
    const density = (8 * 28.085 * 1.6605390666e-27) / (a * 1e-10) ** 3;
    // q = x (½ 0 ½) is x · 2π/a along one axis: ω/2π = v x/a.
    const x = 0.01;
    const frequencies = phononFrequencies(algebra, constants, [x / 2, 0, x / 2]);
    const slope = (c: number): number => (Math.sqrt((c * 1e9) / density) * x) / (a * 1e-10) / 1e12;
    expect(frequencies[0] / slope(c44)).toBeCloseTo(1, 2);
    expect(frequencies[1] / slope(c44)).toBeCloseTo(1, 2);
    expect(frequencies[2] / slope(c11)).toBeCloseTo(1, 2);
  });

  it("have the optical frequency of a frozen phonon", () => {
    const energy = (u: number): number => computeStillingerWeber({ ...primitive, positions: primitive.positions.map((p, k) => (k === 0 ? p + u : p)) }).energy;
    const h = 1e-3;
    const square = (energy(h) - 2 * energy(0) + energy(-h)) / (h * h) / (28.085 / 2);
    const gamma = phononFrequencies(algebra, constants, [0, 0, 0]);
    for (let k = 3; k < 6; k++) expect(gamma[k]).toBeCloseTo(terahertz(square), 2);
  });

  it("of the cubic cell at Γ are those of the primitive one at Γ and the three X", async () => {
    const cubic = await forceConstants(stillingerWeber, diamondCell(14, a), { counts: [2, 2, 2] });
    const smaller = await forceConstants(stillingerWeber, primitive, { counts: [4, 4, 4] });
    const folded = ([[0, 0, 0], [0.5, 0, 0.5], [0, 0.5, 0.5], [0.5, 0.5, 0]] as WaveVector[]).flatMap((q) => [...phononFrequencies(algebra, smaller, q)]).sort((x, y) => x - y);
    phononFrequencies(algebra, cubic, [0, 0, 0]).forEach((f, k) => expect(f).toBeCloseTo(folded[k], 2));
  });

  it("run along a path, and add up to three states per atom", () => {
    const { frequencies, distances, corners, waveVectors } = phononDispersion(algebra, constants, FACE_CENTERED_CUBIC_PATH, 10);
    expect([frequencies.length, distances.length, waveVectors.length]).toEqual([41, 41, 41]);
    expect(corners).toEqual([0, 10, 20, 30, 40]);
    // Γ–X is 2π/a long, Γ–L √3 π/a.
    expect(distances[10]).toBeCloseTo((2 * Math.PI) / a, 10);
    expect(distances[40] - distances[30]).toBeCloseTo((Math.sqrt(3) * Math.PI) / a, 10);
    for (const at of frequencies) for (const f of at) expect(f).toBeGreaterThan(-1e-2);
    // At X the longitudinal branches meet: a symmetry of diamond.
    expect(frequencies[10][2]).toBeCloseTo(frequencies[10][3], 3);
    frequencies[30].forEach((f, k) => expect(f).toBeCloseTo(frequencies[0][k], 2));
    const { frequencies: f, densities } = phononDensityOfStates(algebra, constants, [4, 4, 4]);
    expect(densities.reduce((sum, d) => sum + d, 0) * (f[1] - f[0])).toBeCloseTo(6, 3);
    expect(Math.min(...densities)).toBeGreaterThanOrEqual(0);
  });

  it("need a crystal and masses", async () => {
    await expect(forceConstants(stillingerWeber, { ...primitive, pbc: [true, true, false] }, { counts: [1, 1, 1] })).rejects.toThrow(/periodic along all three axes/);
    await expect(forceConstants(stillingerWeber, primitive, { counts: [1, 1, 1], masses: [1] })).rejects.toThrow(/2 masses in u above 0/);
    await expect(forceConstants(stillingerWeber, primitive, { counts: [1, 0.5, 1] })).rejects.toThrow(/whole numbers, 1 or more/);
  });
});
