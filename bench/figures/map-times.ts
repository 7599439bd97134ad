// map-times: maps of 50,000 environments of silicon: seconds on the clock and of the processor, and the largest memory. One method per process.
// node scripts/run.mjs bench/figures/map-times.ts --method pca [--threads 2]
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { annotateStructure, createBackend, createMap, createStructure, defaultFitConfiguration, parseHyperparameters, type MapMethod, type Structure } from "../../src/index.js";
import { readAllStructures } from "../../src/node/index.js";
import { createRandom } from "../../src/selection/random.js";
import { dataPath, root } from "../data.js";

const { values: options } = parseArgs({ options: { method: { type: "string", default: "pca" }, threads: { type: "string", default: "2" } } });
const wanted = 50_000;
const base = await readAllStructures(dataPath("zuo2020/Si_train.xyz"));
const random = createRandom(1);
const structures: Structure[] = [];
let environments = 0;
for (let k = 0; environments < wanted; k++) {
  const { species, positions, cell } = base[k % base.length]!;
  const moved = createStructure({ species: [...species], positions: Array.from(positions, (x) => x + 0.02 * random.normal()), cell: [...cell!] });
  structures.push(annotateStructure(moved, { info: [["y", random.normal()]] }));
  environments += species.length;
}
const backend = await createBackend("cpu", { threads: Number(options.threads) });
const [start, before, load] = [performance.now(), process.cpuUsage(), loadavg()[0]!];
const method = options.method as MapMethod;
const { map } = await createMap(backend, structures, parseHyperparameters(defaultFitConfiguration), { method, by: "environment", zeta: 2, property: "y" });
const { user, system } = process.cpuUsage(before);
backend.destroy();
const result = {
  method, environments, features: map.map.size, points: map.map.kernel && map.map.kernel.points.length / map.map.size, threads: Number(options.threads),
  seconds: (performance.now() - start) / 1000, cpu_seconds: (user + system) / 1e6, load_before: load, peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
};
process.stderr.write(`${JSON.stringify(result)}\n`);
const path = resolve(root, "bench/results/figures/map-times.json");
const known = await readFile(path, "utf8").then((text) => (JSON.parse(text) as { runs: (typeof result)[] }).runs, () => []);
await mkdir(dirname(path), { recursive: true });
const runs = [...known.filter((run) => run.method !== method), result];
await writeFile(path, `${JSON.stringify({ title: "Maps of 50,000 environments", runs }, null, 1)}\n`);
