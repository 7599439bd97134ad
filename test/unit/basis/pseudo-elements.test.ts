// Pseudo-elements: against coefficients mixed one by one, against the uncompressed kernel, and what must not depend on the number of elements.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { elementSimilarity, pseudoElementContraction, similarElements } from "../../../src/basis/pseudo-elements.js";
import { InputError } from "../../../src/errors.js";
import { featureLayout } from "../../../src/features/feature-layout.js";
import type { FeatureChoice, Hyperparameters } from "../../../src/features/hyperparameters.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";
import { electronegativityOf, LAST_ELEMENT } from "../../../src/structure/elements.js";
import type { Structure } from "../../../src/structure/structure.js";
import { largestDifference, largestMagnitude, relativeDifference } from "../../reference/norms.js";
import { crystal, ethanol, hyperparameters, randomPotential } from "../backend/systems.js";

let backend: Backend;
let algebra: LinearAlgebra;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
  algebra = await createLinearAlgebra();
});
afterAll(() => backend.destroy());

const SPECIES = [1, 6, 8];
const random = createRandom(3);
/** [element][channel] */
const U = Array.from({ length: 6 }, () => random.normal());

function compressed(u: ArrayLike<number>, species: readonly number[], features: Partial<FeatureChoice> = {}, basis: Partial<Hyperparameters["basis"]> = {}): Hyperparameters {
  const plain = hyperparameters({ basis, features });
  return { ...plain, basis: { ...plain.basis, contraction: pseudoElementContraction(u, species, plain.basis) } };
}

