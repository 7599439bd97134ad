// What a committee costs and whether its expected errors are those observed: node scripts/run.mjs bench/committee.ts [--members 8] [--threads 1]
// [--model FILE] [--rounds 5]. Silicon of Zuo et al. (2020) with bench/configs/zuo2020-si.json (or a model of it, with a committee), and silicon far from
// the training data, all labelled by the Stillinger–Weber potential. Seconds are of the processor, of all threads.
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import {
  calibrateCommittee, createBackend, fitPotential, parseFitConfiguration, parseModel, type Backend, type LabeledStructure, type Potential, type Prediction,
} from "../src/index.js";
import { dataPath, readConfiguration, readLabeled, root } from "./data.js";
import { farSilicon, nearSilicon } from "./far-silicon.js";

const { values: options } = parseArgs({
  options: { members: { type: "string", default: "8" }, threads: { type: "string", default: "1" }, model: { type: "string" }, rounds: { type: "string", default: "5" } },
});

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const rms = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => value * value)));

function correlation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [mean(a), mean(b)];
  return mean(a.map((value, k) => (value - x) * (b[k]! - y))) / Math.sqrt(mean(a.map((value) => (value - x) ** 2)) * mean(b.map((value) => (value - y) ** 2)));
}

/** Expected and observed errors: energies in eV/atom, forces in eV/Å by component, by atom and by structure. */
interface Errors {
  readonly name: string;
  readonly energy: readonly [expected: number, observed: number];
  readonly forces: readonly (readonly [expected: number, observed: number])[];
}

function compare({ structure, labels }: LabeledStructure, { energy, forces, uncertainty }: Prediction): Errors {
  const atoms = structure.species.length;
  return {
    name: labels.configType, energy: [uncertainty!.energy / atoms, Math.abs(energy - labels.energy!) / atoms],
    forces: [...labels.forces!].map((force, k) => [uncertainty!.forces![k]!, Math.abs(forces![k]! - force)] as const),
  };
}

function byAtom({ forces }: Errors): [number, number][] {
  return Array.from({ length: forces.length / 3 }, (_, atom) => {
    const own = forces.slice(3 * atom, 3 * atom + 3);
    return [Math.hypot(...own.map(([expected]) => expected)), Math.hypot(...own.map(([, observed]) => observed))];
  });
}

function tell(title: string, all: readonly Errors[]): void {
  const between = (pairs: readonly (readonly [number, number])[]): string => correlation(pairs.map(([expected]) => expected), pairs.map(([, observed]) => observed)).toFixed(3);
  const structures = all.map(({ forces }) => [rms(forces.map(([expected]) => expected)), rms(forces.map(([, observed]) => observed))] as const);
  console.log(`${title}: correlation of expected and observed errors: energies ${between(all.map(({ energy }) => energy))}, force components ${between(all.flatMap(({ forces }) => forces))}, forces of atoms ${between(all.flatMap(byAtom))}, of structures (root mean square) ${between(structures)}`);
  for (const name of new Set(all.map((own) => own.name))) {
    const own = all.filter((one) => one.name === name);
    const forces = own.flatMap((one) => one.forces);
    const [least, largest] = [Math.min, Math.max].map((pick) => pick(...own.map(({ energy }) => energy[0])));
    console.log(
      `  ${name.padEnd(14)} ${own.length} structures: forces expected ${rms(forces.map(([expected]) => expected)).toPrecision(3)} observed ${rms(forces.map(([, observed]) => observed)).toPrecision(3)} eV/Å; ` +
      `energies expected ${rms(own.map(({ energy }) => energy[0])).toPrecision(3)} (${least!.toPrecision(3)} to ${largest!.toPrecision(3)}) observed ${rms(own.map(({ energy }) => energy[1])).toPrecision(3)} eV/atom`,
    );
  }
}

async function predictAll(backend: Backend, potential: Potential, data: readonly LabeledStructure[]): Promise<Errors[]> {
  const evaluator = await backend.createEvaluator(potential);
  const predictions = await evaluator.predict(data.map(({ structure }) => structure), { uncertainty: true });
  evaluator.destroy();
  return data.map((labeled, k) => compare(labeled, predictions[k]!));
}

/** Processor time per atom in µs, the least of the rounds; one and the other in turn. */
async function cost(backend: Backend, potential: Potential, data: readonly LabeledStructure[], rounds: number): Promise<void> {
  const structures = data.map(({ structure }) => structure);
  const atoms = structures.reduce((sum, { species }) => sum + species.length, 0);
  const evaluator = await backend.createEvaluator(potential);
  for (const forces of [false, true]) {
    const least = [Infinity, Infinity];
    for (let round = 0; round <= rounds; round++) {
      for (const uncertainty of [false, true]) {
        const before = process.cpuUsage();
        await evaluator.predict(structures, { forces, uncertainty });
        const { user, system } = process.cpuUsage(before);
        if (round > 0) least[Number(uncertainty)] = Math.min(least[Number(uncertainty)]!, (user + system) / atoms);
      }
    }
    console.log(`${forces ? "forces" : "energies"}: ${least[0]!.toFixed(1)} µs per atom, with uncertainties of ${potential.committee!.members} members ${least[1]!.toFixed(1)}: ${(least[1]! / least[0]!).toFixed(2)} times`);
  }
  evaluator.destroy();
}

const backend = await createBackend("cpu", { threads: Number(options.threads) });
const committee = { members: Number(options.members), fraction: 0.5, seed: 1 };
const configuration = { ...(await readConfiguration(`${root}/bench/configs/zuo2020-si.json`)), committee };
const [train, test] = await Promise.all(["train", "test"].map((name) => readLabeled(dataPath(`zuo2020/Si_${name}.xyz`), configuration.keys)));
const fitted = options.model ? parseModel(await readFile(options.model, "utf8"), options.model) : (await fitPotential(backend, train!, configuration)).potential;
console.log("out of bag:", JSON.stringify(fitted.committee));
console.log("on the test set:", JSON.stringify((await calibrateCommittee(backend, fitted, test!)).committee));
tell("zuo2020 Si, test", await predictAll(backend, fitted, test!));
await cost(backend, fitted, train!.slice(0, 40), Number(options.rounds));

const ofSw = parseFitConfiguration({
  cutoff: { radius: 4.5 }, basis: { nMax: 6, lMax: 4 }, sparse: { count: 300 }, noise: { energy: 0.001, forces: 0.02, virial: 0.05 }, baseline: { kind: "given", energies: { Si: 0 } }, committee,
});
const { potential } = await fitPotential(backend, nearSilicon(80, 1), ofSw);
console.log("Stillinger–Weber, out of bag:", JSON.stringify(potential.committee));
tell("Stillinger–Weber, near and far", await predictAll(backend, potential, [...nearSilicon(40, 1000), ...farSilicon()]));
backend.destroy();
