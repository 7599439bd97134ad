// A committee beside the GPU: the fit takes its rows from there, uncertainties are those of the CPU.
import { expect, test } from "vitest";
import { computeStillingerWeber } from "../../src/dynamics/stillinger-weber.js";
import type { LabeledStructure } from "../../src/structure/structure.js";
import { parseFitConfiguration } from "../../src/training/configuration-schema.js";
import { fitPotential } from "../../src/training/sparse-gpr.js";
import { silicon } from "../unit/backend/systems.js";
import { withBackends } from "./backends.js";

const backends = withBackends();

test("a fit on the GPU has a committee, whose uncertainties are computed on the CPU", async () => {
  const train = [1, 2, 3, 4, 5, 6].map((seed): LabeledStructure => {
    const structure = silicon(1, 0.1, seed);
    const { energy, forces } = computeStillingerWeber(structure);
    return { structure, labels: { energy, forces, virial: null, configType: "default" } };
  });
  const settings = parseFitConfiguration({
    cutoff: { radius: 4 }, basis: { nMax: 3, lMax: 2 }, sparse: { count: 8 }, kernel: { zeta: 2 }, compression: null, committee: { members: 4 },
  });
  const { potential } = await fitPotential(backends.gpu, train, settings);
  expect(potential.terms[0]!.centers[0]!.members).toHaveLength(32);
  const structures = [silicon(1, 0.15, 9)];
  const [ofGpu, ofCpu] = [await backends.gpu.createEvaluator(potential), await backends.cpu.createEvaluator(potential)];
  const [[found], [expected]] = [await ofGpu.predict(structures, { uncertainty: true }), await ofCpu.predict(structures, { uncertainty: true })];
  expect(found).toEqual(expected);
  // Not asked for uncertainties, the GPU itself predicts.
  const [plain] = await ofGpu.predict(structures);
  expect(plain!.uncertainty).toBeUndefined();
  expect(Math.abs(plain!.energy - expected!.energy)).toBeLessThan(1e-3);
  const bare = await backends.gpu.createEvaluator({ ...potential, committee: undefined });
  await expect(bare.predict(structures, { uncertainty: true })).rejects.toMatchObject({ details: { key: "uncertainty" } });
  for (const evaluator of [ofGpu, ofCpu, bare]) evaluator.destroy();
});