describe("pseudo-elements", () => {
  // Two radial functions of three and of one degree: n, l, α and a cannot stand for each other.
  const small = { nMax: 2, lMax: 2 };

  test("are the densities of the elements, mixed one by one, and so is their power spectrum", async () => {
    const structures = [ethanol(), crystal(SPECIES, 7)];
    const { nMax, lMax } = small;
    const orders = (lMax + 1) ** 2;
    const primitive = await backend.computeDensityCoefficients(structures, hyperparameters({ basis: small }), { species: SPECIES });
    const own = await backend.computeDensityCoefficients(structures, compressed(U, SPECIES, {}, small), { species: SPECIES });
    const centers = primitive.centers.length;
    const mixed = new Float64Array(centers * 2 * nMax * orders);
    for (let i = 0; i < centers; i++) {
      for (let alpha = 0; alpha < 2; alpha++) {
        for (let n = 0; n < nMax; n++) {
          for (let lm = 0; lm < orders; lm++) {
            for (let a = 0; a < 3; a++) {
              mixed[((i * 2 + alpha) * nMax + n) * orders + lm]! += U[a * 2 + alpha]! * primitive.values[((i * 3 + a) * nMax + n) * orders + lm]!;
            }
          }
        }
      }
    }
    expect(relativeDifference(own.values, mixed)).toBeLessThan(1e-13);

    const { values, size } = await backend.computeFeatures(structures, compressed(U, SPECIES, { normalize: false }, small), { species: SPECIES });
    const expected: number[] = [];
    for (let i = 0; i < centers; i++) {
      for (let l = 0; l <= lMax; l++) {
        for (let q = 0; q < 2 * nMax; q++) {
          for (let k = q; k < 2 * nMax; k++) {
            let sum = 0;
            for (let lm = l * l; lm < (l + 1) ** 2; lm++) sum += mixed[(i * 2 * nMax + q) * orders + lm]! * mixed[(i * 2 * nMax + k) * orders + lm]!;
            expected.push((q === k ? 1 : Math.SQRT2) * sum / Math.sqrt(2 * l + 1));
          }
        }
      }
    }
    expect(size).toBe(30);
    expect(relativeDifference(values, expected)).toBeLessThan(1e-12);

    // Eq. (95), from the coefficients of the elements.
    const coefficient = (i: number, a: number, n: number, lm: number): number => primitive.values[((i * 3 + a) * nMax + n) * orders + lm]!;
    for (const [i, j] of [[0, 0], [0, 3], [2, 11]] as const) {
      let kernel = 0;
      for (let l = 0; l <= lMax; l++) {
        for (let m = l * l; m < (l + 1) ** 2; m++) {
          for (let k = l * l; k < (l + 1) ** 2; k++) {
            let sum = 0;
            for (let pair = 0; pair < 9; pair++) {
              const [a, b] = [Math.floor(pair / 3), pair % 3];
              const kappa = U[2 * a]! * U[2 * b]! + U[2 * a + 1]! * U[2 * b + 1]!;
              for (let n = 0; n < nMax; n++) sum += kappa * coefficient(i, a, n, m) * coefficient(j, b, n, k);
            }
            kernel += sum ** 2 / (2 * l + 1);
          }
        }
      }
      const product = values.subarray(i * size, (i + 1) * size).reduce((sum, value, f) => sum + value * values[j * size + f]!, 0);
      expect(Math.abs(product / kernel - 1)).toBeLessThan(1e-12);
    }
  });

  test.each(["power-spectrum", "radial-spectrum", "bispectrum", "lambda-soap"] as const)("%s: as many features for eleven elements as for two", (kind) => {
    const sizes = [[1, 6], [1, 6, 7, 8, 9, 14, 15, 16, 17, 29, 79]].map((species) =>
      featureLayout(compressed(similarElements(algebra, species, 2), species, { kind, ...(kind === "lambda-soap" && { lambda: 1 }) }, small), species).size);
    expect(sizes[1]).toBe(sizes[0]);
    expect(featureLayout(hyperparameters({ basis: small, features: { kind } }), [1, 6, 8]).size)
      .toBeGreaterThan(featureLayout(hyperparameters({ basis: small, features: { kind } }), [1, 6]).size);
  });

  test("one for each element, unmixed, has the kernel of the elements themselves", async () => {
    const structures = [ethanol(), crystal(SPECIES, 7)];
    const identity = SPECIES.flatMap((_, a) => SPECIES.map((__, alpha) => Number(a === alpha)));
    for (const kind of ["power-spectrum", "radial-spectrum", "bispectrum"] as const) {
      const kernels: number[][] = [];
      for (const hyper of [hyperparameters({ basis: small, features: { kind } }), compressed(identity, SPECIES, { kind }, small)]) {
        const { values, size } = await backend.computeFeatures(structures, hyper, { species: SPECIES });
        const rows = Array.from({ length: values.length / size }, (_, i) => values.subarray(i * size, (i + 1) * size));
        kernels.push(rows.flatMap((row) => rows.map((other) => row.reduce((sum, value, f) => sum + value * other[f]!, 0))));
      }
      expect(kernels[0]!.some((value) => value < 0.9)).toBe(true);
      expect(largestDifference(kernels[1]!, kernels[0]!)).toBeLessThan(1e-12);
    }
  });

  // A quarter of a turn about z: (x, y, z) becomes (−y, x, z).
  const turned = (structure: Structure): Structure => {
    const turn = (vectors: Float64Array): Float64Array => vectors.map((_, k) => (k % 3 === 0 ? -vectors[k + 1]! : k % 3 === 1 ? vectors[k - 1]! : vectors[k]!));
    return { ...structure, positions: turn(structure.positions), cell: structure.cell && turn(structure.cell) };
  };

  test("turn as the elements do: invariants not at all, a vector like a vector", async () => {
    const structure = crystal(SPECIES, 7);
    for (const kind of ["power-spectrum", "radial-spectrum", "bispectrum"] as const) {
      const hyper = compressed(U, SPECIES, { kind }, small);
      const [before, after] = [await backend.computeFeatures([structure], hyper), await backend.computeFeatures([turned(structure)], hyper)];
      expect(relativeDifference(after.values, before.values)).toBeLessThan(1e-12);
    }
    const hyper = compressed(U, SPECIES, { kind: "lambda-soap", lambda: 1 }, small);
    const [before, after] = [await backend.computeFeatures([structure], hyper), await backend.computeFeatures([turned(structure)], hyper)];
    const width = before.size / 3;
    // Components y, z, x.
    const expected = before.values.map((_, k) => {
      const [row, mu, q] = [Math.floor(k / before.size) * before.size, Math.floor((k % before.size) / width), k % width];
      const at = (other: number): number => before.values[row + other * width + q]!;
      return mu === 0 ? at(2) : mu === 1 ? at(1) : -at(0);
    });
    expect(relativeDifference(after.values, expected)).toBeLessThan(1e-12);
  });

  test.each([["power-spectrum", true], ["power-spectrum", false], ["bispectrum", true]] as const)("%s, normalized %s: forces and virial are derivatives of the energy", async (kind, normalize) => {
    const structure = crystal(SPECIES, 6);
    const hyper = compressed(U, SPECIES, { kind, normalize }, { ...small, accuracy: 1e-10 });
    const evaluator = await backend.createEvaluator(await randomPotential(backend, structure, hyper));
    const { forces, virial } = (await evaluator.predict([structure], { forces: true }))[0]!;
    const slope = async (moved: (t: number) => Structure): Promise<number> => {
      const h = 2e-4;
      const [a, b, c, d] = (await evaluator.predict([-2, -1, 1, 2].map((n) => moved(n * h)))).map(({ energy }) => energy) as [number, number, number, number];
      return (a - 8 * b + 8 * c - d) / (12 * h);
    };
    const numeric: number[] = [];
    for (let k = 0; k < structure.positions.length; k++) {
      numeric.push(-(await slope((t) => ({ ...structure, positions: structure.positions.map((x, j) => (j === k ? x + t : x)) }))));
    }
    const strains: number[] = [];
    for (let k = 0; k < 9; k++) {
      const [row, column] = [Math.floor(k / 3), k % 3];
      const strain = (vectors: Float64Array, t: number): Float64Array => vectors.map((x, j) => (j % 3 === row ? x + t * vectors[j - row + column]! : x));
      strains.push(-(await slope((t) => ({ ...structure, positions: strain(structure.positions, t), cell: strain(structure.cell!, t) }))));
    }
    evaluator.destroy();
    expect(largestMagnitude(numeric)).toBeGreaterThan(1e-3);
    expect(relativeDifference(forces!, numeric)).toBeLessThan(1e-6);
    expect(relativeDifference(virial!, strains)).toBeLessThan(1e-6);
  });
});

