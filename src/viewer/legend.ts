import { colorOf, symbolOf } from "../index.js";
import { roundTicks, sequentialGradient } from "./color-map.js";

/** What the colors stand for: elements, or one number per atom. */
export type LegendContent =
  | { readonly kind: "elements"; readonly counts: ReadonlyMap<number, number> }
  | {
      readonly kind: "values";
      readonly label: string;
      readonly unit: string;
      /** Values at the ends of the map. */
      readonly range: readonly [number, number];
      /** Smallest and largest value. */
      readonly extremes: readonly [number, number];
      /** Some atoms have no value. */
      readonly missing: boolean;
    }
  | { readonly kind: "none" };

function styled<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, style: string, text = ""): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  node.style.cssText = style;
  node.textContent = text;
  return node;
}

/** Number of atoms per element, in order of atomic number. */
export function countElements(species: Uint8Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const number of Uint8Array.from(species).sort()) counts.set(number, (counts.get(number) ?? 0) + 1);
  return counts;
}

/** Fills `element` with the legend: swatches with element symbols and counts, or a color bar with round ticks and the unit; `note` below. */
export function drawLegend(element: HTMLElement, content: LegendContent, note = ""): void {
  element.replaceChildren();
  if (content.kind === "elements") {
    for (const [species, count] of content.counts) {
      const entry = styled("span", "display:inline-flex;align-items:center;gap:0.35em;margin-right:0.9em;white-space:nowrap");
      const swatch = `width:0.8em;height:0.8em;border-radius:50%;border:1px solid rgb(128 128 128 / 70%);background:${colorOf(species)}`;
      entry.append(styled("span", swatch), styled("span", "", `${symbolOf(species)} × ${count.toLocaleString("en")}`));
      element.append(entry);
    }
  } else if (content.kind === "values") {
    drawColorBar(element, content);
  }
  if (note !== "") element.append(styled("div", "opacity:0.8", note));
}

/** Both ends of the bar to three digits of its length, and the round values that are not too near to one. */
export function barTicks(low: number, high: number): number[] {
  const round = roundTicks(low, high);
  if (!(high > low) || !Number.isFinite(high - low)) return round.map((value) => Number(value.toPrecision(6)));
  const digits = Math.min(100, Math.max(0, 2 - Math.floor(Math.log10(high - low))));
  const inner = round.filter((tick) => Math.min(tick - low, high - tick) > 0.2 * (high - low));
  return [Number(low.toFixed(digits)), ...inner, Number(high.toFixed(digits))];
}

function drawColorBar(element: HTMLElement, content: Extract<LegendContent, { kind: "values" }>): void {
  const { label, unit, range, extremes, missing } = content;
  const [low, high] = range;
  element.append(styled("div", "margin-bottom:0.3em", unit === "" ? label : `${label} (${unit})`));
  element.append(styled("div", `height:0.7em;border-radius:3px;background:${sequentialGradient()}`));
  const ticks = styled("div", "position:relative;height:1.5em;margin-top:0.1em;font-variant-numeric:tabular-nums");
  for (const tick of barTicks(low, high)) {
    const position = high > low ? (100 * (tick - low)) / (high - low) : 0;
    const shift = position < 8 ? "0" : position > 92 ? "-100%" : "-50%";
    ticks.append(styled("span", `position:absolute;left:${position}%;transform:translateX(${shift})`, `${tick}`.replace("-", "−")));
  }
  element.append(ticks);
  const notes = [
    extremes[0] < low ? `lowest ${extremes[0].toPrecision(3)}, drawn as ${low.toPrecision(3)}` : "",
    extremes[1] > high ? `highest ${extremes[1].toPrecision(3)}, drawn as ${high.toPrecision(3)}` : "",
    missing ? "gray: no value" : "",
  ].filter((note) => note !== "");
  if (notes.length > 0) element.append(styled("div", "opacity:0.8", notes.join("; ")));
}
