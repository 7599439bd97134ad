// `lather select-features` on a file whose columns are known combinations of three.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { formatNpz, parseNpz } from "../../../src/model/npz.js";
import { createRandom } from "../../../src/selection/random.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const [input, out] = [join(folder, "all.npz"), join(folder, "selected.npz")];
const [rows, size] = [50, 8];
const values = new Float64Array(rows * size);

beforeAll(() => {
  const random = createRandom(2);
  const map = Array.from({ length: 3 * size }, () => random.normal());
  for (let i = 0; i < rows; i++) {
    const latent = [random.normal(), random.normal(), random.normal()];
    for (let f = 0; f < size; f++) values[i * size + f] = latent.reduce((sum, value, k) => sum + value * map[k * size + f]!, 5);
  }
  const centers = { data: new Uint8Array(rows).fill(14), shape: [rows] };
  writeFileSync(input, formatNpz({ features: { data: values, shape: [rows, size] }, centers }));
});

test.each(["cur", "fps"])("%s: the error falls to nothing at the rank, and the file has the columns reported", async (method) => {
  const { code, stdout, stderr } = await lather(["select-features", input, "--counts", "1,3,2", "--method", method, "--out", out, "--json"]);
  expect(code, stderr).toBe(0);
  const { selections, ...report } = JSON.parse(stdout) as { selections: { count: number; gfre: number; columns: number[] }[] };
  expect(report).toMatchObject({ features: 8, rows: 50, train_rows: 25, test_rows: 25, method, seed: 1, cutoff: null, out });
  expect(selections.map(({ count }) => count)).toEqual([1, 3, 2]);
  const [one, three, two] = selections.map(({ gfre }) => gfre) as [number, number, number];
  expect(three).toBeLessThan(1e-6);
  expect(two).toBeGreaterThan(1e-3);
  expect(one).toBeGreaterThan(two);
  const { features, columns, centers } = parseNpz(readFileSync(out), out);
  expect([...columns!.data]).toEqual(selections[1]!.columns);
  expect(features!.shape).toEqual([rows, 3]);
  expect([...features!.data.subarray(0, 3)]).toEqual(selections[1]!.columns.map((column) => values[column]));
  expect(centers!.shape).toEqual([rows]);
});

test("for people", async () => {
  const { code, stdout } = await lather(["select-features", input, "--counts", "2,4"]);
  expect(code).toBe(0);
  expect(stdout).toContain("8 features of 50 environments, half of them for training; cur");
  expect(stdout).toMatch(/features +GFRE\n +2 +[\d.]+\n +4 +[\d.e-]+\n/);
});

test.each<[string[], string]>([
  [["--counts", "3,9"], 'all.npz, "--counts": fewer features than asked for: expected 1 to 8, got 9'],
  [["--counts", "3,3"], "Expected different whole numbers"],
  [["--counts", "0"], "Expected a whole number, 1 or more"],
  [["--counts", "2", "--method", "random"], "Allowed choices are cur, fps"],
])("%j is refused", async (words, part) => {
  const { code, stdout, stderr } = await lather(["select-features", input, ...words]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(part);
});
