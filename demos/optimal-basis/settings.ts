// The form of settings: what each number means, what it may be, and the hyperparameters that they make.
import { parseHyperparameters, type Hyperparameters, type RadialBasis } from "lather";
import type { BasisRequest } from "./basis-job.js";

interface Setting {
  readonly name: string;
  readonly label: string;
  readonly unit: string;
  readonly hint: string;
  readonly least: number;
  readonly most: number;
  readonly step: number;
  readonly whole: boolean;
  /** The library's default, or the page's own. */
  readonly standard: (defaults: Hyperparameters) => number;
}

/** Enough of the embedded set for smooth functions, in a few seconds. */
const STRUCTURES = 40;
/** The optimal functions are those of a complete basis: more primitive ones than a fit would take. */
const N_MAX = 12;

const SETTINGS: readonly Setting[] = [
  { name: "nMax", label: "Radial n_max", unit: "", hint: "primitive functions", least: 1, most: 20, step: 1, whole: true, standard: () => N_MAX },
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
  read(): Omit<BasisRequest, "source"> | null;
  reset(): void;
}

function find<Kind extends HTMLElement>(id: string): Kind {
  return document.querySelector<Kind>(`#${id}`)!;
}

/** Why a text is not a value of the setting; null when it is one. */
function problemOf({ least, most, whole }: Setting, text: string): string | null {
  const value = Number(text);
  const inRange = text.trim() !== "" && value >= least && value <= most;
  if (inRange && (!whole || Number.isInteger(value))) return null;
  return `Must be ${whole ? "a whole number" : "a number"} from ${least} to ${most}.`;
}

function showProblem(input: HTMLInputElement, setting: Setting): boolean {
  const problem = problemOf(setting, input.value);
  const place = find(`problem-${setting.name}`);
  place.hidden = problem === null;
  place.textContent = problem ?? "";
  input.setAttribute("aria-invalid", String(problem !== null));
  return problem !== null;
}

function createField(setting: Setting, parent: HTMLElement): HTMLInputElement {
  const { name, label, unit, hint, least, most, step, whole } = setting;
  const row = document.createElement("div");
  row.className = "field";
  // Subscripts in the names of symbols: "n_max".
  row.innerHTML = `<label for="setting-${name}">${label.replace(/_(\w+)/, "<sub>$1</sub>")}</label>
    <input id="setting-${name}" type="number" autocomplete="off" aria-describedby="hint-${name} problem-${name}" />
    <span class="unit">${unit}</span><span class="hint" id="hint-${name}">${hint}</span><span class="problem" id="problem-${name}" hidden></span>`;
  parent.append(row);
  const input = row.querySelector("input")!;
  Object.assign(input, { inputMode: whole ? "numeric" : "decimal", min: String(least), max: String(most), step: String(step) });
  input.addEventListener("input", () => showProblem(input, setting));
  return input;
}

export function createSettings(parent: HTMLElement): SettingsForm {
  const defaults = parseHyperparameters({});
  const fields = SETTINGS.map((setting) => ({ setting, input: createField(setting, parent) }));
  const kind = find<HTMLSelectElement>("kind");
  kind.replaceChildren(...KINDS.map(([value, text]) => new Option(text, value)));
  const [mixed, scaling, table] = [find<HTMLInputElement>("mixed"), find<HTMLInputElement>("scaling"), find<HTMLInputElement>("table-file")];
  const update = (): void => void (find("table-drop").hidden = kind.value !== "table");
  kind.addEventListener("change", update);
  const reset = (): void => {
    for (const { setting, input } of fields) {
      input.value = String(setting.standard(defaults));
      showProblem(input, setting);
    }
    kind.value = defaults.basis.kind;
    mixed.checked = false;
    scaling.checked = defaults.density.scaling !== null;
    update();
  };
  reset();
  return {
    reset,
    read() {
      const wrong = fields.filter(({ setting, input }) => showProblem(input, setting));
      wrong[0]?.input.focus();
      if (wrong.length > 0) return null;
      const value = Object.fromEntries(fields.map(({ setting, input }) => [setting.name, Number(input.value)]));
      const hyperparameters = {
        cutoff: { radius: value["cutoff"] },
        density: { width: value["sigma"], scaling: scaling.checked ? defaults.density.scaling : null },
        basis: { kind: kind.value, nMax: value["nMax"], lMax: value["lMax"] },
      };
      return { hyperparameters, structures: value["structures"]!, mixed: mixed.checked, table: table.files?.[0] ?? null };
    },
  };
}
