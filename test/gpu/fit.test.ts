// A fit with the GPU backend: features, components and rows in float32 on the GPU, equations in float64 on the CPU.
import { expect, test } from "vitest";
import { computeStillingerWeber } from "../../src/dynamics/stillinger-weber.js";
import type { LabeledStructure } from "../../src/structure/structure.js";
import { defaultFitConfiguration, type FitConfiguration } from "../../src/training/configuration.js";
import { measureErrors } from "../../src/training/measure-errors.js";
import { fitPotential } from "../../src/training/sparse-gpr.js";
import { hyperparameters, silicon } from "../unit/backend/systems.js";
import { withBackends } from "./backends.js";

const backends = withBackends();

function labeled(noise: number, seed: number): LabeledStructure {
  const structure = silicon(1, noise, seed);
  const { energy, forces, virial } = computeStillingerWeber(structure);
  return { structure, labels: { energy, forces, virial, configType: "default" } };
}

test("test errors within 2 % of the CPU backend's, the same bits twice", async () => {
  const train = Array.from({ length: 10 }, (_, k) => labeled(0.05 + 0.01 * k, k + 1));
  const held = Array.from({ length: 4 }, (_, k) => labeled(0.06 + 0.02 * k, k + 40));
  const configuration: FitConfiguration = {
    ...defaultFitConfiguration,
    ...hyperparameters({ basis: { nMax: 5, lMax: 3 } }),
    sparse: { ...defaultFitConfiguration.sparse, count: 40, method: "fps" },
  };
  const errors = [];
  for (const backend of [backends.cpu, backends.gpu, backends.gpu]) {
    const { potential } = await fitPotential(backend, train, configuration);
    errors.push((await measureErrors(backend, potential, held)).errors);
  }
  const [cpu, gpu, again] = errors;
  expect(again).toEqual(gpu);
  expect(cpu!.force_rmse).toBeLessThan(0.3);
  for (const key of ["energy_rmse", "force_rmse", "virial_rmse"] as const) expect(Math.abs(gpu![key]! / cpu![key]! - 1)).toBeLessThan(0.02);
});
