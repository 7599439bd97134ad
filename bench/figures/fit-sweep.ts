// Fits of one data set on several radial bases of growing size: errors on the test structures, time of the fit, time of energies and forces.
import {
  createOptimalBasis, createSupervisedBasis, fitPotential, measureErrors,
  type Backend, type ErrorStatistics, type FitConfiguration, type LabeledStructure, type Structure,
} from "../../src/index.js";
import { unfittedPotential } from "../systems.js";
import { measure } from "../timing.js";

/** A way to come to q radial functions per density and degree; `train` is what the fit sees. */
export interface BasisVariant {
  readonly name: string;
  configure(base: FitConfiguration, q: number, backend: Backend, train: readonly LabeledStructure[]): FitConfiguration | Promise<FitConfiguration>;
}

/** Primitive functions that the optimal ones are made of. */
const primitives = 12;

/** What is compared; another basis is another line. */
export const basisVariants: readonly BasisVariant[] = [
  { name: "GTO", configure: (base, q) => ({ ...base, basis: { ...base.basis, nMax: q } }) },
  { name: "optimal", configure: (base, q) => optimal(base, { channels: q }) },
  { name: "optimal, γ 0.1", configure: (base, q) => optimal(base, { channels: q, gamma: 0.1 }) },
  { name: "optimal, gradient", configure: supervised },
  { name: "optimal, near", configure: nearOptimal },
];

/** From the optimal functions downhill on the errors of small fits, `lather basis --optimize`. */
async function supervised(base: FitConfiguration, q: number, backend: Backend, train: readonly LabeledStructure[]): Promise<FitConfiguration> {
  const { hyperparameters } = await createSupervisedBasis(backend, train, { ...base, basis: { ...base.basis, nMax: primitives } }, { channels: q });
  return { ...base, basis: hyperparameters.basis };
}

/**
 * Optimal functions made from a density whose radial scaling u(r) falls with twice the exponent, so that they spend their resolution on near
 * neighbors, which energies depend on most; the fit keeps its own density.
 */
async function nearOptimal(base: FitConfiguration, q: number, backend: Backend, train: readonly LabeledStructure[]): Promise<FitConfiguration> {
  const { scaling } = base.density;
  const density = { ...base.density, scaling: scaling && { ...scaling, exponent: 2 * scaling.exponent } };
  const near = { ...base, density, basis: { ...base.basis, nMax: primitives } };
  const structures = train.map(({ structure }) => structure);
  const { hyperparameters } = await createOptimalBasis(backend, structures, near, { channels: q });
  return { ...base, basis: hyperparameters.basis };
}

/** A fit on an optimal basis that it makes from its own training structures. */
export function optimal(base: FitConfiguration, choice: Partial<NonNullable<FitConfiguration["optimalBasis"]>>, nMax = primitives): FitConfiguration {
  const optimalBasis = { channels: null, threshold: null, mixed: false, centerDependent: false, gamma: 1, ...choice };
  return { ...base, basis: { ...base.basis, nMax }, optimalBasis };
}

/** One fit; errors in eV/atom and eV/Å on the test structures. */
export interface FitPoint {
  readonly basis: string;
  readonly q: number;
  readonly features: number;
  readonly components: Readonly<Record<string, number>>;
  readonly fit_seconds: number;
  readonly test: Omit<ErrorStatistics, "structures" | "atoms">;
  /** Energy and forces of the structure that is timed, shortest time; absent where none is. */
  readonly ms_per_atom?: number;
  /** The same without compression of the features, with random weights. */
  readonly ms_per_atom_uncompressed?: number;
}

export interface Sweep {
  readonly train: readonly LabeledStructure[];
  readonly test: readonly LabeledStructure[];
  /** Timed with every potential. */
  readonly timed?: Structure;
}

async function msPerAtom(backend: Backend, potential: Parameters<Backend["createEvaluator"]>[0], structure: Structure): Promise<number> {
  const evaluator = await backend.createEvaluator(potential);
  const { minimum } = await measure(() => evaluator.predict([structure]));
  evaluator.destroy();
  return (1000 * minimum) / structure.species.length;
}

/** Fits, tests and times one configuration. */
export async function runFit(backend: Backend, { train, test, timed }: Sweep, configuration: FitConfiguration, basis: string, q: number): Promise<FitPoint> {
  const { potential, diagnostics, seconds } = await fitPotential(backend, train, configuration);
  const { errors: { by_config_type: _, structures: __, atoms: ___, ...errors } } = await measureErrors(backend, potential, test);
  const point = {
    basis, q, features: diagnostics.features, components: diagnostics.components,
    fit_seconds: Object.values(seconds).reduce((sum, value) => sum + value, 0), test: errors,
  };
  if (!timed) return point;
  const { hyperparameters, zeta, centers } = potential.terms[0]!;
  const points = centers.reduce((sum, { weights }) => sum + weights.length, 0);
  const bare = await unfittedPotential(backend, hyperparameters, points, zeta, Math.ceil(Math.cbrt(points / 8)));
  return { ...point, ms_per_atom: await msPerAtom(backend, potential, timed), ms_per_atom_uncompressed: await msPerAtom(backend, bare, timed) };
}

export interface Smallest {
  readonly basis: string;
  /** null when no size is good enough. */
  readonly q: number | null;
  /** Time of energies and forces of the mark over that of this potential. */
  readonly speedup?: number;
  readonly speedup_uncompressed?: number;
}

/** The smallest size of every basis whose test errors (mean absolute, of energies and forces) exceed those of a mark by no more than a share. */
export function smallestWithin(points: readonly FitPoint[], mark: FitPoint, share: number): Smallest[] {
  const near = ({ test }: FitPoint): boolean =>
    (["energy_mae", "force_mae"] as const).every((error) => test[error] === null || test[error] <= (1 + share) * mark.test[error]!);
  return [...new Set(points.map(({ basis }) => basis))].map((basis) => {
    const found = points.filter((point) => point.basis === basis && near(point)).sort((a, b) => a.q - b.q)[0];
    if (found?.ms_per_atom === undefined) return { basis, q: found?.q ?? null };
    return {
      basis, q: found.q, speedup: mark.ms_per_atom! / found.ms_per_atom, speedup_uncompressed: mark.ms_per_atom_uncompressed! / found.ms_per_atom_uncompressed!,
    };
  });
}

/** Every variant at every size, one after the other; `each` sees what is there after each fit. */
export async function sweep(
  backend: Backend, data: Sweep, base: FitConfiguration, sizes: readonly number[], each: (points: readonly FitPoint[]) => Promise<void>,
  variants: readonly BasisVariant[] = basisVariants,
): Promise<FitPoint[]> {
  const points: FitPoint[] = [];
  for (const q of sizes) {
    for (const { name, configure } of variants) {
      const configuration = await configure(base, q, backend, data.train);
      const point = await runFit(backend, data, configuration, name, q);
      points.push(point);
      process.stderr.write(`${name} ${q}: ${JSON.stringify(point)}\n`);
      await each(points);
    }
  }
  return points;
}
