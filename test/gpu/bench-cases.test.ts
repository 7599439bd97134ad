// The benchmark's cases on the GPU: checked against the CPU, every counted pass with its time and rates, projected on software.
import { beforeAll, describe, expect, test } from "vitest";
import { holds } from "../../bench/checks.js";
import { runEnergyForces } from "../../bench/energy-force-cases.js";
import { runFeatures } from "../../bench/feature-cases.js";
import { describeAdapter, type GpuAdapter } from "../../bench/gpu-adapter.js";
import { comparePredictions } from "../../bench/gpu-checks.js";
import { energyForcePasses } from "../../bench/gpu-operations.js";
import { describeMachine, type Machine } from "../../bench/machine.js";
import { formatReport } from "../../bench/report.js";
import { complete, type CaseResult } from "../../bench/result.js";
import { gpuSetting } from "../../bench/setting.js";
import { diamondSilicon, movingSteps, unfittedPotential } from "../../bench/systems.js";
import { hyperparameters } from "../unit/backend/systems.js";
import { withBackends } from "./backends.js";

const backends = withBackends();
const once = { warmUp: 0, seconds: 0, repetitions: 1 };
const hyper = hyperparameters({ basis: { nMax: 2, lMax: 1 } });
let machine: Machine;
let adapter: GpuAdapter;
beforeAll(async () => {
  machine = await describeMachine(once, 32, 1000);
  adapter = await describeAdapter({ product: 128, copy: 65536, rounds: 1, seconds: 0 });
});

/** Machine, adapter and a case, put together as the command does. */
async function report(components: number | null, zeta: number): Promise<{ result: CaseResult; text: string }> {
  const prepare = async (): ReturnType<Parameters<typeof runEnergyForces>[2]> => ({
    potential: await unfittedPotential(backends.cpu, hyper, 6, zeta, 1, components), model: "random weights",
  });
  const setting = gpuSetting(1, adapter, once);
  const result = complete(await runEnergyForces("step", movingSteps(diamondSilicon(1), 2), prepare, setting), machine, adapter);
  return { result, text: formatReport({ machine, adapter, cases: [result] }) };
}

describe("energies and forces", () => {
  test.each([[5, 4], [null, 2]])("%s components, ζ %i: every counted pass has its time", async (components, zeta) => {
    const { result, text } = await report(components, zeta);
    const counted = [...energyForcePasses(hyper, [14], [], { bins: 0, candidates: 0 }, { components, points: 6, zeta }).keys()];
    for (const name of counted) {
      const pass = result.passes!.find((timed) => timed.name === name)!;
      for (const field of ["dispatches", "ms", "bytes", "gb_per_s", "copy_share"] as const) {
        expect(pass?.[field], `${name}: ${field}`).toBeGreaterThan(0);
      }
      const isInteger = /^(bin-|block-|prefix-|reverse-)/.test(name);
      for (const field of ["operations", "gflops", "peak_share"] as const) expect(pass[field]! > 0, `${name}: ${field}`).toBe(!isInteger);
      expect(text).toContain(name);
    }
    expect(result.passes!.map(({ name }) => name).filter((name) => !counted.includes(name))).toEqual([]);
    expect(result.checks.length).toBe(3);
    const { software } = adapter;
    expect(result.projection !== undefined).toBe(software);
    expect(text.includes("projection, not measured")).toBe(software);
    if (software) expect(result.projection!.ms["laptop GPU"]).toBeGreaterThan(result.projection!.ms["H200"]!);
  });
});

test("features: two passes; without timestamps their counts alone", async () => {
  const timed = await runFeatures("features", [diamondSilicon(1)], hyper, gpuSetting(1, { software: true, timestamps: true }, once));
  const forward = (passes: typeof timed.passes): unknown[] => passes!.filter(({ name }) => ["density-coefficients", "power-spectrum"].includes(name));
  expect(forward(timed.passes)).toMatchObject([{ dispatches: 1 }, { dispatches: 1 }]);
  expect(timed.checks[0]!.error).toBeLessThan(5e-6);
  const counted = await runFeatures("features", [diamondSilicon(1)], hyper, gpuSetting(1, { software: true, timestamps: false }, once));
  expect(forward(counted.passes)).toEqual(forward(timed.passes!.map((pass) => ({ ...pass, dispatches: null, ms: null }))));
});

test("forces that are off by 0.1 % are found", async () => {
  const potential = await unfittedPotential(backends.cpu, hyper, 6, 2, 1);
  const [cpu, gpu] = [await backends.cpu.createEvaluator(potential), await backends.gpu.createEvaluator(potential)];
  const spoiled: typeof gpu = {
    predictStream: (structures, options) => gpu.predictStream(structures, options),
    destroy: () => gpu.destroy(),
    predict: async (structures, options) =>
      (await gpu.predict(structures, options)).map((prediction) => ({ ...prediction, forces: prediction.forces!.map((force) => 1.001 * force) })),
  };
  expect((await comparePredictions(cpu, gpu, [diamondSilicon(1)], potential)).map(holds)).toEqual([true, true, true]);
  expect((await comparePredictions(cpu, spoiled, [diamondSilicon(1)], potential)).map(holds)).toEqual([true, false, true]);
  cpu.destroy();
  gpu.destroy();
});
