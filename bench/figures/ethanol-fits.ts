// ethanol-fits: potentials for ethanol (rMD17) on optimal radial functions of each element and on as many Gaussian-type orbitals.
// node scripts/run.mjs bench/figures/ethanol-fits.ts [--points 1000] [--frames 500] [--sizes 1,2,3,4,5,6] [--threads 1]
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { createBackend, parseConfigurationText, parseFitConfiguration } from "../../src/index.js";
import { dataPath, readLabeled, root } from "../data.js";
import { fitPlots } from "./fit-plots.js";
import { smallestWithin, sweep } from "./fit-sweep.js";
import { publish } from "./publish.js";

const { values: options } = parseArgs({
  options: {
    points: { type: "string", default: "1000" }, frames: { type: "string", default: "500" }, sizes: { type: "string", default: "1,2,3,4,5,6" },
    threads: { type: "string", default: "1" },
  },
});
const tested = 200;
const path = resolve(root, "bench/configs/rmd17-ethanol.json");
const given = parseFitConfiguration(parseConfigurationText(await readFile(path, "utf8"), path), path);
const configuration = { ...given, sparse: { ...given.sparse, count: Number(options.points) } };
const data = {
  train: (await readLabeled(dataPath("rmd17/ethanol_train_01.xyz"), configuration.keys)).slice(0, Number(options.frames)),
  test: (await readLabeled(dataPath("rmd17/ethanol_test_01.xyz"), configuration.keys)).slice(0, tested),
};
const backend = await createBackend("cpu", { threads: Number(options.threads) });
await sweep(backend, data, configuration, options.sizes.split(",").map(Number), (points) => {
  const mark = points.filter(({ basis }) => basis === "GTO").at(-1)!;
  return publish({
    name: "ethanol-fits", title: `Ethanol (rMD17), ${options.frames} frames, ${options.points} sparse points: test errors against the number of radial functions`,
    columns: 2, plots: fitPlots(points),
    numbers: {
      configuration, frames: data.train.length, tested, threads: backend.threads,
      within_2_percent: { of: `GTO ${mark.q}`, smallest: smallestWithin(points, mark, 0.02) }, points,
    },
  });
});
backend.destroy();
