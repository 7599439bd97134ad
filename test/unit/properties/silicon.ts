import { analyticModel } from "../../../src/dynamics/energy-model.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";

export const stillingerWeber = analyticModel((structure) => computeStillingerWeber(structure));

/** Å: four neighbors at 2^{1/6} σ. */
export const LATTICE_CONSTANT = (4 / Math.sqrt(3)) * 2 ** (1 / 6) * 2.0951;

/** eV. */
export const EPSILON = 2.16826;
