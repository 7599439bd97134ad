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

interface Column {
  readonly title: string;
  readonly cell: (atom: number) => string;
}

function columnsOf({ structure, localEnergies, relativeEnergies, forces, forceErrors, property }: PredictedStructure): Column[] {
  const columns: Column[] = [{ title: "Element", cell: (atom) => symbolOf(structure.species[atom]!) }];
  if (localEnergies) columns.push({ title: "Energy (eV)", cell: (atom) => signed(localEnergies[atom]!, 4) });
  if (relativeEnergies) columns.push({ title: "− baseline (eV)", cell: (atom) => signed(relativeEnergies[atom]!, 4) });
  if (forces) columns.push(...["x", "y", "z"].map((axis, k) => ({ title: `F${axis} (eV/Å)`, cell: (atom: number) => signed(forces[3 * atom + k]!, 4) })));
  if (forceErrors) columns.push({ title: "|ΔF| (eV/Å)", cell: (atom) => (Number.isNaN(forceErrors[atom]!) ? "–" : forceErrors[atom]!.toFixed(4)) });
  if (property?.perAtom) {
    const size = property.values.length / structure.species.length;
    const title = (k: number): string => (size === 1 ? property.name : `${property.name} ${k + 1}`);
    columns.push(...Array.from({ length: size }, (_, k) => ({ title: title(k), cell: (atom: number) => signed(property.values[size * atom + k]!, 4) })));
  }
  return columns;
}

function tableOf(predicted: PredictedStructure): HTMLTableElement {
  const columns = columnsOf(predicted);
  const table = document.createElement("table");
  table.append(head(["Atom", ...columns.map(({ title }) => title)]));
  const body = table.createTBody();
  for (let atom = 0; atom < Math.min(MOST_ROWS, predicted.structure.species.length); atom++) {
    const row = body.insertRow();
    const title = document.createElement("th");
    Object.assign(title, { scope: "row", textContent: String(atom) });
    row.append(title);
    for (const { cell } of columns) row.insertCell().textContent = cell(atom);
  }
  return table;
}

/** What is said of the whole structure. */
function wholeWords({ energy, property }: PredictedStructure): string {
  if (energy !== null) return `Energy of the structure: ${signed(energy, 4)} eV.`;
  return property && !property.perAtom ? `${property.name} of the structure: ${Array.from(property.values, (value) => signed(value, 4)).join(", ")}.` : "";
}

/** @param details with `.scroll` and `.rest` in it */
export function createAtomTable(details: HTMLDetailsElement): AtomTable {
  const [place, rest] = [details.querySelector<HTMLElement>(".scroll")!, details.querySelector<HTMLElement>(".rest")!];
  let shown: PredictedStructure | null = null;
  const fill = (): void => {
    if (!details.open || !shown) return;
    const { length } = shown.structure.species;
    place.replaceChildren(tableOf(shown));
    const fewer = length > MOST_ROWS ? ` The first ${MOST_ROWS} of ${length} atoms; the file of predictions has all.` : "";
    rest.textContent = `${wholeWords(shown)}${fewer}`;
  };
  details.addEventListener("toggle", fill);
  return {
    show(predicted) {
      shown = predicted;
      fill();
    },
  };
}
