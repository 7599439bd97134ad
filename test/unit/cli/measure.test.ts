// `lather measure` on features whose measures are known without computing them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { formatNpz } from "../../../src/model/npz.js";
import { createRandom } from "../../../src/selection/random.js";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { crystal } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
const rows = 60;

function write(name: string, size: number, column: (row: Float64Array, j: number) => number, centers = 14, count = rows): void {
  const random = createRandom(3);
  const data = new Float64Array(count * size);
  for (let i = 0; i < count; i++) {
    const row = Float64Array.from({ length: 6 }, () => random.normal());
    for (let j = 0; j < size; j++) data[i * size + j] = column(row, j);
  }
  writeFileSync(file(name), formatNpz({
    features: { data, shape: [count, size] }, centers: { data: new Uint8Array(count).fill(centers), shape: [count] },
  }));
}

beforeAll(() => {
  write("a.npz", 3, (row, j) => row[j]!);
  // Columns in another order, one of them mirrored, all scaled and shifted: a rotation after standardization.
  write("turned.npz", 3, (row, j) => 5 - 2 * (j === 1 ? -1 : 1) * row[(j + 1) % 3]!);
  write("more.npz", 6, (row, j) => row[j]!);
  write("carbon.npz", 3, (row, j) => row[j]!, 6);
  write("short.npz", 3, (row, j) => row[j]!, 14, 9);
  writeFileSync(file("other.npz"), formatNpz({ values: { data: new Float64Array(3), shape: [3] } }));
});

interface Report {
  gfre: { a_to_b: number; b_to_a: number };
  gfrd: Report["gfre"];
  lfre: Report["gfre"];
}

async function measure(...words: string[]): Promise<Report & Record<string, unknown>> {
  const { code, stdout, stderr } = await lather(["measure", ...words, "--json"]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Report & Record<string, unknown>;
}

const below = (value: number, bound: number): void => expect(!(value <= bound), `${value} above ${bound}`).toBe(false);

test("rotated features: no error, no distortion", async () => {
  const report = await measure(file("a.npz"), file("turned.npz"));
  expect(report).toMatchObject({ features: [3, 3], rows: 60, train_rows: 30, test_rows: 30, seed: 1, neighbors: 20 });
  for (const { a_to_b, b_to_a } of [report.gfre, report.gfrd, report.lfre]) for (const value of [a_to_b, b_to_a]) below(value, 1e-3);
});

test("the half of independent columns: all of a in b, half the variance of b not in a", async () => {
  const { gfre, lfre } = await measure(file("a.npz"), file("more.npz"), "--seed", "4", "--neighbors", "15");
  below(gfre.b_to_a, 1e-3);
  below(Math.abs(gfre.a_to_b - Math.SQRT1_2), 0.15);
  expect(lfre.a_to_b).toBeGreaterThan(0.5);
});

test("--cutoff 0.9 leaves directions out that cross-validation keeps", async () => {
  const strict = await measure(file("turned.npz"), file("more.npz"), "--cutoff", "0.9");
  const chosen = await measure(file("turned.npz"), file("more.npz"));
  expect([strict["cutoff"], chosen["cutoff"]]).toEqual([0.9, null]);
  expect(strict.gfre.a_to_b).toBeGreaterThan(chosen.gfre.a_to_b + 0.01);
});

test("for people, with files of `features`", async () => {
  writeFileSync(file("in.xyz"), [1, 2, 3].map((seed) => formatExtxyz(crystal([6, 14], 5, seed))).join(""));
  for (const nMax of [2, 3]) {
    const words = ["--set", `basis.nMax=${nMax}`, "--set", "basis.lMax=1", "--set", "cutoff.radius=3", "--threads", "1"];
    expect((await lather(["features", file("in.xyz"), "--out", file(`n${nMax}.npz`), ...words])).code).toBe(0);
  }
  const { code, stdout } = await lather(["measure", file("n2.npz"), file("n3.npz")]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/ +a to b +b to a\n +GFRE +[\d.]+ +[\d.]+\n +GFRD +[\d.]+ +[\d.]+\n +LFRE +[\d.]+ +[\d.]+\n/);
  expect(stdout).toContain("15 environments, half of them for training; 7 neighbors");
});

test.each<[string[], string]>([
  [["a.npz", "none.npz"], "none.npz: cannot read the features: there is no such file"],
  [["a.npz", "other.npz"], 'other.npz, "features": not a file of features: expected float64 [atom][feature], got no such array'],
  [["a.npz", "short.npz"], "short.npz: the two files differ in rows: expected 60, got 9"],
  [["a.npz", "carbon.npz"], "carbon.npz, atom 0: the two files are not of the same centers: expected atomic number 14"],
  [["a.npz", "more.npz", "--cutoff", "1"], "Expected a number from 0 to below 1"],
  [["a.npz", "more.npz", "--neighbors", "31"], "expected a whole number from 2 to 30, the training rows, got 31"],
])("%j is refused", async ([a, b, ...words], part) => {
  const { code, stdout, stderr } = await lather(["measure", file(a!), file(b!), ...words]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(part);
});
