// The form of settings: what each number means, what it may be, and the configuration that they make.
import { parseFitConfiguration, type FitConfiguration } from "lather";
import { createNumberFields, type NumberSetting } from "../number-fields.js";

/** Chosen so that the embedded set trains in seconds; the worker takes fewer where there are fewer environments. */
const SPARSE_POINTS = 500;

const SETTINGS: readonly NumberSetting<FitConfiguration>[] = [
  {
    name: "sparse", label: "Sparse points", unit: "", hint: "at most; more: better and slower",
    least: 1, most: 20000, step: 50, whole: true, standard: () => SPARSE_POINTS,
  },
  {
    name: "cutoff", label: "Cutoff radius", unit: "Å", hint: "how far an atom sees",
    least: 1, most: 15, step: 0.1, whole: false, standard: ({ cutoff }) => cutoff.radius,
  },
  {
    name: "nMax", label: "Radial n_max", unit: "", hint: "number of radial functions",
    least: 1, most: 20, step: 1, whole: true, standard: ({ basis }) => basis.nMax,
  },
  {
    name: "lMax", label: "Angular l_max", unit: "", hint: "degree of harmonics",
    least: 0, most: 20, step: 1, whole: true, standard: ({ basis }) => basis.lMax,
  },
  {
    name: "zeta", label: "Kernel power ζ", unit: "", hint: "higher: more selective",
    least: 1, most: 20, step: 1, whole: true, standard: ({ kernel }) => kernel.zeta,
  },
  {
    name: "sigmaEnergy", label: "Energy noise σ_E", unit: "eV", hint: "error to expect per √atom",
    least: 1e-8, most: 100, step: 0.001, whole: false, standard: ({ noise }) => noise.energy,
  },
  {
    name: "sigmaForces", label: "Force noise σ_F", unit: "eV/Å", hint: "error to expect",
    least: 1e-8, most: 100, step: 0.01, whole: false, standard: ({ noise }) => noise.forces,
  },
];

export interface SettingsForm {
  /** Checks every field, shows what is wrong beside it, and moves the focus there; null when something is. */
  read(): object | null;
  reset(): void;
}

export function createSettings(parent: HTMLElement): SettingsForm {
  const fields = createNumberFields(SETTINGS, parseFitConfiguration({}), parent);
  return {
    reset: fields.reset,
    read() {
      const value = fields.read();
      return value && {
        cutoff: { radius: value["cutoff"] },
        basis: { nMax: value["nMax"], lMax: value["lMax"] },
        kernel: { zeta: value["zeta"] },
        sparse: { count: value["sparse"] },
        noise: { energy: value["sigmaEnergy"], forces: value["sigmaForces"] },
      };
    },
  };
}
