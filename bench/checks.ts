// Nothing is timed before it is right: one environment against plain sums, one energy against its definition, forces against finite differences.
import { createNeighborList, featureLabels, type Backend, type Evaluator, type Hyperparameters, type Potential, type Structure } from "../src/index.js";
import { createRandom } from "../src/selection/random.js";
import { forEachImage, referencePowerSpectrum } from "../test/reference/density-coefficients.js";

/** What was compared, and by how much it differed. */
export interface Check {
  readonly what: string;
  readonly error: number;
  readonly tolerance: number;
}

/** NaN does not. */
export function holds({ error, tolerance }: Check): boolean {
  return error <= tolerance;
}

/** @throws Error when a check fails. */
export function demand(check: Check): Check {
  const { what, error, tolerance } = check;
  if (!holds(check)) throw new Error(`wrong result, nothing timed: ${what} off by ${error}, allowed ${tolerance}`);
  return check;
}

/** Features of one atom against the full power-spectrum tensor of `test/reference`, where nothing is tabulated and every image is visited. */
export async function checkFeatures(backend: Backend, structure: Structure, hyperparameters: Hyperparameters, atom = 0): Promise<Check> {
  const { values, size, species } = await backend.computeFeatures([structure], hyperparameters);
  const around = { species: [structure.species[atom]!], positions: [0, 0, 0] };
  forEachImage(structure, atom, hyperparameters.cutoff.radius, (neighbor, vector) => {
    around.species.push(structure.species[neighbor]!);
    around.positions.push(...vector);
  });
  const full = referencePowerSpectrum({ ...around, cell: null, pbc: [false, false, false] }, hyperparameters, species)[0]!;
  const { nMax, lMax } = hyperparameters.basis;
  const { values: labels } = featureLabels(hyperparameters, species);
  let [error, largest] = [0, 0];
  for (let f = 0; f < size; f++) {
    const [za, zb, l, n, k] = labels.subarray(5 * f, 5 * f + 5) as unknown as [number, number, number, number, number];
    const [left, right] = [species.indexOf(za) * nMax + n, species.indexOf(zb) * nMax + k];
    const expected = full[(left * species.length * nMax + right) * (lMax + 1) + l]! * (left === right ? 1 : Math.SQRT2);
    const difference = Math.abs(values[atom * size + f]! - expected);
    if (!(difference <= error)) error = difference;
    largest = Math.max(largest, Math.abs(expected));
  }
  return demand({ what: `features of atom ${atom} against plain sums over images`, error: error / largest, tolerance: 1e-7 });
}

/** Energy of one atom against Σ_m x_m (z·z_m)^ζ, Eq. (16), relative to Σ_m |x_m (z·z_m)^ζ|. */
export async function checkEnergy(backend: Backend, evaluator: Evaluator, potential: Potential, structure: Structure, atom = 0): Promise<Check> {
  const { hyperparameters, zeta, centers } = potential.terms[0]!;
  const { values, size } = await backend.computeFeatures([structure], hyperparameters, { species: potential.species });
  const own = structure.species[atom]!;
  const center = centers.find(({ species }) => species === own)!;
  const features = values.subarray(atom * size, (atom + 1) * size);
  const z = new Float64Array(center.size);
  if (center.projection) features.forEach((value, f) => z.forEach((_, q) => (z[q]! += value * center.projection![f * center.size + q]!)));
  else z.set(features);
  let [expected, scale] = [potential.baseline.get(own) ?? 0, 0];
  center.weights.forEach((weight, m) => {
    const term = weight * z.reduce((sum, value, q) => sum + value * center.sparsePoints[m * center.size + q]!, 0) ** zeta;
    expected += term;
    scale += Math.abs(term);
  });
  const [prediction] = await evaluator.predict([structure], { forces: false });
  const error = Math.abs(prediction!.localEnergies[atom]! - expected) / scale;
  return demand({ what: `energy of atom ${atom} against the sum over sparse points`, error, tolerance: 1e-12 });
}

/** Å. */
const STEP = 1e-3;

/**
 * An atom without neighbors so near to where f_c begins or ends that a finite difference would step across: there the cosine's second derivative jumps.
 */
function undisturbedAtom(structure: Structure, { cutoff: { radius, width } }: Hyperparameters, from: number): number {
  const { offsets, distances } = createNeighborList(structure, radius + 1);
  const near = (r: number): boolean => [radius, radius - width].some((edge) => Math.abs(r - edge) <= 2 * STEP);
  for (let atom = from; atom < structure.species.length; atom++) if (!distances.subarray(offsets[atom]!, offsets[atom + 1]!).some(near)) return atom;
  throw new Error("every atom has a neighbor at the edge of the cutoff");
}

/**
 * Forces on three atoms against five-point differences of the energy along a random direction each, relative to the root mean square force.
 * The weights of a fitted model cancel: 1e-14 Σ|x| of rounding stays in its energies (measured), and a difference divides it by the step.
 */
export async function checkForces(evaluator: Evaluator, structure: Structure, potential: Potential): Promise<Check> {
  const { hyperparameters, centers } = potential.terms[0]!;
  const weightSum = centers.reduce((sum, { weights }) => sum + weights.reduce((part, weight) => part + Math.abs(weight), 0), 0);
  const random = createRandom(11);
  const forces = (await evaluator.predict([structure]))[0]!.forces!;
  const size = Math.sqrt(forces.reduce((sum, force) => sum + force * force, 0) / structure.species.length);
  let error = 0;
  for (const share of [0, 0.3, 0.7]) {
    const atom = undisturbedAtom(structure, hyperparameters, Math.floor(share * structure.species.length));
    const vector = [random.normal(), random.normal(), random.normal()];
    const direction = vector.map((x) => x / Math.hypot(...vector));
    const energies = await evaluator.predict([-2, -1, 1, 2].map((steps): Structure => {
      const positions = structure.positions.slice();
      direction.forEach((x, axis) => (positions[3 * atom + axis]! += steps * STEP * x));
      return { ...structure, positions };
    }), { forces: false });
    const [e0, e1, e2, e3] = energies.map(({ localEnergies }) => localEnergies) as [Float64Array, Float64Array, Float64Array, Float64Array];
    // Atom by atom, so that the sum over all atoms adds no rounding of its own.
    const slope = e0.reduce((sum, energy, k) => sum + (energy - e3[k]! + 8 * (e2[k]! - e1[k]!)), 0) / (12 * STEP);
    const along = direction.reduce((sum, x, axis) => sum + x * forces[3 * atom + axis]!, 0);
    const difference = Math.abs(along + slope) / size;
    if (!(difference <= error)) error = difference;
  }
  return demand({ what: "forces against finite differences of the energy", error, tolerance: 1e-6 + (1e-13 * weightSum) / (STEP * size) });
}
