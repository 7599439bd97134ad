// silicon-fits: potentials for silicon (Zuo et al. 2020) on optimal radial functions and on as many Gaussian-type orbitals.
// node scripts/run.mjs bench/figures/silicon-fits.ts [--points 1000] [--sizes 2,3,4,5,6,7,8,9,10] [--threads 1] [--name silicon-fits]
import { parseArgs } from "node:util";
import { createBackend } from "../../src/index.js";
import { dataPath, readLabeled } from "../data.js";
import { diamondSilicon, ZUO_CONFIGURATION as given } from "../systems.js";
import { fitPlots } from "./fit-plots.js";
import { smallestWithin, sweep } from "./fit-sweep.js";
import { publish } from "./publish.js";

const { values: options } = parseArgs({
  options: {
    points: { type: "string", default: "1000" }, sizes: { type: "string", default: "2,3,4,5,6,7,8,9,10" }, threads: { type: "string", default: "1" },
    name: { type: "string", default: "silicon-fits" },
  },
});

const configuration = { ...given, basis: { ...given.basis, lMax: 6 }, sparse: { ...given.sparse, count: Number(options.points) } };
const data = {
  train: await readLabeled(dataPath("zuo2020/Si_train.xyz"), configuration.keys),
  test: await readLabeled(dataPath("zuo2020/Si_test.xyz"), configuration.keys),
  timed: diamondSilicon(),
};
const backend = await createBackend("cpu", { threads: Number(options.threads) });
await sweep(backend, data, configuration, options.sizes.split(",").map(Number), (points) => {
  // Gaussian-type orbitals of the largest size.
  const mark = points.filter(({ basis }) => basis === "GTO").at(-1)!;
  return publish({
    name: options.name, title: `Silicon (Zuo et al. 2020), ${options.points} sparse points: test errors and speed against the number of radial functions`,
    columns: 2, plots: fitPlots(points),
    numbers: { configuration, threads: backend.threads, within_2_percent: { of: `GTO ${mark.q}`, smallest: smallestWithin(points, mark, 0.02) }, points },
  });
});
backend.destroy();
