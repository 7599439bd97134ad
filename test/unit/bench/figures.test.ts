// The pieces that the programs of bench/figures share, on small data: a sweep of fits, what it sums up, and the picture.
import { expect, test } from "vitest";
import { fitPlots } from "../../../bench/figures/fit-plots.js";
import { smallestWithin, sweep, type FitPoint } from "../../../bench/figures/fit-sweep.js";
import { logRange } from "../../../src/cli/report/axis.js";
import { formatFigure } from "../../../src/cli/report/figure.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { createBackend, parseFitConfiguration, type LabeledStructure } from "../../../src/index.js";
import { silicon } from "../backend/systems.js";

function point(basis: string, q: number, energy: number, force: number, time: number): FitPoint {
  const test = { energy_mae: energy, energy_rmse: energy, force_mae: force, force_rmse: force, virial_mae: null, virial_rmse: null };
  return { basis, q, features: q, components: {}, fit_seconds: 1, test, ms_per_atom: time, ms_per_atom_uncompressed: 2 * time };
}

const label = (seed: number): LabeledStructure => {
  const structure = silicon(1, 0.1, seed);
  const { energy, forces } = computeStillingerWeber(structure);
  return { structure, labels: { energy, forces, virial: null, configType: "default" } };
};

test("a sweep fits every basis at every size", async () => {
  const backend = await createBackend("cpu", { threads: 1 });
  const configuration = parseFitConfiguration({ cutoff: { radius: 3.5 }, basis: { nMax: 4, lMax: 1, accuracy: 1e-4 }, sparse: { count: 10 } });
  const seen: number[] = [];
  const data = { train: [1, 2, 3, 4, 5].map((seed) => label(seed)), test: [label(6)] };
  const bases = ["GTO", "optimal", "optimal, γ 0.1", "optimal, gradient", "optimal, near"];
  const points = await sweep(backend, data, configuration, [1, 2], async (sofar) => void seen.push(sofar.length));
  backend.destroy();
  expect(points.map(({ basis, q, features }) => [basis, q, features])).toEqual(
    [1, 2].flatMap((q) => bases.map((basis) => [basis, q, q === 1 ? 2 : 6])),
  );
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  // The same functions in another mixture would be the same fit.
  expect(points[1]!.test.force_mae).not.toBeCloseTo(points[4]!.test.force_mae!, 6);
  for (const { test: errors } of points) expect(errors.force_mae! > 0 && errors.energy_mae! > 0).toBe(true);
  const [energy, forces, ...times] = fitPlots(points);
  expect(times).toEqual([]);
  expect(energy!.series.map(({ name, points: line }) => [name, ...line.map(([q]) => q)])).toEqual(
    bases.map((name) => [name, 1, 2]),
  );
  expect(forces!.series[1]!.points[0]).toEqual([1, points[1]!.test.force_mae]);
});

test("the smallest size within 2 % has to be so in energies and in forces", () => {
  const mark = point("GTO", 10, 2, 0.1, 0.08);
  const points = [
    point("GTO", 4, 2.01, 0.11, 0.03), point("GTO", 6, 2.05, 0.1, 0.05), mark,
    point("optimal", 6, 1, 0.102, 0.04), point("optimal", 4, 2.04, 0.1, 0.02), point("optimal", 3, NaN, 0.1, 0.01), point("poor", 10, 3, 0.1, 1),
  ];
  expect(smallestWithin(points, mark, 0.02)).toEqual([
    { basis: "GTO", q: 10, speedup: 1, speedup_uncompressed: 1 }, { basis: "optimal", q: 4, speedup: 4, speedup_uncompressed: 4 }, { basis: "poor", q: null },
  ]);
});

test("logarithmic axes begin and end at 1, 2 or 5", () => {
  expect(logRange([0.061, 0.19])).toEqual({ min: 0.05, max: 0.2, log: true });
  expect(logRange([5])).toEqual({ min: 5, max: 10, log: true });
  expect(logRange([1.7e-13, 100])).toEqual({ min: 1e-13, max: 100, log: true });
});

test("a figure is one picture with a place for every plot", () => {
  const plots = fitPlots([point("a", 1, 1, 1, 1), point("a", 2, 0.5, 0.5, 2)]);
  const picture = formatFigure({ title: "<t>", plots, columns: 2 });
  expect(picture).toContain("<title>&lt;t&gt;</title>");
  expect([...picture.matchAll(/<svg x="(\d+)" y="(\d+)" width="483"/g)].map(([, x, y]) => [Number(x), Number(y)])).toEqual(
    [[10, 10], [503, 10], [10, 300], [503, 300], [10, 590]],
  );
  expect(picture).toMatch(/width="996" height="880"/);
  expect(picture).not.toMatch(/NaN|undefined|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
});
