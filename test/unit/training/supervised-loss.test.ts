// The loss of a contraction: its labels against a potential whose energies and forces are known, its gradient against differences.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend, FitStructure } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { horizontalPart, retract } from "../../../src/basis/grassmann.js";
import { contractedLayout, contractSpectrum, primitiveBlocks } from "../../../src/features/contracted-spectrum.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";
import { createOptimalBasis } from "../../../src/training/optimal-basis.js";
import { drawSupervisedSample } from "../../../src/training/supervised-data.js";
import { createSupervisedLoss } from "../../../src/training/supervised-loss.js";
import { largestDifference, largestMagnitude, relativeDifference } from "../../reference/norms.js";
import { crystal, ethanol, hyperparameters, randomPotential } from "../backend/systems.js";

let backend: Backend;
let algebra: LinearAlgebra;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
  algebra = await createLinearAlgebra();
});
afterAll(() => backend.destroy());

const hyper = hyperparameters({ basis: { nMax: 5, lMax: 2 } });
const structures = Array.from({ length: 9 }, (_, k) => crystal([6, 14], 5, k + 1));
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0);

function labelled(): FitStructure[] {
  const random = createRandom(5);
  return structures.map((structure) => ({
    structure, energy: random.normal(), forces: structure.positions.map(() => random.normal()), virial: null,
    weights: { energy: 3, forces: 2, virial: 1 },
  }));
}

describe("labels as sums of environment energies", () => {
  test("are energies, and forces by differences that nothing else contributes to", async () => {
    const hyper = hyperparameters({ cutoff: { radius: 5 }, basis: { nMax: 5, lMax: 2 } });
    // Two molecules far apart: a moved atom reaches the environments of its own molecule only.
    const pair = { ...ethanol(), species: Uint8Array.from([...ethanol().species, ...ethanol().species]) };
    const positions = Float64Array.from([...ethanol().positions, ...ethanol().positions.map((value) => value + 20)]);
    const systems = [...structures.slice(0, 6), { ...pair, positions }];
    const species = [1, 6, 8, 14];
    const potential = await randomPotential(backend, structures[0]!, hyper, { zeta: 2, species });
    const evaluator = await backend.createEvaluator(potential);
    const predictions = await evaluator.predict(systems, { forces: true });
    evaluator.destroy();
    const offset = (k: number): number => systems[k]!.species.reduce((sum, z) => sum + potential.baseline.get(z)!, 0);
    const data = systems.map((structure, k): FitStructure => ({
      structure, energy: k === 1 ? null : predictions[k]!.energy - offset(k), forces: k === 2 ? null : predictions[k]!.forces, virial: null,
      weights: { energy: 3, forces: 2, virial: 1 },
    }));
    const primitive = { species: 4, nMax: 5, lMax: 2, mixed: false, centers: null };
    const { fit, heldOut, structures: counts, environments } = await drawSupervisedSample(backend, data, hyper, {
      primitive, species, environments: 10_000, directions: 3, seed: 1,
    });
    expect(counts).toEqual({ fit: 5, heldOut: 2 });
    // 5 atoms and, in cells thinner than the cutoff, all of them moved twice; structure 2 has no forces; 18 atoms and 9 of them moved.
    expect(environments).toBe(5 * 5 * (1 + 3 * 2) + 5 + 18 + 9 * 3 * 2);

    // All radial functions as they are, so that sparse points are environments of the first structure.
    const layout = contractedLayout(2, new Array(12).fill({ rows: 5, columns: 5 }));
    const u = Float64Array.from({ length: 12 * 25 }, (_, index) => ((index % 25) % 6 === 0 ? 1 : 0));
    const first = await backend.computeDensityCoefficients([structures[0]!], hyper, { species });
    for (const { groups, targets } of [fit, heldOut]) {
      const rows = new Float64Array(targets.length);
      groups.forEach(({ primitive: own, row, factor }, s) => {
        const model = potential.terms[0]!.centers.find(({ species: z }) => z === species[s]);
        if (!model) return;
        const centers = [...first.centers.keys()].filter((i) => first.centers[i] === species[s]).slice(0, 5);
        const sparse = contractSpectrum(algebra, layout, u, primitiveBlocks(first.values, primitive, centers), centers.length, true);
        const { values } = contractSpectrum(algebra, layout, u, own, row.length, true);
        const { size } = layout;
        row.forEach((target, i) => centers.forEach((_, m) => {
          const product = dot(values.subarray(i * size, (i + 1) * size), sparse.values.subarray(m * size, (m + 1) * size));
          rows[target]! += factor[i]! * model.weights[m]! * product ** 2;
        }));
      });
      expect(largestMagnitude(targets)).toBeGreaterThan(0.1);
      expect(relativeDifference(rows, targets)).toBeLessThan(1e-4);
    }
  });

  test("are drawn until the bound is reached, with the same share held out", async () => {
    const options = { primitive: { species: 2, nMax: 5, lMax: 2, mixed: false, centers: null }, species: [6, 14], directions: 0, seed: 1 };
    const sample = await drawSupervisedSample(backend, labelled(), hyper, { ...options, environments: 25 });
    expect(sample.structures).toEqual({ fit: 4, heldOut: 1 });
    expect(sample.fit.groups.map(({ row }) => row.length)).toEqual([12, 8]);
    expect(sample.candidates.map(({ length }) => length)).toEqual([12, 8]);
    expect(sample.folds.map((rows) => [...rows])).toEqual([[0], [1], [2], [3]]);
    const other = await drawSupervisedSample(backend, labelled(), hyper, { ...options, environments: 25, seed: 2 });
    expect([...other.fit.targets]).not.toEqual([...sample.fit.targets]);
  });
});

