import { errorNames, type ErrorName, type ErrorReport, type ErrorStatistics } from "../index.js";
import { formatSignificant, formatTable } from "./table.js";

/** "energy MAE" over "meV/atom", and the factor from the units of the library. */
export function columnOf(name: ErrorName): { readonly title: string; readonly unit: string; readonly scale: number } {
  const title = name.replace("_mae", " MAE").replace("_rmse", " RMSE");
  return name.startsWith("force") ? { title, unit: "eV/Å", scale: 1 } : { title, unit: "meV/atom", scale: 1000 };
}

/** Errors per configuration type as aligned text: energy and virial in meV/atom, forces in eV/Å. Columns without labels are left out. */
export function formatErrors(report: ErrorReport, indent = "  "): string {
  const shown = errorNames.filter((column) => report[column] !== null);
  const row = (name: string, errors: ErrorStatistics): string[] => [
    name, String(errors.structures), String(errors.atoms),
    ...shown.map((column) => formatSignificant(errors[column] === null ? null : errors[column] * columnOf(column).scale)),
  ];
  const types = Object.entries(report.by_config_type);
  const rows = [
    ["config_type", "structures", "atoms", ...shown.map((column) => columnOf(column).title)],
    ["", "", "", ...shown.map((column) => columnOf(column).unit)],
    ...(types.length > 1 ? types.map(([name, errors]) => row(name, errors)) : []),
    row(types.length === 1 ? types[0]![0] : "all", report),
  ];
  return formatTable(rows, indent);
}
