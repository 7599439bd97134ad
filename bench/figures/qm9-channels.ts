// qm9-channels: residual variance of the density around carbon atoms of molecules (QM9) against the number of radial channels of all elements together:
// Gaussian-type orbitals, optimal functions per element, and optimal channels that mix elements, each made from all centers or from carbon centers
// alone (Goscinski et al., doi:10.1063/5.0057229, Figure 2).
// node scripts/run.mjs bench/figures/qm9-channels.ts
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import {
  createBackend, createLinearAlgebra, parseConfigurationText, parseHyperparameters, primitiveResidualVariance, residualVariance, symbolOf,
} from "../../src/index.js";
import { readAllStructures } from "../../src/node/index.js";
import { createContraction, decomposeCovariance, keptChannels } from "../../src/basis/contraction.js";
import type { DensityCovariance } from "../../src/basis/covariance.js";
import { speciesOf } from "../../src/features/feature-layout.js";
import { dataPath, root } from "../data.js";
import { logRange } from "../../src/cli/report/axis.js";
import { publish } from "./publish.js";

const [full, carbon] = [20, 6];
const channels = { primitive: [1, 2, 3, 4, 6, 8, 10, 12, 14, 16], perElement: [1, 2, 3, 4, 5, 6, 8, 10, 12], mixed: [2, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50] };

const path = resolve(root, "bench/configs/qm9-basis.json");
const given = parseHyperparameters(parseConfigurationText(await readFile(path, "utf8"), path), path);
const structures = await readAllStructures(dataPath("molecules/qm9_subset_600.xyz"));
const species = speciesOf(structures);
const backend = await createBackend("cpu", { threads: 1 });
const algebra = await createLinearAlgebra();

/** Covariances of nMax primitive functions over all centers or those of carbon. */
async function covariances(nMax: number, mixed: boolean): Promise<{ all: DensityCovariance; carbon: DensityCovariance }> {
  const hyperparameters = { ...given, basis: { ...given.basis, nMax } };
  const sums = {
    all: await backend.computeCovariance(structures, hyperparameters, { species, mixed }),
    carbon: await backend.computeCovariance(structures, hyperparameters, { species, mixed, centers: [carbon] }),
  };
  process.stderr.write(`${nMax} primitive functions, ${mixed ? "mixed" : "separate"}\n`);
  return sums;
}

const separate = await covariances(full, false);
const joint = await covariances(full, true);

interface Line {
  readonly name: string;
  /** Channels of all elements together, and the share of the variance that they leave out. */
  readonly points: readonly (readonly [channels: number, residualVariance: number])[];
}

function optimalLine(name: string, made: DensityCovariance, measured: DensityCovariance, sizes: readonly number[]): Line {
  const directions = decomposeCovariance(algebra, made);
  return {
    name,
    points: sizes.map((q) => {
      const contraction = createContraction(directions, species, keptChannels(directions, { channels: q }));
      return [q * (made.mixed ? 1 : species.length), residualVariance(measured, contraction).total] as const;
    }),
  };
}

const primitive: [number, number][] = [];
for (const nMax of channels.primitive) {
  const { carbon: smaller } = await covariances(nMax, false);
  primitive.push([nMax * species.length, primitiveResidualVariance(smaller, separate.carbon).total]);
}
backend.destroy();
const lines: Line[] = [
  { name: "GTO", points: primitive },
  optimalLine("per element", separate.all, separate.carbon, channels.perElement),
  optimalLine("per element, C centers", separate.carbon, separate.carbon, channels.perElement),
  optimalLine("mixed", joint.all, joint.carbon, channels.mixed),
  optimalLine("mixed, C centers", joint.carbon, joint.carbon, channels.mixed),
];
/** Channels that a line needs to leave out no more than that, by interpolation of the logarithm. */
function channelsFor({ points }: Line, share: number): number | null {
  const at = points.findIndex(([, left]) => left <= share);
  if (at <= 0) return at < 0 ? null : points[0]![0];
  const [[c0, v0], [c1, v1]] = [points[at - 1]!, points[at]!];
  return c0 + ((c1 - c0) * Math.log(v0 / share)) / Math.log(v0 / v1);
}

await publish({
  name: "qm9-channels", title: "Radial channels that the density around carbon needs, molecules of QM9", columns: 1,
  plots: [{
    title: "C-centered environments of QM9", dots: true, legendWidth: 220, series: lines,
    x: { label: `channels of ${species.map((z) => symbolOf(z)).join(", ")} together`, min: 0, max: 66 },
    y: { label: "residual variance", ...logRange(lines.flatMap(({ points }) => points.map(([, y]) => y))) },
  }],
  numbers: {
    data: `molecules/qm9_subset_600.xyz, ${separate.carbon.weight} carbon centers of ${separate.all.weight}`,
    primitive: { ...given, basis: { ...given.basis, nMax: full } }, lines,
    channels_for: Object.fromEntries([1e-2, 1e-3, 1e-4].map((share) => [share, Object.fromEntries(lines.map((line) => [line.name, channelsFor(line, share)]))])),
  },
});
