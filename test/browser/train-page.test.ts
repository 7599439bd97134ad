// The page demos/train as a user meets it: train on own files and on the embedded set, cancel, read the errors, look, download; and bad input.
import { readFile } from "node:fs/promises";
import type { Download, Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { annotateStructure, createBackend, formatExtxyz, parseExtxyz, parseModel, type Structure } from "lather";
import { computeStillingerWeber } from "../../src/dynamics/stillinger-weber.js";
import { silicon } from "../unit/backend/systems.js";
import { someFrames } from "./embedded-frames.js";
import { useBrowser, withoutWebgl } from "./page.js";
import { address, dropFile, JOB, QUICK, set } from "./train.js";

const open = useBrowser();

async function cells(page: Page, row: string): Promise<string[]> {
  return page.locator(`#errors ${row} td`).allInnerTexts();
}

async function textOf(download: Download): Promise<string> {
  return readFile(await download.path(), "utf8");
}

async function downloadBy(page: Page, button: string): Promise<Download> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
  return download;
}

/** Number of different colors in what the user sees of an element, coarsened to 4 bits per channel. */
async function colorsIn(page: Page, element: Locator): Promise<number> {
  const picture = (await element.screenshot()).toString("base64");
  return page.evaluate(async (data) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d")!;
    context.drawImage(bitmap, 0, 0);
    const { data: bytes } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const seen = new Set<number>();
    for (let k = 0; k < bytes.length; k += 4) seen.add(((bytes[k]! >> 4) << 8) | ((bytes[k + 1]! >> 4) << 4) | (bytes[k + 2]! >> 4));
    return seen.size;
  }, picture);
}

/** Mean absolute error per atom in meV of the structures of one set, from the file of predictions. */
function energyError(frames: readonly Structure[], name: string): number {
  const errors = frames
    .filter(({ info }) => info.get("lather_set") === name)
    .map(({ info, species }) => Math.abs((info.get("lather_energy") as number) - (info.get("energy") as number)) / species.length);
  return (1000 * errors.reduce((sum, error) => sum + error, 0)) / errors.length;
}

test("trains on dropped files to the end: errors, plots, view, downloads", async () => {
  const { page, problems } = await open(address());
  const kinds = ["isolated_atom", "crystal", "liquid"];
  await dropFile(page, "train", "some.xyz", await someFrames(kinds, 10));
  expect(await page.locator("#train-file").evaluate((input) => (input as HTMLInputElement).files?.[0]?.name)).toBe("some.xyz");
  expect(await page.locator("#train-name").innerText()).toMatch(/^[\d.]+ [kM]B$/);
  await set(page, QUICK);
  await page.click("#train");
  // A second click, a second Enter: the button is off, and there is one run.
  expect(await page.locator("#train").isDisabled()).toBe(true);
  await page.locator("#setup").dispatchEvent("submit");
  await page.waitForSelector("#outcome:not([hidden])", JOB);
  expect(await page.locator("#backend").innerText()).toMatch(/^CPU, \d+ threads?$/);
  expect(await page.locator("#summary").innerText()).toMatch(/4 of 21 structures, drawn at random \(seed 1\), were held out/);

  for (const row of ['tr.total[data-set="test"]', 'tr.total[data-set="train"]', 'tr[data-set="train"][data-config-type="liquid"]']) {
    const values = (await cells(page, row)).map((text) => Number(text.replaceAll(",", "")));
    expect(values.length).toBe(8);
    for (const value of values) expect(Number.isFinite(value) && value >= 0, `${row}: ${values.join(" ")}`).toBe(true);
  }

  const plots = page.locator("#parity figure");
  expect(await plots.locator("h3").allInnerTexts()).toEqual(["Energies, relative to the baseline", "Force components", "Virial components"]);
  // The isolated atom has no virial.
  for (const [index, least] of [[0, 15], [1, 1000], [2, 6 * 15]] as const) {
    const drawing = plots.nth(index).locator("canvas");
    await expect.poll(() => drawing.getAttribute("data-points")).toMatch(/\d/);
    expect(Number(await drawing.getAttribute("data-points"))).toBeGreaterThan(least);
    await expect.poll(() => colorsIn(page, drawing)).toBeGreaterThan(20);
    expect(await drawing.getAttribute("aria-label")).toMatch(/(eV\/atom|eV\/Å), predicted against reference: \d+ training values, RMSE [\d.]+ .*\d+ test values/);
  }

  // The view is made when it is looked at.
  await page.locator("#viewer").scrollIntoViewIfNeeded();
  const canvas = page.locator("#viewer canvas");
  await expect.poll(() => colorsIn(page, canvas)).toBeGreaterThan(20);
  expect(await canvas.getAttribute("aria-label")).toMatch(/Structure of \d+ atoms \(Si\d+\), colored by force error/);
  expect(await page.locator("#viewer").innerText()).toMatch(/force error \|ΔF\| \(eV\/Å\)/);
  const before = await canvas.screenshot();
  await canvas.focus();
  for (let k = 0; k < 6; k++) await page.keyboard.press("ArrowRight");
  await expect.poll(async () => before.equals(await canvas.screenshot())).toBe(false);

  const model = await downloadBy(page, "#download-model");
  expect(model.suggestedFilename()).toBe("model.lather.json");
  const potential = parseModel(await textOf(model));
  expect(potential.species).toEqual([14]);
  const [center] = potential.terms[0]!.centers;
  expect(center!.sparsePoints.length).toBe(40 * center!.size);
  const frames = parseExtxyz(await textOf(await downloadBy(page, "#download-predictions")));
  expect(frames.length).toBe(21);
  // The model file gives in Node, to the last bit, what the page predicted.
  const backend = await createBackend("cpu", { threads: 1 });
  const evaluator = await backend.createEvaluator(potential);
  const predictions = await evaluator.predict(frames);
  backend.destroy();
  frames.forEach(({ info, arrays }, index) => {
    expect(info.get("lather_energy")).toBe(predictions[index]!.energy);
    expect((arrays.get("lather_forces") ?? arrays.get("forces"))!.values).toEqual(predictions[index]!.forces);
  });
  for (const name of ["train", "test"]) {
    const shown = Number((await cells(page, `tr.total[data-set="${name}"]`))[2]);
    expect(Math.abs(shown - energyError(frames, name)) < 0.006, `${shown} against ${energyError(frames, name)}`).toBe(true);
  }
  expect(problems).toEqual([]);
  await page.close();
});

