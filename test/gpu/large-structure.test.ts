// A structure of 110,592 atoms, more centers than a dispatch has workgroups, against the CPU backend.
import { expect, test } from "vitest";
import { relativeDifference } from "../reference/norms.js";
import { hyperparameters, silicon } from "../unit/backend/systems.js";
import { createGpu, withBackends } from "./backends.js";

const backends = withBackends();

test("density coefficients of 110,592 atoms", { timeout: 600_000 }, async () => {
  const hyper = hyperparameters({ cutoff: { radius: 3 }, basis: { nMax: 1, lMax: 1, accuracy: 1e-6 } });
  const structure = silicon(24, 0.1);
  const gpu = await createGpu({ chunkRows: 16384 });
  const found = await gpu.computeDensityCoefficients([structure], hyper);
  gpu.destroy();
  const expected = await backends.cpu.computeDensityCoefficients([structure], hyper);
  expect(relativeDifference(found.values, expected.values)).toBeLessThan(5e-6);
});
