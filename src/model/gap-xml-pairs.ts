/**
 * What of a GAP is functions of pairs, as tables.
 *
 * distance_2b of QUIP (descriptors.f95, gp_predict.f95 of libAtoms/GAP): every neighbor of every atom is a descriptor of its own, so a pair counts twice,
 *   φ_ab(r) = 2 f_c(r) Σ_m α_m s_m [δ² exp(−(r − r_m)²/2θ²) + f₀²],
 * f_c falling as a cosine over cutoff_transition_width before cutoff, s_m the cutoff of the sparse point ("sparseCutoff"). f_c has a kink where it begins
 * to fall, r₁, where no grid need have a node. So the table is two: with F the cosine continued to all r, φ = (1 − F) Σ up to r₁, where 1 − F = F' = 0,
 * plus F Σ up to the cutoff.
 *
 * Glue (IPModel_Glue.f95 of libAtoms/QUIP), the core of a GAP: φ_ab is the cubic spline through the points of <potential_pair> with slopes y1 and yn at its
 * ends (0 when absent; none, "natural", from 10³⁰ on), straight on below the first point, zero from the last point on. The embedding has to be zero.
 *
 * r in Å, φ in eV.
 */
import type { XmlElement } from "../formats/xml.js";
import { createCubicSpline } from "../pairs/cubic-spline.js";
import { farthest, tabulate, type TabulatedPair } from "../pairs/tabulated-pairs.js";
import type { GapCoordinates } from "./gap-xml-coordinates.js";
import { atomicNumberOf, childrenOf, countOf, gapError, knownChildren, numberOf, onlyChild, type Descriptor, type GapSource } from "./gap-xml-reader.js";

/** What <descriptor> says of a distance_2b; element 0 is any. */
export interface DistanceSettings {
  readonly elements: readonly [number, number];
  readonly radius: number;
  readonly width: number;
}

type Curve = (r: number) => [number, number];

export function readDistance(descriptor: Descriptor): DistanceSettings {
  const [first] = descriptor.elements("z1", 1) as [number];
  const [second] = descriptor.elements("z2", 1) as [number];
  const [radius, width] = [descriptor.number("cutoff"), descriptor.number("cutoff_transition_width", 0.5)];
  if (!(radius > 0 && radius <= farthest)) throw descriptor.error("wrong descriptor", "cutoff", `a length above 0 Å, at most ${farthest} Å`, String(radius));
  if (!(width > 0 && width <= radius)) throw descriptor.error("wrong descriptor", "cutoff_transition_width", `a length above 0 Å, at most the cutoff ${radius} Å`, String(width));
  for (const key of ["only_intra", "only_inter"]) descriptor.refuse(key, !descriptor.logical(key, false), "F", "T");
  for (const [key, known] of [["n_exponents", 1], ["exponents", 1], ["tail_exponent", 0]] as const) {
    const value = descriptor.number(key, known);
    descriptor.refuse(key, value === known, String(known), String(value));
  }
  descriptor.text("tail_range");
  descriptor.text("resid_name");
  descriptor.finish();
  return { elements: [first, second], radius, width };
}

/** Σ_m and its slope. */
function kernelSum(source: GapSource, { element, kernel, dimensions, sparsePoints, alpha, sparseCutoff, delta, offset }: GapCoordinates): Curve {
  if (kernel.kind !== "squared-exponential") throw gapError(source, element, "kernel not supported for distance_2b", "covariance_type", "1 (squared exponential)", "2 (dot product)");
  if (dimensions !== 1) throw gapError(source, element, "dimensions do not belong to the descriptor", "dimensions", "1 for a distance", String(dimensions));
  const [theta] = kernel.theta as [number];
  const weights = alpha.map((value, m) => value * sparseCutoff[m]! * delta * delta);
  const constant = alpha.reduce((sum, value, m) => sum + value * sparseCutoff[m]! * offset * offset, 0);
  return (r) => {
    let [value, slope] = [constant, 0];
    weights.forEach((weight, m) => {
      const x = (r - sparsePoints[m]!) / theta;
      const part = weight * Math.exp(-0.5 * x * x);
      value += part;
      slope -= (part * x) / theta;
    });
    return [value, slope];
  };
}

/** @param species elements of the whole potential, ascending */
export function distanceTables(source: GapSource, coordinates: GapCoordinates, { elements: [first, second], radius, width }: DistanceSettings, species: readonly number[]): TabulatedPair[] {
  const sum = kernelSum(source, coordinates);
  const falling: Curve = (r) => {
    const [value, slope] = sum(r);
    const phase = (Math.PI * (r - radius + width)) / width;
    const [f, df] = [1 + Math.cos(phase), -(Math.PI / width) * Math.sin(phase)];
    return [value * f, slope * f + value * df];
  };
  const rest: Curve = (r) => {
    const [[value, slope], [f, df]] = [sum(r), falling(r)];
    return [2 * value - f, 2 * slope - df];
  };
  const is = (wanted: number, z: number): boolean => wanted === 0 || wanted === z;
  const pairs = species.flatMap((a, index) => species.slice(index).map((b): [number, number] => [a, b])).filter(
    ([a, b]) => (is(first, a) && is(second, b)) || (is(first, b) && is(second, a)),
  );
  if (pairs.length === 0) return [];
  const tables = [tabulate(pairs[0]!, radius, falling), ...(width < radius ? [tabulate(pairs[0]!, radius - width, rest)] : [])];
  return pairs.flatMap((pair) => tables.map((table) => ({ ...table, species: pair })));
}

