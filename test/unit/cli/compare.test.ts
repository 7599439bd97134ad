// `lather compare` on two files that overlap, with a structure that neither a nor its like has.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { formatExtxyz } from "../../../src/structure/extxyz.js";
import { silicon } from "../backend/systems.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
const small = ["--set", "basis.nMax=3", "--set", "basis.lMax=2", "--set", "cutoff.radius=3.5", "--threads", "1"];

beforeAll(() => {
  const frames = Array.from({ length: 9 }, (_, k) => silicon(1, 0.03, k + 1));
  writeFileSync(file("a.xyz"), frames.slice(0, 6).map((frame) => formatExtxyz(frame)).join(""));
  writeFileSync(file("b.xyz"), [...frames.slice(4), silicon(1, 0.8, 50)].map((frame) => formatExtxyz(frame)).join(""));
  writeFileSync(file("one.xyz"), formatExtxyz(frames[0]!));
});

test("for people", async () => {
  const { code, stdout, stderr } = await lather(["compare", file("a.xyz"), file("b.xyz"), ...small, "--radius", "0.2"]);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain("a.xyz: 6 structures, 48 atoms\n");
  expect(stdout).toContain("in both: 2 structures of b, 2 of them identical (b = a: 0 = 4, 1 = 5)");
  expect(stdout).toMatch(/new in b: 1 of 6 structures, with an environment farther than 0\.200 .*\n\n.*\n {2}5 +0\.\d+ +Si \d +0\.\d+ +\d\n/);
  expect(stdout).toMatch(/environments, known +95\.8 % +100\.0 %/);
});

test("for programs", async () => {
  const { code, stdout } = await lather(["compare", file("a.xyz"), file("b.xyz"), ...small, "--json"]);
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as Record<string, never>;
  expect(report).toMatchObject({ structures_a: 6, structures_b: 6, atoms_b: 48, backend: "cpu", tolerance: 1e-3 });
  expect(report["new"][0]).toBe(5);
  expect((report["shared"] as { b: number }[]).map(({ b }) => b)).toEqual([0, 1]);
  expect((report["frames"] as object[])[5]).toMatchObject({ new: true });
  expect((report["environments"] as { hausdorff: number }).hausdorff).toBeGreaterThan((report["radii"] as { largest: number }).largest);
});

test("features that are made from a, and their settings for another run", async () => {
  const made = ["--set", "optimalBasis.channels=2", "--settings", file("made.json")];
  const first = await lather(["compare", file("a.xyz"), file("b.xyz"), ...small, ...made, "--json"]);
  expect(first.code, first.stderr).toBe(0);
  const again = await lather(["compare", file("a.xyz"), file("b.xyz"), "--config", file("made.json"), "--threads", "1", "--json"]);
  const [one, other] = [first, again].map(({ stdout }) => JSON.parse(stdout) as { features: number; frames: object[] });
  expect(other!.frames).toEqual(one!.frames);
  // Two channels of three: 3 pairs for each of 3 degrees.
  expect(one!.features).toBe(9);
});

test("one structure has no scale: an order, and no verdict", async () => {
  const { code, stdout } = await lather(["compare", file("one.xyz"), file("b.xyz"), ...small]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/a has one structure and no scale of its own.*\n\n.*\n {2}5 /);
  expect(stdout).toMatch(/structures, known +– +–\n/);
});

test.each<[string[], string]>([
  [["a.xyz", "none.xyz"], "none.xyz: cannot read the file: expected a readable file, got ENOENT"],
  [["a.xyz", "b.xyz", "--radius", "x"], "Expected a distance, 0 or more"],
  [["a.xyz", "b.xyz", "--set", "features.kind=lambda-soap", "--set", "features.lambda=1"], "expected scalar features, or lambda 0, got lambda-soap of degree 1"],
])("%j is refused", async ([a, b, ...words], part) => {
  const { code, stdout, stderr } = await lather(["compare", file(a!), file(b!), ...words]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(part);
});
