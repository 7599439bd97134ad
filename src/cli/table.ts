/** Rows of cells as aligned lines, the first column to the left, the others to the right, two blanks between. */
export function formatTable(rows: readonly (readonly string[])[], indent = "  "): string {
  const widths = rows.reduce<number[]>((widest, row) => row.map((cell, column) => Math.max(cell.length, widest[column] ?? 0)), []);
  const lines = rows.map(
    (row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  "),
  );
  return lines.map((line) => `${indent}${line}`.trimEnd()).join("\n");
}

/** A number with a fixed count of significant digits, without exponent where it can be helped; "–" for what is not known. */
export function formatSignificant(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined) return "–";
  const text = value.toPrecision(digits);
  return text.includes("e") && Math.abs(value) >= 1 && Math.abs(value) < 1e9 ? String(Math.round(value)) : text;
}
