// features-*-optimal and features-*-mixed: features in an optimal basis beside those in a primitive one with as many channels, in turn, so that
// both meet the same disturbances. The contraction is in the tables; at run time it should cost nothing.
import { createBackend, createOptimalBasis, type Backend, type Hyperparameters, type Structure } from "../src/index.js";
import { relativeDifference } from "../test/reference/norms.js";
import { demand, type Check } from "./checks.js";
import { mol200 } from "./data.js";
import type { Case } from "./generated-cases.js";
import { featureCount, featureOperations, trafficBytes } from "./operations.js";
import { peakMemory } from "./process-meter.js";
import type { RateReport } from "./result.js";
import type { Setting } from "./setting.js";
import { diamondSilicon, environmentsOf, tableHyperparameters } from "./systems.js";
import { measure, type Timing } from "./timing.js";

/** Functions of the primitive basis that is contracted, per element. */
const LARGE = 12;
const ROUNDS = 3;
const BUDGET = { warmUp: 0.5, seconds: 1.5, repetitions: 4 };

function withSize(hyperparameters: Hyperparameters, nMax: number): Hyperparameters {
  return { ...hyperparameters, basis: { ...hyperparameters.basis, nMax } };
}

/** Contracted coefficients of the first structure against U times the primitive ones. */
async function checkContraction(backend: Backend, structure: Structure, optimal: Hyperparameters): Promise<Check> {
  const { mixed, channels, species, matrix } = optimal.basis.contraction!;
  const { nMax, lMax } = optimal.basis;
  const orders = (lMax + 1) ** 2;
  const primitive = { ...optimal, basis: { ...optimal.basis, contraction: null } };
  const { values } = await backend.computeDensityCoefficients([structure], primitive, { species });
  const found = await backend.computeDensityCoefficients([structure], optimal, { species });
  const expected = new Float64Array(found.values.length);
  for (let block = 0; block < values.length / (nMax * orders); block++) {
    const [center, a] = [Math.floor(block / species.length), block % species.length];
    const to = (mixed ? center : block) * channels;
    for (let q = 0; q < channels; q++) {
      for (let lm = 0; lm < orders; lm++) {
        const from = ((a * (lMax + 1) + Math.floor(Math.sqrt(lm))) * channels + q) * nMax;
        for (let n = 0; n < nMax; n++) expected[(to + q) * orders + lm]! += matrix[from + n]! * values[(block * nMax + n) * orders + lm]!;
      }
    }
  }
  const error = relativeDifference(found.values, expected);
  return demand({ what: "contracted coefficients against U times primitive ones", error, tolerance: 1e-7 });
}

interface Contraction {
  readonly name: string;
  readonly radius: number;
  readonly structures: () => Promise<Structure[]> | Structure[];
  /** Functions of the primitive basis, per element. */
  readonly size: number;
  /** Functions of the optimal one: per element, or, mixed, in all. */
  readonly channels: number;
  readonly mixed: boolean;
}

async function runContraction({ name, radius, structures: load, size, channels, mixed }: Contraction, { threads }: Setting): Promise<RateReport> {
  const backend = await createBackend("cpu", { threads });
  try {
    const structures = await load();
    const primitive = withSize(tableHyperparameters(radius), size);
    const { hyperparameters: optimal } = await createOptimalBasis(backend, structures, withSize(primitive, LARGE), { channels, mixed });
    const check = await checkContraction(backend, structures[0]!, optimal);
    const [times, others]: [Timing[], Timing[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      others.push(await measure(() => backend.computeFeatures(structures, primitive), BUDGET));
      times.push(await measure(() => backend.computeFeatures(structures, optimal), BUDGET));
    }
    const environments = environmentsOf(structures, optimal).map((environment) => (mixed ? { ...environment, elements: 1 } : environment));
    const basis = { nMax: channels, lMax: optimal.basis.lMax };
    const operations = environments.reduce((sum, environment) => sum + featureOperations(basis, environment, true), 0);
    const traffic = environments.reduce((sum, environment) => sum + trafficBytes(environment, featureCount(basis, environment)), 0);
    const atoms = environments.length;
    const [shortest, primitiveShortest] = [times, others].map((list) => Math.min(...list.map(({ minimum }) => minimum))) as [number, number];
    return {
      name, backend: backend.kind, threads: backend.threads, atoms,
      ms_per_atom: (1000 * shortest) / atoms, ms_per_atom_median: (1000 * times[ROUNDS >> 1]!.median) / atoms,
      ms_per_call: 1000 * shortest, primitive_ms_per_atom: (1000 * primitiveShortest) / atoms,
      gflops: operations / shortest / 1e9, operations_per_atom: operations / atoms, bytes_per_atom: traffic / atoms,
      peak_rss_mb: peakMemory(), repetitions: times.reduce((sum, { repetitions }) => sum + repetitions, 0),
      busy_cores: times[ROUNDS >> 1]!.busyCores, checks: [check],
    };
  } finally {
    backend.destroy();
  }
}

const CONTRACTIONS: readonly Contraction[] = [
  { name: "features-si512-optimal", radius: 5, structures: () => [diamondSilicon()], size: 5, channels: 5, mixed: false },
  { name: "features-mol200-optimal", radius: 4, structures: mol200, size: 5, channels: 5, mixed: false },
  // Four elements of four functions each, as many channels in all.
  { name: "features-mol200-mixed", radius: 4, structures: mol200, size: 4, channels: 16, mixed: true },
];

export const CONTRACTION_CASES = CONTRACTIONS.map((contraction): Case => ({
  name: contraction.name, kinds: ["cpu"], run: (setting) => runContraction(contraction, setting),
}));
