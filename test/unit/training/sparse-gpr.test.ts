// The fit against other routes: full Gaussian-process regression, the plain normal equations of Eq. (17), QR; and what it says to bad data.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { InputError } from "../../../src/errors.js";
import { formatModel } from "../../../src/model/model-file.js";
import type { CenterModel, Potential } from "../../../src/model/potential.js";
import { createRandom } from "../../../src/selection/random.js";
import { defaultFitConfiguration, type FitConfiguration } from "../../../src/training/configuration.js";
import { measureErrors } from "../../../src/training/measure-errors.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { termSettings } from "../../../src/training/term-settings.js";
import type { LabeledStructure, Labels, Structure } from "../../../src/structure/structure.js";
import { eliminate } from "../../reference/elimination.js";
import { crystal, ethanol, hyperparameters, silicon } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 2 });
});
afterAll(() => backend.destroy());

type Change = { [K in keyof Omit<FitConfiguration, "terms">]?: Partial<FitConfiguration[K]> | null };

function configuration({ terms = null, ...change }: Change & { readonly terms?: readonly object[] | null } = {}): FitConfiguration {
  const base = { ...defaultFitConfiguration, ...hyperparameters({ cutoff: { radius: 4 } }), compression: null };
  const merged = Object.fromEntries(
    Object.entries(base).map(([key, value]) => {
      const own = change[key as keyof Change];
      return [key, own === undefined ? value : own === null ? null : { ...value, ...own }];
    }),
  );
  return terms ? parseFitConfiguration({ ...merged, terms }) : ({ ...merged, terms } as unknown as FitConfiguration);
}

function label(structure: Structure, change: Partial<Labels> = {}): LabeledStructure {
  const { energy, forces, virial } = computeStillingerWeber(structure);
  return { structure, labels: { energy, forces, virial, configType: "default", ...change } };
}

/** Labels without physics: the algebra of a fit does not mind. */
function labelAtRandom(structure: Structure, seed: number): LabeledStructure {
  const random = createRandom(seed);
  const draw = (length: number): Float64Array => Float64Array.from({ length }, () => random.normal());
  const virial = draw(9);
  for (const [a, b] of [
    [1, 3],
    [2, 6],
    [5, 7],
  ] as const)
    virial[b] = virial[a]!;
  return { structure, labels: { energy: random.normal(), forces: draw(structure.positions.length), virial, configType: "default" } };
}

const energyOnly = { forces: null, virial: null };
const frames = (count: number, change: Partial<Labels> = {}): LabeledStructure[] =>
  Array.from({ length: count }, (_, seed) => label(silicon(1, 0.05 + 0.02 * seed, seed + 1), change));

const relative = (a: readonly number[], b: readonly number[]): number => Math.hypot(...a.map((value, k) => value - b[k]!)) / Math.hypot(...b);

test("with every environment as a sparse point it is full Gaussian-process regression", async () => {
  const train = frames(6, energyOnly);
  const held = frames(9, energyOnly).slice(6);
  const settings = configuration({ sparse: { count: "all" }, kernel: { zeta: 2 }, noise: { energy: 0.02 }, solver: { jitter: 1e-13 } });
  const { potential } = await fitPotential(backend, train, settings);
  const { predictions } = await measureErrors(backend, potential, held);
  // Full GPR on the sums of environments: k(A, B) = Σ_ij (p_i·p_j)².
  const all = [...train, ...held];
  const { values, size, offsets } = await backend.computeFeatures(
    all.map(({ structure }) => structure),
    settings,
  );
  const product = (i: number, j: number): number =>
    values.subarray(i * size, (i + 1) * size).reduce((sum, value, f) => sum + value * values[j * size + f]!, 0);
  const kernel = (a: number, b: number): number => {
    let sum = 0;
    for (let i = offsets[a]!; i < offsets[a + 1]!; i++) for (let j = offsets[b]!; j < offsets[b + 1]!; j++) sum += product(i, j) ** 2;
    return sum;
  };
  const baseline = train.reduce((sum, { labels }) => sum + labels.energy! / 8, 0) / train.length;
  const covariance = train.map((_, a) => train.map((__, b) => kernel(a, b) + (a === b ? 0.02 ** 2 * 8 : 0)));
  const alpha = eliminate(
    covariance,
    train.map(({ labels }) => labels.energy! - 8 * baseline),
  );
  const expected = held.map((_, h) => 8 * baseline + train.reduce((sum, __, a) => sum + alpha[a]! * kernel(train.length + h, a), 0));
  expect(potential.baseline.get(14)).toBeCloseTo(baseline, 10);
  const deviations = predictions.map(({ energy }, h) => energy - expected[h]!);
  const spread = expected.map((energy) => energy - 8 * baseline);
  expect(Math.hypot(...deviations) / Math.hypot(...spread)).toBeLessThan(1e-6);
});

