import { beforeAll, describe, expect, it } from "vitest";
import { createContractedFunctions } from "../../../src/basis/contracted-functions.js";
import { contractTable, elementMatrix } from "../../../src/basis/contracted-table.js";
import { createContraction, decomposeCovariance, keptChannels } from "../../../src/basis/contraction.js";
import { createCovariance, type CoefficientLayout, type DensityCovariance } from "../../../src/basis/covariance.js";
import { gaussLegendre } from "../../../src/basis/gauss-legendre.js";
import { createRadialBasis } from "../../../src/basis/radial-integrals.js";
import { createRadialTable } from "../../../src/basis/radial-table.js";
import { InputError, NumericalError } from "../../../src/errors.js";
import type { RadialBasis, RadialContraction } from "../../../src/basis/hyperparameters.js";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { createRandom } from "../../../src/selection/random.js";
import { referenceCovariance } from "../../reference/covariance.js";
import { referenceDensityCoefficients, type Atoms } from "../../reference/density-coefficients.js";
import { largestDifference, largestMagnitude } from "../../reference/norms.js";
import { tableCoefficients } from "../../reference/table-coefficients.js";
import { hyperparametersWith } from "./hyperparameters.js";

let algebra: LinearAlgebra;
beforeAll(async () => void (algebra = await createLinearAlgebra()));

function covarianceOf(layout: CoefficientLayout, coefficients: Float64Array, mixed = false): DensityCovariance {
  return referenceCovariance(layout, coefficients, { mixed });
}

/** An orthogonal matrix with rows whose largest component is positive: Gram and Schmidt on random rows. */
function orthogonal(size: number, seed: number): number[][] {
  const random = createRandom(seed);
  const rows: number[][] = [];
  for (let q = 0; q < size; q++) {
    let row = Array.from({ length: size }, () => random.normal());
    for (const other of rows) row = row.map((value, k) => value - other[k]! * row.reduce((sum, x, j) => sum + x * other[j]!, 0));
    const lead = row.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    const length = Math.sign(lead) * Math.hypot(...row);
    rows.push(row.map((value) => value / length));
  }
  return rows;
}

/** A box of two elements, periodic. */
const water: Atoms = {
  species: [8, 1, 1, 8, 1, 1], positions: [0, 0, 0, 0.96, 0, 0, -0.24, 0.93, 0, 2.1, 2.4, 1.9, 2.1, 3.3, 2.1, 2.9, 2.2, 1.4],
  cell: [4.2, 0, 0, 0.3, 4.4, 0, 0, 0, 4.1], pbc: [true, true, true],
};

/** [center][species][n][lm] of a structure. */
function blockOf(atoms: Atoms, hyperparameters: Hyperparameters, species: readonly number[]): Float64Array {
  const size = hyperparameters.basis.nMax * (hyperparameters.basis.lMax + 1) ** 2;
  const maps = referenceDensityCoefficients(atoms, hyperparameters);
  const out = new Float64Array(maps.length * species.length * size);
  maps.forEach((coefficients, i) => species.forEach((z, a) => out.set(coefficients.get(z) ?? [], (i * species.length + a) * size)));
  return out;
}