test("trains on the embedded set with a moving bar, and stops when cancelled", async () => {
  const { page, problems } = await open(address());
  await set(page, { sparse: 1000 });
  await page.click("#train");
  const seen = new Set<string>();
  const look = async (): Promise<number> => seen.add(`${await page.locator("#stage").innerText()} ${await page.locator("#percent").innerText()}`).size;
  await expect.poll(look, { timeout: 20_000, interval: 30 }).toBeGreaterThan(4);
  expect(Number.parseFloat(await page.locator("#elapsed").innerText())).toBeGreaterThan(0);
  await page.click("#cancel");
  await expect.poll(() => page.locator("#run-title").innerText(), { timeout: 8000 }).toBe("Cancelled");
  expect(await page.locator("#outcome").isVisible()).toBe(false);
  expect(await page.locator("#banner").isVisible()).toBe(false);
  expect(await page.locator("#train").isEnabled()).toBe(true);
  expect(await page.locator("#cancel").isDisabled()).toBe(true);

  await set(page, QUICK);
  await page.click("#train");
  await page.waitForSelector("#outcome:not([hidden])", JOB);
  const errors = (await cells(page, 'tr.total[data-set="test"]')).map(Number);
  // Energies in meV/atom, forces in eV/Å: a small model of a smooth potential.
  expect(errors[2]! < 100 && errors[4]! < 1, errors.join(" ")).toBe(true);
  expect(await page.locator("#summary").innerText()).toMatch(/Tested on silicon-sw-test\.xyz\.gz/);
  expect(problems).toEqual([]);
  await page.close();
});

test("twelve frames of eight atoms train with the defaults of the form, and the baseline is told", async () => {
  const { page, problems } = await open(address());
  const frames = Array.from({ length: 12 }, (_, k) => {
    const structure = silicon(1, 0.05, k + 1);
    const { energy, forces } = computeStillingerWeber(structure);
    return annotateStructure(structure, { info: [["energy", energy]], arrays: [["forces", { kind: "R", width: 3, values: forces }]] });
  });
  await dropFile(page, "train", "few.xyz", frames.map(formatExtxyz).join(""));
  await page.click("#train");
  await page.waitForSelector("#outcome:not([hidden])", JOB);
  const summary = await page.locator("#summary").innerText();
  expect(summary).toMatch(/2 of 12 structures, drawn at random/);
  expect(summary).toMatch(/Sparse points\s+Si 80/);
  expect(summary).toMatch(/Baseline\s+least squares over the training set: Si −4\.\d{4} eV/);
  expect(problems).toEqual([]);
  await page.close();
});

