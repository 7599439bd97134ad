// qm9-energies: energies of molecules (QM9) from q channels that mix all elements against Gaussian-type orbitals with as many channels in all, n_max for each
// element (Goscinski et al., doi:10.1063/5.0057229, Figure 7), for several kernels and densities, which both bases are given alike.
// node scripts/run.mjs bench/figures/qm9-energies.ts [--threads 1]
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { createBackend, parseConfigurationText, parseFitConfiguration, type FitConfiguration } from "../../src/index.js";
import { speciesOf } from "../../src/features/feature-layout.js";
import { dataPath, readLabeled, root } from "../data.js";
import { fitPlots } from "./fit-plots.js";
import { optimal, runFit, type FitPoint } from "./fit-sweep.js";
import { publish } from "./publish.js";

const { values: options } = parseArgs({ options: { threads: { type: "string", default: "1" } } });
const [training, sparse, primitives] = [500, 1000, 8];
const sizes = { perElement: [1, 2, 3, 4], mixed: [2, 4, 5, 8, 12, 16] };
const zetas = [1, 2];
const densities = [0.3, 0.5].map((width) => ({ width }));

const path = resolve(root, "bench/configs/qm9-energies.json");
const given = parseFitConfiguration(parseConfigurationText(await readFile(path, "utf8"), path), path);
const molecules = await readLabeled(dataPath("molecules/qm9_subset_600.xyz"), given.keys);
const data = { train: molecules.slice(0, training), test: molecules.slice(training) };
const elements = speciesOf(molecules.map(({ structure }) => structure)).length;
const backend = await createBackend("cpu", { threads: Number(options.threads) });

const runs: (FitPoint & { readonly zeta: number; readonly width: number })[] = [];
/** The best of all settings at each size, for each basis on its own. */
function best(): FitPoint[] {
  const sizesOf = [...new Set(runs.map(({ basis, q }) => `${basis} ${q}`))];
  return sizesOf.map((key) => runs.filter(({ basis, q }) => `${basis} ${q}` === key).reduce((a, b) => (b.test.energy_mae! < a.test.energy_mae! ? b : a)));
}

for (const zeta of zetas) {
  for (const { width } of densities) {
    const base: FitConfiguration = { ...given, kernel: { ...given.kernel, zeta }, density: { ...given.density, width }, sparse: { ...given.sparse, count: sparse } };
    const fits = [
      ...sizes.mixed.map((q) => ({ name: "mixed", q, configuration: optimal(base, { channels: q, threshold: null, mixed: true }, primitives) })),
      ...sizes.perElement.map((n) => ({ name: "GTO", q: n * elements, configuration: { ...base, basis: { ...base.basis, nMax: n } } })),
    ];
    for (const { name, q, configuration } of fits) {
      const point = { ...(await runFit(backend, data, configuration, name, q)), zeta, width };
      runs.push(point);
      process.stderr.write(`ζ ${zeta}, σ ${width}, ${name} ${q}: ${(1000 * point.test.energy_mae!).toFixed(2)} meV/atom, ${point.features} features\n`);
      await publish({
        name: "qm9-energies", title: "Energies of molecules from few radial channels", columns: 1,
        plots: fitPlots(best()).map((plot) => ({ ...plot, x: { ...plot.x, label: "radial channels of all elements together" } })),
        numbers: { configuration: given, sparse, training, test: data.test.length, elements, primitives, best: best(), runs },
      });
    }
  }
}
backend.destroy();
