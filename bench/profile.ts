// Where the time goes in one worker: node scripts/run.mjs bench/profile.ts [--task features|energy|forces|spread|rows]… [--components all|Q]… [--points M]
// [--zeta Z] [--seconds S] [--config FILE] [--system si|mol200] [--repeat CELLS] [--plain].
// Runs the tasks of src/backend/cpu/tasks.ts in this very thread. --plain puts no clocks around the kernels, for
// node --cpu-prof scripts/run.mjs bench/profile.ts --plain --task forces
import { parseArgs } from "node:util";
import type { TaskStructure } from "../src/backend/cpu/environments.js";
import { createFeaturePlan, type KernelPlanCenter, type Plan } from "../src/backend/cpu/plan.js";
import { TaskRunner, type Task } from "../src/backend/cpu/tasks.js";
import { featureLayout } from "../src/features/feature-layout.js";
import type { FitConfiguration, Structure } from "../src/index.js";
import { WasmKernels } from "../src/linalg/wasm-kernels.js";
import { createRandom } from "../src/selection/random.js";
import { mol200, readConfiguration, root } from "./data.js";
import { instrument, type Meter } from "./instruments.js";
import { describeMachine } from "./machine.js";
import { diamondSilicon } from "./systems.js";
import { measure } from "./timing.js";

const TASKS = ["features", "energy", "forces", "spread", "rows"] as const;
type TaskName = (typeof TASKS)[number];

const { values: options } = parseArgs({
  options: {
    task: { type: "string", multiple: true, default: [...TASKS] }, components: { type: "string", multiple: true, default: ["all", "100"] },
    points: { type: "string", default: "1000" }, zeta: { type: "string" }, seconds: { type: "string", default: "3" },
    config: { type: "string", default: `${root}/bench/configs/zuo2020-si.json` }, repeat: { type: "string", default: "2" }, system: { type: "string", default: "si" },
    plain: { type: "boolean", default: false },
  },
});

/** A kernel of random numbers: costs what a fitted one costs. */
function randomCenter(species: number, features: number, components: number | null, points: number): KernelPlanCenter {
  const random = createRandom(5);
  const numbers = (count: number, scale: number): Float64Array => Float64Array.from({ length: count }, () => scale * random.normal());
  const size = components ?? features;
  return {
    species, size, projection: components === null ? null : numbers(features * components, 1 / Math.sqrt(features)),
    sparsePoints: numbers(points * size, 1 / Math.sqrt(size)), weights: numbers(points, 1),
    // Those of a committee of eight.
    directions: numbers(7 * points, 1),
  };
}

/** A unit matrix, which no kernel treats specially, whitens the rows of a fit. */
function unitFactor(points: number): Float64Array {
  const factor = new Float64Array(points * points);
  for (let k = 0; k < points; k++) factor[k * points + k] = 1;
  return factor;
}

function taskOf(name: TaskName, structures: readonly TaskStructure[]): Task {
  switch (name) {
    case "features":
      return { kind: "features", structures };
    case "energy":
    case "forces":
      return { kind: "predict", structures, forces: name === "forces" };
    case "spread":
      return { kind: "predict", structures, forces: true, spread: true };
    case "rows": {
      const weights = { energy: 1, forces: 1, virial: 1 };
      const labels = structures.map(({ positions }) => ({ energy: 0, forces: new Float64Array(positions.length), virial: null, weights }));
      return { kind: "rows", structures, labels, keepRows: false, endsSum: false };
    }
  }
}

