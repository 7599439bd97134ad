/** Constants of dynamics in Å, fs, eV, u and K, from the SI values of CODATA 2018. */
const ELEMENTARY_CHARGE = 1.602176634e-19;
const ATOMIC_MASS = 1.6605390666e-27;
const BOLTZMANN_SI = 1.380649e-23;

/** Boltzmann constant in eV/K. */
export const BOLTZMANN = BOLTZMANN_SI / ELEMENTARY_CHARGE;

/** 1 eV/(Å u) in Å/fs²: eV/Å = e·10¹⁰ N, m/s² = 10⁻²⁰ Å/fs². */
export const ACCELERATION = (ELEMENTARY_CHARGE * 1e10 * 1e-20) / ATOMIC_MASS;

/** 1 eV/Å³ in GPa. */
export const GIGAPASCAL = ELEMENTARY_CHARGE * 1e30 * 1e-9;

/** 1 eV/Å² in J/m². */
export const JOULE_PER_SQUARE_METER = ELEMENTARY_CHARGE * 1e20;
