// Shares of the elements in mixed functions, Σ_n |U_q,an|² (one per q over all elements), and the functions that each degree needs.
import type { BasisResult } from "./basis-job.js";
import { powerOfTen, scientific } from "./scientific.js";
import { functionsNeeded, residualAt, type Spectrum } from "./spectrum.js";

const THRESHOLDS = [1e-1, 1e-2, 1e-3, 1e-4, 1e-6] as const;

function head(table: HTMLTableElement, titles: readonly string[]): void {
  const row = table.createTHead().insertRow();
  for (const title of titles) {
    const cell = document.createElement("th");
    Object.assign(cell, { scope: "col", textContent: title });
    row.append(cell);
  }
}

function rowOf(body: HTMLTableSectionElement, name: string, cells: readonly string[]): HTMLTableRowElement {
  const row = body.insertRow();
  const title = document.createElement("th");
  Object.assign(title, { scope: "row", textContent: name });
  row.append(title);
  for (const text of cells) row.insertCell().textContent = text;
  return row;
}

/** Σ_n |U_q,an|², [q][element]; mixed directions only. */
export function elementShares({ directions: { blocks, nMax, species } }: BasisResult, degree: number, kept: number): number[][] {
  const { vectors } = blocks[degree]!;
  const share = (q: number, a: number): number =>
    vectors.subarray((q * species + a) * nMax, (q * species + a + 1) * nMax).reduce((sum, value) => sum + value * value, 0);
  return Array.from({ length: kept }, (_, q) => Array.from({ length: species }, (_, a) => share(q, a)));
}

export function drawMixing(place: HTMLElement, result: BasisResult, degree: number, kept: number): void {
  const table = document.createElement("table");
  head(table, ["q", ...result.elements]);
  const body = table.createTBody();
  elementShares(result, degree, kept).forEach((shares, q) => {
    const row = rowOf(body, String(q + 1), shares.map((share) => share.toFixed(3)));
    shares.forEach((share, a) => row.cells[a + 1]!.style.setProperty("--share", share.toFixed(3)));
  });
  place.replaceChildren(table);
}

export function drawNeeded(place: HTMLElement, spectra: readonly Spectrum[], degree: number, kept: number): void {
  const table = document.createElement("table");
  const all = spectra.reduce((sum, { total }) => sum + total, 0);
  head(table, ["l", "share of the variance", `left out, q = ${kept}`, ...THRESHOLDS.map((threshold) => `≤ ${powerOfTen(threshold)}`)]);
  const body = table.createTBody();
  spectra.forEach((spectrum, l) => {
    const needed = THRESHOLDS.map((threshold) => functionsNeeded(spectrum, threshold)?.toString() ?? "–");
    const share = all > 0 ? `${((100 * spectrum.total) / all).toPrecision(3)} %` : "–";
    const empty = spectrum.eigenvalues.length === 0;
    const row = rowOf(body, String(l), [empty ? "none" : share, empty ? "–" : scientific(residualAt(spectrum, kept), 2), ...needed]);
    if (l === degree) row.className = "chosen";
  });
  place.replaceChildren(table);
}