/** The centers of all terms, in the order of a fit's columns. */
function centersOf({ terms }: Potential): { term: number; center: CenterModel }[] {
  return terms.flatMap(({ centers }, term) => centers.map((center) => ({ term, center })));
}

/** The potential with these weights, in the order of a fit's columns. */
function withWeights(potential: Potential, weights: readonly number[]): Potential {
  let column = 0;
  const terms = potential.terms.map((term) => ({
    ...term, centers: term.centers.map((center) => ({ ...center, weights: center.weights.map(() => weights[column++]!) })),
  }));
  return { ...potential, terms };
}

/** Minimum of Eq. (17) with rows from predictions of unit weights, by the plain normal equations. */
async function plainWeights(
  train: readonly LabeledStructure[],
  { potential, settings }: { potential: Potential; settings: FitConfiguration },
): Promise<number[]> {
  const columns: number[][] = [];
  const count = centersOf(potential).reduce((sum, { center }) => sum + center.weights.length, 0);
  for (let column = 0; column < count; column++) {
    const unit = { ...withWeights(potential, Array.from({ length: count }, (_, k) => Number(k === column))), baseline: new Map<number, number>() };
    const { predictions } = await measureErrors(backend, unit, train);
    columns.push(predictions.flatMap(({ energy, forces, virial }) => [energy, ...forces!, ...[0, 4, 8, 5, 2, 1].map((k) => virial![k]!)]));
  }
  const { noise } = settings;
  const weights = train.flatMap(({ structure }) => [
    1 / (noise.energy ** 2 * structure.species.length),
    ...new Array<number>(3 * structure.species.length).fill(1 / noise.forces ** 2),
    ...new Array<number>(6).fill(1 / (noise.virial ** 2 * structure.species.length)),
  ]);
  const targets = train.flatMap(({ structure, labels }) => [
    labels.energy! - structure.species.reduce((sum, z) => sum + potential.baseline.get(z)!, 0),
    ...labels.forces!,
    ...[0, 4, 8, 5, 2, 1].map((k) => labels.virial![k]!),
  ]);
  const points = centersOf(potential).flatMap(({ term, center }) =>
    Array.from(center.weights, (_, m) => ({ term, center, z: center.sparsePoints.subarray(m * center.size, (m + 1) * center.size) })),
  );
  const deltas = termSettings(settings).map(({ kernel }) => kernel.delta);
  const prior = points.map((a) =>
    points.map((b) => (a.center === b.center
      ? a.z.reduce((sum, value, k) => sum + value * b.z[k]!, 0) ** potential.terms[a.term]!.zeta / deltas[a.term]! ** 2
      : 0)),
  );
  const matrix = columns.map((a, i) =>
    columns.map((b, j) => prior[i]![j]! + a.reduce((sum, value, row) => sum + value * b[row]! * weights[row]!, 0)),
  );
  return eliminate(
    matrix,
    columns.map((a) => a.reduce((sum, value, row) => sum + value * targets[row]! * weights[row]!, 0)),
  );
}

