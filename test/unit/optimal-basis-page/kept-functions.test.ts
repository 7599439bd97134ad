// The first q functions of a contraction with all of them are the contraction that keeps q.
import { expect, test } from "vitest";
import { createBackend, createOptimalBasis, parseExtxyz, parseHyperparameters } from "lather";
import { keepFirst } from "../../../demos/optimal-basis/kept-functions.js";

const water = parseExtxyz(`4
Properties=species:S:1:pos:R:3
O 0 0 0
H 0.96 0 0
H -0.24 0.93 0.1
H 0.3 -1.2 1.1
`);

test.each([false, true])("mixed: %s", async (mixed) => {
  const backend = await createBackend("cpu", { threads: 1 });
  const primitive = parseHyperparameters({ basis: { nMax: 5, lMax: 2 }, cutoff: { radius: 4 } });
  const basis = (channels: number) => createOptimalBasis(backend, water, primitive, { channels, mixed });
  const all = await basis(mixed ? 10 : 5);
  for (const kept of [1, 3, 5, 99]) {
    const { hyperparameters } = await basis(Math.min(kept, mixed ? 10 : 5));
    expect(keepFirst(all.hyperparameters, kept)).toEqual(hyperparameters);
  }
  backend.destroy();
});
