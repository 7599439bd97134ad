// The same input gives the same bits: twice, in any company, and whatever the size of the chunks.
import { expect, test } from "vitest";
import { crystal, ethanol, hyperparameters, randomPotential, silicon } from "../unit/backend/systems.js";
import { createGpu, withBackends } from "./backends.js";

const backends = withBackends();
const hyper = hyperparameters({ basis: { nMax: 3, lMax: 2 } });
const species = [1, 6, 8, 14];
const structures = [silicon(2, 0.1), ethanol(), crystal([6, 14, 8], 7), ethanol()];

test("predictions: twice, one by one, without waiting, and in chunks of 7 and 70 rows", async () => {
  const potential = await randomPotential(backends.cpu, crystal([6, 14, 8, 1], 8), hyper, { species, zeta: 4, components: 9 });
  const evaluator = await backends.gpu.createEvaluator(potential);
  const expected = await evaluator.predict(structures);
  expect(expected.every(({ energy }) => Number.isFinite(energy))).toBe(true);
  expect(await evaluator.predict(structures)).toEqual(expected);
  expect((await Promise.all(structures.map((structure) => evaluator.predict([structure])))).flat()).toEqual(expected);
  evaluator.destroy();
  for (const chunkRows of [7, 70]) {
    const gpu = await createGpu({ chunkRows });
    const chunked = await gpu.createEvaluator(potential);
    expect(await chunked.predict(structures)).toEqual(expected);
    gpu.destroy();
  }
});

test("features in chunks of 1 and 13 rows, two jobs at once", async () => {
  const expected = await backends.gpu.computeFeatures(structures.slice(1), hyper, { species });
  const reversed = await backends.gpu.computeFeatures([...structures].reverse(), hyper, { species });
  for (const chunkRows of [1, 13]) {
    const gpu = await createGpu({ chunkRows });
    const jobs = [structures.slice(1), [...structures].reverse()].map((own) => gpu.computeFeatures(own, hyper, { species }));
    expect(await Promise.all(jobs)).toEqual([expected, reversed]);
    gpu.destroy();
  }
});

test("streams come in order, one structure at a time, and can be left", async () => {
  const potential = await randomPotential(backends.cpu, ethanol(), hyper);
  const evaluator = await backends.gpu.createEvaluator(potential);
  const [expected] = await evaluator.predict([ethanol()]);
  let count = 0;
  for await (const { structure, prediction } of evaluator.predictStream([ethanol(), ethanol(), ethanol()])) {
    expect(structure.species).toHaveLength(9);
    expect(prediction).toEqual(expected);
    if (++count === 2) break;
  }
  const stop = new AbortController();
  stop.abort(new Error("enough"));
  await expect(evaluator.predict([ethanol()], { signal: stop.signal })).rejects.toThrow("enough");
  expect(await evaluator.predict([ethanol()])).toEqual([expected]);
  evaluator.destroy();
});
