// The atomic cluster expansion as a projection of the chain, against sums over tuples of neighbors with angles from scalar products.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { clusterOfOne, clusterOfThree, clusterOfTwo, type AtomicBase } from "../../../src/projections/atomic-cluster-expansion.js";
import { bispectrumWeights, type Degrees } from "../../../src/projections/bispectrum-weights.js";
import { deltaHyperparameters } from "../../../src/projections/neighbor-functions.js";
import { powerSpectrumWeights, radialSpectrumWeights } from "../../../src/projections/spectrum-weights.js";
import { cosineBetween, cosineCutoff, neighborsOf, type Neighbor } from "../../reference/symmetry-functions.js";
import { columnErrors, projected, SYSTEMS, wholeCosine } from "./projected.js";

const RADIUS = 4;
const SPECIES = [1, 6, 8];
const cutoff = wholeCosine(RADIUS);
const fc = cosineCutoff(RADIUS);
// Polynomials and a Gaussian, not orthogonal and in no relation to Lather's bases.
const radials = [(r: number) => 1 - r / 5, (r: number) => r * r * Math.exp(-r), (r: number) => Math.exp(-((r - 1.5) ** 2))];
const base = (element: number, k: number): AtomicBase => ({ element, radial: radials[k]! });
let backend: Backend;
beforeAll(async () => void (backend = await createBackend("cpu", { threads: 1 })));
afterAll(() => backend.destroy());

/** P_l by its explicit polynomial. */
const legendre = [() => 1, (x: number) => x, (x: number) => (3 * x * x - 1) / 2, (x: number) => (5 * x ** 3 - 3 * x) / 2] as const;

/**
 * Invariants of three directions with mean square 1 over all directions, from scalar products: x_3 · Q(x_1) · x_2 and the like with Q(x) = 3xxᵀ − 1,
 * tr Q(x_1) Q(x_2) Q(x_3); cosines 12, 13, 23.
 */
const invariants: [Degrees, (c12: number, c13: number, c23: number) => number][] = [
  [[0, 0, 0], () => 1],
  [[0, 1, 1], (_, __, c23) => Math.sqrt(3) * c23],
  [[0, 2, 2], (_, __, c23) => Math.sqrt(5) * legendre[2](c23)],
  [[1, 1, 0], (c12) => Math.sqrt(3) * c12],
  [[1, 1, 2], (c12, c13, c23) => Math.sqrt(1.5) * (3 * c13 * c23 - c12)],
  [[2, 1, 1], (c12, c13, c23) => Math.sqrt(1.5) * (3 * c12 * c13 - c23)],
  [[1, 2, 1], (c12, c13, c23) => Math.sqrt(1.5) * (3 * c12 * c23 - c13)],
  // Its sign is that of the coupling, whose first coefficient is positive.
  [[2, 2, 2], (c12, c13, c23) => -trace(c12, c13, c23) / Math.sqrt(TRACE)],
];
const TRACE = meanSquare(trace);

/** tr Q(x_1) Q(x_2) Q(x_3). */
function trace(c12: number, c13: number, c23: number): number {
  return 27 * c12 * c23 * c13 - 9 * (c12 ** 2 + c13 ** 2 + c23 ** 2) + 6;
}

/** Mean over x_2 and x_3 with x_1 along z, by a product rule that is exact for polynomials of this degree. */
function meanSquare(value: (c12: number, c13: number, c23: number) => number): number {
  const points: [number, number][] = [-0.9324695142031521, -0.6612093864662645, -0.2386191860831969, 0.2386191860831969, 0.6612093864662645, 0.9324695142031521]
    .map((x, k) => [x, [0.1713244923791704, 0.3607615730481386, 0.467913934572691][Math.min(k, 5 - k)]! / 2]);
  let sum = 0;
  for (const [x, wx] of points) for (const [y, wy] of points) for (let k = 0; k < 12; k++) {
    const c23 = x * y + Math.sqrt((1 - x * x) * (1 - y * y)) * Math.cos((2 * Math.PI * k) / 12);
    sum += (wx * wy * value(x, y, c23) ** 2) / 12;
  }
  return sum;
}

describe.each(SYSTEMS)("%s", (_, make) => {
  const factor = (item: AtomicBase, { element, r }: Neighbor): number => (element === item.element ? item.radial(r) * fc(r) : 0);

  test("B1 is the radial spectrum, B2 the power spectrum", async () => {
    const structure = make();
    const ones = SPECIES.flatMap((z) => radials.map((__, k) => base(z, k)));
    const radialHyper = deltaHyperparameters(radials, { cutoff, lMax: 0, kind: "radial-spectrum" });
    const one = await projected(backend, structure, radialHyper, SPECIES, radialSpectrumWeights(radialHyper, SPECIES, ones.map(clusterOfOne)));
    const pairs = [0, 1, 2, 3].flatMap((l) => [[base(1, 0), base(1, 0)], [base(1, 2), base(6, 1)], [base(8, 1), base(6, 0)]].map((factors) => ({ l, factors: factors as [AtomicBase, AtomicBase] })));
    const powerHyper = deltaHyperparameters(radials, { cutoff, lMax: 3, kind: "power-spectrum" });
    const two = await projected(backend, structure, powerHyper, SPECIES, powerSpectrumWeights(powerHyper, SPECIES, pairs.map(({ l, factors }) => clusterOfTwo(factors, l))));
    const around = Array.from(structure.species, (__, i) => neighborsOf(structure, i, RADIUS));
    const expectedOne = around.map((neighbors) => ones.map((item) => neighbors.reduce((sum, j) => sum + factor(item, j), 0) / Math.sqrt(4 * Math.PI)));
    const expectedTwo = around.map((neighbors) => pairs.map(({ l, factors: [a, b] }) => {
      let sum = 0;
      for (const j of neighbors) for (const k of neighbors) sum += factor(a, j) * factor(b, k) * legendre[l]!(cosineBetween(j, k));
      return (Math.sqrt(2 * l + 1) / (4 * Math.PI)) * sum;
    }));
    expect(Math.max(...columnErrors(one, expectedOne), ...columnErrors(two, expectedTwo))).toBeLessThan(1e-8);
  });

  test("B3 is the bispectrum", async () => {
    const structure = make();
    const factorLists = [[base(1, 0), base(6, 1), base(1, 2)], [base(1, 1), base(1, 1), base(1, 1)], [base(8, 2), base(1, 0), base(6, 0)]] as [AtomicBase, AtomicBase, AtomicBase][];
    const choices = invariants.flatMap(([degrees, value]) => factorLists.map((factors) => ({ degrees, value, factors })));
    const hyper = deltaHyperparameters(radials, { cutoff, lMax: 2, kind: "bispectrum" });
    const found = await projected(backend, structure, hyper, SPECIES, bispectrumWeights(hyper, SPECIES, choices.map(({ degrees, factors }) => clusterOfThree(factors, degrees))));
    const expected = Array.from(structure.species, (__, i) => {
      const neighbors = neighborsOf(structure, i, RADIUS);
      return choices.map(({ value, factors: [a, b, c] }) => {
        let sum = 0;
        for (const j of neighbors) for (const k of neighbors) for (const q of neighbors) {
          const product = factor(a, j) * factor(b, k) * factor(c, q);
          if (product !== 0) sum += product * value(cosineBetween(j, k), cosineBetween(j, q), cosineBetween(k, q));
        }
        return sum / (4 * Math.PI) ** 1.5;
      });
    });
    expect(Math.max(...columnErrors(found, expected))).toBeLessThan(1e-8);
  });
});
