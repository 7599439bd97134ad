import type { Parity } from "../angular/clebsch-gordan.js";
import type { Hyperparameters } from "../features/hyperparameters.js";

/** A property's form, by its numbers: 1, 3, 6 (xx, yy, zz, yz, xz, xy), 9 or 27 (all components, the last index fastest). */
export type PropertyKind = "scalar" | "vector" | "symmetric" | "full" | "third-rank";

/** What the regression of one part knows about centers of one element. */
export interface PropertyCenter {
  readonly species: number;
  /** V of the scalar features, [feature][size], Eq. (14). */
  readonly projection: Float64Array | null;
  readonly size: number;
  /** Scalar features of the sparse points, [point][size]. */
  readonly sparsePoints: Float64Array;
  /** V of the λ-SOAP features, the same for all μ, [feature][tensorSize]. */
  readonly tensorProjection: Float64Array;
  readonly tensorSize: number;
  /** λ-SOAP features of the sparse points, [point][μ][tensorSize]. */
  readonly tensorPoints: Float64Array;
  /** [point][μ] */
  readonly weights: Float64Array;
}

/** One irreducible part of a property. */
export interface PropertyPart {
  /** Which of `tensorParts`, by its degrees. */
  readonly path: readonly number[];
  readonly lambda: number;
  readonly parity: Parity;
  /** λ = 0: what an atom of each element gives by itself, [element] in the order of the model's species; empty otherwise. */
  readonly baseline: readonly number[];
  readonly centers: readonly PropertyCenter[];
}

/** A fitted property of structures or atoms, Eq. (55). */
export interface PropertyModel {
  readonly name: string;
  readonly kind: PropertyKind;
  /** A value for each atom; otherwise one for the structure, the sum over its atoms or their mean. */
  readonly perAtom: boolean;
  readonly mean: boolean;
  readonly species: readonly number[];
  /** Cutoff, density and basis of both kinds of features. */
  readonly hyperparameters: Hyperparameters;
  readonly zeta: number;
  readonly parts: readonly PropertyPart[];
  readonly provenance: Readonly<Record<string, string | number>>;
}

/** Numbers of a value of each kind as they stand in a file. */
export const propertySizes: Readonly<Record<PropertyKind, number>> = { scalar: 1, vector: 3, symmetric: 6, full: 9, "third-rank": 27 };

/** Indices of a Cartesian tensor of each kind. */
export const propertyRanks: Readonly<Record<PropertyKind, number>> = { scalar: 0, vector: 1, symmetric: 2, full: 2, "third-rank": 3 };

/** Position in xx, yy, zz, yz, xz, xy of each component of a symmetric tensor. */
const VOIGT = [0, 5, 4, 5, 1, 3, 4, 3, 2];

/** All components of a value as it stands in a file, [3^rank]. */
export function componentsOf(kind: PropertyKind, value: ArrayLike<number>): Float64Array {
  return kind === "symmetric" ? Float64Array.from(VOIGT, (k) => value[k]!) : Float64Array.from(value);
}

/** The numbers of a file from all components. */
export function valueOf(kind: PropertyKind, components: Float64Array): Float64Array {
  return kind === "symmetric" ? Float64Array.from([0, 4, 8, 5, 2, 1], (k) => components[k]!) : components;
}
