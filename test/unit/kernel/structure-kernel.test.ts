// Kernels between structures: transport against every permutation and against its duality, REMatch against Sinkhorn's iterations as they are written in the
// paper, its own condition and both limits, matrices against sums written out.
import { describe, expect, test } from "vitest";
import { averagedSpectrum } from "../../../src/features/averaged-spectrum.js";
import { createBackend } from "../../../src/index.js";
import { optimalTransport } from "../../../src/kernel/optimal-transport.js";
import { rematchPlan } from "../../../src/kernel/rematch.js";
import { kernelDistances, matchedKernel, type StructureKernelSettings } from "../../../src/kernel/structure-kernel.js";
import { createRandom } from "../../../src/selection/random.js";
import { createStructure } from "../../../src/structure/structure.js";
import { structureKernel, type StructureEnvironments } from "../../../src/training/structure-kernels.js";
import { ethanol, hyperparameters } from "../backend/systems.js";

/** Unit vectors with positive components, as normalized features of like environments are. */
function directions(count: number, size: number, seed: number): number[][] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const row = Array.from({ length: size }, () => Math.abs(random.normal()));
    return row.map((value) => value / Math.hypot(...row));
  });
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0);

function kernelOf(n: number, m: number, seed: number): Float64Array {
  const [a, b] = [directions(n, 5, seed), directions(m, 5, seed + 100)];
  return Float64Array.from({ length: n * m }, (_, index) => dot(a[Math.floor(index / m)]!, b[index % m]!));
}

const weighted = (plan: Float64Array, kernel: Float64Array): number => plan.reduce((sum, w, k) => sum + w * kernel[k]!, 0);
const mean = (kernel: Float64Array): number => kernel.reduce((sum, value) => sum + value, 0) / kernel.length;

function expectDoublyStochastic(plan: Float64Array, n: number, m: number, tolerance: number): void {
  for (let i = 0; i < n; i++) expect(Math.abs(plan.subarray(i * m, (i + 1) * m).reduce((a, b) => a + b, 0) - 1 / n) <= tolerance).toBe(true);
  for (let j = 0; j < m; j++) expect(Math.abs(plan.filter((_, k) => k % m === j).reduce((a, b) => a + b, 0) - 1 / m) <= tolerance).toBe(true);
  expect(plan.every((value) => value >= 0)).toBe(true);
}

function permutations(n: number): number[][] {
  if (n === 0) return [[]];
  return permutations(n - 1).flatMap((rest) => Array.from({ length: n }, (_, at) => [...rest.slice(0, at), n - 1, ...rest.slice(at)]));
}

describe("optimal transport", () => {
  test.each([1, 2, 5, 7])("of equal numbers: the best of all permutations, n = %i", (n) => {
    for (let seed = 1; seed <= 5; seed++) {
      const cost = kernelOf(n, n, seed);
      const best = Math.min(...permutations(n).map((order) => order.reduce((sum, j, i) => sum + cost[i * n + j]!, 0) / n));
      const { plan } = optimalTransport(cost, n, n);
      expect(weighted(plan, cost)).toBeCloseTo(best, 13);
      expect([...plan].filter((value) => value > 0)).toEqual(Array.from({ length: n }, () => 1 / n));
    }
  });

  test.each([[1, 4], [4, 1], [2, 6], [6, 4], [5, 7], [17, 18], [30, 30]])("the potentials prove it, %i × %i", (n, m) => {
    const cost = kernelOf(n, m, 3).map((value) => 40 * value - 10);
    const { plan, rows, columns } = optimalTransport(cost, n, m);
    expectDoublyStochastic(plan, n, m, 1e-14);
    for (let index = 0; index < n * m; index++) expect(cost[index]! - rows[Math.floor(index / m)]! - columns[index % m]! >= -1e-12).toBe(true);
    // No plan costs less than the potentials are worth.
    expect(weighted(plan, cost)).toBeCloseTo(rows.reduce((a, b) => a + b, 0) / n + columns.reduce((a, b) => a + b, 0) / m, 11);
  });

  test("different numbers: as if every environment were there several times", () => {
    const cost = kernelOf(2, 3, 9);
    // Three copies of the rows, two of the columns.
    const repeated = Float64Array.from({ length: 36 }, (_, index) => cost[Math.floor(index / 18) * 3 + Math.floor((index % 6) / 2)]!);
    const best = Math.min(...permutations(6).map((order) => order.reduce((sum, j, i) => sum + repeated[i * 6 + j]!, 0) / 6));
    expect(weighted(optimalTransport(cost, 2, 3).plan, cost)).toBeCloseTo(best, 13);
  });

  test("what is no cost matrix is refused", () => {
    expect(() => optimalTransport(new Float64Array(5), 2, 3)).toThrow("expected 2 × 3 numbers, one at least, got 5");
    expect(() => optimalTransport(Float64Array.of(1, NaN), 1, 2)).toThrow("got NaN for 0, 1");
  });
});

