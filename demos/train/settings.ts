// The form of settings: what each number means, what it may be, and the configuration that they make.
import { parseFitConfiguration, type FitConfiguration } from "lather";

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
  readonly standard: (defaults: FitConfiguration) => number;
}

/** Chosen so that the embedded set trains in seconds; the library's own default is 1000. */
const SPARSE_POINTS = 500;

const SETTINGS: readonly Setting[] = [
  {
    name: "sparse", label: "Sparse points", unit: "", hint: "more: better and slower",
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

/** Why a text is not a value of the setting; null when it is one. */
function problemOf(setting: Setting, text: string): string | null {
  const { least, most, whole } = setting;
  const value = Number(text);
  const allowed = `${whole ? "a whole number" : "a number"} from ${least} to ${most}`;
  const inRange = text.trim() !== "" && value >= least && value <= most;
  return inRange && (!whole || Number.isInteger(value)) ? null : `Must be ${allowed}.`;
}

function createField(setting: Setting, parent: HTMLElement): HTMLInputElement {
  const { name, label, unit, hint, least, most, step, whole } = setting;
  const row = document.createElement("div");
  row.className = "field";
  const caption = document.createElement("label");
  caption.htmlFor = `setting-${name}`;
  // Subscripts in the names of symbols: "n_max", "σ_E".
  caption.innerHTML = label.replace(/_(\w+)/, "<sub>$1</sub>");
  const input = document.createElement("input");
  Object.assign(input, { id: `setting-${name}`, name, type: "number", autocomplete: "off", inputMode: whole ? "numeric" : "decimal" });
  Object.assign(input, { min: String(least), max: String(most), step: String(step) });
  const problem = document.createElement("span");
  problem.className = "problem";
  problem.id = `problem-${name}`;
  problem.hidden = true;
  input.setAttribute("aria-describedby", `hint-${name} problem-${name}`);
  const units = document.createElement("span");
  units.className = "unit";
  units.textContent = unit;
  const note = document.createElement("span");
  note.className = "hint";
  note.id = `hint-${name}`;
  note.textContent = hint;
  row.append(caption, input, units, note, problem);
  parent.append(row);
  input.addEventListener("input", () => showProblem(input, setting));
  return input;
}

function showProblem(input: HTMLInputElement, setting: Setting): boolean {
  const problem = problemOf(setting, input.value);
  const place = document.querySelector<HTMLElement>(`#problem-${setting.name}`)!;
  place.hidden = problem === null;
  place.textContent = problem ?? "";
  input.setAttribute("aria-invalid", String(problem !== null));
  return problem !== null;
}

export function createSettings(parent: HTMLElement): SettingsForm {
  const defaults = parseFitConfiguration({});
  const fields = SETTINGS.map((setting) => ({ setting, input: createField(setting, parent) }));
  const reset = (): void => {
    for (const { setting, input } of fields) {
      input.value = String(setting.standard(defaults));
      showProblem(input, setting);
    }
  };
  reset();
  return {
    reset,
    read() {
      const wrong = fields.filter(({ setting, input }) => showProblem(input, setting));
      wrong[0]?.input.focus();
      if (wrong.length > 0) return null;
      const value = Object.fromEntries(fields.map(({ setting, input }) => [setting.name, Number(input.value)]));
      return {
        cutoff: { radius: value["cutoff"] },
        basis: { nMax: value["nMax"], lMax: value["lMax"] },
        kernel: { zeta: value["zeta"] },
        sparse: { count: value["sparse"] },
        noise: { energy: value["sigmaEnergy"], forces: value["sigmaForces"] },
      };
    },
  };
}
