// Eigenvalues and residual variance against the number of functions, one line per degree, on logarithmic axes.
import * as Plot from "@observablehq/plot";
import { asImage } from "./plot-image.js";
import { powerOfTen, scientific } from "./scientific.js";
import { dashOf, fillLegend, strokeOf } from "./series.js";
import { jointResidual, type Spectrum } from "./spectrum.js";

export interface SpectrumChoice {
  readonly degree: number;
  readonly kept: number;
}

interface Point {
  readonly q: number;
  readonly value: number;
}

const HEIGHT = 300;
const JOINT = { stroke: "currentColor", dash: "1 4", width: 2.2 };

interface Content {
  readonly label: string;
  readonly name: string;
  readonly aria: string;
  /** [l] */
  readonly curves: readonly (readonly Point[])[];
  /** All degrees together. */
  readonly joint: readonly Point[];
  readonly first: number;
}

/** Zero has no logarithm: the end of a spectrum is not drawn. */
function positive(values: ArrayLike<number>, first: number): Point[] {
  return Array.from(values, (value, k) => ({ q: k + first, value })).filter(({ value }) => value > 0);
}

/** Whole powers of ten around all points, and those of them that carry a label: six or so. */
function decades(points: readonly Point[]): { domain: [number, number]; ticks: number[] } {
  const exponents = points.map(({ value }) => Math.log10(value));
  const low = Math.floor(exponents.reduce((a, b) => Math.min(a, b), -1));
  const high = Math.ceil(exponents.reduce((a, b) => Math.max(a, b), low + 1));
  const step = Math.max(1, Math.ceil((high - low) / 6));
  const ticks = Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, k) => 10 ** (high - k * step));
  return { domain: [10 ** low, 10 ** high], ticks };
}

function draw(figure: HTMLElement, { label, name, aria, curves, joint, first }: Content, { degree, kept }: SpectrumChoice): void {
  const width = Math.floor(figure.clientWidth);
  if (width === 0) return;
  const all = [...curves.flat(), ...joint];
  const last = all.reduce((most, { q }) => Math.max(most, q), first + 1);
  const chosen = curves[degree]!;
  const marked = chosen.filter(({ q }) => q <= kept);
  const title = document.createElement("h3");
  title.textContent = name;
  const least = last / Math.max(4, width / 50);
  const step = [1, 2, 5, 10, 20].find((candidate) => candidate >= least) ?? 50;
  const plot = asImage(Plot.plot({
    width,
    height: HEIGHT,
    marginLeft: 58, marginBottom: 44, marginRight: 14, marginTop: 12,
    style: { background: "transparent", fontSize: "12px" },
    ariaLabel: aria,
    x: {
      domain: [first, last], label: "number of functions q", labelAnchor: "center", labelArrow: "none",
      ticks: Array.from({ length: Math.floor(last / step) + 1 }, (_, k) => k * step).filter((q) => q >= first), tickFormat: "d",
    },
    y: {
      type: "log", label, labelAnchor: "center", labelArrow: "none", grid: true, tickFormat: powerOfTen, ...decades(all),
    },
    marks: [
      Plot.ruleX([kept], { stroke: "currentColor", strokeOpacity: 0.45, strokeDasharray: "4 3" }),
      ...curves.map((points, l) => Plot.line(points, {
        x: "q", y: "value", stroke: strokeOf(l), strokeDasharray: dashOf(l), strokeWidth: l === degree ? 3 : 1.5, className: "degree-line",
      })),
      Plot.line(joint, {
        x: "q", y: "value", stroke: JOINT.stroke, strokeDasharray: JOINT.dash, strokeWidth: JOINT.width, strokeLinecap: "round", className: "joint",
      }),
      Plot.dot(marked, { x: "q", y: "value", fill: strokeOf(degree), r: 4, className: "kept" }),
      Plot.tip(chosen, Plot.pointerX({
        x: "q", y: "value", fill: "var(--card)", stroke: "var(--line)",
        title: ({ q, value }: Point) => `q = ${q}, l = ${degree}\n${scientific(value, 3)}`,
      })),
    ],
  }));
  figure.replaceChildren(title, plot);
}

export function drawEigenvalues(figure: HTMLElement, spectra: readonly Spectrum[], choice: SpectrumChoice): void {
  draw(figure, {
    name: "Eigenvalues of the covariance",
    label: "eigenvalue λ (Å³)",
    aria: "Eigenvalues of the covariance of every degree, falling",
    curves: spectra.map(({ eigenvalues }) => positive(eigenvalues, 1)),
    joint: [],
    first: 1,
  }, choice);
}

export function drawResiduals(figure: HTMLElement, spectra: readonly Spectrum[], choice: SpectrumChoice): void {
  const longest = spectra.reduce((most, { residuals }) => Math.max(most, residuals.length), 1);
  draw(figure, {
    name: "Variance left out by the first q",
    label: "residual variance (share)",
    aria: "Residual variance of every degree against the number of functions kept",
    curves: spectra.map(({ residuals }) => positive(residuals, 0)),
    joint: positive(Array.from({ length: longest }, (_, q) => jointResidual(spectra, q)), 0),
    first: 0,
  }, choice);
}

export function drawDegreeLegend(list: HTMLElement, degrees: number, { degree }: SpectrumChoice): void {
  fillLegend(list, [
    ...Array.from({ length: degrees }, (_, l) => {
      const chosen = l === degree;
      return { text: `l = ${l}`, stroke: strokeOf(l), dash: dashOf(l), width: chosen ? 3 : 1.5, chosen };
    }),
    { text: "residual variance of all degrees", ...JOINT, chosen: false },
  ]);
}