/** Sinkhorn's iterations on K = exp(2k/γ) as the paper has them: no logarithms, no accelerations. */
function plainSinkhorn(kernel: Float64Array, n: number, m: number, gamma: number): Float64Array {
  const most = kernel.reduce((a, b) => Math.max(a, b));
  const weights = kernel.map((value) => Math.exp((2 * (value - most)) / gamma));
  let [u, v] = [new Float64Array(n).fill(1), new Float64Array(m).fill(1)];
  for (let step = 0; step < 200_000; step++) {
    v = v.map((_, j) => 1 / (m * u.reduce((sum, value, i) => sum + value * weights[i * m + j]!, 0)));
    const next = u.map((_, i) => 1 / (n * v.reduce((sum, value, j) => sum + value * weights[i * m + j]!, 0)));
    const change = next.reduce((worst, value, i) => Math.max(worst, Math.abs(value / u[i]! - 1)), 0);
    u = next;
    if (change < 1e-14) break;
  }
  return weights.map((value, index) => u[Math.floor(index / m)]! * value * v[index % m]!);
}

describe("REMatch", () => {
  test.each([[3, 3], [4, 7], [8, 5], [17, 18]])("is what plain iterations give where these do not overflow, %i × %i", (n, m) => {
    const kernel = kernelOf(n, m, 21);
    for (const gamma of [0.05, 0.1, 0.5, 1, 3, 10]) {
      const expected = weighted(plainSinkhorn(kernel, n, m, gamma), kernel);
      const plan = rematchPlan(kernel, n, m, gamma);
      expectDoublyStochastic(plan, n, m, 2e-12);
      expect(Math.abs(weighted(plan, kernel) - expected) <= 1e-10, `γ ${gamma}: ${weighted(plan, kernel)} and ${expected}`).toBe(true);
    }
  });

  // Between equal numbers of environments these iterations stall for small γ; the next test needs none.
  test.each([[4, 7], [3, 5], [7, 8]])("is what many plain iterations in logarithms give for small γ, %i × %i", (n, m) => {
    const kernel = kernelOf(n, m, 41);
    const [x, y] = [new Float64Array(n), new Float64Array(m)];
    const logSum = (terms: readonly number[]): number => Math.max(...terms) + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - Math.max(...terms)), 0));
    // From large γ down, each time from where the last one ended, in units of k.
    for (let gamma = 1; gamma > 0.9e-4; gamma /= 10 ** 0.25) {
      for (let step = 0; step < 3000; step++) {
        for (let j = 0; j < m; j++) y[j] = -gamma * (Math.log(m) + logSum(Array.from(x, (value, i) => (value + 2 * kernel[i * m + j]!) / gamma)));
        let change = 0;
        for (let i = 0; i < n; i++) {
          const next = -gamma * (Math.log(n) + logSum(Array.from(y, (value, j) => (value + 2 * kernel[i * m + j]!) / gamma)));
          change = Math.max(change, Math.abs(next - x[i]!) / gamma);
          x[i] = next;
        }
        if (change < 1e-13) break;
      }
      const expected = kernel.reduce((sum, k, index) => sum + k * Math.exp((x[Math.floor(index / m)]! + y[index % m]! + 2 * k) / gamma), 0);
      const value = weighted(rematchPlan(kernel, n, m, gamma), kernel);
      expect(Math.abs(value - expected) <= 1e-9, `γ ${gamma}: ${value} and ${expected}`).toBe(true);
    }
  });

  test.each([[3, 3], [4, 7], [8, 5], [17, 18], [40, 40]])("satisfies its own condition for every γ, %i × %i", (n, m) => {
    // ln W = x_i + y_j + 2k/γ: of four elements of W the cross ratio is that of exp(2k/γ), whatever the x and y.
    const kernel = kernelOf(n, m, 5);
    for (const gamma of [1e-4, 1e-3, 1e-2, 0.1, 1, 10]) {
      const plan = rematchPlan(kernel, n, m, gamma);
      expectDoublyStochastic(plan, n, m, 2e-12);
      let checked = 0;
      for (let i = 0; i + 1 < n; i++) {
        for (let j = 0; j + 1 < m; j++) {
          const four = [i * m + j, (i + 1) * m + j + 1, i * m + j + 1, (i + 1) * m + j];
          if (four.some((k) => plan[k]! < 1e-250)) continue;
          const [a, b, c, d] = four.map((k) => Math.log(plan[k]!));
          const [p, q, r, s] = four.map((k) => (2 * kernel[k]!) / gamma);
          expect(Math.abs(a! + b! - c! - d! - (p! + q! - r! - s!)) <= 1e-9 * (1 + Math.abs(p!))).toBe(true);
          checked++;
        }
      }
      if (gamma >= 0.01) expect(checked).toBe((n - 1) * (m - 1));
    }
  });

  test.each([[3, 3], [4, 7], [8, 5], [17, 18], [40, 40]])("ends at the best match and at the mean, %i × %i", (n, m) => {
    const kernel = kernelOf(n, m, 31);
    const best = weighted(optimalTransport(kernel.map((value) => -value), n, m).plan, kernel);
    for (const gamma of [1e-6, 1e-9, 1e-300]) expect(Math.abs(weighted(rematchPlan(kernel, n, m, gamma), kernel) - best) <= 1e-8).toBe(true);
    for (const gamma of [1e9, 1e300]) expect(Math.abs(weighted(rematchPlan(kernel, n, m, gamma), kernel) - mean(kernel)) <= 1e-8).toBe(true);
    const between = [1e-4, 1e-3, 1e-2, 0.1, 1, 10].map((gamma) => weighted(rematchPlan(kernel, n, m, gamma), kernel));
    for (let k = 1; k < between.length; k++) expect(between[k]! <= between[k - 1]! + 1e-12).toBe(true);
  });

  test("elements that are not coupled and hardly exchange anything", () => {
    const random = createRandom(7);
    for (let trial = 0; trial < 150; trial++) {
      const [n, m] = [3 + random.integer(22), 3 + random.integer(22)];
      const kernel = kernelOf(n, m, 1000 + trial);
      const [own, other] = [n, m].map((count) => Array.from({ length: count }, () => random.integer(3)));
      for (let k = 0; k < n * m; k++) kernel[k] = own![Math.floor(k / m)] === other![k % m] ? 0.9 + 0.1 * kernel[k]! : 0;
      const values = [1e-9, 1e-4, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 1].map((gamma) => {
        const plan = rematchPlan(kernel, n, m, gamma);
        expectDoublyStochastic(plan, n, m, 2e-12);
        return weighted(plan, kernel);
      });
      for (let k = 1; k < values.length; k++) expect(values[k]! <= values[k - 1]! + 1e-12).toBe(true);
    }
  });

  test("environments that are equal, one environment, kernels of any size", () => {
    const ties = kernelOf(6, 6, 2);
    for (let i = 1; i < 6; i += 2) ties.copyWithin(i * 6, (i - 1) * 6, i * 6);
    for (const gamma of [1e-12, 1e-4, 0.1, 10]) {
      const plan = rematchPlan(ties, 6, 6, gamma);
      expectDoublyStochastic(plan, 6, 6, 2e-12);
      for (let j = 0; j < 6; j++) expect(plan[j]).toBeCloseTo(plan[6 + j]!, 12);
    }
    expect([...rematchPlan(new Float64Array(6).fill(0.3), 2, 3, 1e-4)].every((value) => Math.abs(value - 1 / 6) < 1e-15)).toBe(true);
    expect([...rematchPlan(Float64Array.of(0.1, 0.9, 0.5), 1, 3, 0.01)].every((value) => Math.abs(value - 1 / 3) < 1e-15)).toBe(true);
    const kernel = kernelOf(5, 7, 8);
    for (const factor of [1e-200, 1e200]) {
      const [one, other] = [rematchPlan(kernel, 5, 7, 0.05), rematchPlan(kernel.map((value) => factor * value), 5, 7, 0.05 * factor)];
      one.forEach((value, k) => expect(other[k]).toBeCloseTo(value, 11));
    }
  });

  test("what makes no match is refused", () => {
    expect(() => rematchPlan(new Float64Array(4), 2, 2, 0)).toThrow('"gamma": entropy of a match: expected a number above 0, got 0');
    expect(() => rematchPlan(new Float64Array(3), 2, 2, 1)).toThrow("expected 2 × 2 numbers");
    expect(() => rematchPlan(Float64Array.of(1, Infinity), 1, 2, 1)).toThrow("not finite");
  });
});

