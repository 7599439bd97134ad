// Contracted radial bases: linear in the coefficients, forces still the derivative, and librascal's reduced expansion.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { featureLabels } from "../../../src/features/feature-layout.js";
import type { RadialContraction } from "../../../src/basis/hyperparameters.js";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import { createRandom } from "../../../src/selection/random.js";
import { relativeDifference } from "../../reference/norms.js";
import { describeShared } from "../../shared-data.js";
import {
  hyperparametersOf,
  librascalColumns,
  librascalConstant,
  readReference,
  structureOf,
  type LibrascalHypers,
  type ReferenceStructure,
} from "./reference-files.js";
import { crystal, ethanol, hyperparameters, randomPotential } from "./systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

function withContraction(hyper: Hyperparameters, contraction: RadialContraction): Hyperparameters {
  return { ...hyper, basis: { ...hyper.basis, contraction } };
}

function randomContraction(
  species: readonly number[],
  mixed: boolean,
  channels: number,
  { nMax, lMax }: Hyperparameters["basis"],
  centers: readonly number[] | null = null,
): RadialContraction {
  const random = createRandom(3);
  const length = (centers?.length ?? 1) * species.length * (lMax + 1) * channels * nMax;
  return { mixed, channels, species, centers, matrix: Array.from({ length }, () => random.normal()) };
}

describe.each([
  [false, null],
  [true, null],
  [false, [14, 6, 8]],
  [true, [14, 6, 8]],
])("mixed: %s, centers: %j", (mixed, centers) => {
  const structure = crystal([6, 14, 8], 6);
  const species = [6, 8, 14];
  const primitive = hyperparameters({ basis: { nMax: 5, accuracy: 1e-11 } });
  const contraction = randomContraction(species, mixed, 3, primitive.basis, centers);
  const hyper = withContraction(primitive, contraction);

  test("coefficients are U times those of the primitive basis", async () => {
    const { nMax, lMax } = primitive.basis;
    const orders = (lMax + 1) ** 2;
    const [plain, contracted] = [
      await backend.computeDensityCoefficients([structure], primitive),
      await backend.computeDensityCoefficients([structure], hyper),
    ];
    const densities = mixed ? 1 : species.length;
    const expected = new Float64Array(structure.species.length * densities * 3 * orders);
    for (let center = 0; center < structure.species.length; center++) {
      const first = centers ? centers.indexOf(structure.species[center]!) * species.length : 0;
      for (let s = 0; s < species.length; s++) {
        for (let q = 0; q < 3; q++) {
          for (let lm = 0; lm < orders; lm++) {
            const l = Math.floor(Math.sqrt(lm));
            const target = ((center * densities + (mixed ? 0 : s)) * 3 + q) * orders + lm;
            for (let n = 0; n < nMax; n++) {
              const u = contraction.matrix[(((first + s) * (lMax + 1) + l) * 3 + q) * nMax + n]!;
              expected[target]! += u * plain.values[((center * species.length + s) * nMax + n) * orders + lm]!;
            }
          }
        }
      }
    }
    expect(relativeDifference(contracted.values, expected)).toBeLessThan(1e-12);
  });

  test("forces are the derivative of the energy", async () => {
    const evaluator = await backend.createEvaluator(await randomPotential(backend, structure, hyper));
    const [{ forces }] = (await evaluator.predict([structure])) as unknown as [{ forces: Float64Array }];
    const step = 1e-4;
    const numeric: number[] = [];
    for (let k = 0; k < structure.positions.length; k++) {
      const moved = [-2, -1, 1, 2].map((n) => {
        const positions = structure.positions.slice();
        positions[k]! += n * step;
        return { ...structure, positions };
      });
      const [a, b, c, d] = (await evaluator.predict(moved, { forces: false })).map(({ energy }) => energy) as [number, number, number, number];
      numeric.push(-(a - 8 * b + 8 * c - d) / (12 * step));
    }
    evaluator.destroy();
    expect(relativeDifference(forces, numeric)).toBeLessThan(1e-7);
  });
});

test("an element that the contraction does not know is named", async () => {
  const hyper = hyperparameters();
  const contracted = withContraction(hyper, randomContraction([6, 1], false, 2, hyper.basis));
  await expect(backend.computeFeatures([ethanol()], contracted)).rejects.toThrow(/without an element.*got O/);
  const centered = withContraction(hyper, randomContraction([1, 6, 8], false, 2, hyper.basis, [6, 8]));
  await expect(backend.computeFeatures([ethanol()], centered)).rejects.toThrow(/without centers of an element.*expected C, O, got H/);
});

interface Reduction {
  readonly basis: string;
  readonly hypers: LibrascalHypers;
  /** Power spectrum, not normalized, [atom][feature]. */
  readonly features: number[][];
}

describeShared("librascal's radial reduction", ["reference/librascal_radial_reduction.json.gz"], (path) => {
  const {
    projection_matrices: matrices,
    structure,
    cases,
  } = readReference<{
    projection_matrices: Record<string, number[][][]>;
    structure: ReferenceStructure;
    cases: Reduction[];
  }>(path);
  test.each(cases)("$basis", async ({ basis, hypers, features }) => {
    // [l][q][n]
    const matrix = matrices["14"]!;
    const plain = hyperparametersOf({ ...hypers, max_radial: matrix[0]![0]!.length, max_angular: matrix.length - 1 }, basis, "PowerSpectrum", false);
    const contraction = { mixed: false, channels: matrix[0]!.length, species: [14], matrix: matrix.flat(2) };
    const hyper = withContraction(plain, contraction);
    const { values } = await backend.computeFeatures([structureOf(structure)], hyper);
    const columns = librascalColumns(featureLabels(hyper, [14]).values, [14], contraction.channels, matrix.length - 1);
    const expected = features.flatMap((row) => columns.map(({ column, factor }) => row[column]! * factor));
    expect(
      relativeDifference(
        values.map((value) => value / librascalConstant(basis) ** 2),
        expected,
      ),
    ).toBeLessThan(1e-8);
  });
});