describe.each([
  ["silicon", () => frames(4), {}],
  [
    "two elements, virials too, a projection of the features",
    () => [1, 2, 3].map((seed) => labelAtRandom(crystal([14, 6], 5, seed + 3), seed)),
    { compression: { threshold: 1e-4, maxComponents: null } },
  ],
  [
    "three terms with priors, cutoffs and kinds of features of their own",
    () => [1, 2, 3].map((seed) => labelAtRandom(crystal([14, 6], 5, seed + 3), seed)),
    {
      terms: [
        { cutoff: { radius: 4.5 }, features: { kind: "radial-spectrum", normalize: false }, kernel: { zeta: 1, delta: 2 }, sparse: { count: 6 } },
        { kernel: { zeta: 3, delta: 0.5 } },
        { cutoff: { radius: 3 }, basis: { nMax: 2, lMax: 2 }, features: { kind: "bispectrum" }, kernel: { zeta: 1, delta: 0.1 }, sparse: { count: 8 } },
      ],
    },
  ],
] as const)("energies, forces and virials: %s", (_, make, change) => {
  test("the weights minimize Eq. (17), by normal equations and by QR", async () => {
    const train = make();
    const settings = configuration({ ...change, sparse: { count: 10, method: "fps" }, solver: { jitter: 1e-14 } });
    const { potential, diagnostics } = await fitPotential(backend, train, settings);
    const rows = train.reduce((sum, { structure }) => sum + 1 + 3 * structure.species.length + 6, 0);
    expect(diagnostics.rows).toBe(rows);
    const expected = await plainWeights(train, { potential, settings });
    const plain = withWeights(potential, expected);
    const qr = (await fitPotential(backend, train, { ...settings, solver: { ...settings.solver, method: "qr" } })).potential;
    const forcesOf = async (model: Potential): Promise<number[]> =>
      (await measureErrors(backend, model, train)).predictions.flatMap(({ energy, forces, virial }) => [energy, ...forces!, ...virial!]);
    const [ours, theirs, byQr] = [await forcesOf(potential), await forcesOf(plain), await forcesOf(qr)];
    expect(relative(ours, theirs)).toBeLessThan(1e-7);
    expect(relative(byQr, ours)).toBeLessThan(1e-9);
  });
});

test("learns: errors on unseen structures shrink with data", async () => {
  const held = Array.from({ length: 5 }, (_, k) => label(silicon(1, 0.12, 100 + k)));
  const settings = configuration({
    sparse: { count: 40 },
    cutoff: { radius: 4.2 },
    basis: { nMax: 6, lMax: 4 },
    compression: { threshold: 1e-8, maxComponents: null },
  });
  const errors = [];
  for (const count of [5, 20]) {
    const train = Array.from({ length: count }, (_, k) => label(silicon(1, 0.12, k + 1)));
    errors.push((await measureErrors(backend, (await fitPotential(backend, train, settings)).potential, held)).errors);
  }
  expect(errors[1]!.force_rmse!).toBeLessThan(0.75 * errors[0]!.force_rmse!);
  expect(errors[1]!.energy_mae!).toBeLessThan(errors[0]!.energy_mae!);
});

test("any number of threads gives the same bits", async () => {
  const train = Array.from({ length: 20 }, (_, seed) => label(silicon(1, 0.1, seed + 1)));
  const settings = configuration({ sparse: { count: 30 } });
  const models = [];
  for (const threads of [1, 3]) {
    const own = await createBackend("cpu", { threads });
    models.push(formatModel((await fitPotential(own, train, settings)).potential));
    own.destroy();
  }
  expect(models[1]).toBe(models[0]);
});

describe.each(["fps", "cur", "leverage", "random"] as const)("selection by %s", (method) => {
  test("gives the points asked for, reproducibly, and a sound fit", async () => {
    const train = frames(5);
    const settings = configuration({ sparse: { count: 20, method, seed: 4 } });
    const [a, b] = [await fitPotential(backend, train, settings), await fitPotential(backend, train, settings)];
    expect(a.diagnostics.sparse).toEqual({ Si: 20 });
    expect(formatModel(a.potential)).toBe(formatModel(b.potential));
    expect((await measureErrors(backend, a.potential, train)).errors.force_rmse!).toBeLessThan(0.5);
  });
});

