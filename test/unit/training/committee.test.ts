// Committees: their subsets, their weights against explicit fits to the subsets, and calibration against a known factor.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { InputError } from "../../../src/errors.js";
import { memberPotential } from "../../../src/model/committee.js";
import { formatModel, parseModel } from "../../../src/model/model-file.js";
import { createRandom } from "../../../src/selection/random.js";
import type { LabeledStructure } from "../../../src/structure/structure.js";
import { calibrateCommittee, Residuals } from "../../../src/training/calibration.js";
import { countsOf, drawSubsets } from "../../../src/training/committee.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { silicon } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 2 });
});
afterAll(() => backend.destroy());

function frames(count: number, first = 1): LabeledStructure[] {
  return Array.from({ length: count }, (_, k) => {
    const structure = silicon(1, 0.03 + 0.01 * (k % 9), first + k);
    const { energy, forces, virial } = computeStillingerWeber(structure);
    return { structure, labels: { energy, forces, virial, configType: "default" } };
  });
}

const base = {
  cutoff: { radius: 4, width: 0.7 }, basis: { kind: "gto", nMax: 3, lMax: 2 }, compression: null,
  baseline: { kind: "given", energies: { Si: -4.3 } }, sparse: { count: 12 },
};
const configuration = (change: object = {}): ReturnType<typeof parseFitConfiguration> => parseFitConfiguration({ ...base, ...change });

describe("subsets", () => {
  const halves = (structures: number, members: number, fraction: number | null = 0.5): number[][] => countsOf(drawSubsets(structures, { members, fraction, seed: 3 }));

  test("of a half leave every structure out by half of the members, and have half of the structures", () => {
    for (const structures of [2, 10, 64, 200, 1000]) {
      const counts = halves(structures, 8);
      expect(counts).toHaveLength(structures);
      expect(counts.every((own) => own.length === 8 && own.filter((count) => count === 1).length === 4 && own.filter((count) => count === 0).length === 4)).toBe(true);
      for (let member = 0; member < 8; member++) {
        const size = counts.reduce((sum, own) => sum + own[member]!, 0);
        expect(Math.abs(size - structures / 2)).toBeLessThanOrEqual(Math.ceil(structures / 64) * (structures > 64 ? 4 : 1));
      }
    }
  });

  test("of other shares as many members take each structure; two members are never the same", () => {
    const counts = halves(300, 8, 0.75);
    expect(counts.every((own) => own.reduce((sum, count) => sum + count, 0) === 6)).toBe(true);
    const members = Array.from({ length: 8 }, (_, member) => counts.map((own) => own[member]).join(""));
    expect(new Set(members).size).toBe(8);
    expect(halves(5, 4, 1)).toEqual(Array.from({ length: 5 }, () => [1, 1, 1, 1]));
  });

  test("of a bootstrap have as many structures as there are, and miss a share of 1/e", () => {
    const counts = halves(64, 16, null);
    for (let member = 0; member < 16; member++) expect(counts.reduce((sum, own) => sum + own[member]!, 0)).toBe(64);
    const missed = counts.flat().filter((count) => count === 0).length / (64 * 16);
    expect(Math.abs(missed - Math.exp(-1))).toBeLessThan(0.05);
  });

  test("come again with their seed, and others with another", () => {
    const draw = (seed: number): string => JSON.stringify(drawSubsets(50, { members: 6, fraction: 0.5, seed }));
    expect(draw(1)).toBe(draw(1));
    expect(draw(1)).not.toBe(draw(2));
  });
});

test("members of all structures are the fit without a committee to all digits", async () => {
  const train = frames(10);
  const alone = await fitPotential(backend, train, configuration());
  const { potential } = await fitPotential(backend, train, configuration({ committee: { members: 3, fraction: 1 } }));
  const [center, single] = [potential.terms[0]!.centers[0]!, alone.potential.terms[0]!.centers[0]!];
  expect(center.weights).toEqual(single.weights);
  expect([...center.members!]).toEqual([...single.weights, ...single.weights, ...single.weights]);
  // No structure was left out: there is nothing to calibrate with.
  expect(potential.committee).toEqual({ members: 3, calibration: null });
});

