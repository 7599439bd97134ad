/**
 * Densities that differ between elements, THEORY.md Eqs. (1), (2) and (6): the atoms of element a have Gaussians of σ_a and the weight w_a, as neighbors
 * and as centers. All elements share one radial basis, and their tables one grid, the finest that any of them needs.
 */
import { symbolOf } from "../structure/elements.js";
import type { Density, DensityHyperparameters } from "./hyperparameters.js";
import { createRadialTable, type RadialTable } from "./radial-table.js";
import { validateDensityHyperparameters } from "./validate-hyperparameters.js";

/** The density of one element, the same for all elements. */
export interface ElementDensity {
  /** With σ_a for its width, and without widths and weights. */
  readonly density: Density;
  /** w_a */
  readonly weight: number;
}

/** @param z atomic number */
export function elementDensity({ widths, weights, ...density }: Density, z: number): ElementDensity {
  const symbol = symbolOf(z);
  return { density: { ...density, width: widths?.[symbol] ?? density.width }, weight: weights?.[symbol] ?? 1 };
}

function scaledTable(table: RadialTable, weight: number): RadialTable {
  if (weight === 1) return table;
  const scaled = (numbers: Float64Array): Float64Array => numbers.map((value) => weight * value);
  return { ...table, values: scaled(table.values), slopes: scaled(table.slopes), center: scaled(table.center) };
}

/**
 * Tables of w_a I_nl(r), [element], all on one grid; one object where all elements have the same density.
 * @param species atomic numbers
 * @throws InputError, CapacityError and NumericalError as `createRadialTable`.
 */
export function createElementTables(hyperparameters: DensityHyperparameters, species: readonly number[]): RadialTable[] {
  validateDensityHyperparameters(hyperparameters);
  const elements = species.map((z) => elementDensity(hyperparameters.density, z));
  const byWidth = new Map<number, RadialTable>();
  for (const { density } of elements) {
    if (!byWidth.has(density.width)) byWidth.set(density.width, createRadialTable({ ...hyperparameters, density }));
  }
  const finest = Math.min(...[...byWidth.values()].map(({ step }) => step));
  for (const { density } of elements) {
    if (byWidth.get(density.width)!.step > finest) byWidth.set(density.width, createRadialTable({ ...hyperparameters, density }, finest));
  }
  const made = new Map<string, RadialTable>();
  return elements.map(({ density, weight }) => {
    const key = `${density.width} ${weight}`;
    const table = made.get(key) ?? scaledTable(byWidth.get(density.width)!, weight);
    made.set(key, table);
    return table;
  });
}
