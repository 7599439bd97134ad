// The functions on a grid of distances, THEORY.md Eq. (37): R_aql(r) = Σ_n U_qn R_n(r), and the primitive R_n(r).
import { createContractedFunctions, type Hyperparameters, type RadialContraction } from "lather";
import type { BasisResult } from "./basis-job.js";

const POINTS = 240;

/** From one step above 0, where DVR functions have no value, to where Gaussians of neighbors at the cutoff have faded. */
function createDistances({ cutoff, density }: Hyperparameters): Float64Array {
  const end = cutoff.radius + 3 * density.width;
  return Float64Array.from({ length: POINTS }, (_, point) => ((point + 1) * end) / POINTS);
}

/** One function per (l, channel) on all distances: [l][channel][point]. */
function evaluateAll(hyperparameters: Hyperparameters, z: number, distances: Float64Array): Float64Array {
  const evaluate = createContractedFunctions(hyperparameters, z);
  const rows = hyperparameters.basis.contraction!.channels * (hyperparameters.basis.lMax + 1);
  const values = new Float64Array(rows * distances.length);
  distances.forEach((s, point) => {
    evaluate(s).forEach((value, row) => (values[row * distances.length + point] = value));
  });
  return values;
}

/** A contraction that changes nothing. */
function identity({ nMax, lMax }: Hyperparameters["basis"], z: number): RadialContraction {
  const matrix = Array.from({ length: (lMax + 1) * nMax * nMax }, (_, index) => (Math.floor(index / nMax) % nMax === index % nMax ? 1 : 0));
  return { mixed: false, channels: nMax, species: [z], matrix };
}

/** @param hyperparameters with the contraction */
export function createRadialCurves(hyperparameters: Hyperparameters): Pick<BasisResult, "distances" | "primitive" | "functions" | "channels"> {
  const { basis } = hyperparameters;
  const { species, channels } = basis.contraction!;
  const distances = createDistances(hyperparameters);
  const primitive = { ...hyperparameters, basis: { ...basis, contraction: identity(basis, species[0]!) } };
  const perElement = species.map((z) => evaluateAll(hyperparameters, z, distances));
  const functions = new Float64Array(perElement.length * perElement[0]!.length);
  perElement.forEach((values, a) => functions.set(values, a * values.length));
  return { distances, primitive: evaluateAll(primitive, species[0]!, distances), functions, channels };
}