test("a file is refused by name and line, and the page goes on", async () => {
  const { page } = await open(address());
  const good = await someFrames(["crystal"], 1);
  const lines = good.split("\n");
  lines[4] = "Si 1.0 here 3.0 0 0 0";
  const banner = page.locator("#banner");
  const refused = async (name: string, content: string): Promise<string> => {
    await dropFile(page, "train", name, content);
    await page.click("#train");
    await expect.poll(() => banner.isVisible(), { timeout: 10_000 }).toBe(true);
    await expect.poll(() => page.locator("#train").isEnabled()).toBe(true);
    return banner.innerText();
  };
  expect(await refused("broken.xyz", lines.join("\n"))).toMatch(/This input cannot be used[\s\S]*broken\.xyz:5[\s\S]*here/);
  expect(await refused("empty.xyz", "")).toMatch(/empty\.xyz[\s\S]*empty/);
  expect(await refused("blank.xyz", "\n\n")).toMatch(/blank\.xyz/);
  const unusual = good.replace(" energy=", " my_number=").replace(" virial=", " other=").replace(":forces:R:3", ":push:R:3");
  expect(await refused("unusual.xyz", unusual)).toMatch(/unusual\.xyz: no energies, forces or virials found[\s\S]*my_number/);
  await page.locator("#files summary").click();
  await page.fill("#key-energy", "not_there");
  expect(await refused("unusual.xyz", unusual)).toMatch(/not_there/);
  await page.fill("#key-energy", "my_number");
  await page.fill("#key-forces", "push");
  await set(page, { ...QUICK, sparse: 5 });
  await page.click("#train");
  await page.waitForSelector("#outcome:not([hidden])", JOB);
  expect(await page.locator("#summary").innerText()).toMatch(/energy from "my_number" in \d+, forces from "push"/);
  expect(await banner.isVisible()).toBe(false);

  // What is found while computing names its structure, too.
  const frame = unusual.trimEnd().split("\n");
  const second = [...frame.slice(0, 3), frame[2]!, ...frame.slice(4)].join("\n");
  expect(await refused("clash.xyz", `${unusual.trimEnd()}\n${second}\n`)).toMatch(
    new RegExp(`clash\\.xyz:${frame.length + 1}, structure 1, atom 0[\\s\\S]*atoms 0 and 1 stand on one site`),
  );

  await page.fill("#setting-cutoff", "-1");
  await page.click("#train");
  expect(await page.locator("#problem-cutoff").innerText()).toMatch(/from 1 to 15/);
  expect(await page.locator("#setting-cutoff").getAttribute("aria-invalid")).toBe("true");
  expect(await page.locator("#train").isEnabled()).toBe(true);
  await page.close();
});

test("a worker that cannot start is reported", async () => {
  const { page } = await open(address());
  await page.route("**/worker-*.js", (route) => route.abort());
  await page.click("#train");
  await expect.poll(() => page.locator("#banner").innerText(), { timeout: 10_000 }).toMatch(/training worker stopped/);
  expect(await page.locator("#train").isEnabled()).toBe(true);
  await page.close();
});

test("without WebGL the results are there and the view says why it is not", async () => {
  const { page, problems } = await open("about:blank");
  await page.addInitScript(withoutWebgl);
  await page.goto(address());
  await dropFile(page, "train", "few.xyz", await someFrames(["isolated_atom", "crystal"], 3));
  await set(page, { ...QUICK, sparse: 10 });
  await page.click("#train");
  await page.waitForSelector("#outcome:not([hidden])", JOB);
  await page.locator("#viewer").scrollIntoViewIfNeeded();
  await expect.poll(() => page.locator("#viewer").innerText()).toMatch(/needs WebGL/);
  // Three structures and an atom are too few to hold any out.
  expect(await page.locator("#summary").innerText()).toMatch(/no test set/);
  expect(problems).toEqual([]);
  await page.close();
});
