// All at once for Stillinger–Weber silicon: figures that the other tests of this folder derive or cite.
import { expect, it } from "vitest";
import { analyticModel } from "../../../src/dynamics/energy-model.js";
import { diamondProperties } from "../../../src/properties/diamond-properties.js";
import { EPSILON, LATTICE_CONSTANT, stillingerWeber } from "./silicon.js";

it("Stillinger–Weber silicon has the properties of the literature", async () => {
  const stages: string[] = [];
  const result = await diamondProperties(stillingerWeber, 14, { onProgress: ({ done, total }) => stages.push(`${done}/${total}`) });
  expect(result.latticeConstant).toBeCloseTo(LATTICE_CONSTANT, 4);
  expect(result.energy).toBeCloseTo(-2 * EPSILON, 8);
  expect(result.c11).toBeCloseTo(151.4, 0);
  expect(result.c12).toBeCloseTo(76.4, 0);
  expect(result.c44).toBeCloseTo(56.4, 0);
  expect(result.bulkModulus).toBeCloseTo((result.c11 + 2 * result.c12) / 3, 0);
  expect(result.vacancy.unrelaxed).toBeCloseTo(2 * EPSILON, 5);
  expect(result.surface111.unrelaxed).toBeCloseTo(1.36, 2);
  expect(result.surface100.unrelaxed).toBeCloseTo(2.356, 3);
  expect(result.surface100.dimerized).toBeLessThan(result.surface100.relaxed);
  expect(result.converged).toBe(true);
  expect([stages[0], stages.at(-1)]).toEqual(["0/7", "7/7"]);
});

it("says where there is no crystal to be found", async () => {
  const repulsive = analyticModel(({ positions, cell }) => ({ energy: 1 / cell![0], forces: new Float64Array(positions.length), virial: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1).map((x) => (x * 1) / (3 * cell![0])) }));
  await expect(diamondProperties(repulsive, 14)).rejects.toThrow(/no diamond structure here/);
  await expect(diamondProperties(stillingerWeber, 14, { supercell: 0 })).rejects.toThrow(/"supercell"/);
});
