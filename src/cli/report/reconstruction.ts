// What fewer radial functions know of the coefficients of the whole primitive basis, on a sample of environments: the global feature reconstruction
// error, THEORY.md Eq. (39), degree by degree, and how far from its coefficients every single environment is rebuilt.
import {
  createLinearAlgebra, globalReconstructionError, trainTestSplit,
  type Backend, type DensityCoefficients, type LinearAlgebra, type OptimalBasis, type Structure,
} from "../../index.js";
import { spread } from "./axis.js";

/** GFRE of one degree against the radial channels of all elements together; a pair is (channels, error). */
export interface ReconstructionCurves {
  readonly degree: number;
  readonly optimal: readonly (readonly [number, number])[];
  /** Primitive bases of fewer functions of the same kind. */
  readonly primitive: readonly (readonly [number, number])[];
}

/** Lengths |c − c'| over the environments, relative to the root mean square of |c| of that degree. */
export interface CoefficientErrors {
  readonly degree: number;
  readonly rootMeanSquare: number;
  readonly median: number;
  readonly largest: number;
}

export interface Reconstruction {
  readonly environments: number;
  readonly curves: readonly ReconstructionCurves[];
  /** Of the functions kept; a degree without variance has none. */
  readonly errors: readonly CoefficientErrors[];
}

/** Atoms of the sample, about; degrees, sizes of the optimal basis and primitive bases that are looked at: seconds of work. */
const [sampleAtoms, degreesShown, optimalSizes, primitiveSizes] = [600, 3, 10, 6];
/** The regression cannot tell smaller errors from rounding, nor can the difference of squares of coefficients. */
const roundingError = 1e-7;

/** Structures evenly spaced in the data: files are often sorted by kind. */
function sampleOf(structures: readonly Structure[]): Structure[] {
  const atoms = structures.reduce((sum, { species }) => sum + species.length, 0);
  const count = Math.max(1, Math.min(structures.length, Math.floor((sampleAtoms * structures.length) / atoms)));
  return Array.from({ length: count }, (_, k) => structures[Math.floor(((k + 0.5) * structures.length) / count)]!);
}

/** Coefficients of the environments looked at, [center][density][channel][lm]. */
interface Coefficients {
  readonly values: Float64Array;
  readonly densities: number;
  readonly channels: number;
  readonly lMax: number;
}

function centersOf({ values, size, centers }: DensityCoefficients, wanted: readonly number[] | null): Float64Array {
  if (wanted === null) return values;
  const rows = [...centers.keys()].filter((center) => wanted.includes(centers[center]!));
  const taken = new Float64Array(rows.length * size);
  rows.forEach((row, at) => taken.set(values.subarray(row * size, (row + 1) * size), at * size));
  return taken;
}

interface Matrix {
  readonly values: Float64Array;
  readonly size: number;
}

/** The first `count` channels of one degree: rows (center, m), which all meet the same radial functions, and columns (density, channel). */
function degreeMatrix({ values, densities, channels, lMax }: Coefficients, degree: number, count: number): Matrix {
  const orders = (lMax + 1) ** 2;
  const centers = values.length / (densities * channels * orders);
  const size = densities * count;
  const out = new Float64Array(centers * (2 * degree + 1) * size);
  let at = 0;
  for (let center = 0; center < centers; center++) {
    for (let lm = degree ** 2; lm < (degree + 1) ** 2; lm++) {
      for (let density = 0; density < densities; density++) {
        for (let q = 0; q < count; q++) out[at++] = values[((center * densities + density) * channels + q) * orders + lm]!;
      }
    }
  }
  return { values: out, size };
}

/** Whether rows differ by more than rounding. */
function varies({ values, size }: Matrix, rows: Int32Array): boolean {
  const first = rows[0]! * size;
  return rows.some((row) => {
    for (let k = 0; k < size; k++) if (Math.abs(values[row * size + k]! - values[first + k]!) > 1e-10 * Math.abs(values[first + k]!)) return true;
    return false;
  });
}

