// The HTML report: that it loads nothing, and that its lines, read back through the ticks of their own axes, are the functions.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { axisTicks, decadesAround, spread } from "../../../src/cli/report/axis.js";
import { linePlot, plotSize } from "../../../src/cli/report/line-plot.js";
import { createContractedFunctions } from "../../../src/basis/contracted-functions.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { parseHyperparameters } from "../../../src/training/configuration-schema.js";
import { crystal } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const input = join(folder, "a & b <c>.xyz");
const settings = ["--set", "basis.nMax=5", "--set", "basis.lMax=3", "--set", "cutoff.radius=3.5", "--threads", "1"];

beforeAll(() => writeFileSync(input, [1, 2, 3].map((seed) => formatExtxyz(crystal([6, 14], 5, seed))).join("")));

async function report(...words: string[]): Promise<{ html: string; out: string }> {
  const [path, out] = [join(folder, "r.html"), join(folder, "b.json")];
  const { code, stderr } = await lather(["basis", input, "--out", out, "--report", path, ...settings, ...words]);
  expect(code, stderr).toBe(0);
  return { html: readFileSync(path, "utf8"), out };
}

/** The plots of a page by title; nested frames belong to theirs. */
function plotsOf(html: string): Map<string, string> {
  const pieces = html.split("<svg viewBox=").slice(1);
  return new Map(pieces.map((piece) => [/aria-label="([^"]*)"/.exec(piece)![1]!, piece]));
}

/** Points of the lines inside the frame. */
function linesOf(plot: string): [number, number][][] {
  const inside = /<svg x=.*?<\/svg>/.exec(plot)![0];
  return [...inside.matchAll(/<path class="line"[^>]* d="M([^"]*)"/g)].map(([, path]) =>
    path!.split(/[ML]/).map((pair) => pair.split(" ").map(Number) as [number, number]));
}

/** The straight line from positions to values that the ticks of an axis define. */
function scaleOf(plot: string, anchor: "middle" | "end", attribute: "x" | "y", shift: number): (at: number) => number {
  const place = new RegExp(`(?:^| )${attribute}="([^"]*)"`);
  const ticks = [...plot.matchAll(/class="grid"[^>]*\/><text ([^>]*)>([^<]*)</g)]
    .filter(([, attributes]) => attributes!.includes(`"${anchor}"`))
    .map(([, attributes, text]) => [Number(place.exec(attributes!)![1]) - shift, Number(text!.replace("−", "-"))] as const);
  const [[p0, v0], [p1, v1]] = [ticks[0]!, ticks[ticks.length - 1]!];
  expect(p0).not.toBe(p1);
  return (at) => v0 + ((v1 - v0) * (at - p0)) / (p1 - p0);
}