/** Structures of 1, 2, … environments with three elements. */
function environments(sizes: readonly number[], seed: number): StructureEnvironments {
  const rows = directions(sizes.reduce((a, b) => a + b, 0), 6, seed);
  const offsets = Int32Array.from([0, ...sizes.map((_, k) => sizes.slice(0, k + 1).reduce((a, b) => a + b, 0))]);
  return { values: Float64Array.from(rows.flat()), size: 6, offsets, centers: Uint8Array.from(rows, (_, k) => [1, 6, 8][k % 3]!) };
}

describe("matrices", () => {
  // More environments than a block has, and a structure that is a block by itself.
  const [a, b] = [environments([3, 1, 800, 4, 60, 5, 30], 1), environments([2, 90, 6], 2)];

  function plainly(one: StructureEnvironments, i: number, other: StructureEnvironments, j: number, { kind, zeta = 1, coupled }: StructureKernelSettings): number {
    let sum = 0;
    for (let p = one.offsets[i]!; p < one.offsets[i + 1]!; p++) {
      for (let q = other.offsets[j]!; q < other.offsets[j + 1]!; q++) {
        if (coupled || one.centers[p] === other.centers[q]) sum += dot([...one.values.subarray(6 * p, 6 * p + 6)], [...other.values.subarray(6 * q, 6 * q + 6)]) ** zeta;
      }
    }
    return kind === "sum" ? sum : sum / ((one.offsets[i + 1]! - one.offsets[i]!) * (other.offsets[j + 1]! - other.offsets[j]!));
  }

  test.each<StructureKernelSettings>([
    { kind: "sum", coupled: true }, { kind: "mean", zeta: 2 }, { kind: "mean", zeta: 3, coupled: true, normalize: true }, { kind: "sum", normalize: true }, { kind: "mean" },
  ])("%j", async (settings) => {
    const { values, selfA, selfB } = await structureKernel(a, b, settings);
    for (const i of [0, 1, 3, 5, 6]) {
      for (let j = 0; j < 3; j++) {
        const [ab, aa, bb] = [plainly(a, i, b, j, settings), plainly(a, i, a, i, settings), plainly(b, j, b, j, settings)];
        const expected = settings.normalize ? ab / Math.sqrt(aa * bb) : ab;
        expect(Math.abs(values[3 * i + j]! / expected - 1) <= 1e-11).toBe(true);
        if (settings.normalize) expect([selfA[i], selfB[j]]).toEqual([1, 1]);
        else expect(Math.abs(selfA[i]! / aa - 1) <= 1e-11).toBe(true);
      }
    }
    const { values: own, selfA: self } = await structureKernel(a, null, settings);
    for (let i = 0; i < 7; i++) for (let j = 0; j < i; j++) expect(own[7 * i + j]).toBe(own[7 * j + i]);
    const distances = kernelDistances(own, self, self);
    expect(distances[7 * 3 + 3]! <= 1e-7).toBe(true);
    expect(distances[7 * 3 + 5]! ** 2).toBeCloseTo(self[3]! + self[5]! - 2 * own[7 * 3 + 5]!, 12);
  });

  test("matches of pairs, and of a structure with itself in another order", async () => {
    const one = environments([4, 5], 3);
    const order = [3, 1, 0, 2];
    const turned = {
      values: Float64Array.from(order.flatMap((k) => [...one.values.subarray(6 * k, 6 * k + 6)])), size: 6,
      offsets: Int32Array.of(0, 4), centers: Uint8Array.from(order, (k) => one.centers[k]!),
    };
    for (const kind of ["best-match", "rematch"] as const) {
      const { values, selfA, selfB } = await structureKernel(one, turned, { kind, gamma: 1e-3, zeta: 2 });
      expect(values[0]).toBeCloseTo(selfA[0]!, 12);
      expect(selfB[0]).toBeCloseTo(selfA[0]!, 12);
      const pair = Float64Array.from({ length: 20 }, (_, index) => {
        const [p, q] = [4 + Math.floor(index / 4), index % 4];
        return one.centers[p] === turned.centers[q] ? dot([...one.values.subarray(6 * p, 6 * p + 6)], [...turned.values.subarray(6 * q, 6 * q + 6)]) ** 2 : 0;
      });
      expect(values[1]).toBeCloseTo(matchedKernel(pair, 5, 4, { kind, gamma: 1e-3 }), 12);
    }
    const { selfA } = await structureKernel(one, null, { kind: "best-match" });
    for (const value of selfA) expect(value).toBeCloseTo(1, 12);
  });

  test("what makes no kernel is refused", async () => {
    await expect(structureKernel(a, b, { kind: "rematch" })).rejects.toThrow('"gamma": entropy of a match: expected a number above 0 for rematch, got none');
    await expect(structureKernel(a, { ...b, size: 3 }, { kind: "mean" })).rejects.toThrow("the two sets differ in features: expected 6, got 3");
    await expect(structureKernel(a, b, { kind: "mean", zeta: 1.5 })).rejects.toThrow("exponent of the kernel");
    await expect(structureKernel({ ...a, offsets: Int32Array.of(0, 3, 3) }, null, { kind: "mean" })).rejects.toThrow("structure 1, \"a\": a structure without environments");
    await expect(structureKernel(a, b, { kind: "typo" as "sum" })).rejects.toThrow("expected sum, mean, best-match, rematch, got typo");
  });
});

