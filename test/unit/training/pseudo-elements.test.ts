// Pseudo-elements of data: what a configuration may say, fits, model files, and what is learned from energies.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend, FitStructure } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { pseudoElementContraction, similarElements } from "../../../src/basis/pseudo-elements.js";
import { contractedLayout } from "../../../src/features/contracted-spectrum.js";
import { createLinearAlgebra, type LinearAlgebra } from "../../../src/linalg/linear-algebra.js";
import { formatModel, parseModel } from "../../../src/model/model-file.js";
import { createRandom } from "../../../src/selection/random.js";
import type { LabeledStructure } from "../../../src/structure/structure.js";
import { formatConfiguration, parseConfigurationText } from "../../../src/training/configuration-text.js";
import { parseFitConfiguration, parseHyperparameters } from "../../../src/training/configuration-schema.js";
import { crossValidate } from "../../../src/training/cross-validation.js";
import { learnPseudoElements, lossOfElements } from "../../../src/training/learned-elements.js";
import { measureErrors } from "../../../src/training/measure-errors.js";
import { withPseudoElements } from "../../../src/training/pseudo-elements.js";
import { fitPotential } from "../../../src/training/sparse-gpr.js";
import { drawSupervisedSample } from "../../../src/training/supervised-data.js";
import { createSupervisedLoss } from "../../../src/training/supervised-loss.js";
import { relativeDifference } from "../../reference/norms.js";
import { crystal, randomPotential } from "../backend/systems.js";

let backend: Backend;
let algebra: LinearAlgebra;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 2 });
  algebra = await createLinearAlgebra();
});
afterAll(() => backend.destroy());

const SPECIES = [6, 8, 14];
const small = { cutoff: { radius: 4, width: 0.7 }, basis: { nMax: 3, lMax: 2 }, kernel: { zeta: 2 }, sparse: { count: 40, seed: 3 }, compression: null };
const configured = (pseudoElements: object | null, rest: object = {}): ReturnType<typeof parseFitConfiguration> => parseFitConfiguration({ ...small, ...rest, pseudoElements });
const MATRIX = { C: [1, 0.2], O: [-0.3, 1], Si: [0.8, 0.1] };

/** Crystals whose energies and forces are those of a potential of two pseudo-elements, of this matrix. */
async function labelled(matrix: Record<string, number[]> = MATRIX, count = 40): Promise<LabeledStructure[]> {
  const structures = Array.from({ length: count }, (_, k) => crystal([SPECIES[k % 3]!, SPECIES[(k + 1) % 3]!, SPECIES[(k * k) % 3]!], 6, k + 1));
  const { cutoff, density, basis, features } = await withPseudoElements(backend, structures, configured({ kind: "matrix", matrix }));
  const whole = crystal(SPECIES, 12, 99);
  const evaluator = await backend.createEvaluator(await randomPotential(backend, whole, { cutoff, density, basis, features }, { zeta: 2, species: SPECIES }));
  const predictions = await evaluator.predict(structures, { forces: true });
  evaluator.destroy();
  return structures.map((structure, k) => ({ structure, labels: { energy: predictions[k]!.energy, forces: predictions[k]!.forces, virial: predictions[k]!.virial, configType: "default" } }));
}

test.each([
  // The errors' share of the forces: what the energies were made with is best, and what is learned from them next.
  [{ channels: 2 }, 0.6], [{ kind: "matrix", matrix: MATRIX }, 0.3], [{ channels: 2, kind: "learned" }, 0.4],
] as [object, number][])("%j: a fit makes them, leaves out less than %f of the forces, and they travel in the model file", async (pseudoElements, most) => {
  const data = await labelled();
  const [train, held] = [data.slice(0, 32), data.slice(32)];
  const { potential, diagnostics } = await fitPotential(backend, train, configured(pseudoElements));
  expect(diagnostics.features).toBe(3 * 21);
  const loaded = parseModel(formatModel(potential));
  expect(loaded.terms[0]!.hyperparameters.basis.contraction).toMatchObject({ mixed: true, channels: 6, species: SPECIES });
  const { errors } = await measureErrors(backend, potential, held);
  expect((await measureErrors(backend, loaded, held)).errors).toEqual(errors);
  const forces = held.flatMap(({ labels }) => [...labels.forces!]);
  expect(errors.force_rmse! / (Math.hypot(...forces) / Math.sqrt(forces.length))).toBeLessThan(most);
  // Every number of threads gives the same bits.
  const one = await createBackend("cpu", { threads: 1 });
  expect(formatModel((await fitPotential(one, train, configured(pseudoElements))).potential)).toBe(formatModel(potential));
  one.destroy();
});

