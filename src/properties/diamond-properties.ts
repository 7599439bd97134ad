/** What is usually asked first of a potential for an element of the diamond structure, one property after the other. */
import type { JobOptions } from "../backend/backend.js";
import type { EnergyModel } from "../dynamics/energy-model.js";
import { checkRange } from "../dynamics/option-checks.js";
import { relax } from "../dynamics/relax.js";
import { NumericalError } from "../errors.js";
import { covalentRadiusOf } from "../structure/elements.js";
import { repeatStructure } from "../structure/supercell.js";
import { surfaceEnergy, vacancyFormationEnergy } from "./defect-energies.js";
import { diamondCell, diamondSlab, dimerizedSlab } from "./diamond.js";
import { cubicConstants, elasticConstants } from "./elastic-constants.js";
import { equationOfState } from "./equation-of-state.js";

export interface DiamondPropertiesOptions extends JobOptions {
  /** Å, where the search for the lattice constant begins; by default that of atoms with covalent radii in contact. */
  readonly latticeConstant?: number | undefined;
  /** Cubic cells along each axis of the vacancy's supercell, 2 by default: 64 atoms; 3 are 216. */
  readonly supercell?: number | undefined;
}

export interface DiamondProperties {
  /** Å, where the pressure vanishes. */
  readonly latticeConstant: number;
  /** eV per atom, as the model counts them. */
  readonly energy: number;
  /** GPa, of the equation of state within 2 % of the lattice constant. */
  readonly bulkModulus: number;
  readonly bulkModulusDerivative: number;
  /** GPa, with relaxed atoms. */
  readonly c11: number;
  readonly c12: number;
  readonly c44: number;
  /** eV */
  readonly vacancy: { readonly unrelaxed: number; readonly relaxed: number };
  /** J/m², unreconstructed. */
  readonly surface111: { readonly unrelaxed: number; readonly relaxed: number };
  /** J/m²; relaxed without and with dimers. */
  readonly surface100: { readonly unrelaxed: number; readonly relaxed: number; readonly dimerized: number };
  /** Whether every relaxation converged. */
  readonly converged: boolean;
}

/** Layers that keep the faces of a slab from feeling each other: about 20 Å of silicon. */
const LAYERS = { "111": 7, "100": 16 } as const;

/**
 * Lattice constant, elasticity, vacancy and surface energies of an element (atomic number) in the diamond structure.
 * @throws InputError on options out of range; NumericalError where the model has no diamond structure near the start; whatever the model throws.
 */
export async function diamondProperties(model: EnergyModel, species: number, options: DiamondPropertiesOptions = {}): Promise<DiamondProperties> {
  const { latticeConstant: start = (8 * covalentRadiusOf(species)) / Math.sqrt(3), supercell = 2, signal, onProgress } = options;
  checkRange("latticeConstant", start, start > 0, "a length in Å above 0");
  checkRange("supercell", supercell, Number.isSafeInteger(supercell) && supercell >= 1, "a whole number, 1 or more");
  const total = 7;
  let done = 0;
  const report = (): void => onProgress?.({ stage: "properties", done: done++, total });

  report();
  const crystal = await relax(model, diamondCell(species, start), { cell: "volume", maximalForce: 1e-4, maximalStress: 1e-4, signal });
  const a = crystal.structure.cell![0];
  if (!crystal.converged || !(Math.abs(a / start - 1) < 0.5)) {
    throw new NumericalError("the model has no diamond structure here", { key: "latticeConstant", expected: "a start nearer to the minimum, or a model fitted to crystals", got: `${a.toPrecision(4)} Å from ${start.toPrecision(4)} Å` });
  }
  report();
  const ideal = diamondCell(species, a);
  const { bulkModulus, bulkModulusDerivative } = await equationOfState(model, ideal, { signal });
  report();
  const elastic = await elasticConstants(model, ideal, { signal });
  report();
  const vacancy = await vacancyFormationEnergy(model, repeatStructure(ideal, [supercell, supercell, supercell]), { signal });
  const energy = crystal.energy / 8;
  report();
  const face111 = await surfaceEnergy(model, diamondSlab(species, a, "111", LAYERS["111"]), energy, { signal });
  report();
  const slab = diamondSlab(species, a, "100", LAYERS["100"]);
  const face100 = await surfaceEnergy(model, slab, energy, { signal });
  report();
  const dimerized = await surfaceEnergy(model, slab, energy, { start: dimerizedSlab(slab), signal });
  report();
  return {
    latticeConstant: a, energy, bulkModulus, bulkModulusDerivative, ...cubicConstants(elastic.constants),
    vacancy: { unrelaxed: vacancy.unrelaxed, relaxed: vacancy.relaxed },
    surface111: { unrelaxed: face111.unrelaxed, relaxed: face111.relaxed },
    surface100: { unrelaxed: face100.unrelaxed, relaxed: face100.relaxed, dimerized: dimerized.relaxed },
    converged: [elastic, vacancy, face111, face100, dimerized].every(({ converged }) => converged),
  };
}
