// The page demos/predict: a model of the page's and one of the command are named, predict dropped structures with and without labels, and
// give the file that the library gives; what is no model, or does not fit, is told.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  annotateStructure, createBackend, createStructure, fitPotential, fitProperty, formatConfiguration, formatExtxyz, formatModel, formatPropertyModel,
  labelStructures, measureErrors, parseExtxyz, parseFitConfiguration, parseModel, predictProperty, readProperty, type Potential, type PropertyModel, type Structure,
} from "lather";
import type { Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { dropFiles } from "./drop.js";
import { someFrames } from "./embedded-frames.js";
import { useBrowser } from "./page.js";
import * as trainPage from "./train.js";

const open = useBrowser();
const address = (): string => `${inject("pages")}predict/index.html`;
const JOB = { timeout: 30_000 };
const TERM = { cutoff: { radius: 4.2 }, basis: { nMax: 4, lMax: 3 }, kernel: { zeta: 2 }, sparse: { count: 30 } };

async function predict(page: Page): Promise<void> {
  await page.click("#predict");
  await expect.poll(async () => `${await page.locator("#run-title").innerText()} ${await page.locator("#predict").isEnabled()}`, JOB).toBe("Finished true");
}

async function textOf(page: Page, button: string): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

/** A small model of two terms, as the library makes it. */
async function twoTerms(frames: string): Promise<Potential> {
  const backend = await createBackend("cpu", { threads: 1 });
  const { cutoff, basis, ...rest } = TERM;
  const other = { ...rest, cutoff: { radius: 3 }, basis: { nMax: 3, lMax: 1 }, sparse: { count: 7 } };
  const { potential } = await fitPotential(backend, labelStructures(parseExtxyz(frames)).data, parseFitConfiguration({ terms: [{ ...rest, cutoff, basis }, other] }));
  backend.destroy();
  return potential;
}

test("a model of the command is named, and predicts labeled structures: errors, plots, atoms, the file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lather-predict-"));
  const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
  const [trainFile, testFile, modelFile, configuration] = ["train.xyz", "test.xyz", "silicon.json", "fit.json"].map((name) => join(folder, name)) as [string, string, string, string];
  const held = await someFrames(["liquid", "isolated_atom"], 4);
  await writeFile(trainFile, await someFrames(["isolated_atom", "crystal", "strained"], 6));
  await writeFile(testFile, held);
  await writeFile(configuration, JSON.stringify(TERM));
  await promisify(execFile)(process.execPath, [cli, "fit", "--train", trainFile, "--test", testFile, "--config", configuration, "--model", modelFile, "--threads", "1"]);
  const text = await readFile(modelFile, "utf8");
  const report = await (async () => {
    const backend = await createBackend("cpu", { threads: 1 });
    const result = await measureErrors(backend, parseModel(text), labelStructures(parseExtxyz(held)).data);
    backend.destroy();
    return result;
  })();
  await rm(folder, { recursive: true });

  const { page, problems } = await open(address());
  await dropFiles(page, "body", [{ name: "held.xyz", content: held }, { name: "silicon.json", content: text }, { name: "more.xyz", content: held }]);
  await page.locator("#model-card").waitFor({ state: "visible" });
  expect(await page.locator("#unused-files").innerText()).toMatch(/Not used: more\.xyz/);
  const model = await page.locator("#model-card").innerText();
  for (const words of [
    /Model: silicon\.json/, /Elements\s+Si/, /Cutoff\s+4\.2 Å/, /Baseline\s+isolated atoms: Si −?\d/, /Trained on\s+train\.xyz, \d+ structures; RMSE: energy [\d.]+ meV\/atom, force/,
    /Tested on\s+test\.xyz, \d+ structures; RMSE: energy [\d.]+ meV\/atom, force/, /Term\s+cutoff: radius 4\.2[\s\S]*ζ 2[\s\S]*sparse points: Si 30/,
  ]) expect(model).toMatch(words);
  const stored = Number(/Tested on\s+test\.xyz.*force ([\d.]+) eV/.exec(model)![1]);
  expect(Math.abs(stored - report.errors.force_rmse!) < 6e-5).toBe(true);

  await predict(page);
  const cells = (await page.locator("#errors tr.total td").allInnerTexts()).map((cell) => Number(cell.replaceAll(",", "")));
  expect(Math.abs(cells[3]! - 1000 * report.errors.energy_rmse!) < 0.006).toBe(true);
  expect(Math.abs(cells[5]! - report.errors.force_rmse!) < 6e-5).toBe(true);
  expect(await page.locator("#parity canvas").count()).toBe(3);
  expect(await page.locator("#summary").innerText()).toMatch(/held\.xyz: 5 structures, 257 atoms \(Si\)[\s\S]*energy from "energy" in 5/);
  await page.locator("#viewer").scrollIntoViewIfNeeded();
  await page.locator("#viewer canvas").waitFor();
  await page.locator("#atoms-card summary").click();
  await expect.poll(() => page.locator("#atoms-card tbody tr").count()).toBe(64);
  const frame = Number(await page.locator("#structure").inputValue());
  const row = await page.locator("#atoms-card tbody tr").nth(5).locator("td").allInnerTexts();
  const { localEnergies, forces } = report.predictions[frame]!;
  const own = localEnergies[5]! - parseModel(text).baseline.get(14)!;
  expect(row.slice(1, 6).map((cell) => Number(cell.replace("−", "-")))).toEqual([localEnergies[5]!, own, ...forces!.subarray(15, 18)].map((value) => Number(value.toFixed(4))));
  await page.selectOption("#coloring", "energy");
  await expect.poll(() => page.locator("#viewer canvas").getAttribute("aria-label")).toMatch(/colored by energy of the atom/);

  const { name, text: written } = await textOf(page, "#download-predictions");
  expect(name).toBe("held-predicted.xyz");
  parseExtxyz(written).forEach(({ info, arrays }, index) => {
    const prediction = report.predictions[index]!;
    expect(info.get("lather_energy")).toBe(prediction.energy);
    expect(arrays.get("lather_forces")!.values).toEqual(prediction.forces);
    expect(arrays.get("lather_local_energy")!.values).toEqual(prediction.localEnergies);
    expect(info.has("energy")).toBe(true);
  });
  expect(problems).toEqual([]);
  await page.close();
});

