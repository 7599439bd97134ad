// Optimal bases from large primitive ones of every kind: 24 functions, whose overlaps are ill-conditioned, for Gaussian and δ densities.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { basisKinds } from "../../../src/basis/validate-hyperparameters.js";
import { createOptimalBasis } from "../../../src/training/optimal-basis.js";
import { ethanol, hyperparameters } from "../backend/systems.js";

let backend: Backend;
beforeAll(async () => void (backend = await createBackend("cpu", { threads: 1 })));
afterAll(() => backend.destroy());

/** Gaussians on a grid, as a user may bring them. */
const table = {
  step: 0.1,
  functions: Array.from({ length: 24 }, (_, n) => Array.from({ length: 51 }, (__, k) => Math.exp(-0.5 * ((0.1 * k - n / 6) / 0.25) ** 2))),
};

const kinds = (["gaussian", "delta"] as const).flatMap((density) =>
  basisKinds.filter((kind) => density === "gaussian" || kind !== "dvr").map((kind) => [density, kind] as const),
);

test.each(kinds)("%s density, %s", async (density, kind) => {
  const basis = { kind, nMax: 24, lMax: 1, accuracy: 1e-4, ...(kind === "table" && { table }) };
  const { kept, residualVariance, hyperparameters: optimal } = await createOptimalBasis(
    backend, [ethanol()], hyperparameters({ basis, density: { kind: density, width: 0.4 } }), { channels: 6 },
  );
  expect(Math.max(...kept)).toBe(6);
  expect(residualVariance).toBeGreaterThan(0);
  expect(residualVariance).toBeLessThan(0.05);
  const u = optimal.basis.contraction!.matrix;
  const rows = Array.from({ length: u.length / 24 }, (_, row) => Math.hypot(...u.slice(row * 24, row * 24 + 24)));
  for (const length of rows.filter((value) => value > 0)) expect(Math.abs(length - 1)).toBeLessThan(1e-12);
});