// With unit vectors for sparse points a fit to a subset has the same ones; a structure that is taken twice is there twice.
describe.each(["normal", "qr"] as const)("members by %s", (method) => {
  test.each([0.5, 0.75, null])("of a share of %s are the explicit fits to their subsets", async (fraction) => {
    const train = frames(9);
    const settings = { kernel: { zeta: 1 }, sparse: { method: "unit-vectors" }, solver: { method, jitter: 1e-9 } };
    const committee = { members: 4, fraction, seed: 2 };
    const { potential } = await fitPotential(backend, train, configuration({ ...settings, committee }));
    const all = await fitPotential(backend, train, configuration(settings));
    const { weights, members } = potential.terms[0]!.centers[0]!;
    const distance = (a: Float64Array, b: Float64Array): number => Math.hypot(...a.map((value, k) => value - b[k]!)) / Math.hypot(...b);
    expect(distance(weights, all.potential.terms[0]!.centers[0]!.weights)).toBeLessThan(1e-8);
    const counts = countsOf(drawSubsets(train.length, committee));
    for (let member = 0; member < 4; member++) {
      const subset = train.flatMap((labeled, s) => new Array<LabeledStructure>(counts[s]![member]!).fill(labeled));
      const explicit = await fitPotential(backend, subset, configuration(settings));
      expect(distance(members!.slice(member * weights.length, (member + 1) * weights.length), explicit.potential.terms[0]!.centers[0]!.weights)).toBeLessThan(1e-8);
    }
  });
});

test("members of a sum of terms are the explicit fits too, term by term", async () => {
  const train = frames(8);
  const linear = { kernel: { zeta: 1 }, sparse: { method: "unit-vectors" } };
  const terms = [{ ...linear, features: { kind: "radial-spectrum" }, cutoff: { radius: 3.5 } }, linear];
  const committee = { members: 4, fraction: 0.5, seed: 1 };
  const { potential } = await fitPotential(backend, train, configuration({ ...linear, terms, committee, solver: { jitter: 1e-9 } }));
  const counts = countsOf(drawSubsets(train.length, committee));
  for (let member = 0; member < 4; member++) {
    const subset = train.filter((_, s) => counts[s]![member] === 1);
    const explicit = await fitPotential(backend, subset, configuration({ ...linear, terms, solver: { jitter: 1e-9 } }));
    memberPotential(potential, member).terms.forEach(({ centers }, t) => {
      const [found, expected] = [centers[0]!.weights, explicit.potential.terms[t]!.centers[0]!.weights];
      expect(Math.hypot(...found.map((value, k) => value - expected[k]!)) / Math.hypot(...expected)).toBeLessThan(1e-8);
    });
  }
});

test("a committee has the same bits on any number of threads", async () => {
  const train = frames(20);
  const settings = configuration({ committee: { members: 4 } });
  const one = await createBackend("cpu", { threads: 1 });
  const [a, b] = [await fitPotential(one, train, settings), await fitPotential(backend, train, settings)];
  one.destroy();
  expect(formatModel(a.potential)).toBe(formatModel(b.potential));
});

