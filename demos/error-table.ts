// Errors of both sets as a table: all structures first, then each configuration type.
import type { ErrorReport, ErrorStatistics } from "lather";
import { setMark } from "./set-mark.js";
import type { SetName } from "./results.js";

/** Columns under one heading with one unit. */
interface Group {
  readonly head: string;
  readonly unit: string;
  readonly columns: readonly { readonly head: string; readonly cell: (errors: ErrorStatistics) => string }[];
}

function fixed(value: number | null, digits: number, factor = 1): string {
  return value === null ? "–" : (factor * value).toFixed(digits);
}

const COUNTS: Group = {
  head: "", unit: "", columns: [
    { head: "Structures", cell: ({ structures }) => structures.toLocaleString("en") },
    { head: "Atoms", cell: ({ atoms }) => atoms.toLocaleString("en") },
  ],
};
const ENERGY: Group = {
  head: "Energy", unit: "meV/atom", columns: [
    { head: "MAE", cell: ({ energy_mae }) => fixed(energy_mae, 2, 1000) },
    { head: "RMSE", cell: ({ energy_rmse }) => fixed(energy_rmse, 2, 1000) },
  ],
};
const FORCES: Group = {
  head: "Force", unit: "eV/Å", columns: [
    { head: "MAE", cell: ({ force_mae }) => fixed(force_mae, 4) },
    { head: "RMSE", cell: ({ force_rmse }) => fixed(force_rmse, 4) },
  ],
};
const VIRIALS: Group = {
  head: "Virial", unit: "meV/atom", columns: [
    { head: "MAE", cell: ({ virial_mae }) => fixed(virial_mae, 1, 1000) },
    { head: "RMSE", cell: ({ virial_rmse }) => fixed(virial_rmse, 1, 1000) },
  ],
};

/** Two lines: quantities with their units, and below them the kinds of error. */
function head(groups: readonly Group[]): HTMLTableSectionElement {
  const section = document.createElement("thead");
  const [quantities, kinds] = [section.insertRow(), section.insertRow()];
  const cell = (row: HTMLTableRowElement, text: string, scope: string, span = 1): void => {
    const node = document.createElement("th");
    Object.assign(node, { scope, colSpan: span, textContent: text });
    row.append(node);
  };
  quantities.append(document.createElement("td"));
  cell(kinds, "Set", "col");
  for (const { head: name, unit, columns } of groups) {
    if (name === "") quantities.insertCell().colSpan = columns.length;
    else cell(quantities, `${name} (${unit})`, "colgroup", columns.length);
    for (const column of columns) cell(kinds, column.head, "col");
  }
  return section;
}

function row(name: string, errors: ErrorStatistics, groups: readonly Group[], set: SetName, total: boolean): HTMLTableRowElement {
  const line = document.createElement("tr");
  line.dataset["set"] = set;
  line.dataset["configType"] = total ? "" : name;
  if (total) line.className = "total";
  const title = document.createElement("th");
  title.scope = "row";
  if (total) title.append(setMark(set));
  title.append(name);
  line.append(title);
  for (const { cell } of groups.flatMap(({ columns }) => columns)) line.insertCell().textContent = cell(errors);
  return line;
}

function body(name: string, report: ErrorReport, groups: readonly Group[], set: SetName): HTMLTableSectionElement {
  const section = document.createElement("tbody");
  section.append(row(name, report, groups, set, true));
  const types = Object.entries(report.by_config_type).sort(([a], [b]) => a.localeCompare(b));
  // One type only would repeat the line above it.
  if (types.length > 1) for (const [type, errors] of types) section.append(row(type, errors, groups, set, false));
  return section;
}

/** One set of structures with its errors. */
export interface ErrorSet {
  readonly name: string;
  readonly set: SetName;
  readonly report: ErrorReport;
}

/** Columns only of what some set has references for. */
export function createErrorTable(sets: readonly ErrorSet[]): HTMLTableElement {
  const known = (key: "energy_mae" | "force_mae" | "virial_mae"): boolean => sets.some(({ report }) => report[key] !== null);
  const quantities = ([["energy_mae", ENERGY], ["force_mae", FORCES], ["virial_mae", VIRIALS]] as const).filter(([key]) => known(key)).map(([, group]) => group);
  const groups = [COUNTS, ...quantities];
  const gaps = sets.some(({ report }) => [report, ...Object.values(report.by_config_type)].some((one) =>
    (["energy_mae", "force_mae", "virial_mae"] as const).some((key) => known(key) && one[key] === null)));
  const table = document.createElement("table");
  table.createCaption().textContent = `MAE: mean absolute error; RMSE: root mean square error${gaps ? "; – where there is no reference" : ""}.`;
  table.append(head(groups), ...sets.map(({ name, set, report }) => body(name, report, groups, set)));
  return table;
}
