// qm9-pseudo-elements: energies of molecules (QM9) from d pseudo-elements, made from periodic trends or learned from the energies, against one density per
// element; and from a basis that mixes elements and radial functions to as many channels in all (Willatt, Musil and Ceriotti, doi:10.1039/C8CP05921G).
// node scripts/run.mjs bench/figures/qm9-pseudo-elements.ts [--threads 1]
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { createBackend, parseConfigurationText, parseFitConfiguration, symbolOf, type FitConfiguration, type PseudoElements } from "../../src/index.js";
import type { Series } from "../../src/cli/report/line-plot.js";
import { speciesOf } from "../../src/features/feature-layout.js";
import { dataPath, readLabeled, root } from "../data.js";
import { optimal, runFit, type FitPoint } from "./fit-sweep.js";
import { publish } from "./publish.js";

const { values: options } = parseArgs({ options: { threads: { type: "string", default: "1" } } });
const [sparse, nMax, lMax] = [600, 4, 4];
/** First and one past the last of the molecules that each fit is tested on; it is made from all others. */
const tests = [[0, 100], [250, 350], [500, 600]] as const;

const path = resolve(root, "bench/configs/qm9-energies.json");
const given = parseFitConfiguration(parseConfigurationText(await readFile(path, "utf8"), path), path);
const molecules = await readLabeled(dataPath("molecules/qm9_subset_600.xyz"), given.keys);
const splits = tests.map(([first, end]) => ({ train: [...molecules.slice(0, first), ...molecules.slice(end)], test: molecules.slice(first, end) }));
const species = speciesOf(molecules.map(({ structure }) => structure));
const base: FitConfiguration = { ...given, basis: { ...given.basis, nMax, lMax }, kernel: { ...given.kernel, zeta: 2 }, sparse: { ...given.sparse, count: sparse } };
const backend = await createBackend("cpu", { threads: Number(options.threads) });

const pseudo = (channels: number, kind: PseudoElements["kind"]): FitConfiguration => ({ ...base, pseudoElements: { channels, kind, matrix: null } });
interface Point {
  readonly basis: string;
  readonly densities: number;
  readonly features: number;
  /** Mean absolute error in meV per atom, mean and standard deviation over the splits, and time of a fit. */
  readonly mae: number;
  readonly deviation: number;
  readonly fit_seconds: number;
}
const points: Point[] = [];
async function run(basis: string, densities: number, configuration: FitConfiguration): Promise<void> {
  const fits: FitPoint[] = [];
  for (const split of splits) fits.push(await runFit(backend, split, configuration, basis, densities));
  const mean = (of: (fit: FitPoint) => number): number => fits.reduce((sum, fit) => sum + of(fit), 0) / fits.length;
  const mae = mean(({ test }) => 1000 * test.energy_mae!);
  const deviation = Math.sqrt(mean(({ test }) => (1000 * test.energy_mae! - mae) ** 2) * fits.length / (fits.length - 1));
  points.push({ basis, densities, features: fits[0]!.features, mae, deviation, fit_seconds: mean(({ fit_seconds }) => fit_seconds) });
  process.stderr.write(`${JSON.stringify(points.at(-1))}\n`);
}

await run("one per element", species.length, base);
for (let d = 1; d <= species.length; d++) {
  await run("periodic trends", d, pseudo(d, "properties"));
  await run("learned", d, pseudo(d, "learned"));
  await run("mixed with n", d, optimal(base, { channels: d * nMax, mixed: true }, 8));
}
backend.destroy();

const names = [...new Set(points.map(({ basis }) => basis))];
const seriesOf = (x: (point: Point) => number): Series[] => names.map((name) => {
  const own = points.filter(({ basis }) => basis === name);
  return { name, points: own.map((point) => [x(point), point.mae] as const), bars: own.map(({ deviation }) => deviation) };
});
const y = { label: "MAE / meV per atom", min: 0, max: 5 * Math.ceil(Math.max(...points.map(({ mae, deviation }) => mae + deviation)) / 5) };
await publish({
  name: "qm9-pseudo-elements", title: `Energies of molecules of ${species.map(symbolOf).join(", ")} from fewer densities than elements`, columns: 2,
  plots: [
    { title: "Energy, test molecules", dots: true, legendWidth: 165, series: seriesOf(({ densities }) => densities), x: { label: "densities", min: 0.5, max: species.length + 0.5 }, y },
    { title: "The same", dots: true, legendWidth: 165, series: seriesOf(({ features }) => features), x: { label: "features", min: 0, max: 800 }, y },
  ],
  numbers: { configuration: base, molecules: molecules.length, tests, elements: species.map(symbolOf), cpu_seconds: Math.round(process.cpuUsage().user / 1e6), points },
});
