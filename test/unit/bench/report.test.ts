// The fields that `npm run bench -- --json` promises, from small cases that are not timed, and the checks that stand before the clock.
import { describe, expect, test } from "vitest";
import { allCases } from "../../../bench/cases.js";
import { checkForces, demand } from "../../../bench/checks.js";
import { dataPath } from "../../../bench/data.js";
import { runEnergyForces } from "../../../bench/energy-force-cases.js";
import { runFeatures } from "../../../bench/feature-cases.js";
import { unfitted } from "../../../bench/generated-cases.js";
import { describeMachine } from "../../../bench/machine.js";
import { PEERS } from "../../../bench/peers.js";
import { formatReport } from "../../../bench/report.js";
import { complete } from "../../../bench/result.js";
import { cpuSetting } from "../../../bench/setting.js";
import { ZUO_CONFIGURATION, diamondSilicon, environmentsOf, unfittedPotential } from "../../../bench/systems.js";
import { createBackend, createStructure } from "../../../src/index.js";
import type { Hyperparameters } from "../../../src/index.js";

const once = { warmUp: 0, seconds: 0, repetitions: 1 };
const small: Hyperparameters = {
  cutoff: { radius: 4, width: 0.5, function: "cosine" }, density: { kind: "gaussian", width: 0.4, centerWeight: 1, scaling: null },
  basis: { kind: "gto", nMax: 4, lMax: 3, accuracy: 1e-8 }, features: { kind: "power-spectrum", normalize: true },
};

describe("reports", () => {
  test("features and forces of eight atoms have the promised fields", async () => {
    const machine = await describeMachine(once, 32, 1000);
    const features = complete(await runFeatures("features-si512", [diamondSilicon(1)], small, cpuSetting(1, once)), machine);
    const forces = complete(await runEnergyForces("energy-forces-si512-m500", [diamondSilicon(1)], async (backend) => ({
      potential: await unfittedPotential(backend, small, 6, 2, 1), model: "random weights",
    }), cpuSetting(2, once)), machine);
    const report = JSON.parse(JSON.stringify({ machine, cases: [features, forces] })) as Record<string, Record<string, unknown>[]>;
    expect(Object.keys(report)).toEqual(["machine", "cases"]);
    for (const entry of report["cases"]!) {
      expect(entry).toMatchObject({ name: expect.any(String), backend: "cpu", threads: expect.any(Number) });
      for (const field of ["ms_per_atom", "ms_per_atom_median", "gflops", "peak_share", "copy_share", "peak_rss_mb", "operations_per_atom"]) {
        expect(entry[field], field).toBeGreaterThan(0);
      }
      expect(entry["atoms"]).toBe(8);
    }
    expect(report["cases"]!.map(({ threads }) => threads)).toEqual([1, 2]);
    expect(forces.gflops).toBeCloseTo((8 * forces.operations_per_atom) / ((8 * (forces as { ms_per_atom: number }).ms_per_atom) / 1000) / 1e9, 9);
    const text = formatReport({ machine, cases: [features, forces, { name: "fit-zuo-si", threads: 1, absent: "no such file" }] });
    expect(text).toContain("fit-zuo-si, 1 thread: ABSENT (no such file)");
    expect(text).toContain("librascal, GTO, spline, 1 thread: 0.0303 ms/atom; ours takes");
  });

  test("every case of the issue is there, each with its peers", () => {
    const names = ["features-si512", "features-mol200", "energy-forces-si512-m500", "fit-zuo-si", "energy-forces-si512-zuo"];
    const contracted = ["features-si512-optimal", "features-mol200-optimal", "features-mol200-mixed"];
    const cases = allCases(unfitted);
    const of = (kind: "cpu" | "gpu"): string[] => cases.filter(({ kinds }) => kinds.includes(kind)).map(({ name }) => name);
    expect(of("cpu")).toEqual([...names.slice(0, 2), ...contracted, ...names.slice(2)]);
    expect(of("gpu")).toEqual([...names, "step-si1000-zuo", "energy-forces-si100k-zuo"]);
    expect(Object.keys(PEERS).sort()).toEqual([...names].sort());
  });

  test("data that are not there are named", () => {
    expect(() => dataPath("zuo2020/Ge_train.xyz")).toThrow("Ge_train.xyz not found");
  });

  test("a wrong or undefined result stops the case", () => {
    expect(() => demand({ what: "forces", error: 2e-6, tolerance: 1e-6 })).toThrow("wrong result, nothing timed: forces off by");
    expect(() => demand({ what: "forces", error: NaN, tolerance: 1e-6 })).toThrow("NaN");
  });

  test("forces that are no derivative of the energy are found", async () => {
    const backend = await createBackend("cpu", { threads: 1 });
    try {
      const potential = await unfittedPotential(backend, small, 6, 2, 1);
      const evaluator = await backend.createEvaluator(potential);
      const spoiled: typeof evaluator = {
        ...evaluator,
        predict: async (structures, options) => {
          const predictions = await evaluator.predict(structures, options);
          return predictions.map((prediction) => ({ ...prediction, forces: prediction.forces?.map((force) => 1.001 * force) ?? null }));
        },
      };
      await expect(checkForces(spoiled, diamondSilicon(1), potential)).rejects.toThrow("finite differences");
      expect((await checkForces(evaluator, diamondSilicon(1), potential)).tolerance).toBeLessThan(1e-5);
    } finally {
      backend.destroy();
    }
  });
});

describe("systems", () => {
  test("Si512 is what peers.md says", () => {
    const { species, cell } = diamondSilicon();
    expect(species.length).toBe(512);
    expect(cell![0]).toBeCloseTo(4 * 5.431, 12);
    const environments = environmentsOf([diamondSilicon()], { ...small, cutoff: { ...small.cutoff, radius: 5 } });
    // 28 neighbors in the perfect crystal: shells of 4, 12 and 12 below 5 Å, the next one at 5.43 Å.
    expect(environments.reduce((sum, { pairs }) => sum + pairs, 0) / 512).toBeCloseTo(28, 0);
  });

  test("environments count images once, and elements with the center's own", () => {
    // NaCl-like pair in a cell of 3 Å: each atom sees only images of itself and of the other one.
    const structure = createStructure({ species: [11, 17], positions: [0, 0, 0, 1.5, 1.5, 1.5], cell: [3, 0, 0, 0, 3, 0, 0, 0, 3] });
    const [first] = environmentsOf([structure], { ...small, cutoff: { ...small.cutoff, radius: 3.5 } });
    // Eight of the other element at 2.6 Å, six images of itself at 3 Å.
    expect(first).toEqual({ pairs: 14, elements: 2, atoms: 2 });
  });

  test("the configuration of the zuo2020 fit is valid", () => {
    expect(ZUO_CONFIGURATION).toMatchObject({
      cutoff: { radius: 5.4, width: 0.5 }, density: { width: 0.5 }, basis: { nMax: 8, lMax: 8 }, kernel: { zeta: 4 },
      sparse: { count: 1000 }, noise: { energy: 0.01, forces: 0.05 },
    });
  });
});
