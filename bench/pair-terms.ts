// What pair terms cost on the CPU backend, one thread, energies and forces of 512 silicon atoms: `node scripts/run.mjs bench/pair-terms.ts`.
// A linear term of the radial spectrum is timed beside the same with normalized features, which goes the way of features that such terms went
// before they were functions of pairs; a core beside a power spectrum with 500 sparse points.
import { createBackend, type Hyperparameters, type Potential } from "../src/index.js";
import { createScreenedCoulomb, universalScreening } from "../src/pairs/screened-coulomb.js";
import { diamondSilicon, tableHyperparameters, unfittedPotential } from "./systems.js";
import { measure, type Timing } from "./timing.js";

const ROUNDS = 3;
const BUDGET = { warmUp: 0.5, seconds: 1.5, repetitions: 5 };

const backend = await createBackend("cpu", { threads: 1 });
try {
  const structure = diamondSilicon(4);
  const radial = (normalize: boolean): Hyperparameters => ({ ...tableHyperparameters(5), features: { kind: "radial-spectrum", normalize } });
  const soap = await unfittedPotential(backend, tableHyperparameters(5), 500, 2);
  // 0.8 of the covalent radii, and a core that reaches the first neighbors.
  const core = (outer: number | null): NonNullable<Potential["pairs"]> => [createScreenedCoulomb(universalScreening, [14], { inner: null, outer }, "")];
  const potentials: [string, Potential][] = [
    ["linear, by its features", await unfittedPotential(backend, radial(true), 500, 1)],
    ["linear, as a function of pairs", await unfittedPotential(backend, radial(false), 500, 1)],
    ["core of 1.78 Å alone", { ...soap, terms: [], pairs: core(null) }],
    ["core of 3 Å alone", { ...soap, terms: [], pairs: core(3) }],
    ["power spectrum, M 500, ζ 2", soap],
    ["the same and the core of 1.78 Å", { ...soap, pairs: core(null) }],
    ["the same and the core of 3 Å", { ...soap, pairs: core(3) }],
  ];
  const evaluators = await Promise.all(potentials.map(([, potential]) => backend.createEvaluator(potential)));
  const best = potentials.map((): Timing[] => []);
  // In turn, so that all meet the same disturbances.
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, evaluator] of evaluators.entries()) best[index]!.push(await measure(() => evaluator.predict([structure]), BUDGET));
  }
  potentials.forEach(([name], index) => {
    const seconds = Math.min(...best[index]!.map(({ minimum }) => minimum));
    process.stdout.write(`${name.padEnd(36)} ${((1e6 * seconds) / structure.species.length).toFixed(2)} µs/atom\n`);
  });
} finally {
  backend.destroy();
}