describe("decomposeCovariance", () => {
  it("finds planted directions, in descending order and with the largest component positive", () => {
    const rows = orthogonal(4, 11);
    const lambda = [9, 4, 1, 0.25];
    // l = 0: one center per direction; l = 1: the direction q in the order m = q − 1 of the first center.
    const coefficients = new Float64Array(4 * 4 * 4);
    rows.forEach((row, q) => row.forEach((value, n) => (coefficients[(q * 4 + n) * 4] = -Math.sqrt(4 * lambda[q]!) * value)));
    for (let q = 0; q < 3; q++) rows[q]!.forEach((value, n) => (coefficients[n * 4 + 1 + q] = Math.sqrt(4 * lambda[2 - q]!) * value));
    const { blocks } = decomposeCovariance(algebra, covarianceOf({ species: 1, nMax: 4, lMax: 1 }, coefficients));
    expect(largestDifference(blocks[0]!.variances, lambda)).toBeLessThan(1e-13);
    expect(largestDifference(blocks[0]!.vectors, rows.flat())).toBeLessThan(1e-13);
    expect(Math.abs(blocks[0]!.total - 14.25)).toBeLessThan(1e-13);
    // The fourth direction has no variance and no place here.
    expect(largestDifference(blocks[1]!.variances, [9, 4, 1])).toBeLessThan(1e-13);
    expect(largestDifference(blocks[1]!.vectors, [...rows[2]!, ...rows[1]!, ...rows[0]!])).toBeLessThan(1e-13);
  });

  it("makes coefficients that are not correlated, each with the variance of its eigenvalue", () => {
    const hyperparameters = hyperparametersWith({ cutoff: { radius: 3.5 }, basis: { nMax: 5, lMax: 2 } });
    const block = blockOf(water, hyperparameters, [1, 8]);
    for (const mixed of [false, true]) {
      const directions = decomposeCovariance(algebra, covarianceOf({ species: 2, nMax: 5, lMax: 2 }, block, mixed));
      const size = mixed ? 10 : 5;
      directions.blocks.forEach(({ vectors, variances }, index) => {
        const [l, first] = [index % 3, mixed ? 0 : Math.floor(index / 3) * 5];
        const correlation = new Float64Array(variances.length ** 2);
        for (let i = 0; i < 6; i++) {
          for (let lm = l * l; lm < (l + 1) ** 2; lm++) {
            const contracted = variances.map((_, q) => {
              let sum = 0;
              for (let k = 0; k < size; k++) sum += vectors[q * size + k]! * block[(i * 10 + first + k) * 9 + lm]!;
              return sum;
            });
            contracted.forEach((x, q) => contracted.forEach((y, p) => (correlation[q * variances.length + p]! += (x * y) / 6)));
          }
        }
        const expected = correlation.map((_, k) => (k % (variances.length + 1) === 0 ? variances[k / (variances.length + 1)]! : 0));
        expect(largestDifference(correlation, expected) / variances[0]!).toBeLessThan(1e-13);
      });
    }
  });

  it("gives an absent element and a degree that is forbidden by symmetry no directions", () => {
    const perfect: Atoms = { species: [14], positions: [0, 0, 0], cell: [3, 0, 0, 0, 3, 0, 0, 0, 3], pbc: [true, true, true] };
    const hyperparameters = hyperparametersWith({ cutoff: { radius: 3.8 }, basis: { nMax: 4, lMax: 2 } });
    const covariance = covarianceOf({ species: 2, nMax: 4, lMax: 2 }, blockOf(perfect, hyperparameters, [8, 14]));
    const directions = decomposeCovariance(algebra, covariance);
    // One center: of l = 0 one direction; in a cubic crystal nothing of l = 1 and 2.
    expect(directions.blocks.map(({ variances }) => variances.length)).toEqual([0, 0, 0, 1, 0, 0]);
    const counts = keptChannels(directions, { channels: 3 });
    expect([...counts]).toEqual([0, 0, 0, 1, 0, 0]);
    const { channels, matrix } = createContraction(directions, [8, 14], counts);
    expect(channels).toBe(1);
    expect(matrix.filter((value) => value !== 0).length).toBe(4);
  });

  it("leaves a channel without variance out of every direction", () => {
    const random = createRandom(4);
    // [center][n][lm]; the second channel is zero.
    const coefficients = Float64Array.from({ length: 5 * 3 * 4 }, (_, k) => (Math.floor(k / 4) % 3 === 1 ? 0 : random.normal()));
    const { blocks } = decomposeCovariance(algebra, covarianceOf({ species: 1, nMax: 3, lMax: 1 }, coefficients));
    for (const { vectors, variances } of blocks) {
      expect(variances.length).toBe(2);
      expect(Math.max(Math.abs(vectors[1]!), Math.abs(vectors[4]!))).toBeLessThan(1e-15);
    }
  });

  it("refuses coefficients without any variance", () => {
    expect(() => decomposeCovariance(algebra, covarianceOf({ species: 1, nMax: 2, lMax: 0 }, new Float64Array(8)))).toThrow(NumericalError);
    expect(() => decomposeCovariance(algebra, createCovariance({ species: 1, nMax: 2, lMax: 0 }, false))).toThrow(/all zero/);
  });
});