/** Slopes of QUIP from here on mean that there is none. */
const NATURAL = 0.99e30;

/** Tables of <Glue_params>, of the pairs of these elements; other elements do not occur. */
export function glueTables(source: GapSource, glue: XmlElement, species: readonly number[]): TabulatedPair[] {
  knownChildren(source, glue, ["per_type_data", "per_pair_data"]);
  const types = new Map<number, number>();
  const kinds = countOf(source, glue, "n_types", 1);
  for (const element of childrenOf(glue, "per_type_data")) {
    const type = countOf(source, element, "type", 1, kinds);
    if (types.has(type)) throw gapError(source, element, "a type is given twice", "type", "every number once", String(type));
    types.set(type, atomicNumberOf(source, element, "atomic_num"));
    checkEmbedding(source, element);
  }
  if (types.size !== kinds) throw gapError(source, glue, "types and n_types do not agree", "n_types", `${kinds} elements <per_type_data>`, String(types.size));
  const seen = new Set<string>();
  return childrenOf(glue, "per_pair_data").flatMap((element) => {
    const [a, b] = ["type1", "type2"].map((key) => types.get(countOf(source, element, key, 1, kinds))!).sort((x, y) => x - y) as [number, number];
    if (seen.has(`${a} ${b}`)) throw gapError(source, element, "a pair is given twice", "type1", "every pair once", `${a} ${b}`);
    seen.add(`${a} ${b}`);
    const table = splineTable(source, onlyChild(source, element, "potential_pair"), [a, b]);
    return species.includes(a) && species.includes(b) ? [table] : [];
  });
}

/** Energies of the density: all of them zero, as in the cores of GAPs, or there is no sum of pairs. */
function checkEmbedding(source: GapSource, element: XmlElement): void {
  knownChildren(source, element, ["density", "potential_density", "potential_neighbours"]);
  for (const embedding of ["potential_density", "potential_neighbours"].flatMap((name) => childrenOf(element, name))) {
    const energies = childrenOf(embedding, "point").map((point) => numberOf(source, point, "E"));
    const slopes = ["y1", "yn"].map((key) => numberOf(source, embedding, key, NATURAL));
    const other = energies.find((energy) => energy !== 0) ?? slopes.find((slope) => slope !== 0 && slope < NATURAL);
    if (other !== undefined) throw gapError(source, embedding, "a Glue potential with an embedding is not supported", null, "energies of 0 eV: functions of pairs alone", String(other));
  }
}

function splineTable(source: GapSource, element: XmlElement, species: readonly [number, number]): TabulatedPair {
  const points = childrenOf(element, "point");
  const count = countOf(source, element, "num_points", 2);
  if (points.length !== count) throw gapError(source, element, "points and num_points do not agree", "num_points", `${count} elements <point>`, String(points.length));
  const sorted = points.map((point): [number, number] => [numberOf(source, point, "r"), numberOf(source, point, "E")]).sort(([a], [b]) => a - b);
  const [xs, ys] = [sorted.map(([r]) => r), sorted.map(([, energy]) => energy)];
  const wrong = xs.find((r, k) => r < 0 || r > farthest || (k > 0 && !(r > xs[k - 1]!)));
  if (wrong !== undefined) throw gapError(source, element, "wrong points", null, `different distances from 0 to ${farthest} Å`, String(wrong));
  const end = (key: string): number | null => {
    const slope = numberOf(source, element, key, 0);
    return slope > NATURAL ? null : slope;
  };
  const radius = xs.at(-1)!;
  return tabulate(species, radius, createCubicSpline(xs, ys, end("y1"), end("yn")).evaluate, intervalsOf(xs), 1e-8);
}

/** Intervals of a grid from 0 to the last point that has every point for a node; 128 when there is no such grid of 65,536 at most. */
function intervalsOf(xs: readonly number[]): number {
  const last = xs.at(-1)!;
  const gap = xs.reduce((least, r, k) => Math.min(least, r > 0 ? r - (k > 0 ? xs[k - 1]! : 0) : Infinity), Infinity);
  for (let parts = 1; parts <= 64; parts++) {
    const count = Math.round((parts * last) / gap);
    if (count > 2 ** 16) break;
    if (xs.every((r) => Math.abs((r * count) / last - Math.round((r * count) / last)) < 1e-7)) return count;
  }
  return 128;
}
