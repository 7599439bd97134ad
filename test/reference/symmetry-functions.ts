/**
 * Descriptors of the field by their own formulas, as sums over neighbors: symmetry functions (doi:10.1063/1.3553717), moment tensors
 * (doi:10.1137/15M1054183) and histograms (doi:10.1088/2632-2153/aca005). Angles come from scalar products of vectors; nothing is expanded.
 */
import { forEachImage, type Atoms } from "./density-coefficients.js";

export interface Neighbor {
  readonly element: number;
  readonly vector: readonly [number, number, number];
  readonly r: number;
}

/** Neighbors of atom i, every periodic image by itself. */
export function neighborsOf(atoms: Atoms, i: number, radius: number): Neighbor[] {
  const found: Neighbor[] = [];
  forEachImage(atoms, i, radius, (j, vector, r) => found.push({ element: atoms.species[j]!, vector, r }));
  return found;
}

export function cosineBetween(a: Neighbor, b: Neighbor): number {
  return (a.vector[0] * b.vector[0] + a.vector[1] * b.vector[1] + a.vector[2] * b.vector[2]) / (a.r * b.r);
}

/** ½[1 + cos(π r/r_c)], 0 beyond. */
export function cosineCutoff(radius: number): (r: number) => number {
  return (r) => (r < radius ? 0.5 * (1 + Math.cos((Math.PI * r) / radius)) : 0);
}

/** Σ_{j∈a} f(r_ij). */
export function sumOverNeighbors(neighbors: readonly Neighbor[], element: number, value: (r: number) => number): number {
  return neighbors.filter((neighbor) => neighbor.element === element).reduce((sum, { r }) => sum + value(r), 0);
}

/** Σ_{j∈a, k∈b, k≠j} f(j, k). */
export function sumOverPairs(neighbors: readonly Neighbor[], [a, b]: readonly [number, number], value: (j: Neighbor, k: Neighbor) => number): number {
  let sum = 0;
  for (const j of neighbors) for (const k of neighbors) if (j !== k && j.element === a && k.element === b) sum += value(j, k);
  return sum;
}

/** G⁵, Behler's angular function without r_jk. */
export function symmetryFunction5(neighbors: readonly Neighbor[], elements: readonly [number, number], zeta: number, lambda: number, eta: number, radius: number): number {
  const fc = cosineCutoff(radius);
  return 2 ** (1 - zeta) * sumOverPairs(neighbors, elements, (j, k) =>
    (1 + lambda * cosineBetween(j, k)) ** zeta * Math.exp(-eta * (j.r ** 2 + k.r ** 2)) * fc(j.r) * fc(k.r));
}

/** G⁴. */
export function symmetryFunction4(neighbors: readonly Neighbor[], elements: readonly [number, number], zeta: number, lambda: number, eta: number, radius: number): number {
  const fc = cosineCutoff(radius);
  return 2 ** (1 - zeta) * sumOverPairs(neighbors, elements, (j, k) => {
    const opposite = Math.hypot(...j.vector.map((x, axis) => x - k.vector[axis]!));
    return (1 + lambda * cosineBetween(j, k)) ** zeta * Math.exp(-eta * (j.r ** 2 + k.r ** 2 + opposite ** 2)) * fc(j.r) * fc(k.r) * fc(opposite);
  });
}

/** M_ν = Σ_{j} w f(r_ij) r_ij^{⊗ν} in Cartesian components, [3^ν]. */
export function momentTensor(neighbors: readonly Neighbor[], rank: number, value: (neighbor: Neighbor) => number): Float64Array {
  const tensor = new Float64Array(3 ** rank);
  for (const neighbor of neighbors) {
    const factor = value(neighbor);
    for (let c = 0; c < tensor.length; c++) {
      let product = factor;
      for (let index = 0, rest = c; index < rank; index++, rest = Math.floor(rest / 3)) product *= neighbor.vector[rest % 3]!;
      tensor[c]! += product;
    }
  }
  return tensor;
}
