// gfre: how well smaller power spectra of silicon reconstruct a nearly complete one (Gaussian-type orbitals, n_max 20, l_max 6) by a linear map: with
// fewer radial functions, and with features selected by CUR and farthest-point sampling (Goscinski et al., doi:10.1063/5.0057229, Figure 3).
// node scripts/run.mjs bench/figures/gfre.ts
import {
  createBackend, createLinearAlgebra, createOptimalBasis, globalReconstructionError, selectFeatures, subsetReconstructionError, takeColumns, trainTestSplit,
  type FeatureMatrix, type Hyperparameters, type RadialBasis,
} from "../../src/index.js";
import { takeRows } from "../../src/measures/standardization.js";
import { readAllStructures } from "../../src/node/index.js";
import type { LinePlot, Series } from "../../src/cli/report/line-plot.js";
import { dataPath } from "../data.js";
import { logRange } from "../../src/cli/report/axis.js";
import { publish } from "./publish.js";

const [full, rows, seed] = [20, 3000, 1];
const sizes = [2, 3, 4, 6, 8, 10, 12, 14, 16];
/** Radial functions of the power spectra that features are selected from, and how many. */
const [selectedFrom, counts] = [10, [10, 20, 50, 100, 200, 300]];

const structures = await readAllStructures(dataPath("zuo2020/Si_train.xyz"));
const backend = await createBackend("cpu", { threads: 1 });
const algebra = await createLinearAlgebra();
const split = trainTestSplit(rows, seed, 2 / 3);

function hyperparameters(kind: RadialBasis["kind"], nMax: number): Hyperparameters {
  return {
    cutoff: { radius: 6, width: 0.5, function: "cosine" },
    density: { kind: "gaussian", width: 0.5, centerWeight: 1, scaling: null },
    basis: { kind, nMax, lMax: 6, accuracy: 1e-8 },
    features: { kind: "power-spectrum", normalize: true },
  };
}

/** Features of environments spread evenly over all structures. */
async function featuresOf(settings: Hyperparameters): Promise<FeatureMatrix> {
  const atoms = structures.reduce((sum, { species }) => sum + species.length, 0);
  const parts: Float64Array[] = [];
  let [seen, size] = [0, 0];
  for (const structure of structures) {
    const features = await backend.computeFeatures([structure], settings);
    size = features.size;
    const taken = Array.from(structure.species.keys()).filter((atom) => Math.floor(((seen + atom + 1) * rows) / atoms) > Math.floor(((seen + atom) * rows) / atoms));
    parts.push(takeRows(features, taken).values);
    seen += structure.species.length;
  }
  const values = new Float64Array(rows * size);
  parts.reduce((at, part) => (values.set(part, at), at + part.length), 0);
  return { values, size };
}

const whole = await featuresOf(hyperparameters("gto", full));
const optimalOf = async (q: number): Promise<Hyperparameters> =>
  (await createOptimalBasis(backend, structures, hyperparameters("gto", full), { channels: q })).hyperparameters;
const bases: Readonly<Record<string, (q: number) => Promise<Hyperparameters>>> = {
  GTO: async (q) => hyperparameters("gto", q),
  DVR: async (q) => hyperparameters("dvr", q),
  optimal: optimalOf,
};

interface Point {
  readonly basis: string;
  readonly q: number;
  readonly selection: "all" | "cur" | "fps";
  readonly features: number;
  readonly gfre: number;
}

const points: Point[] = [];
function report(point: Point): void {
  points.push(point);
  process.stderr.write(`${JSON.stringify(point)}\n`);
}

for (const q of sizes) {
  for (const [basis, settings] of Object.entries(bases)) {
    const features = await featuresOf(await settings(q));
    report({ basis, q, selection: "all", features: features.size, gfre: globalReconstructionError(algebra, features, whole, { split }).value });
  }
}
for (const selection of ["cur", "fps"] as const) {
  const selections = async ({ values, size }: FeatureMatrix): Promise<Int32Array[]> =>
    selectFeatures(takeRows({ values, size }, split.train).values, size, counts, { method: selection, seed });
  for (const basis of ["GTO", "optimal"]) {
    const features = await featuresOf(await bases[basis]!(selectedFrom));
    for (const columns of await selections(features)) {
      const { value } = globalReconstructionError(algebra, takeColumns(features, columns), whole, { split });
      report({ basis, q: selectedFrom, selection, features: columns.length, gfre: value });
    }
  }
  for (const columns of await selections(whole)) {
    report({ basis: "GTO", q: full, selection, features: columns.length, gfre: subsetReconstructionError(algebra, whole, columns, { split }).value });
  }
}
backend.destroy();

const line = (name: string, x: "q" | "features", basis: string, selection: Point["selection"], q?: number): Series => ({
  name,
  points: points.filter((point) => point.basis === basis && point.selection === selection && (q ?? point.q) === point.q)
    .map((point) => [point[x], point.gfre] as const),
});
function plot(title: string, x: LinePlot["x"], series: readonly Series[]): LinePlot {
  // Few features are what a selection is for.
  const shown = series.flatMap((one) => one.points).filter(([at]) => at >= x.min && at <= x.max);
  return { title, x, series, dots: true, legendWidth: 150, y: { label: "GFRE", ...logRange(shown.map(([, y]) => y)) } };
}
const selected = (selection: "cur" | "fps"): Series[] => [
  line("all, GTO", "features", "GTO", "all"), line("all, optimal", "features", "optimal", "all"),
  line(`GTO ${full}`, "features", "GTO", selection, full), line(`GTO ${selectedFrom}`, "features", "GTO", selection, selectedFrom),
  line(`optimal ${selectedFrom}`, "features", "optimal", selection, selectedFrom),
];
const fewFeatures = { label: "features", min: 8, max: 400, log: true };
await publish({
  name: "gfre", title: "What smaller power spectra of silicon keep of a nearly complete one", columns: 2,
  plots: [
    plot("All features of q radial functions", { label: "radial functions q", min: 1, max: sizes.at(-1)! + 1 }, [
      line("GTO", "q", "GTO", "all"), line("optimal", "q", "optimal", "all"), line("DVR", "q", "DVR", "all"),
    ]),
    plot("Features selected by CUR", fewFeatures, selected("cur")),
    plot("Features selected by FPS", fewFeatures, selected("fps")),
  ],
  numbers: {
    data: `zuo2020/Si_train.xyz, ${rows} environments, ${split.train.length} of them for training`, whole: hyperparameters("gto", full), seed, points,
  },
});
