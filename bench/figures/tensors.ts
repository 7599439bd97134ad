// tensors: errors of dipoles, polarizabilities and first hyperpolarizabilities of water monomers and Zundel ions, in shares of the spread of the test
// values, against the number of training frames: every other frame is for training, taken evenly, every other of the rest for the test.
// node scripts/run.mjs bench/figures/tensors.ts [--sizes 50,100,200,500]
import { parseArgs } from "node:util";
import { createBackend, fitProperty, parseFitConfiguration, predictProperty, propertyErrors, readProperty } from "../../src/index.js";
import { readAllStructures } from "../../src/node/index.js";
import type { LinePlot } from "../../src/cli/report/line-plot.js";
import { dataPath } from "../data.js";
import { logRange } from "../../src/cli/report/axis.js";
import { publish } from "./publish.js";

const { values: options } = parseArgs({ options: { sizes: { type: "string", default: "50,100,200,500" } } });
const sizes = options.sizes.split(",").map(Number);
const configuration = parseFitConfiguration({});
const backend = await createBackend("cpu", {});

interface Point {
  readonly system: string;
  readonly property: string;
  readonly frames: number;
  readonly relative_rmse: number;
  readonly rmse: number;
  readonly seconds: number;
}

const points: Point[] = [];
for (const system of ["monomer", "zundel"]) {
  const structures = await readAllStructures(dataPath(`tensors/water_${system}_1000.xyz`));
  const pool = structures.filter((_, k) => k % 2 === 0);
  const test = structures.filter((_, k) => k % 4 === 1);
  for (const property of ["mu", "alpha", "beta"]) {
    for (const frames of sizes) {
      const train = pool.filter((_, k) => Math.floor((k * frames) / pool.length) !== Math.floor(((k - 1) * frames) / pool.length));
      const start = performance.now();
      const { model } = await fitProperty(backend, train, readProperty(train, property), configuration);
      const seconds = (performance.now() - start) / 1000;
      const errors = propertyErrors(readProperty(test, property), await predictProperty(backend, model, test));
      points.push({ system, property, frames: train.length, relative_rmse: errors.property_relative_rmse!, rmse: errors.property_rmse, seconds });
      process.stderr.write(`${system} ${property} ${train.length}: ${(100 * errors.property_relative_rmse!).toPrecision(3)} %, ${seconds.toFixed(1)} s\n`);
    }
  }
}
backend.destroy();

const plot = (system: string, title: string): LinePlot => {
  const own = points.filter((point) => point.system === system);
  return {
    title, dots: true, legendWidth: 130,
    x: { label: "training frames", ...logRange(own.map(({ frames }) => frames)) },
    y: { label: "RMSE / % of the spread", ...logRange(own.map(({ relative_rmse }) => 100 * relative_rmse)) },
    series: [["mu", "dipole μ"], ["alpha", "polariz. α"], ["beta", "hyperpol. β"]].map(([property, name]) => ({
      name: name!, points: own.filter((point) => point.property === property).map(({ frames, relative_rmse }) => [frames, 100 * relative_rmse] as const),
    })),
  };
};

await publish({
  name: "tensors", title: "Tensors of water from λ-SOAP, errors against training frames", columns: 2,
  plots: [plot("monomer", "Water monomer"), plot("zundel", "Zundel ion")], numbers: { settings: "defaults of lather config", points },
});
