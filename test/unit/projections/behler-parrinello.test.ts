// Symmetry functions as projections of Lather's features against their own sums over neighbors.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import { radialGaussian, symmetryFunctionG2, symmetryFunctionG3, symmetryFunctionG4, symmetryFunctionG5 } from "../../../src/projections/behler-parrinello.js";
import { deltaHyperparameters } from "../../../src/projections/neighbor-functions.js";
import { pairFunctionWeights, powerSpectrumWeights, radialSpectrumWeights, selfPairs } from "../../../src/projections/spectrum-weights.js";
import { cosineCutoff, neighborsOf, sumOverNeighbors, symmetryFunction4, symmetryFunction5 } from "../../reference/symmetry-functions.js";
import { relativeDifference } from "../../reference/norms.js";
import { columnErrors, projected, SYSTEMS, wholeCosine } from "./projected.js";

const RADIUS = 4.5;
const SPECIES = [1, 6, 8];
const cutoff = wholeCosine(RADIUS);
let backend: Backend;
beforeAll(async () => void (backend = await createBackend("cpu", { threads: 1 })));
afterAll(() => backend.destroy());

describe.each(SYSTEMS)("%s", (_, make) => {
  test("G2 and G3 of every element are the radial spectrum", async () => {
    const structure = make();
    const choices = [[0, 0], [0.5, 0], [1.5, 1.2], [2, 3]] as const;
    const hyper = deltaHyperparameters([...choices.map(([eta, shift]) => radialGaussian(eta, shift)), (r) => Math.cos(1.3 * r)], { cutoff, lMax: 0, kind: "radial-spectrum" });
    const functions = SPECIES.flatMap((z) => [...choices.map(([eta, shift]) => symmetryFunctionG2(z, eta, shift)), symmetryFunctionG3(z, 1.3)]);
    const weights = radialSpectrumWeights(hyper, SPECIES, functions);
    expect(Math.max(...weights.errors)).toBeLessThan(1e-9);
    const found = await projected(backend, structure, hyper, SPECIES, weights);
    const fc = cosineCutoff(RADIUS);
    const expected = Array.from(structure.species, (__, i) => {
      const neighbors = neighborsOf(structure, i, RADIUS);
      return SPECIES.flatMap((z) => [
        ...choices.map(([eta, shift]) => sumOverNeighbors(neighbors, z, (r) => Math.exp(-eta * (r - shift) ** 2) * fc(r))),
        sumOverNeighbors(neighbors, z, (r) => Math.cos(1.3 * r) * fc(r)),
      ]);
    });
    expect(Math.max(...columnErrors(found, expected))).toBeLessThan(1e-8);
  });

  test("G5 is the power spectrum minus a radial spectrum of self pairs", async () => {
    const structure = make();
    const etas = [0.05, 0.4];
    const choices = ([[1, 1], [1, 6], [6, 8]] as const).flatMap((elements) => [1, 2, 4, 7].flatMap((zeta) => ([1, -1] as const).flatMap((lambda) => etas.map((eta) => ({ elements, zeta, lambda, eta })))));
    const sums = choices.map(({ elements, zeta, lambda, eta }) => symmetryFunctionG5(elements, zeta, lambda, eta));
    const hyper = deltaHyperparameters(etas.map((eta) => radialGaussian(eta)), { cutoff, lMax: 7, kind: "power-spectrum" });
    const weights = powerSpectrumWeights(hyper, SPECIES, sums);
    expect(Math.max(...weights.errors)).toBeLessThan(1e-9);
    const pairs = await projected(backend, structure, hyper, SPECIES, weights);
    // Self pairs hold f_c², so that f_c times the square of a Gaussian is a radial function of its own.
    const fc = cosineCutoff(RADIUS);
    const selfHyper = deltaHyperparameters(etas.map((eta) => (r: number) => Math.exp(-2 * eta * r * r) * fc(r)), { cutoff, lMax: 0, kind: "radial-spectrum" });
    const selfWeights = radialSpectrumWeights(selfHyper, SPECIES, sums.map((sum) => selfPairs(sum, cutoff)));
    const self = await projected(backend, structure, selfHyper, SPECIES, selfWeights);
    const found = pairs.map((row, i) => row.map((value, k) => value - self[i]![k]!));
    const expected = Array.from(structure.species, (__, i) => {
      const neighbors = neighborsOf(structure, i, RADIUS);
      return choices.map(({ elements, zeta, lambda, eta }) => symmetryFunction5(neighbors, elements, zeta, lambda, eta, RADIUS));
    });
    // Relative to the sum with self pairs: in a small cell what is left of it may be a thousandth.
    expect(Math.max(...columnErrors(found, expected, pairs))).toBeLessThan(1e-8);
  });
});

test("G4 is the limit of projections of the power spectrum with growing nMax and lMax", async () => {
  const structure = SYSTEMS[0]![1]();
  const [elements, zeta, lambda, eta] = [[1, 6] as const, 2, 1 as const, 0.05];
  const expected = Array.from(structure.species, (_, i) => [symmetryFunction4(neighborsOf(structure, i, RADIUS), elements, zeta, lambda, eta, RADIUS)]);
  const errors: number[] = [];
  const estimates: number[] = [];
  for (const [nMax, lMax] of [[3, 2], [6, 5], [10, 9]] as const) {
    const hyper: Hyperparameters = {
      cutoff, density: { kind: "delta", width: 0, centerWeight: 0, scaling: null },
      basis: { kind: "chebyshev", nMax, lMax, accuracy: 1e-9 }, features: { kind: "power-spectrum", normalize: false },
    };
    const weights = pairFunctionWeights(hyper, SPECIES, [symmetryFunctionG4(elements, zeta, lambda, eta, cutoff)]);
    estimates.push(weights.errors[0]!);
    const pairs = await projected(backend, structure, hyper, SPECIES, weights);
    errors.push(columnErrors(pairs, expected)[0]!);
  }
  for (const found of [errors, estimates]) {
    expect(found[1]).toBeLessThan(0.1 * found[0]!);
    expect(found[2]).toBeLessThan(0.1 * found[1]!);
    expect(found[2]).toBeLessThan(1e-3);
  }
});