describe("averaged coefficients", () => {
  const settings = hyperparameters({ basis: { nMax: 3, lMax: 3 } });
  test("of one environment: its power spectrum; turned: the same; of two: not their mean", async () => {
    const backend = await createBackend("cpu", { threads: 1 });
    const species = [1, 6, 8, 14];
    const cluster = ethanol();
    const turn = ([x, y, z]: readonly number[]): number[] => [0.6 * x! - 0.8 * z!, y!, 0.8 * x! + 0.6 * z!];
    const positions = Array.from({ length: 9 }, (_, k) => turn([...cluster.positions.subarray(3 * k, 3 * k + 3)])).flat();
    const structures = [cluster, createStructure({ species: [...cluster.species], positions })];
    const coefficients = await backend.computeDensityCoefficients(structures, settings, { species });
    const features = await backend.computeFeatures(structures, settings, { species });
    backend.destroy();
    const row = ({ values, size }: { values: Float64Array; size: number }, k: number): number[] => [...values.subarray(k * size, (k + 1) * size)];
    // Features stand in another order, and their products do not.
    const single = averagedSpectrum({ ...coefficients, offsets: Int32Array.from({ length: 10 }, (_, k) => k) }, 3);
    expect(single.size).toBe(features.size);
    for (let i = 0; i < 9; i++) for (let j = 0; j < 9; j++) expect(dot(row(single, i), row(single, j))).toBeCloseTo(dot(row(features, i), row(features, j)), 12);
    const spectra = averagedSpectrum(coefficients, 3);
    expect(dot(row(spectra, 0), row(spectra, 1))).toBeCloseTo(1, 12);
    const means = Array.from({ length: features.size }, (_, f) => Array.from({ length: 9 }, (_unused, atom) => row(features, atom)[f]! / 9).reduce((x, y) => x + y, 0));
    const [mixed, first] = [dot(row(spectra, 0), row(single, 0)), dot(means, row(features, 0)) / Math.hypot(...means)];
    expect(Math.abs(mixed - first) > 1e-3).toBe(true);
    // Half the coefficients, a quarter of the invariants.
    const [one, half] = [coefficients, { ...coefficients, values: coefficients.values.map((value) => value / 2) }].map((set) => averagedSpectrum(set, 3, false));
    expect(half!.values[5]).toBeCloseTo(one!.values[5]! / 4, 15);
    expect(() => averagedSpectrum({ values: new Float64Array(5), size: 5, offsets: Int32Array.of(0, 1) }, 1)).toThrow("expected a multiple of 4, got 5");
  });
});
