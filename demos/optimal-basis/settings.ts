// The form of settings: what each number means, what it may be, and the hyperparameters that they make.
import { parseHyperparameters, type Hyperparameters, type RadialBasis } from "lather";
import { createNumberFields, type NumberSetting } from "../number-fields.js";
import type { BasisRequest } from "./basis-job.js";

/** Enough of the embedded set for smooth functions, in a few seconds. */
const STRUCTURES = 40;
/** The optimal functions are those of a complete basis: more primitive ones than a fit would take. */
const N_MAX = 12;

const SETTINGS: readonly NumberSetting<Hyperparameters>[] = [
  { name: "nMax", label: "Radial n_max", unit: "", hint: "primitive functions", least: 1, most: 24, step: 1, whole: true, standard: () => N_MAX },
  {
    name: "lMax", label: "Angular l_max", unit: "", hint: "largest degree of harmonics",
    least: 0, most: 12, step: 1, whole: true, standard: ({ basis }) => basis.lMax,
  },
  {
    name: "cutoff", label: "Cutoff radius", unit: "Å", hint: "how far an atom sees",
    least: 1, most: 12, step: 0.1, whole: false, standard: ({ cutoff }) => cutoff.radius,
  },
  {
    name: "sigma", label: "Density width σ", unit: "Å", hint: "Gaussian of each neighbor",
    least: 0.1, most: 2, step: 0.05, whole: false, standard: ({ density }) => density.width,
  },
  {
    name: "structures", label: "Structures", unit: "", hint: "at most, evenly from the data",
    least: 1, most: 100000, step: 10, whole: true, standard: () => STRUCTURES,
  },
];

const KINDS: readonly (readonly [RadialBasis["kind"], string])[] = [
  ["gto", "Gaussian-type orbitals (GTO)"],
  ["dvr", "Discrete variable functions (DVR)"],
  ["shifted-gaussians", "Shifted Gaussians (QUIP)"],
  ["chebyshev", "Chebyshev polynomials"],
  ["laplacian-eigenstates", "Laplacian eigenstates"],
  ["polynomial", "Polynomials (DScribe)"],
  ["table", "A table of your own"],
];

export interface SettingsForm {
  /** Checks every field, shows what is wrong beside it, and moves the focus there; null when something is. */
  read(): Omit<BasisRequest, "source" | "processor"> | null;
  reset(): void;
}

function find<Kind extends HTMLElement>(id: string): Kind {
  return document.querySelector<Kind>(`#${id}`)!;
}

export function createSettings(parent: HTMLElement): SettingsForm {
  const defaults = parseHyperparameters({});
  const fields = createNumberFields(SETTINGS, defaults, parent);
  const kind = find<HTMLSelectElement>("kind");
  kind.replaceChildren(...KINDS.map(([value, text]) => new Option(text, value)));
  const [mixed, scaling, table] = [find<HTMLInputElement>("mixed"), find<HTMLInputElement>("scaling"), find<HTMLInputElement>("table-file")];
  const update = (): void => void (find("table-drop").hidden = kind.value !== "table");
  kind.addEventListener("change", update);
  const reset = (): void => {
    fields.reset();
    kind.value = defaults.basis.kind;
    mixed.checked = false;
    scaling.checked = defaults.density.scaling !== null;
    update();
  };
  reset();
  return {
    reset,
    read() {
      const value = fields.read();
      if (!value) return null;
      const hyperparameters = {
        cutoff: { radius: value["cutoff"] },
        density: { width: value["sigma"], scaling: scaling.checked ? defaults.density.scaling : null },
        basis: { kind: kind.value, nMax: value["nMax"], lMax: value["lMax"] },
      };
      return { hyperparameters, structures: value["structures"]!, mixed: mixed.checked, table: table.files?.[0] ?? null };
    },
  };
}
