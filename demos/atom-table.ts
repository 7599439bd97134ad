// The atoms of one structure in numbers: energy, force and the error of the force of each. Filled when it is opened.
import { symbolOf } from "lather";
import type { PredictedStructure } from "./results.js";

/** Lines at most; the file of predictions has all of them. */
const MOST_ROWS = 500;

export interface AtomTable {
  show(predicted: PredictedStructure): void;
}

function signed(value: number, digits: number): string {
  return value.toFixed(digits).replace("-", "−");
}

function head(titles: readonly string[]): HTMLTableSectionElement {
  const section = document.createElement("thead");
  const row = section.insertRow();
  for (const title of titles) {
    const cell = document.createElement("th");
    Object.assign(cell, { scope: "col", textContent: title });
    row.append(cell);
  }
  return section;
}

function tableOf({ structure, localEnergies, forces, forceErrors }: PredictedStructure): HTMLTableElement {
  const table = document.createElement("table");
  const axes = ["x", "y", "z"].map((axis) => `F${axis} (eV/Å)`);
  table.append(head(["Atom", "Element", "Energy (eV)", ...(forces ? axes : []), ...(forceErrors ? ["|ΔF| (eV/Å)"] : [])]));
  const body = table.createTBody();
  for (let atom = 0; atom < Math.min(MOST_ROWS, structure.species.length); atom++) {
    const row = body.insertRow();
    const title = document.createElement("th");
    Object.assign(title, { scope: "row", textContent: String(atom) });
    row.append(title);
    const texts = [symbolOf(structure.species[atom]!), signed(localEnergies[atom]!, 4)];
    if (forces) for (let k = 0; k < 3; k++) texts.push(signed(forces[3 * atom + k]!, 4));
    if (forceErrors) texts.push(Number.isNaN(forceErrors[atom]!) ? "–" : forceErrors[atom]!.toFixed(4));
    for (const text of texts) row.insertCell().textContent = text;
  }
  return table;
}

/** @param details with `.scroll` and `.rest` in it */
export function createAtomTable(details: HTMLDetailsElement): AtomTable {
  const [place, rest] = [details.querySelector<HTMLElement>(".scroll")!, details.querySelector<HTMLElement>(".rest")!];
  let shown: PredictedStructure | null = null;
  const fill = (): void => {
    if (!details.open || !shown) return;
    const { length } = shown.structure.species;
    place.replaceChildren(tableOf(shown));
    const energy = `Energy of the structure: ${signed(shown.energy, 4)} eV.`;
    rest.textContent = length > MOST_ROWS ? `${energy} The first ${MOST_ROWS} of ${length} atoms; the file of predictions has all.` : energy;
  };
  details.addEventListener("toggle", fill);
  return {
    show(predicted) {
      shown = predicted;
      fill();
    },
  };
}
