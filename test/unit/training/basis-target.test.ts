// Targets of the optimal basis: the model of least squares by another route, both ends of γ, and what a file says.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { InputError } from "../../../src/errors.js";
import { createRandom } from "../../../src/selection/random.js";
import { createStructure, type LabeledStructure } from "../../../src/structure/structure.js";
import type { BasisTarget } from "../../../src/training/basis-target.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";
import { createOptimalBasis, type OptimalBasisOptions } from "../../../src/training/optimal-basis.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { energyTarget, propertyTarget } from "../../../src/training/target-values.js";
import { largestDifference } from "../../reference/norms.js";
import { crystal, hyperparameters, silicon } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => void (backend = await createBackend("cpu", { threads: 1 })));
afterAll(() => backend.destroy());

const random = createRandom(9);
const structures = Array.from({ length: 30 }, (_, k) => crystal([6, 14], 4 + (k % 2), k + 1));
const hyper = hyperparameters({ basis: { nMax: 3, lMax: 1 } });
const perStructure = structures.map(() => random.normal());
const perAtom = structures.map(({ species }) => Float64Array.from(species, (z) => (z === 6 ? 0.3 : -0.2) + random.normal()));
const weights = structures.map((_, k) => 0.5 + (k % 3));

/**
 * Share of Σ y² in the space that the columns span, by Gram and Schmidt. Columns may depend on each other: summed over all pairs, what carbon
 * has around silicon is what silicon has around carbon.
 */
function shareInside(columns: readonly Float64Array[], y: readonly number[]): number {
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);
  const found: Float64Array[] = [];
  for (const column of columns) {
    let rest = column;
    for (const other of [...found, ...found]) rest = rest.map((value, i) => value - dot(rest, other) * other[i]!);
    const length = Math.sqrt(dot(rest, rest));
    if (length > 1e-6 * Math.sqrt(dot(column, column))) found.push(rest.map((value) => value / length));
  }
  return found.reduce((sum, unit) => sum + dot(unit, y) ** 2, 0) / dot(y, y);
}

/**
 * Share of Σ w y² that least squares explains, on sums of invariant coefficients over the environments of each target, one set of columns for
 * each block of centers: `channels` and `densities` of a contracted basis or of the primitive one.
 */
async function explained(
  basis: typeof hyper, densities: number, channels: number, target: BasisTarget, centers: readonly number[], dependent: boolean,
): Promise<number> {
  const { values, size, offsets, centers: elements } = await backend.computeDensityCoefficients(structures, basis, { species: [6, 14] });
  const blocks = dependent ? centers.length : 1;
  const width = blocks * densities * channels;
  const rows: number[] = [];
  const right: number[] = [];
  const add = (atoms: readonly number[], y: number, w: number): void => {
    const used = atoms.filter((i) => centers.includes(elements[i]!));
    if (used.length === 0) return;
    const row = new Float64Array(width);
    for (const i of used) {
      const block = dependent ? centers.indexOf(elements[i]!) : 0;
      for (let k = 0; k < densities * channels; k++) row[block * densities * channels + k]! += values[i * size + k * 4]!;
    }
    rows.push(...row.map((value) => Math.sqrt(w) * value));
    right.push(Math.sqrt(w) * y);
  };
  target.forEach((y, s) => {
    const atoms = Array.from({ length: offsets[s + 1]! - offsets[s]! }, (_, k) => offsets[s]! + k);
    if (typeof y === "number") add(atoms, y, weights[s]!);
    else Array.from(y ?? []).forEach((value, k) => add([atoms[k]!], value, weights[s]!));
  });
  return shareInside(Array.from({ length: width }, (_, k) => Float64Array.from(right, (__, i) => rows[i * width + k]!)), right);
}

const cases: [string, BasisTarget, OptimalBasisOptions][] = [
  ["per structure", perStructure, {}],
  ["per structure, mixed", perStructure, { mixed: true }],
  ["per atom", perAtom, {}],
  ["per structure, around silicon", perStructure, { mixed: true, centers: [14] }],
  ["per structure, for the centers of each element", perStructure, { centerDependent: true }],
  ["per structure, mixed, for the centers of each element", perStructure, { mixed: true, centerDependent: true }],
  ["per atom, mixed, for the centers of each element", perAtom, { mixed: true, centerDependent: true }],
];

describe.each(cases)("a target %s", (_, target, form) => {
  const [centers, dependent, densities] = [form.centers ?? [6, 14], form.centerDependent ?? false, form.mixed ? 1 : 2];

  test("has the R² of least squares on the coefficients; at γ = 0 the first function of each block has all of it", async () => {
    const basis = await createOptimalBasis(backend, structures, hyper, { ...form, channels: 1, target, gamma: 0, weights });
    expect(Math.abs(basis.explained! - (await explained(hyper, 2, 3, target, centers, dependent)))).toBeLessThan(1e-9);
    expect(Math.abs(basis.explained! - (await explained(basis.hyperparameters, densities, 1, target, centers, dependent)))).toBeLessThan(1e-9);
    const plain = await createOptimalBasis(backend, structures, hyper, { ...form, channels: 1, weights });
    expect(await explained(plain.hyperparameters, densities, 1, target, centers, dependent)).toBeLessThan(basis.explained! - 1e-3);
  });

  test("changes nothing at γ = 1, and l = 1 at no γ", async () => {
    const basisAt = async (gamma: number, given?: BasisTarget): Promise<Awaited<ReturnType<typeof createOptimalBasis>>> =>
      createOptimalBasis(backend, structures, hyper, { ...form, channels: 3, target: given, gamma });
    const [plain, one, half] = [await basisAt(1), await basisAt(1, target), await basisAt(0.5, target)];
    expect(largestDifference(one.hyperparameters.basis.contraction!.matrix, plain.hyperparameters.basis.contraction!.matrix)).toBeLessThan(1e-10);
    half.directions.blocks.forEach((block, index) => {
      const difference = largestDifference(block.vectors, plain.directions.blocks[index]!.vectors);
      if (index % 2 === 1) expect(difference).toBe(0);
      else expect(difference).toBeGreaterThan(1e-3);
    });
  });
});