describe.each([
  { name: "per species, ζ 4, forces", mixed: false, zeta: 4, directions: 2, normalize: true },
  { name: "per species, ζ 1, energies", mixed: false, zeta: 1, directions: 0, normalize: true },
  { name: "mixed, ζ 4, energies", mixed: true, zeta: 4, directions: 0, normalize: true },
  { name: "mixed, ζ 1, forces", mixed: true, zeta: 1, directions: 2, normalize: true },
  { name: "mixed, ζ 2, forces, not normalized", mixed: true, zeta: 2, directions: 1, normalize: false },
])("the gradient: $name", ({ mixed, zeta, directions, normalize }) => {
  async function problem() {
    const start = await createOptimalBasis(backend, structures, hyper, { mixed, channels: mixed ? 3 : 2 });
    const shapes = start.kept.map((rows) => ({ rows, columns: mixed ? 10 : 5 }));
    const layout = contractedLayout(2, shapes);
    const sample = await drawSupervisedSample(backend, labelled(), hyper, {
      primitive: start.directions, species: [6, 14], environments: 300, directions, seed: 1,
    });
    const principal = Float64Array.from(layout.blocks.flatMap(({ rows, columns }, block) => [
      ...start.directions.blocks[block]!.vectors.subarray(0, rows * columns),
    ]));
    const random = createRandom(8);
    const direction = (u: Float64Array, size: number): Float64Array => horizontalPart(algebra, shapes, u, u.map(() => size * random.normal()));
    const u = retract(algebra, shapes, principal, direction(principal, 0.3));
    const sparse = sample.candidates.map((own) => own.filter((_, k) => k % 3 === 0));
    const evaluate = createSupervisedLoss(algebra, { ...sample, layout, sparse, normalize, zeta, jitter: 1e-7 });
    return { layout, shapes, u, evaluate, direction };
  }

  test("is the slope along the manifold", async () => {
    const { shapes, u, evaluate, direction } = await problem();
    const gradient = horizontalPart(algebra, shapes, u, evaluate(u).gradient());
    const along = direction(u, 1);
    const at = (t: number): number => evaluate(retract(algebra, shapes, u, along.map((value) => t * value))).loss;
    const h = 1e-3;
    const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    const scale = Math.sqrt(dot(gradient, gradient) * dot(along, along));
    expect(Math.abs(slope - dot(gradient, along)) / scale).toBeLessThan(1e-7);
    expect(Math.abs(slope) / scale).toBeGreaterThan(1e-3);
  });

  test("sees no difference between bases of the same subspaces", async () => {
    const { layout, u, evaluate } = await problem();
    const turned = u.slice();
    const [c, s] = [Math.cos(1.1), Math.sin(1.1)];
    layout.blocks.forEach(({ start, columns }) => {
      for (let k = start; k < start + columns; k++) {
        [turned[k], turned[k + columns]] = [c * u[k]! + s * u[k + columns]!, c * u[k + columns]! - s * u[k]!];
      }
    });
    const [one, other] = [evaluate(u).losses, evaluate(turned).losses];
    for (const key of ["training", "validation", "heldOut"] as const) expect(Math.abs(other[key] / one[key] - 1)).toBeLessThan(1e-7);
    // A rotation in the subspaces costs nothing: G Uᵀ is symmetric.
    const gradient = evaluate(u).gradient();
    layout.blocks.forEach(({ start, rows, columns }) => {
      const row = (of: Float64Array, q: number): Float64Array => of.subarray(start + q * columns, start + (q + 1) * columns);
      const products = Array.from({ length: rows * rows }, (_, k) => dot(row(gradient, Math.floor(k / rows)), row(u, k % rows)));
      const transposed = products.map((_, k) => products[(k % rows) * rows + Math.floor(k / rows)]!);
      expect(largestDifference(products, transposed)).toBeLessThan(1e-7 * largestMagnitude(gradient));
    });
  });
});