test("structures without labels show no errors and no plots; every term is told; other files make the result stale", async () => {
  const { page, problems } = await open(address());
  const frames = await someFrames(["isolated_atom", "crystal"], 3);
  const bare = parseExtxyz(await someFrames(["surface"], 2)).map(({ species, positions, cell, pbc }) => formatExtxyz(createStructure({ species, positions, cell, pbc }))).join("");
  await dropFiles(page, '[data-drop="model"]', [{ name: "two.json", content: formatModel(await twoTerms(frames)) }]);
  await page.locator("#model-card").waitFor({ state: "visible" });
  expect(await page.locator("#model-summary").innerText()).toMatch(/Cutoff\s+4\.2, 3 Å[\s\S]*Errors\s+the file tells none[\s\S]*Term 1\s+cutoff: radius 4\.2[\s\S]*Si 30[\s\S]*Term 2\s+cutoff: radius 3[\s\S]*Si 7/);
  await page.click("#predict");
  expect(await page.locator("#banner").innerText()).toMatch(/Choose a file of structures first/);
  await dropFiles(page, '[data-drop="structures"]', [{ name: "bare.xyz", content: bare }]);
  await predict(page);
  expect(await page.locator("#outcome h2:visible, #outcome h3:visible").allInnerTexts()).toEqual(["Predictions", "Structures"]);
  expect(await page.locator("#summary").innerText()).toMatch(/Written\s+energy, forces, virial, local_energy/);
  const [first] = parseExtxyz((await textOf(page, "#download-predictions")).text);
  expect(Number.isFinite(first!.info.get("energy") as number) && first!.arrays.has("forces")).toBe(true);
  await dropFiles(page, '[data-drop="structures"]', [{ name: "frames.xyz", content: frames }]);
  expect(await page.locator("#stale-note").innerText()).toMatch(/Another file has been chosen since/);
  await predict(page);
  expect(await page.locator("#stale-note").isVisible()).toBe(false);
  expect(await page.locator("#parity canvas").count()).toBe(3);
  expect(problems).toEqual([]);
  await page.close();
});