test("in any other basis G5 is a limit, whether it is orthonormal on [0, r_c] or not, one for all degrees or one for each", async () => {
  const structure = SYSTEMS[0]![1]();
  const [elements, zeta, eta] = [[1, 6] as const, 3, 0.3];
  const expected = Array.from(structure.species, (_, i) => [symmetryFunction5(neighborsOf(structure, i, RADIUS), elements, zeta, -1, eta, RADIUS)]);
  // Laplacian eigenstates end at 0, which the Gaussian does not: they come close by a power of 1/nMax only.
  for (const [kind, last] of [["gto", 1e-3], ["chebyshev", 1e-6], ["laplacian-eigenstates", 0.02]] as const) {
    const errors: number[] = [];
    const estimates: number[] = [];
    for (const nMax of [3, 6, 12]) {
      const hyper: Hyperparameters = {
        cutoff, density: { kind: "delta", width: 0, centerWeight: 0, scaling: null },
        basis: { kind, nMax, lMax: 3, accuracy: 1e-9 }, features: { kind: "power-spectrum", normalize: false },
      };
      const weights = powerSpectrumWeights(hyper, SPECIES, [symmetryFunctionG5(elements, zeta, -1, eta)]);
      errors.push(columnErrors(await projected(backend, structure, hyper, SPECIES, weights), expected)[0]!);
      estimates.push(weights.errors[0]!);
    }
    for (const found of [errors, estimates]) for (const k of [1, 2]) expect(found[k]).toBeLessThan(0.6 * found[k - 1]!);
    expect(errors[2]).toBeLessThan(last);
    errors.forEach((error, k) => expect(error).toBeLessThan(3 * estimates[k]!));
  }
});

test("their gradients are adjoints of the features", async () => {
  const structure = SYSTEMS[1]![1]();
  const hyper = deltaHyperparameters([radialGaussian(0.2)], { cutoff, lMax: 4, kind: "power-spectrum" });
  const { values } = powerSpectrumWeights(hyper, SPECIES, [symmetryFunctionG5([6, 8], 4, 1, 0.2)]);
  const everywhere = Float64Array.from({ length: values.length * structure.species.length }, (_, k) => values[k % values.length]!);
  const [found] = await backend.computeFeatureAdjoints([structure], hyper, SPECIES, [everywhere]);
  const total = (positions: Float64Array): number =>
    structure.species.reduce((sum, _, i) => sum + symmetryFunction5(neighborsOf({ ...structure, positions }, i, RADIUS), [6, 8], 4, 1, 0.2, RADIUS), 0);
  const step = 1e-4;
  const numeric = structure.positions.map((_, k) => {
    const [a, b, c, d] = [-2, -1, 1, 2].map((n) => total(structure.positions.map((value, other) => (other === k ? value + n * step : value)))) as [number, number, number, number];
    return (a - 8 * b + 8 * c - d) / (12 * step);
  });
  expect(relativeDifference(found!, numeric)).toBeLessThan(1e-7);
});

describe("refused", () => {
  const hyper = deltaHyperparameters([radialGaussian(1)], { cutoff, lMax: 0, kind: "radial-spectrum" });
  const g2 = symmetryFunctionG2(6, 1);

  test("features that are no plain sums over neighbors", () => {
    const refused: [Partial<Hyperparameters>, RegExp][] = [
      [{ density: { kind: "gaussian", width: 0.4, centerWeight: 0, scaling: null } }, /density\.kind.*expected "delta"/],
      [{ density: { ...hyper.density, scaling: { rate: 1, scale: 2, exponent: 4 } } }, /density\.scaling/],
      [{ features: { kind: "radial-spectrum", normalize: true } }, /features\.normalize/],
      [{ features: { kind: "bispectrum", normalize: false } }, /features\.kind.*expected "radial-spectrum"/],
    ];
    for (const [change, message] of refused) expect(() => radialSpectrumWeights({ ...hyper, ...change }, SPECIES, [g2])).toThrow(message);
  });

  test("elements, degrees and exponents that are not there", () => {
    expect(() => radialSpectrumWeights(hyper, [1, 8], [g2])).toThrow(/element unknown.*expected 1, 8, got 6/);
    expect(() => symmetryFunctionG5([6, 6], 1.5, 1, 1)).toThrow(/"zeta".*got 1\.5/);
    const power = deltaHyperparameters([radialGaussian(1)], { cutoff, lMax: 2, kind: "power-spectrum" });
    expect(() => powerSpectrumWeights(power, SPECIES, [symmetryFunctionG5([6, 6], 3, 1, 1)])).toThrow(/expected 3 or more, got 2/);
    expect(() => pairFunctionWeights(power, SPECIES, [symmetryFunctionG4([6, 6], 3, 1, 1, cutoff)])).toThrow(/basis\.kind/);
  });

  test("a function outside the basis shows in the error", () => {
    expect(radialSpectrumWeights(hyper, SPECIES, [symmetryFunctionG2(6, 2)]).errors[0]).toBeGreaterThan(0.1);
  });
});
