// The sign of a set, the same in plots, legends and tables: training points are blue circles, test points orange triangles.
import type { SetName } from "./training-job.js";

const SHAPES: Readonly<Record<SetName, string>> = {
  train: "M6 1.6a4.4 4.4 0 1 0 0.001 0z",
  test: "M6 1.5L11 10.5H1z",
};

export const SET_COLORS: Readonly<Record<SetName, string>> = { train: "var(--train)", test: "var(--test)" };

export function setMark(set: SetName): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("class", "set-mark");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[set]);
  path.style.stroke = SET_COLORS[set];
  svg.append(path);
  return svg;
}
