// A cell that changes its shape: the pressure tensor, and fluctuations against elastic constants in closed form and of finite differences.
import { describe, expect, it } from "vitest";
import { matrixExponential } from "../../../src/dynamics/flexible-cell.js";
import type { ForceProvider } from "../../../src/dynamics/motion.js";
import type { Ensemble } from "../../../src/dynamics/simulation-options.js";
import { Simulation } from "../../../src/dynamics/simulation.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { cellVolume, createStructure } from "../../../src/structure/structure.js";

const GIGAPASCAL = 160.2176634;
const thermal = 8.617333262e-5 * 300;

describe("matrix exponential", () => {
  it("is that of a shear in closed form, and of −E the inverse", () => {
    const shear = matrixExponential([0, 0.05, 0, 0.05, 0, 0, 0, 0, -0.04]);
    const expected = [Math.cosh(0.05), Math.sinh(0.05), 0, Math.sinh(0.05), Math.cosh(0.05), 0, 0, 0, Math.exp(-0.04)];
    shear.forEach((value, k) => expect(value).toBeCloseTo(expected[k], 15));
    const strain = [0.03, -0.05, 0.01, -0.05, 0.02, 0.04, 0.01, 0.04, -0.06];
    const [forward, backward] = [matrixExponential(strain), matrixExponential(strain.map((x) => -x))];
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 3; column++) expect([0, 1, 2].reduce((sum, k) => sum + forward[3 * row + k] * backward[3 * k + column], 0)).toBeCloseTo(row === column ? 1 : 0, 15);
    }
  });
});

// One atom at rest in a cube of 1000 Å³ whose energy is that of the cell alone.
const edge = 10;
const box = createStructure({ species: [14], positions: [1, 2, 3], cell: [edge, 0, 0, 0, edge, 0, 0, 0, edge] });
const npt = (cell: "isotropic" | "full", relaxation = 50): Ensemble => ({ kind: "npt", thermostat: { kind: "langevin", friction: 0.1 }, barostat: { cell, compressibility: 0.1, relaxation } });

/** U = V₀ (λ (tr ε)²/2 + μ tr ε²), ε = (F Fᵀ − 1)/2 with the rows of the cell aᵢ = aᵢ⁰ F; W = −V₀ Fᵀ S F, S = λ tr ε + 2μ ε. λ and μ in eV/Å³. */
function elastic(lame: number, shear: number): ForceProvider {
  const [strain, half] = [new Float64Array(9), new Float64Array(9)];
  return (positions, cell) => {
    const F = cell!;
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) strain[3 * i + j] = (F[3 * i] * F[3 * j] + F[3 * i + 1] * F[3 * j + 1] + F[3 * i + 2] * F[3 * j + 2]) / (2 * edge * edge) - (i === j ? 0.5 : 0);
    const trace = strain[0] + strain[4] + strain[8];
    let energy = (edge ** 3 * lame * trace * trace) / 2;
    for (let k = 0; k < 9; k++) energy += edge ** 3 * shear * strain[k] * strain[k];
    for (let k = 0; k < 9; k++) strain[k] = 2 * shear * strain[k] + (k % 4 === 0 ? lame * trace : 0);
    const virial = new Float64Array(9);
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) half[3 * i + j] = strain[3 * i] * F[j] + strain[3 * i + 1] * F[3 + j] + strain[3 * i + 2] * F[6 + j];
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) virial[3 * i + j] = -edge * (F[i] * half[j] + F[3 + i] * half[3 + j] + F[6 + i] * half[6 + j]);
    return { energy, forces: new Float64Array(positions.length), virial };
  };
}

