// Contractions of moment tensors as projections of power spectrum and bispectrum against tensors in Cartesian components.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { bispectrumWeights } from "../../../src/projections/bispectrum-weights.js";
import { momentPair, momentTriple } from "../../../src/projections/moment-tensors.js";
import { deltaHyperparameters, type NeighborFunction } from "../../../src/projections/neighbor-functions.js";
import { powerSpectrumWeights } from "../../../src/projections/spectrum-weights.js";
import { momentTensor, neighborsOf } from "../../reference/symmetry-functions.js";
import { columnErrors, projected, SYSTEMS } from "./projected.js";

const RADIUS = 4;
const SPECIES = [1, 6, 8];
const cutoff = { radius: RADIUS, width: 0, function: "step" } as const;
// MTP's radial functions end smoothly by themselves: (r_c − r)² T(r).
const radials = [(r: number) => (RADIUS - r) ** 2, (r: number) => (RADIUS - r) ** 2 * (r / 2 - 1)];
const functions = radials.map((radial, k): NeighborFunction => ({ elements: k === 0 ? { 1: 1, 6: 0.7, 8: -1.3 } : { 6: 1, 8: 0.4 }, radial }));
let backend: Backend;
beforeAll(async () => void (backend = await createBackend("cpu", { threads: 1 })));
afterAll(() => backend.destroy());

/** All f r^ν that moments of rank up to `rank` need: powers of r times (r_c − r)². */
const powers = (rank: number): ((r: number) => number)[] => Array.from({ length: rank + 2 }, (_, k) => (r: number) => (RADIUS - r) ** 2 * r ** k);
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, value, k) => sum + value * b[k]!, 0);

/** M of a rank and a function around a center. */
function moments(structure: Parameters<typeof neighborsOf>[0], i: number): (k: number, rank: number) => Float64Array {
  const neighbors = neighborsOf(structure, i, RADIUS);
  return (k, rank) => momentTensor(neighbors, rank, ({ element, r }) => (functions[k]!.elements[element] ?? 0) * radials[k]!(r));
}

describe.each(SYSTEMS)("%s", (_, make) => {
  test("M_ν : M'_ν for ν = 0 to 3 is the power spectrum", async () => {
    const structure = make();
    const choices = [0, 1, 2, 3].flatMap((rank) => [[0, 0], [0, 1], [1, 1]].map(([a, b]) => ({ rank, a: a!, b: b! })));
    const hyper = deltaHyperparameters(powers(3), { cutoff, lMax: 3, kind: "power-spectrum" });
    const weights = powerSpectrumWeights(hyper, SPECIES, choices.map(({ rank, a, b }) => momentPair([functions[a]!, functions[b]!], rank)));
    const found = await projected(backend, structure, hyper, SPECIES, weights);
    const expected = Array.from(structure.species, (__, i) => {
      const tensor = moments(structure, i);
      return choices.map(({ rank, a, b }) => dot(tensor(a, rank), tensor(b, rank)));
    });
    expect(Math.max(...weights.errors)).toBeLessThan(1e-9);
    expect(Math.max(...columnErrors(found, expected))).toBeLessThan(1e-8);
  });

  test("M_1 · M_2 · M_1, tr(M_2 M_2 M_2) and M_0 times a product are the bispectrum", async () => {
    const structure = make();
    const [f, g] = functions as [NeighborFunction, NeighborFunction];
    const hyper = deltaHyperparameters(powers(2), { cutoff, lMax: 2, kind: "bispectrum" });
    const sums = [momentTriple([f, g, f], [1, 0, 1]), momentTriple([f, g, g], [1, 0, 1]), momentTriple([f, f, g], [1, 1, 1]), momentTriple([g, f, g], [0, 2, 0]), momentTriple([f, g, g], [0, 0, 0])];
    const weights = bispectrumWeights(hyper, SPECIES, sums);
    const found = await projected(backend, structure, hyper, SPECIES, weights);
    const expected = Array.from(structure.species, (__, i) => {
      const tensor = moments(structure, i);
      const [u, v, p, q] = [tensor(0, 1), tensor(1, 1), tensor(0, 2), tensor(1, 2)];
      const times = (m: Float64Array, w: Float64Array): number[] => [0, 1, 2].map((row) => dot(m.subarray(3 * row, 3 * row + 3), w));
      let trace = 0;
      for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) for (let c = 0; c < 3; c++) trace += p[3 * a + b]! * p[3 * b + c]! * q[3 * c + a]!;
      const [m0, n0] = [tensor(0, 0)[0]!, tensor(1, 0)[0]!];
      return [dot(u, times(q, u)), dot(u, times(q, v)), trace, m0 * dot(q, q), m0 * n0 * n0];
    });
    expect(Math.max(...weights.errors)).toBeLessThan(1e-9);
    expect(Math.max(...columnErrors(found, expected))).toBeLessThan(1e-8);
  });
});
