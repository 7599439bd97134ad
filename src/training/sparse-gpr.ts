// Sparse Gaussian-process regression of energies, forces and virials, Eqs. (15)–(18), (53) and (73).
import type { Backend, FitStructure, FitTerm, JobOptions } from "../backend/backend.js";
import { InputError, NumericalError } from "../errors.js";
import { speciesOf } from "../features/feature-layout.js";
import { createLinearAlgebra, type LinearAlgebra } from "../linalg/linear-algebra.js";
import type { CenterModel, Potential, Term } from "../model/potential.js";
import type { ScreenedCoulomb } from "../pairs/screened-coulomb.js";
import { symbolOf } from "../structure/elements.js";
import { withOrigins } from "../structure/origin.js";
import type { LabeledStructure } from "../structure/structure.js";
import { findBaseline, type Baseline } from "./baseline.js";
import { calibrateOutOfBag } from "./calibration.js";
import { checkLabels } from "./check-labels.js";
import { countsOf, drawSubsets } from "./committee.js";
import type { FitConfiguration } from "./configuration.js";
import { parseFitConfiguration } from "./configuration-schema.js";
import { coresOf, withoutCores } from "./core-settings.js";
import type { FitResult } from "./fit-result.js";
import { countNoise, fitStructure } from "./fit-structure.js";
import { prepareTerm, type PreparedTerm } from "./fit-term.js";
import { inspectData } from "./inspect-data.js";
import { solveWeights } from "./solve-weights.js";
import { stopwatch } from "./stopwatch.js";
import { termSettings, widestCutoff } from "./term-settings.js";

/**
 * Fits a potential to labelled structures.
 * @returns the potential, what the fit did, and the time of each stage
 * @throws InputError on settings out of range, labels out of range, when there is nothing to fit, or fewer environments than sparse points; NumericalError when the equations are singular.
 */
export async function fitPotential(
  backend: Backend,
  train: readonly LabeledStructure[],
  settings: FitConfiguration,
  options: JobOptions = {},
): Promise<FitResult> {
  const given = parseFitConfiguration(settings);
  const { noise, solver } = given;
  checkTargets(train);
  checkLabels(train);
  const watch = stopwatch();
  const algebra = await createLinearAlgebra();
  const structures = withOrigins(train.map(({ structure }) => structure));
  const species = speciesOf(structures);
  const cores = coresOf(given, species);
  const rest = withoutCores(train.map((labeled, index) => ({ ...labeled, structure: structures[index]! })), species, cores);
  const baseline = findBaseline(rest.data, species, { ...given, cutoff: widestCutoff(given) });
  const warnings = [...baseline.warnings, ...inspectData(train)];
  watch.stop("inspection");
  const data = rest.data.map((labeled) => fitStructure(labeled, baseline.energies, noise));
  const terms: PreparedTerm[] = [];
  for (const own of termSettings(given)) {
    terms.push(await prepareTerm(backend, algebra, structures, species, { ...own, jitter: solver.jitter }, data, watch, options));
  }
  const subsets = given.committee && drawSubsets(data.length, given.committee);
  const { weights, members, rows } = await solveWeights(backend, algebra, { data, species, terms, subsets }, solver.method, options, watch);
  options.signal?.throwIfAborted();
  const fitted = assemble(species, baseline, terms, [weights, ...members], algebra, cores);
  watch.stop("solve");
  const potential = subsets ? await calibrateOutOfBag(backend, fitted, { train, structures, counts: countsOf(subsets) }, options) : fitted;
  if (subsets) watch.stop("calibration");
  return {
    potential,
    warnings,
    seconds: watch.seconds,
    diagnostics: {
      baseline: {
        kind: baseline.kind,
        energies: Object.fromEntries([...baseline.energies].map(([z, energy]) => [symbolOf(z), energy])),
      },
      core: rest.report,
      sparse: total(potential.terms, ({ weights: own }) => own.length),
      features: terms.reduce((sum, term) => sum + term.features, 0),
      components: total(potential.terms, ({ size }) => size),
      jitter: Math.max(...terms.map((term) => term.jitter)),
      weightSum: potential.terms.flatMap(({ centers }) => centers).reduce((sum, center) => sum + center.weights.reduce((part, weight) => part + Math.abs(weight), 0), 0),
      environments: structures.reduce((sum, structure) => sum + structure.species.length, 0),
      rows: rows - data.reduce((sum, one) => sum + absentRows(one), 0),
      noise: countNoise(train, noise),
    },
  };
}

function checkTargets(train: readonly LabeledStructure[]): void {
  if (train.length === 0) throw new InputError("nothing to train on", { expected: "at least one structure", got: "none" });
  if (train.some(({ labels }) => labels.energy !== null || labels.forces || labels.virial)) return;
  throw new InputError("no labels to train on", {
    expected: "energies, forces or virials in some structure",
    got: `none in ${train.length} structures`,
  });
}

/** Rows of components that are not labelled, and have weight 0. */
function absentRows({ forces, virial, weights }: FitStructure): number {
  const zeros = (label: Float64Array | null, own: number | Float64Array): number =>
    label === null || typeof own === "number" ? 0 : own.reduce((sum, weight) => sum + Number(weight === 0), 0);
  return zeros(forces, weights.forces) + zeros(virial, weights.virial);
}

/** A number of each center element, summed over the terms. */
function total(terms: readonly Term[], of: (center: CenterModel) => number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { centers } of terms) for (const center of centers) sums[symbolOf(center.species)] = (sums[symbolOf(center.species)] ?? 0) + of(center);
  return sums;
}

/**
 * x = G^{−ᵀ} w, term by term and element by element.
 * @param solutions w of the fit to all structures, then of the members of a committee, if any
 */
function assemble(
  species: readonly number[],
  { energies, kind }: Baseline,
  terms: readonly FitTerm[],
  [weights, ...members]: readonly Float64Array[],
  algebra: LinearAlgebra,
  cores: readonly ScreenedCoulomb[],
): Potential {
  let column = 0;
  const models = terms.map(({ hyperparameters, zeta, centers }): Term => ({
    hyperparameters,
    zeta,
    centers: centers.map(({ factor, ...center }): CenterModel => {
      const count = center.sparsePoints.length / center.size;
      const solve = (w: Float64Array): Float64Array => algebra.solveLowerTransposed(factor, w.slice(column, column + count), count);
      const own = { weights: solve(weights!), ...(members.length > 0 && { members: concatenate(members.map(solve)) }) };
      column += count;
      return { ...center, ...own };
    }),
  }));
  if (!models.every(({ centers }) => centers.every(({ weights: own, members: others }) => own.every(Number.isFinite) && others?.every(Number.isFinite) !== false)))
    throw new NumericalError("the fit gave weights that are not finite", { expected: "a larger solver.jitter, or fewer sparse points" });
  const committee = members.length > 0 && { committee: { members: members.length, calibration: null } };
  return { species, baseline: energies, terms: models, ...(cores.length > 0 && { pairs: cores }), provenance: { baseline: kind }, ...committee };
}

function concatenate(parts: readonly Float64Array[]): Float64Array {
  const [first] = parts;
  const out = new Float64Array(parts.length * first!.length);
  parts.forEach((part, index) => out.set(part, index * first!.length));
  return out;
}
