// Fields for numbers in a form of settings: label with unit and hint, a check while typing, and what is wrong beside the field.

/** One number that the user may set; `Defaults` is what the library gives where the page has no value of its own. */
export interface NumberSetting<Defaults> {
  readonly name: string;
  /** "n_max" shows a subscript. */
  readonly label: string;
  readonly unit: string;
  readonly hint: string;
  readonly least: number;
  readonly most: number;
  readonly step: number;
  readonly whole: boolean;
  readonly standard: (defaults: Defaults) => number;
}

export interface NumberFields {
  /** Values by name, without those of empty fields that may be empty; null, with the focus in the first wrong field, when something is wrong. */
  read(): Record<string, number> | null;
  /** Standard values; nothing where fields may be empty. */
  reset(): void;
  /** From now on fields may be empty, and those at their standard value are; null: every field has a value again. @param word stands in empty fields */
  leaveEmpty(word: string | null): void;
}

/** Why a text is not a value of the setting; null when it is one. */
function problemOf<D>({ least, most, whole }: NumberSetting<D>, { value: text, placeholder, validity }: HTMLInputElement): string | null {
  // A number field whose text is no number has an empty value, too.
  if (text === "" && placeholder !== "" && !validity.badInput) return null;
  const value = Number(text);
  const inRange = text.trim() !== "" && value >= least && value <= most;
  if (inRange && (!whole || Number.isInteger(value))) return null;
  return `Must be ${whole ? "a whole number" : "a number"} from ${least} to ${most}.`;
}

function showProblem<D>(input: HTMLInputElement, setting: NumberSetting<D>): boolean {
  const problem = problemOf(setting, input);
  const place = document.querySelector<HTMLElement>(`#problem-${setting.name}`)!;
  place.hidden = problem === null;
  place.textContent = problem ?? "";
  input.setAttribute("aria-invalid", String(problem !== null));
  return problem !== null;
}

function createField<D>(setting: NumberSetting<D>, parent: HTMLElement): HTMLInputElement {
  const { name, label, unit, hint, least, most, step, whole } = setting;
  const row = document.createElement("div");
  row.className = "field";
  row.innerHTML = `<label for="setting-${name}">${label.replace(/_(\w+)/, "<sub>$1</sub>")}</label>
    <input id="setting-${name}" name="${name}" type="number" autocomplete="off" aria-describedby="hint-${name} problem-${name}" />
    <span class="unit">${unit}</span><span class="hint" id="hint-${name}">${hint}</span><span class="problem" id="problem-${name}" hidden></span>`;
  parent.append(row);
  const input = row.querySelector("input")!;
  Object.assign(input, { inputMode: whole ? "numeric" : "decimal", min: String(least), max: String(most), step: String(step) });
  input.addEventListener("input", () => showProblem(input, setting));
  return input;
}

/** Puts the fields into `parent`, with their standard values. */
export function createNumberFields<D>(settings: readonly NumberSetting<D>[], defaults: D, parent: HTMLElement): NumberFields {
  const fields = settings.map((setting) => ({ setting, input: createField(setting, parent) }));
  const reset = (): void => {
    for (const { setting, input } of fields) {
      input.value = input.placeholder === "" ? String(setting.standard(defaults)) : "";
      showProblem(input, setting);
    }
  };
  reset();
  return {
    reset,
    leaveEmpty(word) {
      for (const { setting, input } of fields) {
        const standard = String(setting.standard(defaults));
        input.placeholder = word ?? "";
        if (word !== null && input.value === standard) input.value = "";
        if (word === null && input.value === "") input.value = standard;
        showProblem(input, setting);
      }
    },
    read() {
      const wrong = fields.filter(({ setting, input }) => showProblem(input, setting));
      wrong[0]?.input.focus();
      return wrong.length > 0 ? null : Object.fromEntries(fields.filter(({ input }) => input.value !== "").map(({ setting, input }) => [setting.name, Number(input.value)]));
    },
  };
}