describe("an elastic cell", () => {
  it("fluctuates by its elastic constants: volume k_BT V/B, shears k_BT/4μV, and has the pressure tensor that is asked for", async () => {
    const [lame, shear] = [6 / GIGAPASCAL, 6 / GIGAPASCAL];
    const bulk = lame + (2 / 3) * shear;
    const simulation = await Simulation.create(elastic(lame, shear), box, { ensemble: npt("full"), timestep: 1, temperature: 300, seed: 1 });
    const pressure = new Float64Array(9);
    let [samples, volumes, squares, shears, differences] = [0, 0, 0, 0, 0];
    await simulation.run(80_000, {
      every: 10,
      onThermodynamics: ({ volume, pressureTensor }) => {
        const { cell } = simulation.state;
        const metric = (i: number, j: number): number => [0, 1, 2].reduce((sum, x) => sum + cell![3 * i + x] * cell![3 * j + x], 0) / 200 - (i === j ? 0.5 : 0);
        samples++;
        volumes += volume!;
        squares += volume! ** 2;
        for (const [i, j] of [[0, 1], [0, 2], [1, 2]]) {
          shears += metric(i, j) ** 2 / 3;
          differences += (metric(i, i) - metric(j, j)) ** 2 / 3;
        }
        pressureTensor!.forEach((value, k) => (pressure[k] += value));
      },
    });
    const volume = volumes / samples;
    const ratios = {
      volume: (squares / samples - volume ** 2) / ((thermal * volume) / bulk),
      shear: shears / samples / (thermal / (4 * shear * 1000)),
      difference: differences / samples / (thermal / (shear * 1000)),
    };
    // Some 800 independent volumes and 3 × 320 shears: standard errors of 5 %.
    for (const [name, ratio] of Object.entries(ratios)) if (!(Math.abs(ratio - 1) < 0.15)) expect.fail(`${name}: ${ratio} of the fluctuation expected`);
    // ⟨(P − P₀)V⟩ = −k_BT: 0.004 GPa.
    pressure.forEach((sum, k) => expect(Math.abs(sum / samples + (k % 4 === 0 ? 0.004 : 0))).toBeLessThan(0.04));
  });

  const volumetric: ForceProvider = (positions, cell) => {
    const excess = Math.abs(cellVolume(cell!)) / 1000 - 1;
    const pull = -(10 / GIGAPASCAL) * (excess + 1) * 1000 * excess;
    return { energy: (10 / GIGAPASCAL) * 500 * excess * excess, forces: new Float64Array(positions.length), virial: Float64Array.of(pull, 0, 0, 0, pull, 0, 0, 0, pull) };
  };

  it.each(["isotropic", "full"] as const)("whose energy knows the volume only has the same volumes with the %s rescaling", async (kind) => {
    const simulation = await Simulation.create(volumetric, box, { ensemble: npt(kind), timestep: 1, temperature: 300, seed: 4 });
    let [samples, sum, squares] = [0, 0, 0];
    await simulation.run(60_000, { every: 10, onThermodynamics: ({ volume }) => void (samples++, (sum += volume!), (squares += volume! ** 2)) });
    const [mean, expected] = [sum / samples, (thermal * 1000) / (10 / GIGAPASCAL)];
    // 600 independent volumes with a deviation of 20 Å³.
    expect(Math.abs(mean - 1000)).toBeLessThan(3);
    expect(Math.abs((squares / samples - mean ** 2) / expected - 1)).toBeLessThan(0.18);
  });

  it("without noise follows the isotropic rescaling, and turns nothing", async () => {
    const ends = await Promise.all((["isotropic", "full"] as const).map(async (kind) => {
      const simulation = await Simulation.create(volumetric, { ...box, cell: box.cell!.map((x) => x * 1.02) }, { ensemble: npt(kind), timestep: 0.5, temperature: 0, pressure: 1 });
      await simulation.run(60);
      return simulation.state;
    }));
    expect(ends[1].cell![0]).toBeLessThan(10.1);
    for (let k = 0; k < 9; k++) expect(Math.abs(ends[0].cell![k] - ends[1].cell![k])).toBeLessThan(2e-4);
    for (let k = 0; k < 3; k++) expect(Math.abs(ends[0].positions[k] - ends[1].positions[k])).toBeLessThan(1e-4);
  });
});

describe("Stillinger–Weber silicon", () => {
  const sites = [[0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0], [1, 1, 1], [1, 3, 3], [3, 1, 3], [3, 3, 1]].flat();
  // Strained and sheared: cubic is where the pressure brings it.
  const cell = [1.02, 0.01, 0, 0.02, 1, 0, 0, -0.01, 0.97].map((x) => x * 5.431);
  const place = (at: readonly number[]): number[] => [0, 1, 2].map((x) => (at[0] * cell[x] + at[1] * cell[3 + x] + at[2] * cell[6 + x]) / 4);
  const positions = Array.from({ length: 8 }, (_, k) => place(sites.slice(3 * k, 3 * k + 3))).flat();
  const silicon = createStructure({ species: new Array<number>(8).fill(14), positions, cell });

  it("at 4 GPa has that pressure along every axis, no shear, and volumes that fluctuate by its bulk modulus", async () => {
    const barostat = { cell: "full", compressibility: 0.01, relaxation: 50 } as const;
    const ensemble: Ensemble = { kind: "npt", thermostat: { kind: "langevin", friction: 0.02 }, barostat };
    const simulation = await Simulation.create((at, now) => computeStillingerWeber({ ...silicon, positions: at, cell: now }), silicon, { ensemble, timestep: 2, temperature: 300, pressure: 4, seed: 6 });
    await simulation.run(1000);
    const [pressure, metric] = [new Float64Array(9), new Float64Array(9)];
    let [samples, sum, squares] = [0, 0, 0];
    await simulation.run(20_000, {
      onThermodynamics: ({ volume, pressureTensor }) => {
        samples++;
        sum += volume!;
        squares += volume! ** 2;
        pressureTensor!.forEach((value, k) => (pressure[k] += value));
        const now = simulation.state.cell!;
        for (let k = 0; k < 9; k++) metric[k] += [0, 1, 2].reduce((dot, x) => dot + now[3 * Math.floor(k / 3) + x] * now[3 * (k % 3) + x], 0);
      },
    });
    const tensor = Array.from(pressure, (value) => value / samples);
    // Its error is that of the noise of the cell, √(6 k_BT τ/βVt): 0.14 GPa.
    tensor.forEach((value, k) => {
      if (!(Math.abs(value - (k % 4 === 0 ? 4 : 0)) < 0.4)) expect.fail(`pressure tensor ${tensor}`);
    });
    const mean = sum / samples;
    const length = Math.cbrt(mean);
    metric.forEach((value, k) => {
      if (!(Math.abs(value / samples / length ** 2 - (k % 4 === 0 ? 1 : 0)) < 0.01)) expect.fail(`metric ${metric.map((x) => x / samples)} of a cube of ${mean}`);
    });
    const energyAt = (scale: number): number => {
      const a = length * scale;
      return computeStillingerWeber({ ...silicon, positions: Float64Array.from(sites, (x) => (x * a) / 4), cell: Float64Array.of(a, 0, 0, 0, a, 0, 0, 0, a) }).energy;
    };
    const pressureAt = (scale: number): number => -(energyAt(scale + 1e-4) - energyAt(scale - 1e-4)) / (2e-4 * 3 * scale * scale * mean);
    const bulk = -(pressureAt(1.005) - pressureAt(0.995)) / 0.03;
    const fluctuation = (squares / samples - mean ** 2) / ((thermal * mean) / bulk);
    if (!(Math.abs(fluctuation - 1) < 0.2)) expect.fail(`volume fluctuation ${fluctuation} of k_BT V/B, B = ${bulk * GIGAPASCAL} GPa`);
  });
});
