// The sign of a set, the same in plots, legends and tables: training points are blue circles, test points orange triangles.
import type { SetName } from "./results.js";

const SHAPES: Readonly<Record<SetName, string>> = {
  train: "M6 1.6a4.4 4.4 0 1 0 0.001 0z",
  test: "M6 1.5L11 10.5H1z",
};

/** A set's color where a canvas is; canvases know no variables of CSS. */
export function colorOfSet(set: SetName, style: CSSStyleDeclaration): string {
  return style.getPropertyValue(`--${set}`).trim() || "gray";
}

/** The sign as a path of a canvas, in the size of a point. */
export function traceMark(context: CanvasRenderingContext2D, set: SetName, [x, y]: readonly [number, number]): void {
  if (set === "train") {
    context.arc(x, y, 2.3, 0, 2 * Math.PI);
    return;
  }
  context.moveTo(x, y - 3.2);
  context.lineTo(x + 2.8, y + 1.7);
  context.lineTo(x - 2.8, y + 1.7);
  context.closePath();
}

export function setMark(set: SetName): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("class", "set-mark");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[set]);
  path.style.stroke = `var(--${set})`;
  svg.append(path);
  return svg;
}