/** GFRE of `to` from `from`, half of the centers for the regression; null where nothing varies. */
function errorOf(algebra: LinearAlgebra, from: Coefficients, to: Coefficients, degree: number, count: number): number | null {
  const [x, y] = [degreeMatrix(from, degree, count), degreeMatrix(to, degree, to.channels)];
  const orders = 2 * degree + 1;
  const centers = y.values.length / (y.size * orders);
  if (centers < 2) return null;
  const split = trainTestSplit(centers, 1);
  // The components of one center stay together.
  const rowsOf = (half: Int32Array): Int32Array =>
    Int32Array.from({ length: half.length * orders }, (_, k) => half[Math.floor(k / orders)]! * orders + (k % orders));
  const rows = { train: rowsOf(split.train), test: rowsOf(split.test) };
  if (!varies(x, rows.train) || !varies(y, rows.train)) return null;
  return globalReconstructionError(algebra, x, y, { split: rows }).value;
}

function coefficientErrors(all: Coefficients, kept: Coefficients, degree: number): CoefficientErrors | null {
  const lengths = ({ values, size }: Matrix): Float64Array => {
    const perCenter = size * (2 * degree + 1);
    return Float64Array.from({ length: values.length / perCenter }, (_, center) =>
      values.subarray(center * perCenter, (center + 1) * perCenter).reduce((sum, value) => sum + value * value, 0));
  };
  const [whole, captured] = [lengths(degreeMatrix(all, degree, all.channels)), lengths(degreeMatrix(kept, degree, kept.channels))];
  const mean = whole.reduce((sum, value) => sum + value, 0) / whole.length;
  if (!(mean > 0)) return null;
  // Of an orthogonal projection, |c − c'|² = |c|² − |c'|².
  const squares = whole.map((value, center) => Math.max(0, value - captured[center]!) / mean).sort();
  const at = (share: number): number => Math.sqrt(squares[Math.round(share * (squares.length - 1))]!);
  return { degree, rootMeanSquare: Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length), median: at(0.5), largest: at(1) };
}

/** Numbers from 1 to `most`, few of them. */
function sizes(most: number, count: number): number[] {
  return spread(most - 1, count).map((size) => size + 1);
}

/** @param centers atomic numbers of the environments looked at; null for all */
export async function measureReconstruction(
  backend: Backend, structures: readonly Structure[], centers: readonly number[] | null, { hyperparameters }: OptimalBasis,
  signal: AbortSignal,
): Promise<Reconstruction> {
  const algebra = await createLinearAlgebra();
  const { basis } = hyperparameters;
  const { mixed, channels, species } = basis.contraction!;
  const { nMax, lMax } = basis;
  const sample = sampleOf(structures);
  const compute = async (change: Partial<typeof basis>, size: { densities: number; channels: number }): Promise<Coefficients> => {
    const changed = { ...hyperparameters, basis: { ...basis, ...change } };
    const coefficients = await backend.computeDensityCoefficients(sample, changed, { species, signal });
    return { ...size, lMax, values: centersOf(coefficients, centers) };
  };
  const whole = await compute({ contraction: null }, { densities: species.length, channels: nMax });
  const kept = await compute({}, { densities: mixed ? 1 : species.length, channels });
  const largest = Math.max(1, Math.min(nMax, Math.floor((kept.densities * channels) / species.length)));
  const smaller: Coefficients[] = [];
  for (const size of sizes(largest, primitiveSizes)) {
    smaller.push(await compute({ contraction: null, nMax: size }, { densities: species.length, channels: size }));
  }
  const point = (from: Coefficients, degree: number, count: number): (readonly [number, number])[] => {
    const error = errorOf(algebra, from, whole, degree, count);
    return error !== null && error > roundingError ? [[from.densities * count, error]] : [];
  };
  const curves = spread(lMax, degreesShown).map((degree) => ({
    degree,
    optimal: sizes(channels, optimalSizes).flatMap((count) => point(kept, degree, count)),
    primitive: smaller.flatMap((from) => point(from, degree, from.channels)),
  }));
  return {
    environments: whole.values.length / (species.length * nMax * (lMax + 1) ** 2),
    curves: curves.filter(({ optimal, primitive }) => optimal.length > 0 && primitive.length > 0),
    errors: Array.from({ length: lMax + 1 }, (_, degree) => coefficientErrors(whole, kept, degree)).filter((errors) => errors !== null),
  };
}
