// learning-curves: errors on the test structures of silicon (Zuo et al. 2020) against the number of training structures, for several numbers of sparse
// points; mean and standard deviation over random nested subsets.
// node scripts/run.mjs bench/figures/learning-curves.ts [--points 100,300,1000] [--sizes 7,13,27,54,107,214] [--repeats 5] [--seed 1] [--threads 1]
// With --keep the curves of other numbers of points that the file of numbers has stay in both files.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { createBackend, learningCurve, type LearningCurve } from "../../src/index.js";
import { formatDuration } from "../../src/cli/progress.js";
import { learningCurvePlots } from "../../src/cli/report/learning-curve-plot.js";
import { dataPath, readLabeled, root } from "../data.js";
import { ZUO_CONFIGURATION as given } from "../systems.js";
import { publish } from "./publish.js";

const { values: options } = parseArgs({
  options: {
    points: { type: "string", default: "100,300,1000" }, sizes: { type: "string", default: "7,13,27,54,107,214" }, repeats: { type: "string", default: "5" },
    seed: { type: "string", default: "1" }, keep: { type: "boolean", default: false }, threads: { type: "string", default: "1" },
  },
});

const numbers = (list: string): number[] => list.split(",").map(Number);
const configuration = { ...given, basis: { ...given.basis, lMax: 6 } };
const train = await readLabeled(dataPath("zuo2020/Si_train.xyz"), configuration.keys);
const test = await readLabeled(dataPath("zuo2020/Si_test.xyz"), configuration.keys);
const backend = await createBackend("cpu", { threads: Number(options.threads) });
const [repeats, seed] = [Number(options.repeats), Number(options.seed)];

interface Curve {
  readonly name: string;
  readonly sparse_points: number;
  /** Wall time, and that of the processor since the program began. */
  readonly seconds: number;
  readonly cpu_seconds: number;
  readonly points: LearningCurve["points"];
}

/** Curves of the file, as they are when these are published. */
async function kept(): Promise<readonly Curve[]> {
  if (!options.keep) return [];
  const { curves: known } = JSON.parse(await readFile(resolve(root, "bench/results/figures/learning-curves.json"), "utf8")) as { curves: readonly Curve[] };
  return known.filter(({ sparse_points }) => !curves.some((own) => own.sparse_points === sparse_points));
}

const curves: Curve[] = [];
for (const count of numbers(options.points)) {
  const start = performance.now();
  let told = "";
  const { points } = await learningCurve(backend, train, { ...configuration, sparse: { ...configuration.sparse, count } }, {
    sizes: numbers(options.sizes), repeats, seed, test,
    onProgress: ({ stage, secondsLeft }) => {
      if (stage !== told) process.stderr.write(`${count} points, ${stage}${secondsLeft === undefined ? "" : `, about ${formatDuration(secondsLeft)} left`}\n`);
      told = stage;
    },
  });
  const { user, system } = process.cpuUsage();
  curves.push({ name: `${count} points`, sparse_points: count, seconds: (performance.now() - start) / 1000, cpu_seconds: Math.round((user + system) / 1e6), points });
  const all = [...await kept(), ...curves].sort((a, b) => a.sparse_points - b.sparse_points);
  await publish({
    name: "learning-curves", title: `Silicon (Zuo et al. 2020): errors on ${test.length} test structures against training structures, mean and standard deviation over ${repeats} random subsets`,
    columns: 2, plots: learningCurvePlots(all).map((plot) => ({ ...plot, legendWidth: 140 })),
    numbers: { configuration, backend: backend.description, repeats, seed, curves: all },
  });
}
backend.destroy();