test("structures without a number, and without a chosen center, do not count", async () => {
  const silent = structures.map((_, s) => (s < 20 ? perStructure[s]! : null));
  const options = { channels: 1, gamma: 0, mixed: true } as const;
  const [some, few] = [
    await createOptimalBasis(backend, structures, hyper, { ...options, target: silent }),
    await createOptimalBasis(backend, structures.slice(0, 20), hyper, { ...options, target: perStructure.slice(0, 20) }),
  ];
  expect(Math.abs(some.explained! - few.explained!)).toBeLessThan(1e-12);
});

test("an element that never occurs and one that is alone have their part at every γ", async () => {
  const lonely = createStructure({ species: [8], positions: [0, 0, 0] });
  const data = [lonely, ...structures];
  for (const gamma of [0, 0.5, 1]) {
    for (const mixed of [false, true]) {
      const options = { channels: 2, species: [6, 8, 9, 14], centerDependent: true, mixed, gamma, target: [1, ...perStructure] };
      const { kept, hyperparameters: optimal } = await createOptimalBasis(backend, data, hyper, options);
      expect(optimal.basis.contraction!.matrix.every(Number.isFinite)).toBe(true);
      // Carbon and silicon around each other; around the lonely oxygen its own l = 0; fluorine nowhere.
      expect(kept).toEqual(mixed ? [2, 2, 1, 0, 2, 2] : [2, 2, 0, 0, 0, 0, 2, 2, 0, 0, 1, 0, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 2, 2]);
    }
  }
});

test("what does not fit is refused", async () => {
  const options = { channels: 1, gamma: 0.5 };
  const wrong: [BasisTarget | undefined, RegExp][] = [
    [undefined, /"gamma".*needs a target/],
    [[1], /expected 30, one per structure, got 1/],
    [structures.map(() => [1]), /one per atom, got 1/],
    [structures.map(() => NaN), /not finite/],
    [structures.map(() => null), /no target in any structure/],
  ];
  for (const [target, message] of wrong)
    await expect(createOptimalBasis(backend, structures, hyper, { ...options, target })).rejects.toThrow(message);
  await expect(createOptimalBasis(backend, structures, hyper, { channels: 1, target: perStructure, gamma: 1.1 })).rejects.toThrow(InputError);
  await expect(createOptimalBasis(backend, structures, hyper, { channels: 1, target: perStructure, gamma: 0.5, weights: structures.map(() => 0) }))
    .rejects.toThrow(/no chosen center/);
});

test("a fit takes its energies without the baseline", async () => {
  const train = [1, 2, 3, 4, 5, 6].map((seed): LabeledStructure => {
    const structure = silicon(1, 0.12, seed);
    const { energy, forces } = computeStillingerWeber(structure);
    return { structure, labels: { energy, forces, virial: null, configType: "default" } };
  });
  const settings = (gamma: number): object => ({ basis: { nMax: 5, lMax: 2 }, optimalBasis: { channels: 2, gamma }, sparse: { count: 10 } });
  const configuration = parseFitConfiguration(settings(0.1));
  const { potential } = await fitPotential(backend, train, configuration);
  const target = energyTarget(train, configuration);
  const { hyperparameters: expected } = await createOptimalBasis(
    backend, train.map(({ structure }) => structure), configuration, { channels: 2, target, gamma: 0.1 },
  );
  expect(potential.terms[0]!.hyperparameters.basis).toEqual(expected.basis);
  const plain = await fitPotential(backend, train, parseFitConfiguration(settings(1)));
  expect(plain.potential.terms[0]!.hyperparameters.basis).not.toEqual(expected.basis);
  const silent = train.map(({ structure, labels }) => ({ structure, labels: { ...labels, energy: null } }));
  await expect(fitPotential(backend, silent, configuration)).rejects.toThrow(/no target in any structure/);
});

describe("propertyTarget", () => {
  const atoms = { species: [6, 8], positions: [0, 0, 0, 1.2, 0, 0] };
  const charges = (values: number[]) => new Map([["charge", { kind: "R" as const, width: 1, values: Float64Array.from(values) }]]);
  const data = [
    createStructure({ ...atoms, info: new Map([["gap", 2]]), arrays: charges([1, 4]) }),
    createStructure({ ...atoms, info: new Map<string, number | string>([["gap", 5], ["name", "CO"]]), arrays: charges([3, 8]) }),
    createStructure(atoms),
  ];

  test("takes the mean off: of the structures, of all atoms, or of the chosen centers", () => {
    expect(propertyTarget(data, "gap")).toEqual([-1.5, 1.5, null]);
    expect(propertyTarget(data, "charge")).toEqual([Float64Array.of(-3, 0), Float64Array.of(-1, 4), null]);
    expect(propertyTarget(data, "charge", [6])).toEqual([Float64Array.of(-1, 2), Float64Array.of(1, 6), null]);
  });

  test("names the scalars that there are, and what is none", () => {
    expect(() => propertyTarget(data, "dipole")).toThrow(/"dipole".*expected gap, charge, got nothing/);
    expect(() => propertyTarget(data, "name")).toThrow(/structure 1.*one number per structure or per atom.*got "CO"/);
  });
});