describe("calibration", () => {
  /** Members that are normal about the truth with a σ of their own for every label, which is off by α σ. */
  function draw(labels: number, members: number, alpha: number, ofMean: boolean, drawn = new Residuals(ofMean)): Residuals {
    const random = createRandom(11);
    for (let label = 0; label < labels; label++) {
      const sigma = 0.01 + random.uniform();
      const values = Array.from({ length: members }, () => sigma * random.normal());
      drawn.addLabel(alpha * sigma * random.normal(), values, ofMean ? null : 0);
    }
    return drawn;
  }

  test.each([[8, 0.4], [8, 3], [16, 1], [4, 2], [3, 5]])("%i members: a factor of %d is found", (members, alpha) => {
    for (const ofMean of [true, false]) {
      const { scale, labels } = draw(40_000, members, alpha, ofMean).scale()!;
      expect(Math.abs(scale / alpha - 1)).toBeLessThan(0.04);
      expect(labels).toBe(40_000);
    }
  });

  test("of labels with different numbers of members", () => {
    const drawn = draw(20_000, 4, 1.5, true);
    expect(Math.abs(draw(20_000, 7, 1.5, true, drawn).scale()!.scale / 1.5 - 1)).toBeLessThan(0.03);
  });

  test("what has no spread says nothing; errors that the mean of the members has anyway are no factor", () => {
    const expected = draw(2000, 8, 2, false).scale()!;
    const drawn = draw(2000, 8, 2, false);
    for (let k = 0; k < 500; k++) drawn.add(1e-6, 1e-22 * (1 + k), 8);
    expect(drawn.scale()).toEqual(expected);
    const exact = new Residuals(true);
    for (let k = 0; k < 100; k++) exact.add(0, 1, 4);
    expect(exact.scale()).toBeNull();
    expect(new Residuals(false).scale()).toBeNull();
  });

  test("of a fit: on the structures left out, or on others", async () => {
    const { potential } = await fitPotential(backend, frames(30), configuration({ sparse: { count: 40 }, committee: { members: 8 } }));
    const { calibration } = potential.committee!;
    expect(calibration).toMatchObject({ from: "out-of-bag", energy: { labels: 30 }, forces: { labels: 720 } });
    const tested = await calibrateCommittee(backend, potential, frames(20, 100));
    expect(tested.committee!.calibration).toMatchObject({ from: "test", energy: { labels: 20 }, forces: { labels: 480 } });
    // The same errors, seen twice.
    expect(calibration!.forces!.scale / tested.committee!.calibration!.forces!.scale).toBeGreaterThan(0.6);
    expect(calibration!.forces!.scale / tested.committee!.calibration!.forces!.scale).toBeLessThan(1.6);
    const { potential: without } = await fitPotential(backend, frames(5), configuration());
    await expect(calibrateCommittee(backend, without, frames(2))).rejects.toThrow(InputError);
  });
});

describe("the model file", () => {
  test("keeps every bit of a committee, in a version of its own", async () => {
    const { potential } = await fitPotential(backend, frames(12), configuration({ committee: { members: 4, fraction: null } }));
    const text = formatModel(potential);
    expect(JSON.parse(text).version).toBe(3);
    const read = parseModel(text);
    expect(read).toEqual(potential);
    expect(formatModel(read)).toBe(text);
  });

  test("refuses on writing what it refuses on reading", async () => {
    const { potential } = await fitPotential(backend, frames(6), configuration({ committee: { members: 3 } }));
    const committee = potential.committee!;
    const scale = (value: number): object => ({ from: "test", energy: { scale: value, labels: 3 }, forces: null });
    const bad: [string, object][] = [
      ["committee.members", { ...committee, members: 1 }], ["terms.0.centers.0.members", { ...committee, members: 4 }],
      ["committee.calibration.energy.scale", { ...committee, calibration: scale(0) }], ["committee.calibration.energy.scale", { ...committee, calibration: scale(Infinity) }],
      ["committee.calibration.from", { ...committee, calibration: { from: "hearsay", energy: null, forces: null } }],
    ];
    for (const [key, own] of bad) {
      try {
        formatModel({ ...potential, committee: own as typeof committee });
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        expect((error as InputError).details.key).toBe(key);
      }
    }
    expect(() => formatModel({ ...potential, committee: undefined })).toThrow("do not fit together");
    const [term] = potential.terms;
    const broken = { ...potential, terms: [{ ...term!, centers: term!.centers.map((center) => ({ ...center, members: center.members!.map(() => NaN) })) }] };
    expect(() => formatModel(broken)).toThrow("not finite");
  });
});

test("settings out of range are refused by path", () => {
  const refused = (committee: object): unknown => {
    try {
      return parseFitConfiguration({ committee });
    } catch (error) {
      return error instanceof InputError ? error.details.key : error;
    }
  };
  expect(parseFitConfiguration({ committee: {} }).committee).toEqual({ members: 8, fraction: 0.5, seed: 1 });
  expect([refused({ members: 1 }), refused({ members: 2.5 }), refused({ fraction: 0 }), refused({ fraction: 1.1 }), refused({ seed: -1 })]).toEqual([
    "committee.members", "committee.members", "committee.fraction", "committee.fraction", "committee.seed",
  ]);
  expect(() => parseFitConfiguration({ committee: { member: 8 } })).toThrow(/committee\.member.*committee\.members|did you mean/i);
});