describe("the page", () => {
  test.each([[[]], [["--mixed"]], [["--set", "basis.kind=dvr"]]])("loads nothing and has no hole (%j)", async (words) => {
    const { html } = await report("--keep", "4", ...words);
    expect(html).toMatch(/^<!DOCTYPE html>\n/);
    expect(html).not.toMatch(/https?:|\bsrc=|\bhref=|url\(|@import|<script|<link/);
    expect(html).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(html).toContain("a &amp; b &lt;c&gt;.xyz");
    // Two elements of three degrees each, eigenvalues and residual variance of each density, GFRE of three degrees, and errors.
    const plots = plotsOf(html);
    expect(html.match(/<svg viewBox=/g)!.length).toBe(6 + 2 * (words.includes("--mixed") ? 1 : 2) + 4);
    for (const plot of plots.values()) expect(linesOf(plot).length).toBeGreaterThan(0);
  });

  test("draws R_aql(s)", async () => {
    const { html, out } = await report("--keep", "4");
    const evaluate = createContractedFunctions(parseHyperparameters(JSON.parse(readFileSync(out, "utf8"))), 14);
    const plot = [...plotsOf(html)].find(([title]) => title.startsWith("Si, l = 3"))![1];
    const [x, y] = [scaleOf(plot, "middle", "x", 0), scaleOf(plot, "end", "y", 4)];
    const lines = linesOf(plot);
    expect(lines.length).toBe(4);
    lines.forEach((points, q) => {
      const wanted = points.map(([at]) => evaluate(Math.max(0, x(at)))[3 * 4 + q]!);
      const largest = Math.max(...wanted.map(Math.abs));
      const errors = points.map(([, at], index) => Math.abs(y(at) - wanted[index]!));
      expect(errors.findIndex((error) => !(error <= 0.02 * largest + 0.005)), `point of q = ${q}`).toBe(-1);
    });
  });

  test("rings what is kept", async () => {
    const { html } = await report("--keep", "2");
    const ofDensities = [...plotsOf(html)].filter(([title]) => title.startsWith("C:") || title.startsWith("Si:"));
    const rings = ofDensities.map(([, plot]) => plot.match(/r="5"/g)?.length);
    expect(rings).toEqual([4, 4, 4, 4]);
  });
});

describe("a plot", () => {
  const y = { label: "y", min: 1e-4, max: 1, log: true };
  const x = { label: "x", min: 0, max: 2 };
  const plot = linePlot({ title: "t", x, y, series: [{ name: "<a>", points: [[0, 1], [1, 1e-2], [1.5, 0], [2, 1e-4]] }] });

  test("fills its frame from corner to corner and leaves out what a logarithm has not", () => {
    const { left, right, top, bottom } = plotSize;
    // The third point has no logarithm, so that the line is in two runs.
    expect(linesOf(plot)).toEqual([[[left, top], [(left + right) / 2, (top + bottom) / 2], [right, bottom]]]);
    expect(plot).toContain("&lt;a&gt;");
  });

  test("gives the legend the room that it needs", () => {
    const wide = linePlot({ title: "t", x, y, legendWidth: 200, series: [{ name: "<a>", points: [[0, 1], [2, 1e-4]] }] });
    expect(wide).toContain(`viewBox="0 0 ${plotSize.right + 200} ${plotSize.height}"`);
    expect(plot).toContain(`viewBox="0 0 ${plotSize.width} ${plotSize.height}"`);
  });

  test("lines differ in colour and in dashes", () => {
    const series = Array.from({ length: 7 }, (_, k) => ({ name: String(k), points: [[0, 1], [2, 0.1]] as const }));
    const many = linePlot({ title: "t", x, y, series });
    const styles = [...many.matchAll(/<path class="line" stroke="([^"]*)"(?: stroke-dasharray="([^"]*)")?/g)];
    expect(new Set(styles.map(([, colour]) => colour)).size).toBe(7);
    expect(new Set(styles.map(([, , dash]) => dash)).size).toBe(7);
    expect(() => linePlot({ title: "t", x, y, series: [...series, series[0]!] })).toThrow(RangeError);
  });

  test("ticks are round numbers inside the axis", () => {
    expect(axisTicks({ label: "", min: 0, max: 5.4 }, 6).map(({ text }) => text)).toEqual(["0", "1", "2", "3", "4", "5"]);
    expect(axisTicks({ label: "", min: -0.31, max: 0.62 }, 5).map(({ text }) => text)).toEqual(["−0.2", "0.0", "0.2", "0.4", "0.6"]);
    expect(axisTicks({ label: "", min: 0, max: 1300 }, 5).map(({ text }) => text)).toEqual(["0", "500", "1000"]);
    const decades = axisTicks({ label: "", min: 1e-12, max: 1, log: true }, 6).map(({ text }) => text);
    expect(decades).toEqual(["10⁻¹²", "10⁻¹⁰", "10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "1"]);
    const short = ({ min, max }: { min: number; max: number }): string[] => axisTicks({ label: "", min, max, log: true }, 6).map(({ text }) => text);
    expect(short({ min: 0.05, max: 0.2 })).toEqual(["0.05", "0.1", "0.2"]);
    expect(short({ min: 1.5e-6, max: 4e-5 })).toEqual(["2·10⁻⁶", "5·10⁻⁶", "10⁻⁵", "2·10⁻⁵"]);
  });

  test("decades hold their values", () => {
    expect(decadesAround([3e-5, 0.2, 0])).toEqual({ min: 1e-5, max: 1 });
    expect(decadesAround([])).toEqual({ min: 0.1, max: 1 });
    expect(decadesAround([100])).toEqual({ min: 100, max: 1000 });
  });

  test("a few of many degrees have both ends among them", () => {
    expect([spread(0, 3), spread(1, 3), spread(5, 3), spread(8, 7)]).toEqual([[0], [0, 1], [0, 3, 5], [0, 1, 3, 4, 5, 7, 8]]);
  });
});
