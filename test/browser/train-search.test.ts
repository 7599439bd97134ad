// Settings chosen by the data on demos/train: the default for own files, the search with its best so far, what was chosen and why, the file of
// settings, what a person has set, cancelling, and data too few for a search.
import { readFile } from "node:fs/promises";
import { parseConfigurationText, parseFitConfiguration, parseModel } from "lather";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { dropFiles } from "./drop.js";
import { someFrames } from "./embedded-frames.js";
import { useBrowser } from "./page.js";
import { address, set, train } from "./train.js";

const open = useBrowser();

async function drop(page: Page, count: number, kinds = ["crystal", "liquid"]): Promise<void> {
  await dropFiles(page, "body", [{ name: "some set.xyz", content: await someFrames(["isolated_atom", ...kinds], count) }]);
}

async function downloaded(page: Page, button: string): Promise<{ name: string; text: string }> {
  const [file] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

/** Keeps every text that an element shows. */
async function watch(page: Page, selector: string): Promise<() => Promise<string[]>> {
  await page.locator(selector).evaluate((element) => {
    const texts: string[] = [];
    Object.assign(element, { texts });
    new MutationObserver(() => texts.push(element.textContent ?? "")).observe(element, { childList: true, characterData: true, subtree: true });
  });
  return () => page.locator(selector).evaluate((element) => (element as unknown as { texts: string[] }).texts);
}

test("a dropped set chooses its settings, says why, and gives them away; a changed field stays", async () => {
  const { page, problems } = await open(address());
  expect(await page.locator("#auto").isChecked()).toBe(false);
  expect(await page.inputValue("#setting-cutoff")).not.toBe("");
  // Of small cells: trials of a number, not of a time, are as large as the data allow.
  await drop(page, 10, ["strained", "dense"]);
  expect(await page.locator("#auto").isChecked()).toBe(true);
  expect(await page.inputValue("#setting-cutoff")).toBe("");
  await set(page, { budget: 4, cutoff: 4.3, sigmaForces: 0.07 });
  await page.selectOption("#budget-unit", "trials");
  const best = await watch(page, "#best");
  const stages = await watch(page, "#stage");
  await train(page);
  expect(await page.locator("#banner").isVisible()).toBe(false);
  expect((await stages()).some((words) => /settings/.test(words))).toBe(true);
  expect(await best()).toContainEqual(expect.stringMatching(/^best so far: [\d.]+ meV\/atom, [\d.]+ meV\/Å after \d trials$/));
  expect(await page.locator("#best").innerText()).toBe("");
  expect(await page.locator("#stages").innerText()).toMatch(/settings \d+\.\d s/);

  expect(await page.locator("#search-words").innerText()).toMatch(/^[4-9] trials in [\d.]+ s, four parts .* held out in turn; the best: [\d.]+ meV\/atom, [\d.]+ meV\/Å/);
  const reasons = await page.locator("#reasons li").allInnerTexts();
  expect(reasons).toContainEqual(expect.stringMatching(/^basis\.nMax 8, basis\.lMax 6: 1 element \(Si\)/));
  expect(reasons).toContainEqual(expect.stringMatching(/^\d+ sparse points of \d+ environments/));
  expect(reasons).toContainEqual("cutoff.radius, noise.forces: as the form gives them");
  expect(reasons.join("\n")).not.toMatch(/cutoff\.radius \d/);

  const file = await downloaded(page, "#download-settings");
  expect(file.name).toBe("model.lather.config.json");
  const configuration = parseFitConfiguration(parseConfigurationText(file.text));
  expect([configuration.cutoff.radius, configuration.noise.forces]).toEqual([4.3, 0.07]);
  const model = parseModel((await downloaded(page, "#download-model")).text);
  expect(JSON.parse(String(model.provenance["configuration"]))).toEqual(configuration);
  expect(model.terms.every(({ hyperparameters: { cutoff } }) => cutoff.radius === 4.3)).toBe(true);
  expect((await page.locator("#command").innerText()).trim()).toBe("npx lather fit --train 'some set.xyz' --config model.lather.config.json --model model.lather.json");
  expect(problems).toEqual([]);
  await page.close();
});

test("a search stops when it is cancelled, and without a search nothing is told of one", async () => {
  const { page, problems } = await open(address());
  await drop(page, 20);
  await set(page, { budget: 5 });
  await page.selectOption("#budget-unit", "minutes");
  await page.click("#train");
  await expect.poll(() => page.locator("#best").innerText(), { timeout: 30_000 }).toMatch(/after \d+ trial/);
  const begin = performance.now();
  await page.click("#cancel");
  await expect.poll(() => page.locator("#run-title").innerText(), { timeout: 8000, interval: 20 }).toBe("Cancelled");
  console.log(`cancelled after ${(performance.now() - begin).toFixed(0)} ms`);
  expect(performance.now() - begin).toBeLessThan(4000);
  expect(await page.locator("#best").innerText()).toBe("");
  expect(await page.locator("#outcome").isVisible()).toBe(false);

  await page.uncheck("#auto");
  expect(await page.locator("#budget").isVisible()).toBe(false);
  expect(await page.inputValue("#setting-cutoff")).toBe("5");
  // What the person decided stays with the next file.
  await drop(page, 2);
  expect(await page.locator("#auto").isChecked()).toBe(false);
  await set(page, { sparse: 20 });
  await train(page);
  expect(await page.locator("#search").isVisible()).toBe(false);
  expect(parseFitConfiguration(parseConfigurationText((await downloaded(page, "#download-settings")).text)).sparse.count).toBe(20);
  expect(problems).toEqual([]);
  await page.close();
});

test("a budget that is none is marked, and too few structures train with the defaults and say so", async () => {
  const { page, problems } = await open(address());
  await drop(page, 3);
  await set(page, { budget: 0 });
  await page.click("#train");
  expect(await page.locator("#problem-budget").innerText()).toMatch(/whole number from 1/);
  expect(await page.locator("#banner").innerText()).toMatch(/settings need attention/);
  await set(page, { budget: 5 });
  await train(page);
  expect(await page.locator("#search-words").innerText()).toMatch(/Too few labelled structures/);
  expect(await page.locator("#errors tr.total").count()).toBeGreaterThan(0);
  expect(problems).toEqual([]);
  await page.close();
});
