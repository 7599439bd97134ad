// How the k-th of several lines looks, the same in plots and legends: seven colors, then the same colors dashed, then dotted.
const COLORS = 7;
const DASHES = ["none", "7 3", "2 3"] as const;

/** Lines that can be told apart. */
export const SERIES = COLORS * DASHES.length;

export function strokeOf(k: number): string {
  return `var(--series-${k % COLORS})`;
}

export function dashOf(k: number): string {
  return DASHES[Math.floor(k / COLORS) % DASHES.length]!;
}

export interface LegendEntry {
  readonly text: string;
  readonly stroke: string;
  readonly dash: string;
  readonly width: number;
  readonly chosen: boolean;
}

/** One item of a legend: a piece of the line, and its name. */
function legendItem({ text, stroke, dash, width, chosen }: LegendEntry): HTMLLIElement {
  const item = document.createElement("li");
  item.innerHTML = `<svg class="line-mark" viewBox="0 0 30 10" aria-hidden="true"><path d="M1 5H29" fill="none" /></svg>`;
  const path = item.querySelector("path")!;
  path.style.stroke = stroke;
  path.style.strokeWidth = String(width);
  path.style.strokeDasharray = dash;
  if (chosen) item.className = "chosen";
  item.append(text);
  return item;
}

export function fillLegend(list: HTMLElement, entries: readonly LegendEntry[]): void {
  list.replaceChildren(...entries.map(legendItem));
}