describe("data that a user may bring", () => {
  test("duplicate structures: FPS takes each environment once and says how many", async () => {
    const train = [...frames(2), ...frames(2)];
    const { diagnostics } = await fitPotential(backend, train, configuration({ sparse: { count: 32, method: "fps" } }));
    expect(diagnostics.sparse).toEqual({ Si: 16 });
  });

  test("duplicate sparse points do not stop the fit: the jitter that was needed is reported", async () => {
    const perfect = [0, 1].map(() => label(silicon(1, 0)));
    const { diagnostics, potential } = await fitPotential(backend, perfect, configuration({ sparse: { count: 8, method: "random" } }));
    expect(diagnostics.jitter).toBeGreaterThan(0);
    const { errors } = await measureErrors(backend, potential, perfect);
    expect(errors.energy_mae!).toBeLessThan(1e-3);
  });

  test("forces for some frames only, energies for others", async () => {
    const [a, b, c] = frames(3) as [LabeledStructure, LabeledStructure, LabeledStructure];
    const train = [a, { ...b, labels: { ...b.labels, ...energyOnly } }, { ...c, labels: { ...c.labels, energy: null } }];
    const { diagnostics } = await fitPotential(backend, train, configuration({ sparse: { count: 12 } }));
    expect(diagnostics.rows).toBe(31 + 1 + 30);
  });

  test("σ of a configuration type moves the fit towards its frames", async () => {
    const train = frames(4).map((frame, k) => ({ ...frame, labels: { ...frame.labels, configType: k === 0 ? "special" : "default" } }));
    const error = async (noise: Change["noise"]): Promise<number> => {
      const { potential } = await fitPotential(backend, train, configuration({ sparse: { count: 6 }, noise: noise ?? {} }));
      return (await measureErrors(backend, potential, train)).errors.by_config_type.special!.force_rmse!;
    };
    expect(await error({ byConfigType: { special: { forces: 0.001, energy: 0.001, virial: 0.001 } } })).toBeLessThan(0.8 * (await error({})));
  });

  test("the baseline comes from isolated atoms where there are some", async () => {
    const alone: LabeledStructure = {
      structure: { ...silicon(1, 0), species: new Uint8Array([14]), positions: new Float64Array(3), cell: null, pbc: [false, false, false] },
      labels: { energy: -1.5, forces: null, virial: null, configType: "isolated_atom" },
    };
    const { potential } = await fitPotential(backend, [...frames(2), alone], configuration({ sparse: { count: 8 } }));
    expect(potential.baseline.get(14)).toBe(-1.5);
  });

  test("compositions that never vary leave the baseline at the mean energy", async () => {
    const molecules = [0, 1, 2].map((k): LabeledStructure => {
      const structure = ethanol();
      structure.positions[0]! += 0.05 * k;
      return { structure, labels: { energy: -90 - k, forces: null, virial: null, configType: "default" } };
    });
    const { potential } = await fitPotential(backend, molecules, configuration({ sparse: { count: 9 } }));
    const total = molecules[0]!.structure.species.reduce((sum, z) => sum + potential.baseline.get(z)!, 0);
    expect(total).toBeCloseTo(-91, 5);
  });

  test("no structures, no labels, too few environments: refused in words", async () => {
    await expect(fitPotential(backend, [], configuration())).rejects.toThrow(InputError);
    await expect(fitPotential(backend, frames(1), configuration({ noise: { forces: 0 } }))).rejects.toThrow(/noise\.forces.*got 0/);
    await expect(fitPotential(backend, frames(2, { energy: null, ...energyOnly }), configuration())).rejects.toThrow(/no labels to train on/);
    await expect(fitPotential(backend, frames(2), configuration({ sparse: { count: 17 } }))).rejects.toThrow(
      /fewer environments than sparse points.*at most 16/,
    );
    await expect(fitPotential(backend, frames(2), configuration({ sparse: { count: { C: 3 } } }))).rejects.toThrow(/entry for Si/);
    await expect(
      fitPotential(backend, frames(2), configuration({ sparse: { count: 4 }, baseline: { kind: "given", energies: { C: 1 } } })),
    ).rejects.toThrow(/for Si/);
  });

  test("an aborted fit ends with the reason, and the backend works on", async () => {
    const controller = new AbortController();
    const job = fitPotential(backend, frames(12), configuration({ sparse: { count: 20 } }), {
      signal: controller.signal,
      onProgress: ({ stage }) => stage === "kernel rows" && controller.abort(new Error("cancelled by the user")),
    });
    await expect(job).rejects.toThrow("cancelled by the user");
    await expect(fitPotential(backend, frames(2), configuration({ sparse: { count: 4 } }))).resolves.toBeDefined();
  });
});