describe("keptChannels", () => {
  const lambda = [10, 1, 0.1, 0.01];
  const blocks = [0, 1].map((k) => {
    const variances = Float64Array.from(lambda.slice(k));
    return { vectors: new Float64Array((4 - k) * 4), variances, total: k === 0 ? 11.11 : 1.11 };
  });
  const directions = { species: 1, nMax: 4, lMax: 1, mixed: false, centers: null, blocks };

  it("keeps a number, the rank, a share of the variance, or the smaller of both", () => {
    expect([...keptChannels(directions, { channels: 1 })]).toEqual([1, 1]);
    expect([...keptChannels(directions, { channels: 4 })]).toEqual([4, 3]);
    // After two of four 0.11/11.11 = 0.0099 is left, after two of three 0.01/1.11 = 0.009.
    expect([...keptChannels(directions, { threshold: 0.00995 })]).toEqual([2, 2]);
    expect([...keptChannels(directions, { threshold: 0.0095 })]).toEqual([3, 2]);
    expect([...keptChannels(directions, { threshold: 0 })]).toEqual([4, 3]);
    expect([...keptChannels(directions, { threshold: 0.0005, channels: 3 })]).toEqual([3, 3]);
  });

  it("refuses sizes that are not there", () => {
    for (const keep of [{}, { channels: 0 }, { channels: 5 }, { channels: 1.5 }, { threshold: 1 }, { threshold: -0.1 }, { threshold: NaN }]) {
      expect(() => keptChannels(directions, keep)).toThrow(InputError);
    }
    expect(() => keptChannels(directions, { channels: 5 })).toThrow(/"channels".*from 1 to 4, the primitive channels, got 5/);
    expect(() => createContraction(directions, [14], [0, 0])).toThrow(/without functions/);
    expect(() => createContraction(directions, [8, 14], [1, 1])).toThrow(/expected 1, got 2/);
  });
});

/** The optimal basis of a structure in its hyperparameters. */
function optimal(atoms: Atoms, basis: Partial<RadialBasis>, species: readonly number[], channels: number, mixed = false): Hyperparameters {
  const hyperparameters = hyperparametersWith({ cutoff: { radius: 3.5 }, basis });
  const { nMax, lMax } = hyperparameters.basis;
  const covariance = covarianceOf({ species: species.length, nMax, lMax }, blockOf(atoms, hyperparameters, species), mixed);
  const directions = decomposeCovariance(algebra, covariance);
  const contraction: RadialContraction = createContraction(directions, species, keptChannels(directions, { channels }));
  return { ...hyperparameters, basis: { ...hyperparameters.basis, contraction } };
}

describe("tables of a contraction", () => {
  it.each([false, true])("give Σ_n U_qn c_anlm directly from the neighbors, at the size of a primitive table of q functions: mixed %s", (mixed) => {
    const [nMax, lMax, channels] = [5, 2, 3];
    const species = [1, 8];
    const hyperparameters = optimal(water, { nMax, lMax, accuracy: 1e-11 }, species, channels, mixed);
    const contraction = hyperparameters.basis.contraction!;
    const primitive = createRadialTable(hyperparameters);
    const tables = new Map(species.map((z) => [z, contractTable(primitive, elementMatrix(contraction, null, z, hyperparameters.basis), channels)]));
    for (const table of tables.values()) {
      expect([table.nMax, table.intervals]).toEqual([channels, primitive.intervals]);
      expect(table.values.length).toBe((table.intervals + 1) * (lMax + 1) * channels);
    }
    const densities = mixed ? 1 : 2;
    const found = tableCoefficients(water, tables, (z) => (mixed ? 0 : species.indexOf(z)), densities);
    const full = blockOf(water, hyperparameters, species);
    found.forEach((coefficients, i) => {
      const expected = new Float64Array(densities * channels * 9);
      for (let a = 0; a < 2; a++) {
        for (let q = 0; q < channels; q++) {
          for (let lm = 0; lm < 9; lm++) {
            const l = Math.floor(Math.sqrt(lm));
            for (let n = 0; n < nMax; n++) {
              const u = contraction.matrix[((a * (lMax + 1) + l) * channels + q) * nMax + n]!;
              expected[((mixed ? 0 : a) * channels + q) * 9 + lm]! += u * full[((i * 2 + a) * nMax + n) * 9 + lm]!;
            }
          }
        }
      }
      expect(largestDifference(coefficients, expected) / largestMagnitude(full)).toBeLessThan(1e-9);
    });
  });
});

