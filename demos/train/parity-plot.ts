// Predicted against reference values with the line on which all points of a perfect model lie.
import * as Plot from "@observablehq/plot";
import { SET_COLORS, setMark } from "./set-mark.js";
import type { Parity, SetName } from "./training-job.js";

export interface ParityPlotContent {
  readonly title: string;
  /** What stands on the axes, without "reference" or "predicted". */
  readonly quantity: string;
  readonly unit: string;
  readonly parity: Parity;
  /** RMSE as a text with its unit, per set; null where there is none. */
  readonly rmse: Readonly<Record<SetName, string | null>>;
  /** What else is to be said about the points. */
  readonly remark?: string;
}

export interface ParityPlot {
  readonly element: HTMLElement;
  /** Draws it again at the element's present width. */
  draw(): void;
}

const NAMES: Readonly<Record<SetName, string>> = { train: "training", test: "test" };
const SETS = ["train", "test"] as const;
const WIDEST = 560;

/** The range of all values on either axis, with a margin; the axes are equal, so that the identity is the diagonal. */
function domainOf({ points }: Parity): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { reference, predicted } of points) {
    low = Math.min(low, reference, predicted);
    high = Math.max(high, reference, predicted);
  }
  const margin = high > low ? 0.04 * (high - low) : Math.max(Math.abs(high), 1) * 0.04;
  return [low - margin, high + margin];
}

function plot({ quantity, unit, parity }: ParityPlotContent, width: number): SVGSVGElement | HTMLElement {
  const domain = domainOf(parity);
  const axis = { domain, ticks: Math.max(4, Math.round(width / 90)), grid: true, nice: false };
  const value = (number: number): string => `${number.toPrecision(4)} ${unit}`;
  return Plot.plot({
    width,
    height: width,
    marginLeft: 58,
    marginBottom: 44,
    marginRight: 14,
    marginTop: 12,
    style: { background: "transparent", fontSize: "12px" },
    ariaLabel: `${quantity}: predicted against reference values`,
    x: { ...axis, label: `reference ${quantity} (${unit})`, labelAnchor: "center", labelArrow: "none" },
    y: { ...axis, label: `predicted ${quantity} (${unit})`, labelAnchor: "center", labelArrow: "none" },
    color: { domain: SETS, range: SETS.map((set) => SET_COLORS[set]) },
    symbol: { domain: SETS, range: ["circle", "triangle"] },
    marks: [
      Plot.line([[domain[0], domain[0]], [domain[1], domain[1]]], { stroke: "currentColor", strokeOpacity: 0.6, strokeDasharray: "4 3" }),
      Plot.dot(parity.points, {
        x: "reference", y: "predicted", stroke: "set", symbol: "set", r: 2.3, strokeWidth: 1, strokeOpacity: 0.6,
      }),
      Plot.tip(parity.points, Plot.pointer({
        x: "reference", y: "predicted", maxRadius: 12, fill: "var(--card)", stroke: "var(--line)",
        title: ({ set, configType, reference, predicted }: Parity["points"][number]) =>
          `${NAMES[set]}, ${configType}\nreference ${value(reference)}\npredicted ${value(predicted)}\nerror ${value(predicted - reference)}`,
      })),
    ],
  });
}

function caption({ parity, rmse, remark = "" }: ParityPlotContent): HTMLElement {
  const text = document.createElement("figcaption");
  for (const set of SETS) {
    const error = rmse[set];
    if (parity.total[set] === 0 || error === null) continue;
    const entry = document.createElement("span");
    entry.className = "set-entry";
    entry.append(setMark(set), `${NAMES[set]}, RMSE ${error}`);
    text.append(entry);
  }
  const addNote = (words: string): void => {
    const note = document.createElement("div");
    note.textContent = words;
    text.append(note);
  };
  if (remark !== "") addNote(remark);
  const total = parity.total.train + parity.total.test;
  if (parity.points.length < total) {
    const [drawn, all] = [parity.points.length, total].map((count) => count.toLocaleString("en"));
    addNote(`${drawn} of ${all} points drawn, the largest errors all among them.`);
  }
  return text;
}

export function createParityPlot(content: ParityPlotContent): ParityPlot {
  const figure = document.createElement("figure");
  const title = document.createElement("h3");
  title.textContent = content.title;
  const drawing = document.createElement("div");
  figure.append(title, drawing, caption(content));
  let drawnWidth = 0;
  return {
    element: figure,
    draw() {
      const width = Math.min(WIDEST, Math.floor(figure.clientWidth));
      if (width === 0 || width === drawnWidth) return;
      drawnWidth = width;
      drawing.replaceChildren(plot(content, width));
    },
  };
}
