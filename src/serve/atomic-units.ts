/** Hartree atomic units in eV and Å, CODATA 2018. ASE's default is CODATA 2014, which is 8e-9 (energy) and 6e-10 (length) off. */

/** 1 hartree in eV. */
export const HARTREE = 27.211386245988;

/** 1 bohr in Å. */
export const BOHR = 0.529177210903;
