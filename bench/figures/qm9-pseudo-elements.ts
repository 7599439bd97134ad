// qm9-pseudo-elements: energies of molecules (QM9) from d pseudo-elements, made from periodic trends or learned from the energies, against one density per
// element; and from a basis that mixes elements and radial functions to as many channels in all (Willatt, Musil and Ceriotti, doi:10.1039/C8CP05921G).
// node scripts/run.mjs bench/figures/qm9-pseudo-elements.ts [--threads 1]
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { createBackend, parseConfigurationText, parseFitConfiguration, symbolOf, type FitConfiguration, type PseudoElements } from "../../src/index.js";
import { logRange } from "../../src/cli/report/axis.js";
import { speciesOf } from "../../src/features/feature-layout.js";
import { dataPath, readLabeled, root } from "../data.js";
import { optimal, runFit, type FitPoint } from "./fit-sweep.js";
import { publish } from "./publish.js";

const { values: options } = parseArgs({ options: { threads: { type: "string", default: "1" } } });
const [training, sparse, nMax, lMax] = [500, 600, 4, 4];

const path = resolve(root, "bench/configs/qm9-energies.json");
const given = parseFitConfiguration(parseConfigurationText(await readFile(path, "utf8"), path), path);
const molecules = await readLabeled(dataPath("molecules/qm9_subset_600.xyz"), given.keys);
const data = { train: molecules.slice(0, training), test: molecules.slice(training) };
const species = speciesOf(molecules.map(({ structure }) => structure));
const base: FitConfiguration = { ...given, basis: { ...given.basis, nMax, lMax }, kernel: { ...given.kernel, zeta: 2 }, sparse: { ...given.sparse, count: sparse } };
const backend = await createBackend("cpu", { threads: Number(options.threads) });

const pseudo = (channels: number, kind: PseudoElements["kind"]): FitConfiguration => ({ ...base, pseudoElements: { channels, kind, matrix: null } });
const points: FitPoint[] = [];
async function run(name: string, d: number, configuration: FitConfiguration): Promise<void> {
  const point = await runFit(backend, data, configuration, name, d);
  points.push(point);
  process.stderr.write(`${name} ${d}: ${(1000 * point.test.energy_mae!).toFixed(2)} meV/atom, ${point.features} features, ${point.fit_seconds.toFixed(1)} s\n`);
}

await run("one per element", species.length, base);
for (let d = 1; d <= species.length; d++) {
  await run("periodic trends", d, pseudo(d, "properties"));
  await run("learned", d, pseudo(d, "learned"));
  await run("mixed with n", d, optimal(base, { channels: d * nMax, mixed: true }, 8));
}
backend.destroy();

const names = [...new Set(points.map(({ basis }) => basis))];
const seriesOf = (x: (point: FitPoint) => number): { name: string; points: (readonly [number, number])[] }[] =>
  names.map((name) => ({ name, points: points.filter(({ basis }) => basis === name).map((point) => [x(point), 1000 * point.test.energy_mae!] as const) }));
const y = { label: "MAE / meV per atom", ...logRange(points.map(({ test }) => 1000 * test.energy_mae!)) };
await publish({
  name: "qm9-pseudo-elements", title: `Energies of molecules of ${species.map(symbolOf).join(", ")} from fewer densities than elements`, columns: 2,
  plots: [
    { title: "Energy, test molecules", dots: true, legendWidth: 140, series: seriesOf(({ q }) => q), x: { label: "densities", min: 0.5, max: species.length + 0.5 }, y },
    { title: "The same", dots: true, legendWidth: 140, series: seriesOf(({ features }) => features), x: { label: "features", min: 0, max: 800 }, y },
  ],
  numbers: { configuration: base, training, test: data.test.length, elements: species.map(symbolOf), cpu_seconds: Math.round(process.cpuUsage().user / 1e6), points },
});