describe("createContractedFunctions", () => {
  it("gives orthonormal functions for every l: rotations of the primitive ones", () => {
    const hyperparameters = optimal(water, { nMax: 6, lMax: 2, kind: "chebyshev" }, [1, 8], 3);
    const evaluate = createContractedFunctions(hyperparameters, 8);
    const gram = new Float64Array(3 * 9);
    const { points, weights } = gaussLegendre(30, 0, 3.5);
    points.forEach((s, k) => {
      const values = evaluate(s);
      for (let l = 0; l < 3; l++) {
        const family = values.subarray(3 * l, 3 * l + 3);
        family.forEach((one, q) => family.forEach((other, p) => (gram[(l * 3 + q) * 3 + p]! += weights[k]! * s * s * one * other)));
      }
    });
    expect(largestDifference(gram, gram.map((_, index) => ([0, 4, 8].includes(index % 9) ? 1 : 0)))).toBeLessThan(1e-12);
  });

  it("gives the same functions from GTO and DVR, the more the larger both are: within 1 % of their maximum at 20", () => {
    const curves = (kind: "gto" | "dvr", nMax: number): number[][] => {
      const evaluate = createContractedFunctions(optimal(water, { kind, nMax, lMax: 1 }, [1, 8], 2), 8);
      const values = Array.from({ length: 34 }, (_, k) => evaluate(0.1 * (k + 1)));
      return [0, 1, 2, 3].map((lq) => values.map((value) => value[lq]!));
    };
    const differences = [12, 20].map((nMax) => {
      const dvr = curves("dvr", nMax);
      return curves("gto", nMax).map((gto, lq) => {
        // The sign is that of the largest component of U, which depends on the primitive basis.
        const sign = Math.sign(gto.reduce((sum, value, k) => sum + value * dvr[lq]![k]!, 0));
        return largestDifference(dvr[lq]!.map((value) => sign * value), gto) / largestMagnitude(gto);
      });
    });
    for (const lq of [0, 1, 2, 3]) {
      expect(differences[1]![lq]!).toBeLessThan(0.01);
      expect(differences[1]![lq]!).toBeLessThan(0.5 * differences[0]![lq]!);
    }
  });

  it("gives for each center element the rotation of its own matrix", () => {
    const [hydrogen, oxygen] = [optimal(water, { nMax: 4, lMax: 1 }, [1, 8], 2), optimal(water, { nMax: 4, lMax: 1 }, [1, 8], 2, true)];
    const matrices = [hydrogen, oxygen].map(({ basis }) => basis.contraction!.matrix);
    const contraction: RadialContraction = { mixed: false, channels: 2, species: [1, 8], centers: [1, 8], matrix: matrices.flat() };
    const both = { ...hydrogen, basis: { ...hydrogen.basis, contraction } };
    for (const s of [0.3, 2.1]) {
      expect(createContractedFunctions(both, 8, 1)(s)).toEqual(createContractedFunctions(hydrogen, 8)(s));
      expect(createContractedFunctions(both, 8, 8)(s)).toEqual(createContractedFunctions(oxygen, 8)(s));
    }
    expect(() => createContractedFunctions(both, 8)).toThrow(/depends on the center: expected H, O, got none/);
    expect(() => createContractedFunctions(both, 8, 6)).toThrow(/without centers of an element: expected H, O, got C/);
  });

  it("refuses hyperparameters without the element or without a contraction", () => {
    expect(() => createContractedFunctions(hyperparametersWith(), 14)).toThrow(/"basis\.contraction"/);
    expect(() => createContractedFunctions(optimal(water, { nMax: 3, lMax: 0 }, [1, 8], 1), 14)).toThrow(/expected H, O, got Si/);
    expect(createRadialBasis(hyperparametersWith())(1).length).toBe(6);
  });
});
