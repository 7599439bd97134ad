// References: shells and angles of crystals, an ideal gas, straight and random walks, oscillators, Bragg's peaks, and autoregressive series.
import { describe, expect, it } from "vitest";
import { Simulation } from "../../../src/dynamics/simulation.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { angularDistribution } from "../../../src/properties/angular-distribution.js";
import { blockAverage, blockingAnalysis } from "../../../src/properties/block-averages.js";
import { diamondCell } from "../../../src/properties/diamond.js";
import { diffusionCoefficient, meanSquaredDisplacement } from "../../../src/properties/mean-squared-displacement.js";
import { radialDistribution } from "../../../src/properties/radial-distribution.js";
import { staticStructureFactor } from "../../../src/properties/static-structure-factor.js";
import { velocityAutocorrelation, velocitySpectrum } from "../../../src/properties/velocity-autocorrelation.js";
import { createRandom } from "../../../src/selection/random.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { repeatStructure } from "../../../src/structure/supercell.js";

const a = 5.431;
const salt = createStructure({
  species: [11, 11, 11, 11, 17, 17, 17, 17], cell: [5.64, 0, 0, 0, 5.64, 0, 0, 0, 5.64],
  positions: [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]].flat().map((x) => 2.82 * x),
});

/** Atoms at random in a sheared cell. */
function idealGas(size: number, seed: number): Structure {
  const random = createRandom(seed);
  const cell = [9, 0, 0, 3, 8, 0, -2, 1, 10];
  const positions = Array.from({ length: size }, () => {
    const f = [random.uniform(), random.uniform(), random.uniform()];
    return [0, 1, 2].map((k) => f[0] * cell[k] + f[1] * cell[3 + k] + f[2] * cell[6 + k]);
  }).flat();
  return createStructure({ species: new Array<number>(size).fill(18), positions, cell });
}
const gas = Array.from({ length: 40 }, (_, seed) => idealGas(60, seed));

/** A trajectory of n atoms, position of atom i at frame t by `place`. */
function walk(frames: number, size: number, place: (t: number, i: number) => number[], velocity?: (t: number, i: number) => number[]): Structure[] {
  return Array.from({ length: frames }, (_, t) => createStructure({
    species: new Array<number>(size).fill(14), positions: Array.from({ length: size }, (_unused, i) => place(t, i)).flat(),
    ...(velocity && { arrays: new Map([["velocities", { kind: "R" as const, width: 3, values: Float64Array.from(Array.from({ length: size }, (_unused, i) => velocity(t, i)).flat()) }]]) }),
  }));
}

describe("radial distribution function", () => {
  it("has the shells of diamond: 4, 12 and 12 neighbors", () => {
    const { distances, values, coordination, errors } = radialDistribution([diamondCell(14, a)], { maximalDistance: 5, bins: 500 });
    expect(errors).toBeNull();
    const peaks = [...values.keys()].filter((bin) => values[bin] > 0);
    expect(peaks.map((bin) => coordination[bin])).toEqual([4, 16, 28].map((n) => expect.closeTo(n, 10)));
    [Math.sqrt(3) / 4, Math.SQRT1_2, Math.sqrt(11) / 4].forEach((d, k) => expect(Math.abs(distances[peaks[k]] - d * a)).toBeLessThanOrEqual(0.005 + 1e-9));
    // g = n/(ρ 4π/3 (r₂³ − r₁³)).
    const [inner, outer] = [distances[peaks[0]] - 0.005, distances[peaks[0]] + 0.005];
    expect(values[peaks[0]]).toBeCloseTo(4 / ((8 / a ** 3) * (4 / 3) * Math.PI * (outer ** 3 - inner ** 3)), 8);
  });

  it("tells pairs of elements apart, in either order", () => {
    const options = { maximalDistance: 4.5, bins: 90 };
    const last = (species: [number, number]): number[] => [...radialDistribution([salt], { ...options, species }).coordination];
    expect(last([11, 17])[60]).toBe(6);
    expect(last([11, 11])[60]).toBe(0);
    expect(last([11, 11])[85]).toBe(12);
    const [forth, back] = [[11, 17], [17, 11]].map((pair) => radialDistribution([salt], { ...options, species: pair as [number, number] }).values);
    forth.forEach((value, bin) => expect(value).toBeCloseTo(back[bin], 12));
  });

  it("is 1 in an ideal gas, beyond the cell's thickness too, with errors that say how exactly", () => {
    const { values, errors } = radialDistribution(gas, { maximalDistance: 7, bins: 14, blocks: 10 });
    // 1 − 1/N: an atom does not see itself; its images make up for a little of it.
    let squares = 0;
    for (let bin = 2; bin < 14; bin++) squares += ((values[bin] - (1 - 1 / 60)) / errors![bin]) ** 2 / 12;
    expect(squares).toBeLessThan(2.5);
    expect(squares).toBeGreaterThan(0.2);
    for (let bin = 6; bin < 14; bin++) expect(errors![bin]).toBeLessThan(0.03);
  });
});

