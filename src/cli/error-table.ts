import type { ErrorReport, ErrorStatistics } from "../index.js";
import { formatSignificant, formatTable } from "./table.js";

const columns = ["energy_mae", "energy_rmse", "force_mae", "force_rmse", "virial_mae", "virial_rmse"] as const;

/** Errors per configuration type as aligned text: energy and virial in meV/atom, forces in eV/Å. Columns without labels are left out. */
export function formatErrors(report: ErrorReport, indent = "  "): string {
  const shown = columns.filter((column) => report[column] !== null);
  const scale = (column: (typeof columns)[number]): number => (column.startsWith("force") ? 1 : 1000);
  const row = (name: string, errors: ErrorStatistics): string[] => [
    name, String(errors.structures), String(errors.atoms),
    ...shown.map((column) => formatSignificant(errors[column] === null ? null : errors[column] * scale(column))),
  ];
  const types = Object.entries(report.by_config_type);
  const rows = [
    ["config_type", "structures", "atoms", ...shown.map((column) => column.replace("_mae", " MAE").replace("_rmse", " RMSE"))],
    ["", "", "", ...shown.map((column) => (column.startsWith("force") ? "eV/Å" : "meV/atom"))],
    ...(types.length > 1 ? types.map(([name, errors]) => row(name, errors)) : []),
    row(types.length === 1 ? types[0]![0] : "all", report),
  ];
  return formatTable(rows, indent);
}
