// What the host takes of a prediction on the GPU: node scripts/run.mjs bench/gpu-host.ts [--seconds S] [--case NAME]… [--json].
// The device is one that computes nothing and waits for nothing (counting-device.ts), so that all time is the host's; what the driver takes is left out.
// For where it goes: node --cpu-prof scripts/run.mjs bench/gpu-host.ts --case si100k-forces
import { parseArgs } from "node:util";
import { createBackend, type Structure } from "../src/index.js";
import { countingDevice } from "./counting-device.js";
import { describeMachine } from "./machine.js";
import { processorSeconds } from "./process-meter.js";
import { diamondSilicon, movingSteps, unfittedZuo } from "./systems.js";

const { values: options } = parseArgs({
  options: { seconds: { type: "string", default: "3" }, case: { type: "string", multiple: true }, json: { type: "boolean", default: false } },
});

/** Steps of atoms that move, which are predicted in turn. */
const STEPS = 4;

const moving = (repeat: Parameters<typeof diamondSilicon>[0]): Structure[][] => movingSteps(diamondSilicon(repeat), STEPS).map((step) => [step]);
const open = (structures: Structure[][]): Structure[][] => structures.map((list) => list.map((own) => ({ ...own, cell: null, pbc: [false, false, false] })));

const systems: Record<string, () => Structure[][]> = {
  si64: () => moving(2),
  si1000: () => moving(5),
  si100k: () => moving([23, 23, 24]),
  "si100k-open": () => open(moving([23, 23, 24])),
  "1563xsi64": () => [Array.from({ length: 1563 }, (_, seed) => diamondSilicon(2, seed + 1))],
};

const cpu = await createBackend("cpu", { threads: 1 });
const potential = await unfittedZuo(cpu);
cpu.destroy();

const { device, read, reset } = countingDevice();
const backend = await createBackend("gpu", { device, threads: 1 });
const evaluator = await backend.createEvaluator(potential);

const cases: object[] = [];
for (const [name, make] of Object.entries(systems)) {
  for (const forces of [true, false]) {
    const label = `${name}-${forces ? "forces" : "energies"}`;
    if (options.case && !options.case.includes(label)) continue;
    const calls = make();
    const atoms = calls[0]!.reduce((sum, { species }) => sum + species.length, 0);
    let call = 0;
    const run = (): Promise<unknown> => evaluator.predict(calls[call++ % calls.length]!, { forces });
    for (const end = performance.now() + 1500; performance.now() < end; ) await run();
    reset();
    await run();
    const counts = read();
    const times: number[] = [];
    const processor = processorSeconds()!;
    for (const end = performance.now() + 1000 * Number(options.seconds); performance.now() < end; ) {
      const start = performance.now();
      await run();
      times.push(performance.now() - start);
    }
    // Of all threads: that of garbage, too.
    const processorMs = (1000 * (processorSeconds()! - processor)) / times.length;
    times.sort((a, b) => a - b);
    const round = (ms: number): number => Number(ms.toPrecision(3));
    cases.push({ case: label, atoms, host_ms: round(times[0]!), median_ms: round(times[times.length >> 1]!), processor_ms: round(processorMs), calls: times.length, ...counts });
    if (!options.json) console.log(cases.at(-1));
  }
}
evaluator.destroy();
backend.destroy();
if (options.json) console.log(JSON.stringify({ machine: await describeMachine(), cases }, null, 1));
