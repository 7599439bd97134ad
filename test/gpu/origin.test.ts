// Errors about a structure say which one it is, as on the CPU; and cells sheared to needles give the features of the plain ones on both.
import { expect, test } from "vitest";
import { CapacityError, InputError } from "../../src/errors.js";
import { parseExtxyz } from "../../src/structure/extxyz.js";
import { createStructure, type Structure } from "../../src/structure/structure.js";
import { relativeDifference } from "../reference/norms.js";
import { crystal, ethanol, hyperparameters, randomPotential } from "../unit/backend/systems.js";
import { withBackends } from "./backends.js";

const backends = withBackends();
const settings = hyperparameters({ basis: { nMax: 2, lMax: 1 } });
const read = (atoms: string): Structure =>
  parseExtxyz(`1\nProperties=species:S:1:pos:R:3\nC 0 0 0\n${atoms.split("\n").length}\nProperties=species:S:1:pos:R:3\n${atoms}\n`, "a.xyz")[1]!;
const clash = "C 1 1 1\nC 1 1 1";

async function failure(job: Promise<unknown>): Promise<InputError> {
  return (await job.catch((error: unknown) => error)) as InputError;
}

test("two atoms on one site, read from a file or made in memory: features, rows of a fit, predictions", async () => {
  const { gpu } = backends;
  const { origin: _, ...made } = read(clash);
  const evaluator = await gpu.createEvaluator(await randomPotential(backends.cpu, ethanol(), settings));
  const centers = [{ species: 6, projection: null, size: 6, sparsePoints: new Float64Array(6).fill(0.1), factor: Float64Array.of(1) }];
  const carbon = createStructure({ species: [6, 6], positions: [0, 0, 0, 1.4, 0, 0] });
  const weights = { energy: 1, forces: 1, virial: 1 };
  const jobs: ((list: Structure[]) => Promise<unknown>)[] = [
    (list) => gpu.computeFeatures(list, settings), (list) => evaluator.predict(list),
    (list) => gpu.accumulateNormalEquations(list.map((structure) => ({ structure, energy: 1, forces: new Float64Array(6), virial: null, weights })), [6], [{ hyperparameters: settings, zeta: 2, centers }]),
  ];
  for (const job of jobs) {
    const error = await failure(job([carbon, carbon, read(clash)]));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ what: "atoms 0 and 1 stand on one site", details: { file: "a.xyz", line: 4, structure: 1, atom: 0 } });
    expect(await failure(job([carbon, carbon, made]))).toMatchObject({ details: { structure: 2, atom: 0 } });
  }
  evaluator.destroy();
});

test("an unknown element, a cell that is too thin", async () => {
  const { gpu } = backends;
  const evaluator = await gpu.createEvaluator(await randomPotential(backends.cpu, ethanol(), settings));
  expect(await failure(evaluator.predict([ethanol(), read("Au 0 0 0")]))).toMatchObject({ details: { file: "a.xyz", line: 4, structure: 1, atom: 0 } });
  evaluator.destroy();
  const thin = { ...read("C 0 0 0"), cell: Float64Array.of(1e-3, 0, 0, 0, 5, 0, 0, 0, 5), pbc: [true, true, true] as const };
  const refused = await failure(gpu.computeFeatures([ethanol(), thin], settings));
  expect(refused).toBeInstanceOf(CapacityError);
  expect(refused).toMatchObject({ what: "a cell is too thin for the cutoff", details: { file: "a.xyz", line: 4, structure: 1 } });
});

test("predictions give back the very structures", async () => {
  const evaluator = await backends.gpu.createEvaluator(await randomPotential(backends.cpu, ethanol(), settings));
  const given = [ethanol(), read("C 0 0 0\nC 1.4 0 0")];
  let at = 0;
  for await (const { structure } of evaluator.predictStream(given)) expect(structure).toBe(given[at++]);
  expect(at).toBe(2);
  evaluator.destroy();
});

test("a cell sheared to a needle has the features of the plain cell on both backends", async () => {
  const plain = crystal([6, 14], 5);
  const [a, b, c] = [0, 1, 2].map((row) => [...plain.cell!.subarray(3 * row, 3 * row + 3)]) as [number[], number[], number[]];
  const turned = [a, b.map((x, k) => x + 300 * a[k]!), c.map((x, k) => x - 70 * a[k]! + 45 * b[k]!)];
  const sheared = { ...plain, cell: Float64Array.from(turned.flat()) };
  const { values } = await backends.cpu.computeFeatures([plain], settings);
  expect(relativeDifference((await backends.cpu.computeFeatures([sheared], settings)).values, values)).toBeLessThan(1e-10);
  expect(relativeDifference((await backends.gpu.computeFeatures([sheared], settings)).values, values)).toBeLessThan(1e-4);
});