test("the given matrix may know more elements than the structures, not fewer", async () => {
  const structures = [crystal([6, 8], 6)];
  const { basis, pseudoElements } = await withPseudoElements(backend, structures, configured({ kind: "matrix", matrix: MATRIX }));
  expect(pseudoElements).toBeNull();
  expect(basis.contraction!.species).toEqual(SPECIES);
  await expect(withPseudoElements(backend, structures, configured({ kind: "matrix", matrix: { O: [1] } }))).rejects.toThrow(/numbers for C too.*got O/);
  await expect(withPseudoElements(backend, structures, configured({ channels: 3 }))).rejects.toThrow(/"pseudoElements.channels".*from 1 to 2.*got 3/);
  await expect(withPseudoElements(backend, structures, configured({ channels: 2, kind: "learned" }))).rejects.toThrow(/no energies to learn/);
});

test("what a configuration says of them is checked, and written as it is read", () => {
  expect(configured({ channels: 2 }).pseudoElements).toEqual({ channels: 2, kind: "properties", matrix: null });
  for (const pseudoElements of [{ channels: 2 }, { kind: "matrix", matrix: MATRIX }]) {
    const given = configured(pseudoElements);
    expect(parseFitConfiguration(parseConfigurationText(formatConfiguration(given)))).toEqual(given);
  }
  for (const [pseudoElements, message] of [
    [{}, /"pseudoElements.channels": number of pseudo-elements/],
    [{ channels: 0 }, /1 or more/],
    [{ channels: 2, kind: "matrix" }, /disagree/],
    [{ channels: 2, matrix: MATRIX }, /disagree/],
    [{ kind: "matrix", matrix: { C: [1], O: [1, 2] } }, /"pseudoElements.matrix.O".*expected 1 numbers, got 2/],
    [{ channels: 3, kind: "matrix", matrix: MATRIX }, /expected 3 numbers, got 2/],
    [{ kind: "matrix", matrix: { C: [] } }, /a number at least/],
    [{ kind: "matrix", matrix: { X: [1] } }, /element symbol/],
    [{ kind: "matrix", matrix: { C: [NaN] } }, /a number/],
    [{ kind: "chemistry", channels: 2 }, /"properties", "matrix", "learned"/],
  ] as const) expect(() => configured(pseudoElements), JSON.stringify(pseudoElements)).toThrow(message);
  expect(() => configured({ channels: 2 }, { optimalBasis: { channels: 2 } })).toThrow(/beside an optimal basis/);
  expect(() => configured({ channels: 2 }, { terms: [{}, { optimalBasis: { channels: 2 } }] })).toThrow(/"terms.1.optimalBasis"/);
  expect(() => parseHyperparameters({ ...small, pseudoElements: { channels: 2 } })).toThrow(/pseudo-elements are made for the elements of data/);
});

