// lather fit --property and lather predict with what it makes, as a shell runs them.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createRandom } from "../../../src/selection/random.js";
import { formatExtxyz, parseExtxyz } from "../../../src/structure/extxyz.js";
import { createStructure, type InfoValue } from "../../../src/structure/structure.js";
import { describeShared } from "../../shared-data.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const random = createRandom(3);

/** Bonds of random length and direction, whose dipole is along them. */
function dimers(count: number, name: string | null): string {
  return Array.from({ length: count }, () => {
    const r = [random.normal(), random.normal(), random.normal()].map((value) => value + 0.2);
    const bond = r.map((value) => (value * (0.8 + 0.3 * random.uniform())) / Math.hypot(...r));
    const info: [string, InfoValue][] = name === null ? [] : [[name, bond.map((value) => 0.5 * value)]];
    return formatExtxyz({ ...createStructure({ species: [1, 8], positions: [0, 0, 0, ...bond] }), info: new Map(info) });
  }).join("");
}

writeFileSync(at("train.xyz"), dimers(40, "mu") + dimers(2, null));
writeFileSync(at("test.xyz"), dimers(12, "mu"));
writeFileSync(at("bare.xyz"), dimers(5, null));
const fit = ["fit", "--train", at("train.xyz"), "--property", "mu", "--set", "cutoff.radius=3", "--set", "basis.nMax=4", "--set", "basis.lMax=2", "--threads", "1"];

test("fits, reports shares of the spread, and predicts under the same name", async () => {
  const { code, stdout, stderr } = await lather([...fit, "--test", at("test.xyz"), "--model", at("mu.json"), "--json"]);
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ property: { name: "mu", kind: "vector", per: "structure", mean: false }, data: { train: { structures: 42, labelled: 40 } } });
  expect(report.test.count).toBe(12);
  expect(report.test.property_relative_rmse).toBeLessThan(0.02);
  expect(report.test.property_rmse).toBeLessThan(0.01);
  expect(report.warnings.map(({ code: own }: { code: string }) => own)).toEqual(["property-missing"]);
  expect(stderr).toContain("2 of 42 structures have no mu and are not used");

  const predicted = await lather(["predict", at("mu.json"), at("bare.xyz"), "--out", at("out.xyz"), "--json"]);
  expect(JSON.parse(predicted.stdout)).toMatchObject({ written: ["mu"], errors: null });
  for (const { info, positions } of parseExtxyz(readFileSync(at("out.xyz"), "utf8"))) {
    (info.get("mu") as number[]).forEach((value, k) => expect(Math.abs(value - 0.5 * (positions[3 + k]! - positions[k]!))).toBeLessThan(0.02));
  }
  const derived = await lather(["predict", at("mu.json"), at("bare.xyz"), "--out", at("out.xyz"), "--gradients"]);
  expect(derived.code, derived.stderr).toBe(0);
  // μ = (r_O − r_H)/2: ∂μ_a/∂r_b is half the unit matrix for the second atom, but for how far the fit falls short.
  const column = parseExtxyz(readFileSync(at("out.xyz"), "utf8"))[0]!.arrays.get("mu_gradient")!;
  expect(column.width).toBe(9);
  for (let k = 0; k < 9; k++) {
    expect(Math.abs((column.values[9 + k] as number) - (k % 4 === 0 ? 0.5 : 0))).toBeLessThan(0.15);
    expect(Math.abs((column.values[k] as number) + (column.values[9 + k] as number))).toBeLessThan(1e-9);
  }
  const compared = await lather(["predict", at("mu.json"), at("test.xyz"), "--out", at("out.xyz"), "--json"]);
  const { written, errors } = JSON.parse(compared.stdout);
  expect(written).toEqual(["lather_mu"]);
  expect(errors.property_rmse).toBeCloseTo(report.test.property_rmse, 12);
});

test("says in words what it did", async () => {
  const { stdout } = await lather([...fit, "--test", at("test.xyz"), "--model", at("mu.json")]);
  for (const part of ["mu: a vector of each structure, the sum over its atoms", "Parts", "λ = 1", "share of the spread", "test"]) expect(stdout).toContain(part);
});

test.each([
  [[...fit.slice(0, 3), "--property", "nu", "--model", at("x.json")], /train\.xyz, "nu": no structure has this property: expected mu, got nothing/],
  [[...fit, "--property-kind", "full", "--model", at("x.json")], /train\.xyz:1.*a full of 9 numbers, got 3 numbers/],
  [[...fit, "--set", "committee.members=4", "--model", at("x.json")], /"committee": committees are of potentials/],
  [["fit", "--train", at("train.xyz"), "--mean", "--model", at("x.json")], /"--mean": an option without --property/],
  [["fit", "--train", at("train.xyz"), "--property", "mu", "--model", at("train.xyz")], /--model/],
])("%#: refused by name", async (argv, message) => {
  const { code, stderr } = await lather(argv);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(message);
});

describeShared("tensors of water", ["data/tensors/water_monomer_1000.xyz"], (path) => {
  test.each([["mu", 0.01], ["alpha", 0.01]])("%s within %f of the spread from 84 structures", async (name, bound) => {
    const frames = parseExtxyz(readFileSync(path, "utf8"));
    // The first hundred are one geometry, turned.
    const every = (first: number): string => frames.filter((_, k) => k % 12 === first).map(formatExtxyz).join("");
    writeFileSync(at("some.xyz"), every(0));
    writeFileSync(at("others.xyz"), every(7));
    const { stdout } = await lather(["fit", "--train", at("some.xyz"), "--test", at("others.xyz"), "--property", name, "--model", at("w.json"), "--json"]);
    expect(JSON.parse(stdout).test.property_relative_rmse).toBeLessThan(bound);
  }, 60_000);
});
