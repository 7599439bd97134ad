// Features that are chains of couplings: against librascal's bispectrum, against each other, and how they turn.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend, Features } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { featureLabels } from "../../../src/features/feature-layout.js";
import type { FeatureChoice, Hyperparameters } from "../../../src/features/hyperparameters.js";
import type { Structure } from "../../../src/structure/structure.js";
import { explicitHarmonics } from "../../reference/associated-legendre.js";
import { eliminate } from "../../reference/elimination.js";
import { relativeDifference } from "../../reference/norms.js";
import { describeShared } from "../../shared-data.js";
import { hyperparametersOf, librascalConstant, readReference, structureOf, type LibrascalHypers, type ReferenceStructure } from "../backend/reference-files.js";
import { crystal, ethanol, hyperparameters } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

interface BispectrumCase {
  readonly name: string;
  readonly inversion_symmetry: boolean;
  readonly hypers: LibrascalHypers;
  readonly species: number[];
  readonly l_triples: [number, number, number][];
  readonly triplets: [number, number, number][];
  readonly structure: ReferenceStructure;
  readonly features: number[][];
}

/** Sign of the permutation that sorts three different or equal things; equal ones keep their order. */
function sorted<T>(things: readonly T[], before: (a: T, b: T) => number): { order: T[]; sign: number } {
  const order = [...things];
  let sign = 1;
  for (let i = 0; i < 3; i++) {
    for (let k = 0; k + 1 < 3; k++) {
      if (before(order[k]!, order[k + 1]!) <= 0) continue;
      [order[k], order[k + 1]] = [order[k + 1]!, order[k]!];
      sign = -sign;
    }
  }
  return { order, sign };
}

describeShared("librascal bispectrum", ["reference/librascal_bispectrum.json.gz"], (path) => {
  const { cases } = readReference<{ cases: BispectrumCase[] }>(path);
  for (const item of cases) {
    test(`${item.name}, ${item.inversion_symmetry ? "scalars" : "scalars and pseudoscalars"}`, async () => {
      const plain = hyperparametersOf(item.hypers, "GTO", "PowerSpectrum", false);
      const hyper: Hyperparameters = { ...plain, features: { kind: "bispectrum", normalize: false, pseudoscalars: !item.inversion_symmetry } };
      const { values, size, centers } = await backend.computeFeatures([structureOf(item.structure)], hyper, { species: item.species });
      const { names, values: labels } = featureLabels(hyper, item.species);
      const columnOf = new Map(Array.from({ length: size }, (_, f) => [labels.slice(f * names.length, (f + 1) * names.length).join(" "), f]));
      const { max_radial: nMax } = item.hypers;
      const constant = librascalConstant("GTO") ** 3;
      // librascal holds all orders of n and l for every sorted triple of elements; ours each unordered triple once, times the root of its number of orders.
      const found = new Map<string, [ours: number, theirs: number][]>();
      for (let center = 0; center < centers.length; center++) {
        const seen = new Set<number>();
        item.triplets.forEach((elements, triplet) => {
          const different = new Set(elements).size;
          const factor = [1, Math.sqrt(3), Math.sqrt(6)][different - 1]!;
          for (let n = 0; n < nMax ** 3; n++) {
            const radial = [Math.floor(n / nMax ** 2), Math.floor(n / nMax) % nMax, n % nMax];
            item.l_triples.forEach((degrees, il) => {
              const theirValue = item.features[center]![(triplet * nMax ** 3 + n) * item.l_triples.length + il]!;
              const channels = degrees.map((l, k) => [elements[k]!, l, radial[k]!] as const);
              const { order, sign } = sorted(channels, ([za, la, na], [zb, lb, nb]) => la - lb || za - zb || na - nb);
              const column = columnOf.get(order.flat().join(" "));
              const odd = degrees.reduce((sum, l) => sum + l, 0) % 2 === 1;
              const same = order.filter((channel, k) => order.findIndex((other) => other.join() === channel.join()) === k).length;
              if (column === undefined) {
                // A pseudoscalar of two equal channels is zero.
                expect(odd && same < 3).toBe(true);
                expect(Math.abs(theirValue)).toBeLessThan(1e-12);
                return;
              }
              seen.add(column);
              const value = (values[center * size + column]! / constant) * (odd ? sign : 1) * factor / [1, Math.sqrt(3), Math.sqrt(6)][same - 1]!;
              const key = [...degrees].sort((a, b) => a - b).join(" ");
              (found.get(key) ?? found.set(key, []).get(key)!).push([value, theirValue]);
            });
          }
        });
        expect(seen.size).toBe(size);
      }
      // The sign of a coupling is a matter of convention, one for each triple of degrees.
      const all = [...found.values()].flatMap((pairs) => {
        const sign = Math.sign(pairs.reduce((sum, [ours, theirs]) => sum + ours * theirs, 0));
        return pairs.map(([ours, theirs]) => [sign * ours, theirs] as const);
      });
      expect(relativeDifference(all.map(([ours]) => ours), all.map(([, theirs]) => theirs))).toBeLessThan(1e-10);
    });
  }
});

const ROTATION = (() => {
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  const [d, t] = [Math.cos(-1.3), Math.sin(-1.3)];
  // About z, then about x.
  return [[c, -s, 0], [d * s, d * c, -t], [t * s, t * c, d]] as const;
})();

const applied = (matrix: readonly (readonly number[])[], [x, y, z]: Iterable<number>): number[] => matrix.map(([a, b, c]) => a! * x! + b! * y! + c! * z!);