/** Meters summed per call, greatest first; what no kernel accounts for is JavaScript: lists, copies, memory, the calls themselves. */
function breakdown(meters: Map<string, Meter>, total: number, atoms: number, peak: number): string[] {
  const rows = [...meters].filter(([, { calls }]) => calls > 0).sort((a, b) => b[1].milliseconds - a[1].milliseconds);
  const inside = rows.reduce((sum, [, { milliseconds }]) => sum + milliseconds, 0);
  const line = (name: string, ms: number, calls: string, rate: string): string => {
    const [time, share] = [(ms / atoms).toFixed(5), ((100 * ms) / total).toFixed(1)];
    return `  ${name.padEnd(28)} ${time.padStart(10)} ms/atom ${share.padStart(6)} % ${calls.padStart(12)} ${rate}`.trimEnd();
  };
  return [
    ...rows.map(([name, { calls, milliseconds, operations }]) => {
      const gflops = operations / milliseconds / 1e6;
      const rate = operations > 0 ? `${gflops.toFixed(2).padStart(8)} GFLOP/s ${((100 * gflops) / peak).toFixed(0).padStart(4)} % of peak` : "";
      return line(name, milliseconds, `${(calls / atoms).toFixed(1)}/atom`, rate);
    }),
    line("outside the kernels", total - inside, "", ""),
  ];
}

/** A runner of its own, with clocks around its kernels or without. */
async function createRunner(plan: Plan, clocks: boolean): Promise<{ runner: TaskRunner; meters: Map<string, Meter> }> {
  const { nMax, lMax } = plan.terms[0]!.features;
  const kernels = await WasmKernels.create();
  const meters = clocks ? instrument(kernels, nMax, lMax) : new Map<string, Meter>();
  return { runner: new TaskRunner(kernels, plan), meters };
}

async function profile(
  configuration: FitConfiguration, source: readonly Structure[], name: TaskName, components: number | null, peak: number,
): Promise<void> {
  const { basis } = configuration;
  const structures = source.map(({ species: own, positions, cell, pbc }): TaskStructure => ({
    species: own, positions, cell, pbc, first: 0, end: own.length,
  }));
  const atoms = structures.reduce((sum, { species }) => sum + species.length, 0);
  const species = [...new Set(structures.flatMap((structure) => [...structure.species]))].sort((x, y) => x - y);
  const features = featureLayout(configuration, species).size;
  const zeta = Number(options.zeta ?? configuration.kernel.zeta);
  const kernel = name === "features" ? null : { zeta, centers: species.map((z) => randomCenter(z, features, components, Number(options.points))) };
  const plan: Plan = {
    terms: [{ features: createFeaturePlan(configuration, species), ...(kernel && { kernel }) }],
    ...(kernel && { factors: species.map(() => unitFactor(Number(options.points))) }),
  };
  const task = taskOf(name, structures);
  const seconds = Number(options.seconds);
  const budget = { warmUp: seconds / 2, seconds, repetitions: 3 };
  const plain = await createRunner(plan, false);
  const { minimum } = await measure(() => plain.runner.run(task), budget);
  const size = kernel === null ? "" : `, M = ${options.points}, ${components === null ? `all ${features} features` : `${components} components`}`;
  const settings = `${atoms} atoms, n ${basis.nMax}, l ${basis.lMax}, r_c ${configuration.cutoff.radius} Å, F = ${features}${size}`;
  console.log(`${name}: ${((1000 * minimum) / atoms).toFixed(5)} ms/atom (${settings})`);
  if (options.plain) return;
  const { runner, meters } = await createRunner(plan, true);
  let least = Infinity;
  let best = meters;
  await measure(() => {
    for (const meter of meters.values()) Object.assign(meter, { calls: 0, milliseconds: 0, operations: 0 });
    const start = performance.now();
    runner.run(task);
    const total = performance.now() - start;
    if (total >= least) return;
    least = total;
    best = new Map([...meters].map(([key, meter]) => [key, { ...meter }]));
  }, budget);
  console.log(breakdown(best, 1000 * minimum, atoms, peak).join("\n"));
}

if (!["si", "mol200"].includes(options.system)) throw new Error(`--system: expected si or mol200, got ${options.system}`);
const configuration = await readConfiguration(options.config);
const source = options.system === "si" ? [diamondSilicon(Number(options.repeat))] : await mol200();
const peak = (await describeMachine()).gemm_gflops;
console.log(`peak ${peak.toFixed(1)} GFLOP/s: float64 SIMD matrix product, one thread`);
for (const name of TASKS.filter((task) => options.task.includes(task))) {
  for (const components of name === "features" ? ["all"] : options.components) {
    await profile(configuration, source, name, components === "all" ? null : Number(components), peak);
  }
}
