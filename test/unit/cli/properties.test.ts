// lather properties as a shell runs it, with a model of Stillinger–Weber silicon; the figures themselves are tested in test/unit/properties.
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { fitSilicon } from "./fitted-silicon.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
let model: string;

beforeAll(async () => {
  model = await fitSilicon(folder);
  copyFileSync(model, join(folder, "copy.json"));
});

test("prints models beside each other", async () => {
  const { code, stdout, stderr } = await lather(["properties", model, join(folder, "copy.json"), "--structure", "diamond", "--element", "si", "--supercell", "1"]);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^Si, diamond; vacancy in 8 sites\n +model\.json +copy\.json\n/);
  for (const [name, unit] of [["a0", "Å"], ["B0", "GPa"], ["C11", "GPa"], ["C12", "GPa"], ["C44", "GPa"], ["vacancy", "eV"], ["\\(111\\)", "J/m²"], ["\\(100\\) 2×1", "J/m²"]]) {
    expect(stdout).toMatch(new RegExp(`^  ${name} +(-?[\\d.]+) +\\1 +${unit}$`, "m"));
  }
});

test("as JSON has what the model was fitted to", async () => {
  const { code, stdout, stderr } = await lather(["properties", model, "--element", "Si", "--supercell", "1", "--lattice", "5.4", "--json"]);
  expect(code, stderr).toBe(0);
  const { element, models: [properties] } = JSON.parse(stdout) as { element: string; models: [Record<string, number>] };
  expect(element).toBe("Si");
  expect(properties).toMatchObject({ model });
  expect(properties["latticeConstant"]).toBeCloseTo(5.431, 2);
  expect(properties["energy"]).toBeCloseTo(-2 * 2.16826, 2);
  expect(Math.abs(properties["bulkModulus"] - 101.4)).toBeLessThan(10);
  // So small a model bends its energy within the 2 % that the equation of state spans.
  expect(Math.abs(properties["bulkModulus"] - (properties["c11"] + 2 * properties["c12"]) / 3)).toBeLessThan(5);
});

test.each([
  [["--element", "Ge"], 2, /the model does not know this element: expected Si .*got Ge/],
  [["--element", "Xx"], 2, /Expected an element symbol/],
  [["--element", "Si", "--structure", "wurtzite"], 2, /Allowed choices are diamond/],
] as const)("%j ends with what to change", async (words, expected, message) => {
  const { code, stderr } = await lather(["properties", model, ...words]);
  expect([code, stderr]).toEqual([expected, expect.stringMatching(message)]);
});

test("stops when told", async () => {
  const controller = new AbortController();
  const { code } = await lather(["properties", model, "--element", "Si"], controller.signal, () => controller.abort(new Error("terminated")));
  expect(code).toBe(130);
});
