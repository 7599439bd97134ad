// basis-convergence: the optimal functions R_ql(s) of silicon from Gaussian-type orbitals and from other primitive bases, and how their difference
// falls with the number of primitive functions (Goscinski et al., doi:10.1063/5.0057229, Figure 1).
// node scripts/run.mjs bench/figures/basis-convergence.ts
import { createBackend, createContractedFunctions, createOptimalBasis, type Hyperparameters, type RadialBasis } from "../../src/index.js";
import { readAllStructures } from "../../src/node/index.js";
import type { LinePlot, Series } from "../../src/cli/report/line-plot.js";
import { dataPath } from "../data.js";
import { logRange } from "../../src/cli/report/axis.js";
import { publish } from "./publish.js";

const [lMax, functions, largest] = [6, 4, 20];
const sizes = [6, 8, 10, 12, 14, 16, 18, 20, 22, 24];
const [radius, width] = [6, 0.5];
const others: readonly RadialBasis["kind"][] = ["dvr", "shifted-gaussians", "laplacian-eigenstates", "chebyshev"];

const structures = (await readAllStructures(dataPath("zuo2020/Si_train.xyz"))).filter((_, index) => index % 2 === 0);
const backend = await createBackend("cpu", { threads: 1 });

/** Å, where functions are compared: from σ on, since DVR functions keep a small part in 1/s. */
const end = radius + 3 * width;
const grid = Array.from({ length: 301 }, (_, k) => width + ((end - width) * k) / 300);

/** R_ql on the grid, [l][q][point]. */
async function optimalFunctions(kind: RadialBasis["kind"], nMax: number): Promise<number[][][]> {
  const hyperparameters: Hyperparameters = {
    cutoff: { radius, width: 0.5, function: "cosine" },
    density: { kind: "gaussian", width, centerWeight: 1, scaling: null },
    basis: { kind, nMax, lMax, accuracy: 1e-8 },
    features: { kind: "power-spectrum", normalize: true },
  };
  const basis = await createOptimalBasis(backend, structures, hyperparameters, { channels: functions });
  const evaluate = createContractedFunctions(basis.hyperparameters, 14);
  const values = grid.map(evaluate);
  process.stderr.write(`${kind} ${nMax}\n`);
  return Array.from({ length: lMax + 1 }, (_, l) => Array.from({ length: functions }, (__, q) => values.map((point) => point[l * functions + q]!)));
}

/** max |R' ∓ R| over max |R|, with the sign that fits better; of s R with `power` 1. */
function difference(left: readonly number[], right: readonly number[], power: number): number {
  const [a, b] = [left, right].map((values) => values.map((value, k) => value * grid[k]! ** power)) as [number[], number[]];
  const largestOf = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const gap = (sign: number): number => largestOf(a.map((value, k) => value - sign * b[k]!));
  return Math.min(gap(1), gap(-1)) / largestOf(a);
}

/** [l][q] */
interface Differences {
  readonly of_r: readonly (readonly number[])[];
  readonly of_s_r: readonly (readonly number[])[];
}

function differences(a: number[][][], b: number[][][]): Differences {
  const all = (power: number): number[][] => a.map((rows, l) => rows.map((row, q) => difference(row, b[l]![q]!, power)));
  return { of_r: all(0), of_s_r: all(1) };
}

const convergence: ({ readonly n_max: number } & Differences)[] = [];
for (const nMax of sizes) convergence.push({ n_max: nMax, ...differences(await optimalFunctions("gto", nMax), await optimalFunctions("dvr", nMax)) });
const gto = await optimalFunctions("gto", largest);
const compared: Record<string, Differences> = {};
const functionsOf: Record<string, number[][][]> = {};
for (const kind of others) {
  functionsOf[kind] = await optimalFunctions(kind, largest);
  compared[kind] = differences(gto, functionsOf[kind]);
}
backend.destroy();

const dvr = functionsOf["dvr"]!;
const shapes = [0, 4].flatMap((l): LinePlot[] => [0, 2].map((first) => {
  const series = [0, 1].flatMap((offset): Series[] => {
    const q = first + offset;
    const sign = gto[l]![q]!.reduce((sum, value, k) => sum + value * dvr[l]![q]![k]!, 0) < 0 ? -1 : 1;
    return [
      { name: `q ${q + 1}, GTO`, points: grid.map((s, k) => [s, gto[l]![q]![k]!] as const) },
      { name: `q ${q + 1}, DVR`, points: grid.map((s, k) => [s, sign * dvr[l]![q]![k]!] as const) },
    ];
  });
  const values = series.flatMap(({ points }) => points.map(([, y]) => y));
  return {
    title: `R(s) of silicon, l = ${l}, q = ${first + 1} and ${first + 2}`, series, marker: { x: radius, name: "cutoff" },
    x: { label: "s / Å", min: 0, max: end }, y: { label: "R(s) / Å⁻³ᐟ²", min: 1.05 * Math.min(...values), max: 1.05 * Math.max(...values) },
  };
}));
const falling = [[0, 1], [2, 3]].map((qs): LinePlot => {
  const series = Array.from({ length: lMax + 1 }, (_, l): Series => ({
    name: `l = ${l}`, points: convergence.map(({ n_max, of_r }) => [n_max, Math.max(...qs.map((q) => of_r[l]![q]!))] as const),
  }));
  return {
    title: `GTO against DVR, q = ${qs.map((q) => q + 1).join(" and ")}`, series, dots: true,
    x: { label: "primitive functions", min: sizes[0]! - 1, max: sizes.at(-1)! + 1 },
    y: { label: "largest |ΔR| / max |R|", ...logRange(series.flatMap(({ points }) => points.map(([, y]) => y))) },
  };
});
await publish({
  name: "basis-convergence", title: "Optimal radial functions do not depend on the primitive basis", columns: 2, plots: [...shapes, ...falling],
  numbers: {
    data: "zuo2020/Si_train.xyz, every second structure", cutoff_radius: radius, density_width: width, l_max: lMax,
    note: "of_r: largest |R_GTO − R_other| / max |R_GTO| for σ ≤ s ≤ r_c + 3σ, [l][q]; of_s_r: the same of s R(s)", gto_against_dvr: convergence, gto_20_against: compared,
  },
});
