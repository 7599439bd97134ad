// What a cluster costs: time and bytes per job and per environment against the threads of one machine.
// Start a Redis and `lather worker --queue redis://…` first, then: node scripts/run.mjs bench/cluster.ts redis://127.0.0.1:6379 [threads]
import { createClusterBackend } from "../src/cluster/index.js";
import { computeStillingerWeber } from "../src/dynamics/stillinger-weber.js";
import { createBackend, fitPotential, parseFitConfiguration, type Backend } from "../src/index.js";
import { silicon } from "../test/unit/backend/systems.js";

const [address, threads = "2"] = process.argv.slice(2);
if (address === undefined) throw new Error("expected the address of a Redis server");
const cluster = await createClusterBackend({ redis: address, onWaiting: (queue) => console.error(`waiting for workers of ${queue}`) });
const local = await createBackend("cpu", { threads: Number(threads) });
const train = Array.from({ length: 200 }, (_, seed) => {
  const structure = silicon(2, 0.1, seed + 1);
  return { structure, labels: { ...computeStillingerWeber(structure), configType: "default" } };
});
const structures = train.map(({ structure }) => structure);
/** Per structure. */
const size = structures[0]!.species.length;
const atoms = size * structures.length;
const configuration = parseFitConfiguration({ cutoff: { radius: 5 }, basis: { nMax: 8, lMax: 6 }, sparse: { count: 500 } });
const { potential } = await fitPotential(local, train.slice(0, 64), configuration);

/** The best of three on either, and what went through Redis in the first and in the last run. */
async function compare(name: string, atoms: number, job: (backend: Backend) => Promise<unknown>): Promise<void> {
  const times = { local: Infinity, cluster: Infinity };
  const traffic: string[] = [];
  for (let run = 0; run < 3; run++) {
    for (const [key, backend] of [["local", local], ["cluster", cluster]] as const) {
      const before = cluster.traffic;
      const start = performance.now();
      await job(backend);
      times[key] = Math.min(times[key], performance.now() - start);
      const { jobs, sentBytes, receivedBytes } = cluster.traffic;
      if (key === "cluster" && run !== 1) {
        traffic.push(`${jobs - before.jobs} jobs, ${((sentBytes - before.sentBytes) / atoms).toFixed(0)} B/atom sent, ${((receivedBytes - before.receivedBytes) / atoms).toFixed(0)} received`);
      }
    }
  }
  console.log(`${name}: ${local.description} ${times.local.toFixed(0)} ms; ${cluster.description} ${times.cluster.toFixed(0)} ms; first ${traffic[0]}; then ${traffic[1]}`);
}

console.log(`${structures.length} structures, ${atoms} atoms`);
const { hyperparameters } = potential.terms[0]!;
const evaluators = new Map([[local, await local.createEvaluator(potential)], [cluster as Backend, await cluster.createEvaluator(potential)]]);
await compare("predictions with forces", atoms, (backend) => evaluators.get(backend)!.predict(structures));
await compare("predictions, one structure after the other", 100 * size, async (backend) => {
  for (const structure of structures.slice(0, 100)) await evaluators.get(backend)!.predict([structure]);
});
await compare("features", atoms, (backend) => backend.computeFeatures(structures, hyperparameters));
const some = train.slice(0, 64);
await compare("fit to 64 of them", some.length * size, (backend) => fitPotential(backend, some, configuration));
cluster.destroy();
local.destroy();