test("what is no model, is damaged or does not fit is told, and the page goes on", async () => {
  const { page, problems } = await open(address());
  const frames = await someFrames(["isolated_atom", "crystal"], 3);
  const text = formatModel(await twoTerms(frames));
  const banner = page.locator("#banner");
  for (const [name, content, words] of [
    ["fit.json", formatConfiguration(), /fit\.json[\s\S]*this is a configuration of `lather fit`/],
    ["frames.xyz", frames, /frames\.xyz[\s\S]*this is no model/],
    ["half.json", text.slice(0, 5000), /half\.json[\s\S]*truncated or damaged/],
    ["edited.json", text.replace('"zeta":2', '"zeta":3'), /edited\.json[\s\S]*checksum/],
  ] as const) {
    await dropFiles(page, '[data-drop="model"]', [{ name, content }]);
    await expect.poll(() => banner.innerText(), JOB).toMatch(words);
    expect(await page.locator("#model-card").isVisible()).toBe(false);
  }
  await dropFiles(page, "body", [{ name: "good.json", content: text }]);
  await page.locator("#model-card").waitFor({ state: "visible" });
  expect(await banner.isVisible()).toBe(false);
  await dropFiles(page, "body", [{ name: "water.xyz", content: "3\n\nO 0 0 0\nH 0.96 0 0\nH -0.24 0.93 0\n" }]);
  await page.click("#predict");
  await expect.poll(() => banner.innerText(), JOB).toMatch(/water\.xyz: the model does not know all elements of these structures: expected Si, got H, O/);
  await dropFiles(page, "body", [{ name: "frames.xyz", content: frames }]);
  await predict(page);
  expect(await banner.isVisible()).toBe(false);
  expect(problems).toEqual([]);
  await page.close();
});

test("a model goes from training to prediction in a tab of its own", async () => {
  const { page, problems } = await open(trainPage.address());
  await trainPage.dropFile(page, "train", "some.xyz", await someFrames(["isolated_atom", "crystal"], 6));
  await trainPage.set(page, trainPage.QUICK);
  await trainPage.train(page);
  const { text } = await textOf(page, "#download-model");
  const [tab] = await Promise.all([page.waitForEvent("popup"), page.click("#predict-with-model")]);
  await tab.locator("#model-card").waitFor({ state: "visible" });
  expect(await tab.locator("#model-card").innerText()).toMatch(/Model: model\.lather\.json[\s\S]*Trained on\s+some\.xyz/);
  expect(await tab.locator("#model-file").evaluate((input) => (input as HTMLInputElement).files?.[0]?.text())).toBe(text);
  // A model dropped on the training page is offered the way, too.
  await trainPage.dropFile(page, "train", "mine.json", text);
  const [other] = await Promise.all([page.waitForEvent("popup"), page.click("#open-model")]);
  await expect.poll(() => other.locator("#model-title").innerText(), JOB).toBe("Model: mine.json");
  expect(problems).toEqual([]);
  await page.close();
});

/** Bonds OH of several lengths and directions; the dipole is along them, a charge of each atom is its property. */
function dimers(count: number, labeled: boolean): Structure[] {
  return Array.from({ length: count }, (_, k) => {
    const [turn, tilt, length] = [2.4 * k, Math.acos(1 - (2 * (k + 0.5)) / count), 0.85 + 0.02 * (k % 11)];
    const bond = [Math.sin(tilt) * Math.cos(turn), Math.sin(tilt) * Math.sin(turn), Math.cos(tilt)].map((value) => value * length);
    const structure = createStructure({ species: [1, 8], positions: [0, 0, 0, ...bond] });
    if (!labeled) return structure;
    const charges = Float64Array.of(0.4 * length, -0.4 * length);
    return annotateStructure(structure, { info: [["mu", bond.map((value) => 0.5 * value)]], arrays: [["charge", { kind: "R", width: 1, values: charges }]] });
  });
}

