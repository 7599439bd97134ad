// SNAP's bispectrum components on the sphere in four dimensions as a projection of the bispectrum in three.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { bispectrumWeights, type Degrees } from "../../../src/projections/bispectrum-weights.js";
import { deltaHyperparameters } from "../../../src/projections/neighbor-functions.js";
import { snapComponent, snapRadialFunctions } from "../../../src/projections/snap.js";
import { rotationMatrix, snapBispectrum } from "../../reference/hyperspherical.js";
import { cosineCutoff, neighborsOf } from "../../reference/symmetry-functions.js";
import { crystal, ethanol } from "../backend/systems.js";
import { columnErrors, projected, wholeCosine } from "./projected.js";

const RADIUS = 4;
const cutoff = wholeCosine(RADIUS);
const fc = cosineCutoff(RADIUS);
const theta = (r: number): number => (0.99363 * Math.PI * r) / RADIUS;
let backend: Backend;
beforeAll(async () => void (backend = await createBackend("cpu", { threads: 1 })));
afterAll(() => backend.destroy());

/** All of 2j₁ ≥ 2j₂, 2j ≤ 2J with j ≥ j₁, as LAMMPS lists them. */
function components(twoJMax: number): Degrees[] {
  const found: Degrees[] = [];
  for (let a = 0; a <= twoJMax; a++) for (let b = 0; b <= a; b++) for (let c = a - b; c <= Math.min(twoJMax, a + b); c += 2) if (c >= a) found.push([a, b, c]);
  return found;
}

test("the reference's matrices are unitary, and products of rotations are products of matrices", () => {
  const rotation = (angle: number, p: number, q: number): readonly [readonly [number, number], readonly [number, number]] =>
    [[Math.cos(angle) * Math.cos(p), Math.cos(angle) * Math.sin(p)], [Math.sin(angle) * Math.cos(q), Math.sin(angle) * Math.sin(q)]];
  const [first, second] = [rotation(0.4, 1, 2), rotation(1.1, -0.3, 0.7)];
  const product = (x: (readonly [number, number])[][], y: (readonly [number, number])[][]): [number, number][][] =>
    x.map((row) => y.map((_, k) => row.reduce<[number, number]>(([re, im], [a, b], m) => [re + a * y[m]![k]![0] - b * y[m]![k]![1], im + a * y[m]![k]![1] + b * y[m]![k]![0]], [0, 0])));
  const [b, a] = product(rotationMatrix(1, ...first), rotationMatrix(1, ...second))[1] as [[number, number], [number, number]];
  for (const twoJ of [1, 2, 3]) {
    const both = product(rotationMatrix(twoJ, ...first), rotationMatrix(twoJ, ...second)).flat(2);
    rotationMatrix(twoJ, a, b).flat(2).forEach((value, k) => expect(value).toBeCloseTo(both[k]!, 12));
    const u = rotationMatrix(twoJ, ...first);
    u.forEach((row, i) => u.forEach((other, k) => {
      const real = row.reduce((sum, [x, y], m) => sum + x * other[m]![0] + y * other[m]![1], 0);
      expect(real).toBeCloseTo(i === k ? 1 : 0, 12);
    }));
  }
});

describe.each([
  ["one element, 2J = 4", () => crystal([14], 4), 4, 14, { 14: 1 }, 1],
  ["weights by element, 2J = 3, a molecule", ethanol, 3, 8, { 1: 0.4, 6: 1, 8: -0.7 }, 0.8],
  ["two elements in a small left-handed cell, 2J = 2", () => crystal([6, 8], 5), 2, 5, { 6: 1, 8: 1 }, 1],
] as const)("%s", (_, make, twoJMax, count, elements, self) => {
  test("all components are the bispectrum", async () => {
    const structure = make();
    const species = Object.keys(elements).map(Number);
    const triples = components(twoJMax);
    expect(triples.length).toBe(count);
    const mapping = { radius: RADIUS, elements };
    const hyper = deltaHyperparameters(snapRadialFunctions(twoJMax, mapping), { cutoff, lMax: twoJMax, kind: "bispectrum", centerWeight: self });
    const weights = bispectrumWeights(hyper, species, triples.map((triple) => snapComponent(triple, mapping)));
    const found = await projected(backend, structure, hyper, species, weights);
    const expected = Array.from(structure.species, (___, i) => {
      const neighbors = neighborsOf(structure, i, RADIUS);
      // The center has the weight of its element, too.
      const density = { theta, self: self * (elements as Record<number, number>)[structure.species[i]!]!, weight: ({ element, r }: { element: number; r: number }) => fc(r) * (elements as Record<number, number>)[element]! };
      return triples.map((triple) => {
        const [real, imaginary] = snapBispectrum(triple, neighbors, density);
        expect(Math.abs(imaginary)).toBeLessThan(1e-9);
        return real;
      });
    });
    expect(Math.max(...weights.errors)).toBeLessThan(1e-9);
    expect(Math.max(...columnErrors(found, expected))).toBeLessThan(1e-8);
  });
});