describe("bond-angle distribution", () => {
  it("of diamond is at 109.47°, of an octahedron at 90° and 180°", () => {
    const { angles, values } = angularDistribution([diamondCell(14, a)], { cutoff: 2.6 });
    expect([...angles.keys()].filter((bin) => values[bin] > 0).map((bin) => angles[bin])).toEqual([109.5]);
    expect(values[109]).toBeCloseTo(1, 12);
    const octahedron = angularDistribution([salt, salt], { cutoff: 3, bins: 179, center: 17, neighbors: [11, 11], blocks: 2 });
    const found = [...octahedron.angles.keys()].filter((bin) => octahedron.values[bin] > 0);
    const weights = found.map((bin) => octahedron.values[bin] * (180 / 179));
    expect(weights.map((w) => w * 15)).toEqual([expect.closeTo(12, 10), expect.closeTo(3, 10)]);
    expect(Math.max(...octahedron.errors!)).toBe(0);
    expect(() => angularDistribution([salt], { cutoff: 3, center: 17, neighbors: [17, 17] })).toThrow(/no atom has two such neighbors/);
  });

  it("of an ideal gas is sin θ/2", () => {
    const { angles, values } = angularDistribution(gas, { cutoff: 4, bins: 18 });
    values.forEach((value, bin) => expect(Math.abs(value - (Math.sin((angles[bin] * Math.PI) / 180) * Math.PI) / 360)).toBeLessThan(4e-4));
  });
});

describe("mean squared displacement", () => {
  it("of a straight way is v²t²", () => {
    const frames = walk(20, 3, (t, i) => [0.1 * t * (i + 1), 5, 0]);
    const { times, values, errors } = meanSquaredDisplacement(frames, { interval: 2, maximalLag: 10 });
    values.forEach((value, lag) => expect(value).toBeCloseTo(((0.1 * lag) ** 2 * (1 + 4 + 9)) / 3, 12));
    expect(times[10]).toBe(20);
    expect(Math.max(...errors!)).toBeLessThan(1e-12);
  });

  it("of a random walk grows with 6D", () => {
    const random = createRandom(4);
    const at = Array.from({ length: 30 }, () => [0, 0, 0]);
    const frames = walk(600, 30, (_, i) => (at[i] = at[i].map((x) => x + 0.2 * random.normal())));
    const msd = meanSquaredDisplacement(frames, { interval: 5, maximalLag: 20 });
    // 2 D t per axis = 0.04 per 5 fs, so D = 0.004 Å²/fs.
    // 2,700 independent ways of 20 steps: 2.7 % of statistical error, three times that allowed.
    expect(Math.abs(diffusionCoefficient(msd, 5, 100) / 4e-4 - 1)).toBeLessThan(0.08);
    expect(Math.abs(msd.values[4] - 0.48)).toBeLessThan(4 * msd.errors![4]);
    expect(() => diffusionCoefficient(msd, 101, 200)).toThrow(/a slope needs two times/);
  });

  it("needs two frames of the same atoms", () => {
    expect(() => meanSquaredDisplacement([salt], { interval: 1 })).toThrow(/too short: expected 2 or more, got 1/);
    expect(() => meanSquaredDisplacement([salt, gas[0]], { interval: 1 })).toThrow(/structure 1: the frames of a trajectory have the same atoms/);
    expect(() => meanSquaredDisplacement([salt, salt], { interval: 1, species: 6 })).toThrow(/expected one of 11, 17, got 6/);
    expect(() => meanSquaredDisplacement([salt, salt], { interval: 1, maximalLag: 2 })).toThrow(/from 0 to 1/);
  });
});

