// Principal components against the covariance matrix itself; derivatives by finite differences; a run under their bias.
import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { featureComponentVariable, principalFeatureComponents } from "../../../src/dynamics/feature-components.js";
import { Metadynamics } from "../../../src/dynamics/metadynamics.js";
import { Simulation } from "../../../src/dynamics/simulation.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { parseHyperparameters } from "../../../src/training/configuration-schema.js";

const sites = [[0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0], [1, 1, 1], [1, 3, 3], [3, 1, 3], [3, 3, 1]].flat();
const cell = Float64Array.of(5.431, 0, 0, 0, 5.431, 0, 0, 0, 5.431);
const shaken = (size: number, seed: number): Structure => createStructure({ species: new Array<number>(8).fill(14), positions: sites.map((x, k) => (x * 5.431) / 4 + size * Math.sin(3 * k + 17 * seed)), cell });
const frames = Array.from({ length: 7 }, (_, k) => shaken(0.05 * (k + 1), k));
const hyperparameters = parseHyperparameters({ cutoff: { radius: 4 }, basis: { kind: "gto", nMax: 2, lMax: 2 } });

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
  return () => backend.destroy();
});

describe("principal components of averaged features", () => {
  it("are eigenvectors of the covariance, with the variances as eigenvalues, by falling variance", async () => {
    const { mean, directions, variances } = await principalFeatureComponents(backend, frames, hyperparameters, 3);
    const { values, size } = await backend.computeFeatures(frames, hyperparameters);
    const rows = frames.map((_, frame) => Array.from({ length: size }, (__, k) => Array.from({ length: 8 }, (___, atom) => values[(8 * frame + atom) * size + k] / 8).reduce((a, b) => a + b)));
    const center = Array.from({ length: size }, (_, k) => rows.reduce((sum, row) => sum + row[k] / 7, 0));
    center.forEach((value, k) => expect(mean[k]).toBeCloseTo(value, 12));
    expect([variances.length, variances[0] >= variances[1] && variances[1] >= variances[2]]).toEqual([3, true]);
    for (let component = 0; component < 3; component++) {
      const w = directions.subarray(component * size, (component + 1) * size);
      expect(w.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 8);
      for (let k = 0; k < size; k++) {
        let image = 0;
        for (const row of rows) image += ((row[k] - center[k]) / 7) * row.reduce((sum, x, l) => sum + (x - center[l]) * w[l], 0);
        expect(Math.abs(image - variances[component] * w[k])).toBeLessThan(1e-8 * variances[0]);
      }
    }
  });

  it("as a collective variable have the derivatives of finite differences, and mean 0 over the reference", async () => {
    const components = await principalFeatureComponents(backend, frames, hyperparameters, 2);
    const variable = featureComponentVariable(backend, frames[0], components, 1);
    let sum = 0;
    for (const { positions } of frames) sum += (await variable(positions, cell)).value;
    expect(Math.abs(sum)).toBeLessThan(1e-9);
    const { positions } = frames[4];
    const { gradient, strain } = await variable(positions, cell);
    expect(strain).toBeNull();
    const largest = Math.max(...gradient.map(Math.abs));
    for (let k = 0; k < 24; k += 5) {
      const at = async (by: number): Promise<number> => (await variable(positions.map((x, n) => (n === k ? x + by : x)), cell)).value;
      const slope = ((await at(1e-4)) - (await at(-1e-4))) / 2e-4;
      if (!(Math.abs(slope - gradient[k]) < 1e-6 * largest)) expect.fail(`∂s/∂r ${k}: ${gradient[k]}, by differences ${slope}`);
    }
  });

  it("bias a run at constant volume, to the bit after a restart, and refuse one at constant pressure", async () => {
    const components = await principalFeatureComponents(backend, frames, hyperparameters, 1);
    const sigma = Math.sqrt(components.variances[0]) / 5;
    const make = (hills = [] as Metadynamics["hills"]): Metadynamics => new Metadynamics({ variables: [{ variable: featureComponentVariable(backend, frames[0], components, 0), sigma }], height: 0.1, biasFactor: 10, every: 4, temperature: 300, hills });
    const options = { ensemble: { kind: "nvt", thermostat: { kind: "langevin", friction: 0.01 } }, timestep: 1, temperature: 300 } as const;
    const forces = (positions: Float64Array, at: Float64Array | null) => computeStillingerWeber({ ...frames[0], positions, cell: at });
    const [whole, first] = [make(), make()];
    const straight = await Simulation.create(forces, frames[0], { ...options, bias: whole });
    await straight.run(16);
    expect(straight.thermodynamics.bias).toBeGreaterThan(0.05);
    const begun = await Simulation.create(forces, frames[0], { ...options, bias: first });
    await begun.run(7);
    const resumed = await Simulation.create(forces, frames[0], { ...options, bias: make(first.hills), state: begun.state });
    await resumed.run(9);
    expect(resumed.state).toEqual(straight.state);
    const npt = { ...options, ensemble: { ...options.ensemble, kind: "npt", barostat: { compressibility: 0.01, relaxation: 1000 } } } as const;
    await expect(Simulation.create(forces, frames[0], { ...npt, bias: make() })).rejects.toThrow(/constant pressure needs the virial/);
  });

  it("say what to change", async () => {
    await expect(principalFeatureComponents(backend, [frames[0], frames[0]], hyperparameters, 1)).rejects.toThrow(/"count".*expected 1 to 0, or more structures that differ/);
    await expect(principalFeatureComponents(backend, frames, hyperparameters, 8)).rejects.toThrow(/"count".*got 8/);
    const components = await principalFeatureComponents(backend, frames, hyperparameters, 1);
    expect(() => featureComponentVariable(backend, frames[0], components, 1)).toThrow(/"index".*expected 0 to 0, got 1/);
    expect(() => featureComponentVariable(backend, createStructure({ species: [8], positions: [0, 0, 0] }), components, 0)).toThrow(/atom 0: .*expected Si, got O/);
  });
});
