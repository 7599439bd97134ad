// Settings from the data alone, before anything is tried: lengths follow the distances of neighboring atoms, sizes the number of elements.
import { createNeighborList } from "../../structure/neighbor-list.js";
import type { LabeledStructure, Structure } from "../../structure/structure.js";
import { speciesOf } from "../../features/feature-layout.js";
import { symbolOf } from "../../structure/elements.js";
import type { FitConfiguration } from "../configuration.js";

/** Structures whose distances are looked at, evenly from all. */
const SAMPLE = 100;
/** Å within which an atom's nearest neighbor is looked for. */
const REACH = 4.5;

export interface StartingPoint {
  readonly configuration: FitConfiguration;
  /** Why, a sentence each. */
  readonly reasons: readonly string[];
}

/**
 * A configuration for these data, with the given one for whatever is not chosen here: cutoff, density, basis, σ's.
 * What the lengths are made of fits silicon (2.35 Å) and small molecules (1.4 Å between heavy atoms); the search goes on from there.
 * @param free whether a setting is to be chosen
 */
export function startingPoint(data: readonly LabeledStructure[], given: FitConfiguration, free: (path: string) => boolean): StartingPoint {
  const structures = data.map(({ structure }) => structure);
  const elements = speciesOf(structures);
  const bond = typicalBond(structures);
  const round = (value: number): number => Number(value.toPrecision(2));
  const radius = round(bond + 3);
  const width = round(0.2 + 0.12 * bond);
  const scale = round(0.9 + 0.8 * bond);
  const [nMax, lMax] = elements.length === 1 ? [8, 6] : elements.length <= 3 ? [6, 4] : [5, 4];
  const spread = labelSpread(data);
  const or = <T>(path: string, chosen: T, own: T): T => (free(path) ? chosen : own);
  const { cutoff, density, basis, noise } = given;
  const configuration: FitConfiguration = {
    ...given,
    cutoff: { ...cutoff, radius: or("cutoff.radius", radius, cutoff.radius) },
    density: {
      ...density,
      width: or("density.width", width, density.width),
      scaling: or("density.scaling", { rate: 1, scale, exponent: 4 }, density.scaling),
    },
    basis: { ...basis, nMax: or("basis.nMax", nMax, basis.nMax), lMax: or("basis.lMax", lMax, basis.lMax) },
    noise: {
      ...noise,
      energy: or("noise.energy", round(0.03 * spread.energy), noise.energy),
      forces: or("noise.forces", round(0.03 * spread.forces), noise.forces),
      virial: or("noise.virial", round(0.03 * spread.virial), noise.virial),
    },
  };
  const reasons = [
    ...(free("cutoff.radius") ? [`cutoff.radius ${radius} Å: nearest neighbors are ${bond.toFixed(2)} Å apart`] : []),
    ...(free("density.width") ? [`density.width ${width} Å: a quarter of that distance`] : []),
    ...(free("basis.nMax") || free("basis.lMax") ? [`basis.nMax ${configuration.basis.nMax}, basis.lMax ${configuration.basis.lMax}: ${elements.length} element${elements.length === 1 ? "" : "s"} (${elements.map(symbolOf).join(", ")})`] : []),
  ];
  return { configuration, reasons };
}

/** Median distance between neighboring atoms in Å, of the heavy ones where there are such: hydrogen sits closer than anything else. */
function typicalBond(structures: readonly Structure[]): number {
  const step = Math.max(1, Math.floor(structures.length / SAMPLE));
  const distances: { heavy: number[]; all: number[] } = { heavy: [], all: [] };
  for (let index = 0; index < structures.length; index += step) {
    const { species } = structures[index]!;
    const { offsets, neighbors, distances: lengths } = createNeighborList(structures[index]!, REACH);
    for (let atom = 0; atom < species.length; atom++) {
      let [heavy, all] = [Infinity, Infinity];
      for (let pair = offsets[atom]!; pair < offsets[atom + 1]!; pair++) {
        all = Math.min(all, lengths[pair]!);
        if (species[atom]! > 1 && species[neighbors[pair]!]! > 1) heavy = Math.min(heavy, lengths[pair]!);
      }
      if (all < Infinity) distances.all.push(all);
      if (heavy < Infinity) distances.heavy.push(heavy);
    }
  }
  const own = distances.heavy.length > 0 ? distances.heavy : distances.all;
  return own.length === 0 ? 2 : own.sort((a, b) => a - b)[own.length >> 1]!;
}

/** What the labels vary by: energies per atom about their median (eV/atom · √N for the σ of a fit is left to the search), forces about zero, virials per atom. */
function labelSpread(data: readonly LabeledStructure[]): { energy: number; forces: number; virial: number } {
  const energies: number[] = [];
  const [forces, virials] = [[0, 0], [0, 0]] as [[number, number], [number, number]];
  for (const { structure, labels } of data) {
    const atoms = Math.max(1, structure.species.length);
    if (labels.energy !== null) energies.push(labels.energy / atoms);
    labels.forces?.forEach((force) => Number.isNaN(force) || ((forces[0] += force * force), forces[1]++));
    labels.virial?.forEach((virial) => Number.isNaN(virial) || ((virials[0] += (virial / atoms) ** 2), virials[1]++));
  }
  const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
  const middle = median(energies);
  const energy = 1.5 * median(energies.map((value) => Math.abs(value - middle)));
  const root = ([sum, count]: readonly [number, number]): number => Math.sqrt(sum / Math.max(1, count));
  return { energy: energy || 0.1, forces: root(forces) || 1, virial: root(virials) || 1 };
}