describe("learned from energies", () => {
  const weights = { energy: 1, forces: 0, virial: 0 };
  async function problem(zeta: number, normalize: boolean): Promise<{ loss: ReturnType<typeof lossOfElements>; u: Float64Array }> {
    const data = (await labelled(MATRIX, 24)).map(({ structure, labels }): FitStructure => ({ structure, energy: labels.energy, forces: null, virial: null, weights }));
    const { cutoff, density, basis, features } = configured(null);
    const shape = { elements: 3, channels: 2, nMax: 3, lMax: 2 };
    const sample = await drawSupervisedSample(backend, data, { cutoff, density, basis, features }, {
      primitive: { species: 3, nMax: 3, lMax: 2, mixed: true, centers: null }, species: SPECIES, environments: 1000, directions: 0, seed: 1,
    });
    const layout = contractedLayout(2, new Array(3).fill({ rows: 6, columns: 9 }));
    const evaluate = createSupervisedLoss(algebra, { ...sample, layout, sparse: sample.candidates.map((own) => own.filter((_, k) => k % 4 === 0)), normalize, zeta, jitter: 1e-7 });
    return { loss: lossOfElements(evaluate, shape), u: similarElements(algebra, SPECIES, 2) };
  }

  test("of a loss of contractions with the same matrix as the features have", () => {
    const [nMax, lMax] = [3, 2];
    const u = Float64Array.from([1, 2, 3, 4, 5, 6]);
    let seen = new Float64Array(0);
    const losses = { training: 0, validation: 0, heldOut: 0 };
    lossOfElements((contraction) => {
      seen = contraction.slice();
      return { loss: 0, losses, gradient: () => seen };
    }, { elements: 3, channels: 2, nMax, lMax })(u);
    // [element][l][q][n] there, [l][q][element, n] here.
    const { matrix } = pseudoElementContraction(u, SPECIES, { nMax, lMax });
    const expected = seen.map((_, k) => {
      const [l, q, a, n] = [Math.floor(k / 54), Math.floor(k / 9) % 6, Math.floor(k / 3) % 3, k % 3];
      return matrix[((a * 3 + l) * 6 + q) * 3 + n]!;
    });
    expect([...seen]).toEqual([...expected]);
  });

  test.each([[1, true], [2, true], [3, false]])("ζ %i, normalized %s: the gradient is that of differences", async (zeta, normalize) => {
    const { loss, u } = await problem(zeta, normalize);
    const gradient = loss(u).gradient();
    const h = 1e-3;
    const numeric = u.map((_, k) => {
      const [a, b, c, d] = [-2, -1, 1, 2].map((n) => loss(u.map((value, j) => (j === k ? value + n * h : value))).loss) as [number, number, number, number];
      return (a - 8 * b + 8 * c - d) / (12 * h);
    });
    expect(relativeDifference(gradient, numeric)).toBeLessThan(1e-6);
    // Normalized features do not know the length of u.
    const radial = gradient.reduce((sum, value, k) => sum + value * u[k]!, 0) / (Math.hypot(...gradient) * Math.hypot(...u));
    if (normalize) expect(Math.abs(radial)).toBeLessThan(1e-8);
    else expect(Math.abs(radial)).toBeGreaterThan(1e-3);
  });

  test("the loss falls from step to step, held-out energies too, and a fit gets better", async () => {
    // Carbon and silicon are the same and oxygen takes no part: not what the periodic table says.
    const data = await labelled({ C: [1], O: [0.05], Si: [1] }, 60);
    const labels = data.map(({ structure, labels: { energy } }): FitStructure => {
      const alone = structure.species.reduce((sum, z) => sum - 0.1 * z, 0);
      return { structure, energy: energy! - alone, forces: null, virial: null, weights };
    });
    const start = similarElements(algebra, SPECIES, 1);
    const settings = configured({ channels: 1, kind: "learned" });
    const { u, history, step } = await learnPseudoElements(backend, algebra, labels, SPECIES, start, settings);
    history.slice(1).forEach(({ validation }, k) => expect(validation).toBeLessThan(history[k]!.validation));
    expect(step).toBeGreaterThan(0);
    expect(history[step]!.heldOut).toBeLessThan(0.3 * history[0]!.heldOut);
    expect(Math.abs(Math.hypot(...u) / Math.hypot(...start) - 1)).toBeLessThan(1e-12);
    expect(Math.abs(u[1]! / u[0]!)).toBeLessThan(0.3);
    expect(u[2]! / u[0]!).toBeGreaterThan(0.8);

    const [train, held] = [data.slice(0, 48), data.slice(48)];
    const errorOf = async (kind: string): Promise<number> => {
      const { potential } = await fitPotential(backend, train, configured({ channels: 1, kind }, { keys: { forces: false, virial: false } }));
      return (await measureErrors(backend, potential, held)).errors.energy_mae!;
    };
    expect(await errorOf("learned")).toBeLessThan(0.7 * (await errorOf("properties")));
  });

  test("does not depend on the noise that the fit expects", async () => {
    const labels = (await labelled(MATRIX, 24)).map(({ structure, labels: { energy } }) => ({ structure, energy, forces: null, virial: null, weights }));
    const settings = configured({ channels: 2, kind: "learned" });
    const start = similarElements(algebra, SPECIES, 2);
    const one = await learnPseudoElements(backend, algebra, labels, SPECIES, start, settings);
    const other = await learnPseudoElements(backend, algebra, labels.map((label) => ({ ...label, weights: { ...weights, energy: 64 } })), SPECIES, start, settings);
    expect(relativeDifference(other.u, one.u)).toBeLessThan(1e-9);
  });

  test("is refused where it cannot be: other features, too few energies, a closed form", async () => {
    const data = await labelled(MATRIX, 12);
    const settings = configured({ channels: 2, kind: "learned" });
    const start = similarElements(algebra, SPECIES, 2);
    await expect(fitPotential(backend, data, configured({ channels: 2, kind: "learned" }, { features: { kind: "radial-spectrum" } }))).rejects.toThrow(/features of learned pseudo-elements/);
    await expect(learnPseudoElements(backend, algebra, [], SPECIES, start, settings)).rejects.toThrow(/too few labelled structures/);
    await expect(crossValidate(backend, data, settings, { folds: 3, closedForm: true })).rejects.toThrow(/"pseudoElements.kind": the closed form is not exact/);
    const given = await crossValidate(backend, data, configured({ channels: 2 }), { folds: 3, closedForm: true });
    expect(given.predictions.every((prediction) => prediction !== null)).toBe(true);
  });
});

test("random matrices give the same model in another order or sign of the channels", async () => {
  const random = createRandom(1);
  const rows = SPECIES.map(() => [random.normal(), random.normal()]);
  const data = await labelled();
  const energies = await Promise.all([[0, 1, 1], [1, 0, -1]].map(async ([first, second, sign]) => {
    const matrix = { C: rows[0]!, O: rows[1]!, Si: rows[2]! };
    const turned = Object.fromEntries(Object.entries(matrix).map(([symbol, row]) => [symbol, [sign! * row[first!]!, row[second!]!]]));
    const { potential } = await fitPotential(backend, data.slice(0, 30), configured({ kind: "matrix", matrix: turned }, { sparse: { count: "all" }, solver: { jitter: 1e-10 } }));
    const evaluator = await backend.createEvaluator(potential);
    const predictions = await evaluator.predict(data.slice(30).map(({ structure }) => structure));
    evaluator.destroy();
    return predictions.map(({ energy }) => energy);
  }));
  expect(relativeDifference(energies[1]!, energies[0]!)).toBeLessThan(1e-5);
});