describe("velocity autocorrelation", () => {
  it("of an oscillator is its cosine, with a line of weight 1 at its frequency", () => {
    const [interval, terahertz] = [2, 12];
    const phase = (t: number): number => (2 * Math.PI * terahertz * t * interval) / 1000;
    const frames = walk(1500, 1, () => [0, 0, 0], (t) => [Math.sin(phase(t)), Math.cos(phase(t)), 0]);
    const correlation = velocityAutocorrelation(frames, { interval, maximalLag: 700 });
    correlation.values.forEach((value, lag) => expect(value).toBeCloseTo(Math.cos(phase(lag)), 8));
    const { frequencies, densities } = velocitySpectrum(correlation, { maximalFrequency: 30, points: 601 });
    expect(frequencies[densities.indexOf(Math.max(...densities))]).toBeCloseTo(terahertz, 1);
    expect(densities.reduce((sum, d) => sum + d, 0) * (frequencies[1] - frequencies[0])).toBeCloseTo(1, 2);
  });

  it("of a simulated dimer has the frequency of its curvature", async () => {
    const bond = 2 ** (1 / 6) * 2.0951;
    const dimer = (r: number): Structure => createStructure({ species: [14, 14], positions: [0, 0, 0, r, 0, 0] });
    const simulation = await Simulation.create((positions) => computeStillingerWeber({ ...dimer(bond), positions }), dimer(bond + 0.01), { ensemble: { kind: "nve" }, timestep: 1, temperature: 0 });
    const frames: Structure[] = [];
    await simulation.run(2000, { every: 2, onFrame: (frame) => void frames.push(frame) });
    const { frequencies, densities } = velocitySpectrum(velocityAutocorrelation(frames, { interval: 2 }), { maximalFrequency: 40, points: 801 });
    const energy = (r: number): number => computeStillingerWeber(dimer(r)).energy;
    const curvature = (energy(bond + 1e-3) - 2 * energy(bond) + energy(bond - 1e-3)) / 1e-6;
    const expected = (Math.sqrt((curvature * 0.009648533212) / (28.085 / 2)) * 1000) / (2 * Math.PI);
    expect(frequencies[densities.indexOf(Math.max(...densities))]).toBeCloseTo(expected, 0);
  });

  it("needs velocities", () => {
    expect(() => velocityAutocorrelation([salt, salt], { interval: 1 })).toThrow(/"velocities": the frame has no velocities/);
    const frames = walk(4, 1, () => [0, 0, 0], () => [0, 0, 0]);
    expect(() => velocityAutocorrelation(frames, { interval: 1 })).toThrow(/do not move/);
    expect(() => velocitySpectrum({ times: Float64Array.of(0, 1, 2), values: Float64Array.of(1, 1, 1), errors: null }, { maximalFrequency: 501 })).toThrow(/at most 500/);
  });
});

describe("static structure factor", () => {
  it("of diamond has N/2 at (111), N at (220), 0 at (200)", () => {
    const crystal = repeatStructure(diamondCell(14, a), [2, 2, 2]);
    const { waveNumbers, values } = staticStructureFactor([crystal], { maximalWaveNumber: 3.6, bins: 400 });
    const at = (h: number, k: number, l: number): number => values[waveNumbers.findIndex((q) => Math.abs(q - (2 * Math.PI * Math.hypot(h, k, l)) / a) < 1e-9)];
    expect(at(1, 1, 1)).toBeCloseTo(32, 8);
    expect(at(2, 2, 0)).toBeCloseTo(64, 8);
    expect(at(2, 0, 0)).toBeCloseTo(0, 8);
    expect(at(0.5, 0, 0)).toBeCloseTo(0, 8);
  });

  it("of an ideal gas is 1, of some of its atoms too, and the same in another cell of the lattice", () => {
    const { values, errors } = staticStructureFactor(gas, { maximalWaveNumber: 4, bins: 8 });
    values.forEach((value, bin) => expect(Math.abs(value - 1)).toBeLessThan(Math.max(4.5 * errors![bin], 0.02)));
    const other = gas.map((frame) => ({ ...frame, cell: frame.cell!.map((x, k) => (k < 3 ? x + frame.cell![3 + k] : x)) }));
    staticStructureFactor(other, { maximalWaveNumber: 4, bins: 8 }).values.forEach((value, bin) => expect(value).toBeCloseTo(values[bin], 9));
    expect(() => staticStructureFactor(gas, { maximalWaveNumber: 1e3 })).toThrow(/too many wave vectors/);
    expect(() => staticStructureFactor(gas, { maximalWaveNumber: 0.1 })).toThrow(/allows no such wave vector/);
  });
});

describe("errors by blocks", () => {
  it("are the standard error of block means, in blocks of nearly equal length", () => {
    const { mean, errors } = blockAverage([1, 3, 5, 7].map((x) => Float64Array.of(x, 2)), 2);
    expect([...mean, ...errors!]).toEqual([4, 2, expect.closeTo(2, 12), 0]);
    expect(blockAverage([Float64Array.of(1)]).errors).toBeNull();
    expect(() => blockAverage([])).toThrow(/nothing to average/);
    expect(() => blockAverage([Float64Array.of(1), Float64Array.of(1, 2)])).toThrow(/samples differ in length/);
  });

  it("of a series with memory grow to the right value: σ²/n (1 + φ)/(1 − φ)", () => {
    const random = createRandom(8);
    const [phi, size] = [0.8, 2 ** 16];
    let x = 0;
    const series = Array.from({ length: size }, () => (x = phi * x + Math.sqrt(1 - phi * phi) * random.normal()));
    const levels = blockingAnalysis(series);
    expect(levels.map(({ length }) => length).slice(0, 4)).toEqual([1, 2, 4, 8]);
    const exact = Math.sqrt((1 / size) * ((1 + phi) / (1 - phi)));
    expect(levels[0].error / Math.sqrt(1 / size)).toBeCloseTo(1, 1);
    const plateau = levels.find(({ length }) => length === 128)!;
    expect(Math.abs(plateau.error - exact)).toBeLessThan(3 * plateau.uncertainty);
    expect(plateau.uncertainty / exact).toBeLessThan(0.05);
  });
});