test("a model of a property is named, and predicts values of structures and of atoms", async () => {
  const configuration = parseFitConfiguration({ cutoff: { radius: 3 }, basis: { nMax: 4, lMax: 2 } });
  const known = dimers(30, true);
  const backend = await createBackend("cpu", { threads: 1 });
  const modelOf = async (name: string): Promise<PropertyModel> => (await fitProperty(backend, known, readProperty(known, name), configuration)).model;
  const [mu, charge] = [await modelOf("mu"), await modelOf("charge")];
  const expected = await predictProperty(backend, mu, dimers(7, true));
  backend.destroy();
  const text = (structures: readonly Structure[]): string => structures.map(formatExtxyz).join("");

  const { page, problems } = await open(address());
  await dropFiles(page, "body", [{ name: "mu.json", content: formatPropertyModel(mu) }, { name: "known.xyz", content: text(dimers(7, true)) }]);
  await page.locator("#model-card").waitFor({ state: "visible" });
  expect(await page.locator("#model-card").innerText()).toMatch(/Model: mu\.json\s+Property\s+mu, vector of a structure, the sum over its atoms; 1 irreducible part\s+Elements\s+H, O\s+Cutoff\s+3 Å/);
  await predict(page);
  expect(await page.locator("#summary").innerText()).toMatch(/Errors\s+RMSE [\d.e-]+, [\d.e-]+ % of the spread, against mu of the file\s+Written\s+lather_mu/);
  expect(await page.locator("#outcome h2:visible, #outcome h3:visible").allInnerTexts()).toEqual(["Predictions", "Predicted against reference", "mu", "Structures"]);
  expect(await page.locator("#parity canvas").getAttribute("aria-label")).toMatch(/^mu, predicted against reference: 21 predicted values/);
  await page.locator("#viewer").scrollIntoViewIfNeeded();
  await page.locator("#viewer canvas").waitFor();
  expect(await page.locator("#coloring option").allInnerTexts()).toEqual(["by element"]);
  await page.locator("#atoms-card summary").click();
  await expect.poll(() => page.locator("#atoms-card .rest").innerText()).toBe(`mu of the structure: ${[...expected[0]!].map((value) => value.toFixed(4).replace("-", "−")).join(", ")}.`);
  parseExtxyz((await textOf(page, "#download-predictions")).text).forEach(({ info }, s) => {
    const found = info.get("lather_mu") as number[];
    // Other threads sum in another order.
    expect(found.length === 3 && found.every((value, k) => Math.abs(value - expected[s]![k]!) <= 1e-9), `${found.join(" ")}`).toBe(true);
  });

  await dropFiles(page, "body", [{ name: "charge.json", content: formatPropertyModel(charge) }, { name: "bare.xyz", content: text(dimers(3, false)) }]);
  await expect.poll(() => page.locator("#model-title").innerText()).toBe("Model: charge.json");
  await predict(page);
  expect(await page.locator("#parity-card").isVisible()).toBe(false);
  await expect.poll(() => page.locator("#atoms-card th[scope=col]").allInnerTexts()).toEqual(["Atom", "Element", "charge"]);
  const [first] = parseExtxyz((await textOf(page, "#download-predictions")).text);
  const found = first!.arrays.get("charge")!.values as Float64Array;
  expect(Math.abs(found[0]! - 0.4 * 0.85) < 0.02 && Math.abs(found[1]! + 0.4 * 0.85) < 0.02, [...found].join(" ")).toBe(true);
  expect(problems).toEqual([]);
  await page.close();
});
