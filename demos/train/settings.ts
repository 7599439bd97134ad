// The form of settings: what each number means, what it may be, and the configuration that they make.
import { parseFitConfiguration, type FitConfiguration } from "lather";
import { createNumberFields, type NumberSetting } from "../number-fields.js";

/** Chosen so that the embedded set trains in seconds; the worker takes fewer where there are fewer environments. */
const SPARSE_POINTS = 500;

/** A setting and its path in the configuration. */
const SETTINGS: readonly (NumberSetting<FitConfiguration> & { readonly path: string })[] = [
  {
    name: "sparse", path: "sparse.count", label: "Sparse points", unit: "", hint: "at most; more: better and slower",
    least: 1, most: 20000, step: 50, whole: true, standard: () => SPARSE_POINTS,
  },
  {
    name: "cutoff", path: "cutoff.radius", label: "Cutoff radius", unit: "Å", hint: "how far an atom sees",
    least: 1, most: 15, step: 0.1, whole: false, standard: ({ cutoff }) => cutoff.radius,
  },
  {
    name: "nMax", path: "basis.nMax", label: "Radial n_max", unit: "", hint: "number of radial functions",
    least: 1, most: 20, step: 1, whole: true, standard: ({ basis }) => basis.nMax,
  },
  {
    name: "lMax", path: "basis.lMax", label: "Angular l_max", unit: "", hint: "degree of harmonics",
    least: 0, most: 20, step: 1, whole: true, standard: ({ basis }) => basis.lMax,
  },
  {
    name: "zeta", path: "kernel.zeta", label: "Kernel power ζ", unit: "", hint: "higher: more selective",
    least: 1, most: 20, step: 1, whole: true, standard: ({ kernel }) => kernel.zeta,
  },
  {
    name: "sigmaEnergy", path: "noise.energy", label: "Energy noise σ_E", unit: "eV", hint: "error to expect per √atom",
    least: 1e-8, most: 100, step: 0.001, whole: false, standard: ({ noise }) => noise.energy,
  },
  {
    name: "sigmaForces", path: "noise.forces", label: "Force noise σ_F", unit: "eV/Å", hint: "error to expect",
    least: 1e-8, most: 100, step: 0.01, whole: false, standard: ({ noise }) => noise.forces,
  },
];

/** What the form gives for a fit or a search. */
export interface ChosenSettings {
  /** For `parseFitConfiguration`. */
  readonly configuration: Readonly<Record<string, object>>;
  /** Paths of the settings in it: "cutoff.radius". */
  readonly paths: readonly string[];
}

export interface SettingsForm {
  /** Checks every field, shows what is wrong beside it, and moves the focus there; null when something is. */
  read(): ChosenSettings | null;
  reset(): void;
  /** Whether the data are to choose what stands in no field. */
  leaveToSearch(on: boolean): void;
}

export function createSettings(parent: HTMLElement): SettingsForm {
  const fields = createNumberFields(SETTINGS, parseFitConfiguration({}), parent);
  return {
    reset: fields.reset,
    leaveToSearch: (on) => fields.leaveEmpty(on ? "auto" : null),
    read() {
      const values = fields.read();
      if (values === null) return null;
      const given = SETTINGS.filter(({ name }) => values[name] !== undefined);
      const configuration: Record<string, Record<string, number>> = {};
      for (const { name, path } of given) {
        const [group, key] = path.split(".") as [string, string];
        (configuration[group] ??= {})[key] = values[name]!;
      }
      return { configuration, paths: given.map(({ path }) => path) };
    },
  };
}
