// Predicted against reference values with the line on which all points of a perfect model lie; on a canvas, as thousands of points in an SVG
// hold the page up for half a second.
import { fittingTicks, type Ticks } from "./axis-ticks.js";
import type { Parity, ParityPoint, SetName } from "./results.js";
import { colorOfSet, setMark, traceMark } from "./set-mark.js";

export interface ParityPlotContent {
  readonly title: string;
  /** What stands on the axes, without "reference" or "predicted". */
  readonly quantity: string;
  /** Empty for a property in whatever unit its data have. */
  readonly unit: string;
  readonly parity: Parity;
  /** What a set is called: "training". */
  readonly names: Readonly<Partial<Record<SetName, string>>>;
  /** RMSE as a text with its unit, per set; null where there is none. */
  readonly rmse: Readonly<Record<SetName, string | null>>;
  /** What else is to be said about the points. */
  readonly remark?: string;
}

export interface ParityPlot {
  readonly element: HTMLElement;
  /** Draws it again at the element's present width, or in other colors. */
  draw(force?: boolean): void;
}

/** Where the axes are, in CSS pixels. */
interface Frame {
  readonly domain: readonly [number, number];
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

const SETS = ["train", "test"] as const;
const WIDEST = 560;
const FONT_SIZE = 12;
const [TOP, RIGHT, BOTTOM] = [10, 14, 46];
/** Pixels between the pointer and the point that it means. */
const REACH = 14;

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

function place({ domain: [low, high], left, top, side }: Frame, { reference, predicted }: Pick<ParityPoint, "reference" | "predicted">): [number, number] {
  return [left + (side * (reference - low)) / (high - low), top + side - (side * (predicted - low)) / (high - low)];
}

/** Grid, axes, the diagonal, tick labels and titles. */
function drawAxes(context: CanvasRenderingContext2D, { quantity, unit }: ParityPlotContent, frame: Frame, { values, labels }: Ticks): void {
  const { left, side } = frame;
  const line = (x0: number, y0: number, x1: number, y1: number): void => {
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
  };
  context.globalAlpha = 0.13;
  const places = values.map((value) => place(frame, { reference: value, predicted: value }));
  for (const [x, y] of places) {
    line(left, y, left + side, y);
    line(x, TOP, x, TOP + side);
  }
  context.globalAlpha = 0.5;
  line(left, TOP + side, left + side, TOP + side);
  line(left, TOP, left, TOP + side);
  context.setLineDash([4, 3]);
  line(left, TOP + side, left + side, TOP);
  context.setLineDash([]);
  context.globalAlpha = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  places.forEach(([, y], k) => context.fillText(labels[k]!, left - 6, y));
  context.textAlign = "center";
  context.textBaseline = "top";
  places.forEach(([x], k) => context.fillText(labels[k]!, x, TOP + side + 6));
  const name = unit === "" ? quantity : `${quantity} (${unit})`;
  context.fillText(`reference ${name}`, left + side / 2, TOP + side + 26, side);
  context.save();
  context.translate(2, TOP + side / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(`predicted ${name}`, 0, 0, side);
  context.restore();
}

function drawPoints(context: CanvasRenderingContext2D, frame: Frame, points: readonly ParityPoint[], set: SetName, color: string): void {
  context.strokeStyle = color;
  context.globalAlpha = 0.6;
  for (const point of points) {
    if (point.set !== set) continue;
    // One path each: overlapping points darken, as transparent ones should.
    context.beginPath();
    traceMark(context, set, place(frame, point));
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** Draws all of it; the canvas gets `width` and the height that equal axes need. */
function paint(canvas: HTMLCanvasElement, content: ParityPlotContent, domain: readonly [number, number], width: number): Frame | null {
  const context = canvas.getContext("2d");
  if (!context) return null;
  const style = getComputedStyle(canvas);
  const font = `${FONT_SIZE}px ${style.fontFamily}`;
  context.font = font;
  const extent = (text: string): number => context.measureText(text).width;
  // The axes are equal, and so are their ticks; the labels on the left are about this wide.
  const ticks = fittingTicks(domain, width - RIGHT - 80, extent);
  const left = Math.ceil(Math.max(...ticks.labels.map(extent))) + 32;
  const frame = { domain, left, top: TOP, side: width - left - RIGHT };
  const height = TOP + frame.side + BOTTOM;
  const scale = window.devicePixelRatio || 1;
  Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  // A new size has cleared the state.
  context.scale(scale, scale);
  Object.assign(context, { font, fillStyle: style.color, strokeStyle: style.color, lineWidth: 1 });
  drawAxes(context, content, frame, ticks);
  for (const set of SETS) drawPoints(context, frame, content.parity.points, set, colorOfSet(set, style));
  return frame;
}

function caption({ parity, rmse, names, remark = "" }: ParityPlotContent): HTMLElement {
  const text = document.createElement("figcaption");
  for (const set of SETS) {
    const error = rmse[set];
    if (parity.total[set] === 0 || error === null) continue;
    const entry = document.createElement("span");
    entry.className = "set-entry";
    entry.append(setMark(set), `${names[set] ?? set}, RMSE ${error}`);
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

function describe({ quantity, unit, parity, rmse, names }: ParityPlotContent): string {
  const sets = SETS.filter((set) => parity.total[set] > 0).map((set) => `${parity.total[set]} ${names[set] ?? set} values, RMSE ${rmse[set] ?? "unknown"}`);
  return `${unit === "" ? quantity : `${quantity} in ${unit}`}, predicted against reference: ${sets.join("; ")}`;
}

/** What the pointer is at: the nearest point, in words beside it. */
function addTip(drawing: HTMLElement, canvas: HTMLCanvasElement, { parity: { points }, names, unit }: ParityPlotContent, frameOf: () => Frame | null): void {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  drawing.append(tip);
  const value = (number: number): string => `${number.toPrecision(4).replace("-", "−")} ${unit}`;
  const show = (point: ParityPoint, [x, y]: readonly [number, number]): void => {
    const { set, configType, reference, predicted } = point;
    tip.textContent = `${names[set] ?? set}, ${configType}\nreference ${value(reference)}\npredicted ${value(predicted)}\nerror ${value(predicted - reference)}`;
    tip.hidden = false;
    const { offsetWidth, offsetHeight } = tip;
    tip.style.left = `${Math.min(x + 10, Math.max(0, drawing.clientWidth - offsetWidth))}px`;
    tip.style.top = `${y - offsetHeight - 8 < 0 ? y + 12 : y - offsetHeight - 8}px`;
  };
  canvas.addEventListener("pointermove", ({ offsetX, offsetY }) => {
    const frame = frameOf();
    if (!frame) return;
    let best: { point: ParityPoint; at: [number, number] } | null = null;
    let least = REACH;
    for (const point of points) {
      const at = place(frame, point);
      const distance = Math.hypot(at[0] - offsetX, at[1] - offsetY);
      if (distance < least) [best, least] = [{ point, at }, distance];
    }
    if (best) show(best.point, best.at);
    else tip.hidden = true;
  });
  canvas.addEventListener("pointerleave", () => (tip.hidden = true));
}

export function createParityPlot(content: ParityPlotContent): ParityPlot {
  const figure = document.createElement("figure");
  const title = document.createElement("h3");
  title.textContent = content.title;
  const drawing = document.createElement("div");
  drawing.className = "parity-drawing";
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", describe(content));
  drawing.append(canvas);
  figure.append(title, drawing, caption(content));
  const domain = domainOf(content.parity);
  let frame: Frame | null = null;
  let drawnWidth = 0;
  addTip(drawing, canvas, content, () => frame);
  return {
    element: figure,
    draw(force = false) {
      const width = Math.min(WIDEST, Math.floor(figure.clientWidth));
      if (width === 0 || (width === drawnWidth && !force)) return;
      drawnWidth = width;
      frame = paint(canvas, content, domain, width);
      canvas.dataset["points"] = String(content.parity.points.length);
    },
  };
}