function transformed(structure: Structure, matrix: readonly (readonly number[])[]): Structure {
  const turn = (vectors: Float64Array): Float64Array =>
    Float64Array.from(Array.from({ length: vectors.length / 3 }, (_, k) => applied(matrix, vectors.subarray(3 * k, 3 * k + 3))).flat());
  return { ...structure, positions: turn(structure.positions), cell: structure.cell && turn(structure.cell) };
}

/** D with Y_λ(R u) = D Y_λ(u), from the harmonics of as many directions as there are components. */
function wigner(lambda: number, matrix: readonly (readonly number[])[]): number[][] {
  const harmonics = ([x, y, z]: readonly number[]): number[] =>
    [...explicitHarmonics(lambda, Math.atan2(Math.hypot(x!, y!), z!), Math.atan2(y!, x!)).subarray(lambda * lambda)];
  const directions = Array.from({ length: 2 * lambda + 1 }, (_, k) => {
    const z = 0.83 - (1.5 * k) / (2 * lambda + 1);
    return [Math.sqrt(1 - z * z) * Math.cos(2.4 * k + 0.3), Math.sqrt(1 - z * z) * Math.sin(2.4 * k + 0.3), z];
  });
  const before = directions.map(harmonics);
  const after = directions.map((direction) => harmonics(applied(matrix, direction)));
  return Array.from({ length: 2 * lambda + 1 }, (_, row) => eliminate(before, after.map((values) => values[row]!)));
}

const features = (structure: Structure, choice: FeatureChoice): Promise<Features> => backend.computeFeatures([structure], { ...hyperparameters(), features: choice });

const SYSTEMS: [string, () => Structure][] = [["a molecule", ethanol], ["a left-handed crystal", () => crystal([6, 14, 8], 6)]];

describe.each(SYSTEMS)("%s", (_, make) => {
  test("the bispectrum does not turn; its pseudoscalars change their sign in a mirror", async () => {
    const structure = make();
    const choice = { kind: "bispectrum", normalize: true, pseudoscalars: true } as const;
    const { values, size } = await features(structure, choice);
    const rotated = await features(transformed(structure, ROTATION), choice);
    expect(relativeDifference(rotated.values, values)).toBeLessThan(1e-10);
    const mirrored = await features(transformed(structure, [[-1, 0, 0], [0, 1, 0], [0, 0, 1]]), choice);
    const { names, values: labels } = featureLabels({ ...hyperparameters(), features: choice }, rotated.species);
    const odd = (f: number): boolean => names.reduce((sum, name, k) => sum + (name.startsWith("l") ? labels[f * names.length + k]! : 0), 0) % 2 === 1;
    expect(relativeDifference(mirrored.values, values.map((value, k) => (odd(k % size) ? -value : value)))).toBeLessThan(1e-10);
    const pseudo = values.filter((__, k) => odd(k % size));
    expect(pseudo.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeGreaterThan(1e-4);
  });

  test.each([0, 1, 2, 3, 4])("λ-SOAP of degree %i turns like its harmonics", async (lambda) => {
    const structure = make();
    const matrix = wigner(lambda, ROTATION);
    for (const parity of lambda === 0 ? ([1] as const) : ([1, -1] as const)) {
      const choice = { kind: "lambda-soap", normalize: true, lambda, parity } as const;
      const { values, size, centers } = await features(structure, choice);
      const width = size / (2 * lambda + 1);
      const turned = new Float64Array(values.length);
      for (let center = 0; center < centers.length; center++) {
        for (let q = 0; q < width; q++) {
          const at = (mu: number): number => center * size + mu * width + q;
          matrix.forEach((row, mu) => (turned[at(mu)] = row.reduce((sum, d, other) => sum + d * values[at(other)]!, 0)));
        }
      }
      const rotated = await features(transformed(structure, ROTATION), choice);
      expect(relativeDifference(rotated.values, turned)).toBeLessThan(1e-10);
      const inverted = await features(transformed(structure, [[-1, 0, 0], [0, -1, 0], [0, 0, -1]]), choice);
      const sign = parity * (lambda % 2 === 0 ? 1 : -1);
      expect(relativeDifference(inverted.values, values.map((value) => sign * value))).toBeLessThan(1e-10);
    }
  });

  test("λ-SOAP of degree 0 is the power spectrum", async () => {
    const structure = make();
    for (const normalize of [true, false]) {
      const generic = await features(structure, { kind: "lambda-soap", normalize });
      const fast = await features(structure, { kind: "power-spectrum", normalize });
      const names = (choice: FeatureChoice): string[] => {
        const { names: columns, values } = featureLabels({ ...hyperparameters(), features: choice }, fast.species);
        return Array.from({ length: values.length / columns.length }, (__, f) => {
          const label = Object.fromEntries(columns.map((name, k) => [name, values[f * columns.length + k]!]));
          return [label["l"] ?? label["l1"], label["Z1"], label["n1"], label["Z2"], label["n2"]].join(" ");
        });
      };
      const columns = names({ kind: "power-spectrum", normalize });
      const order = names({ kind: "lambda-soap", normalize }).map((name) => columns.indexOf(name));
      expect(generic.size).toBe(fast.size);
      const expected = Float64Array.from(generic.values, (__, k) => fast.values[Math.floor(k / fast.size) * fast.size + order[k % fast.size]!]!);
      expect(relativeDifference(generic.values, expected)).toBeLessThan(1e-13);
    }
  });
});