describe("the similarity of elements", () => {
  const species = [1, 6, 7, 8, 9, 14];
  const kappa = elementSimilarity(species);
  const at = (z: number, other: number): number => kappa[species.indexOf(z) * species.length + species.indexOf(other)]!;

  test("is 1 with itself, symmetric, and follows the periodic table", () => {
    for (const z of species) expect(at(z, z)).toBe(1);
    expect(at(6, 8)).toBe(at(8, 6));
    expect(at(7, 8)).toBeGreaterThan(at(6, 8));
    expect(at(6, 8)).toBeGreaterThan(at(6, 9));
    expect(at(6, 7)).toBeGreaterThan(at(6, 14));
    expect(at(6, 14)).toBeGreaterThan(at(1, 6));
    // C and Al are one row, one group, 0.45 Å and 0.94 apart.
    expect(Math.abs(elementSimilarity([6, 13])[1]! / Math.exp(-0.5 * (0.5 ** 2 + (1 / 6) ** 2 + (0.45 / 0.5) ** 2 + 0.94 ** 2)) - 1)).toBeLessThan(1e-12);
  });

  test("is what u makes of it, but for the eigenvalues left out", () => {
    const { values } = algebra.symmetricEigen(kappa, species.length);
    for (let channels = 1; channels <= species.length; channels++) {
      const u = similarElements(algebra, species, channels);
      const rest = kappa.map((value, k) => {
        const [a, b] = [Math.floor(k / species.length), k % species.length];
        let sum = 0;
        for (let alpha = 0; alpha < channels; alpha++) sum += u[a * channels + alpha]! * u[b * channels + alpha]!;
        return value - sum;
      });
      expect(Math.abs(Math.hypot(...rest) - Math.hypot(...values.subarray(channels)))).toBeLessThan(1e-12);
    }
  });

  test("ends where electronegativities do", () => {
    expect(electronegativityOf(9)).toBe(3.98);
    expect(Array.from({ length: 103 }, (_, k) => electronegativityOf(k + 1)).every((value) => value > 0.7 && value < 5)).toBe(true);
    // Alkali metals, halogens and three heavy ones: a value that slipped by one place would break them.
    expect([3, 11, 19, 37, 55].map(electronegativityOf)).toEqual([0.98, 0.93, 0.82, 0.82, 0.79]);
    expect([9, 17, 35, 53, 85].map(electronegativityOf)).toEqual([3.98, 3.16, 2.96, 2.66, 2.2]);
    expect([79, 82, 92].map(electronegativityOf)).toEqual([2.54, 2.33, 1.38]);
    expect(() => electronegativityOf(LAST_ELEMENT)).toThrow(/no electronegativity is known.*expected H to Lr, got Og/);
    expect(() => pseudoElementContraction([1, 2, 3], [1, 6], { nMax: 2, lMax: 1 })).toThrow(InputError);
  });
});
