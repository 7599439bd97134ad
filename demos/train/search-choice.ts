// Whether the data choose the settings, and what that may cost: seconds with the fit, or a number of trials.
import type { TuningBudget } from "lather";
import { createNumberFields } from "../number-fields.js";

export interface SearchChoice {
  /** Null: the settings are those of the form; "wrong", with a word beside the field, for a budget that is none. */
  read(): TuningBudget | null | "wrong";
  /** Own files are searched settings for, the embedded data are not, unless the box was clicked. */
  follow(ownFiles: boolean): void;
}

const SECONDS = 30;

/**
 * Fills `#budget`, watches `#auto`.
 * @param onChange hears whether the data choose, at once and whenever that changes
 */
export function createSearchChoice(onChange: (on: boolean) => void): SearchChoice {
  const [box, place] = [document.querySelector<HTMLInputElement>("#auto")!, document.querySelector<HTMLElement>("#budget")!];
  const fields = createNumberFields([{
    name: "budget", label: "Budget", unit: "", hint: "of search and fit; more: better", least: 1, most: 86_400, step: 10, whole: true, standard: () => SECONDS,
  }], null, place);
  const unit = document.createElement("select");
  unit.id = "budget-unit";
  unit.autocomplete = "off";
  unit.setAttribute("aria-label", "Unit of the budget");
  for (const [value, text] of [["seconds", "s"], ["minutes", "min"], ["trials", "trials"]] as const) unit.append(new Option(text, value));
  place.querySelector(".unit")!.append(unit);
  let decided = false;
  const update = (): void => {
    place.hidden = !box.checked;
    onChange(box.checked);
  };
  box.addEventListener("change", () => {
    decided = true;
    update();
  });
  update();
  return {
    read() {
      if (!box.checked) return null;
      const value = fields.read()?.["budget"];
      if (value === undefined) return "wrong";
      return unit.value === "trials" ? { trials: value } : { seconds: unit.value === "minutes" ? 60 * value : value };
    },
    follow(ownFiles) {
      if (decided || box.checked === ownFiles) return;
      box.checked = ownFiles;
      update();
    },
  };
}
