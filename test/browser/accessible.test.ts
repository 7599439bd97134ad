// axe-core finds nothing on the pages, as they come and with a result, in light and dark, in a window and on a phone.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { someFrames } from "./embedded-frames.js";
import * as basisPage from "./optimal-basis.js";
import { useBrowser } from "./page.js";
import * as trainPage from "./train.js";

const open = useBrowser();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");

/** Every violation, as "rule (impact): element". */
async function violations(page: Page): Promise<string[]> {
  // Past the page's content-security policy, which forbids a script tag.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const results = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
  return results.violations.flatMap(({ id, impact, nodes }) => nodes.map(({ target }) => `${id} (${impact}): ${target.join(" ")}`));
}

async function inAllLooks(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [width, height] of [[1280, 800], [390, 844]] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100))));
      expect(await violations(page), `${page.url()}, ${colorScheme}, ${width} wide`).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `${width} wide`).toBeLessThanOrEqual(width);
    }
  }
}

test("the gallery and the pages as they come", async () => {
  for (const name of ["", "train/index.html", "predict/index.html", "optimal-basis/index.html"]) {
    const { page } = await open(`${inject("pages")}${name}`);
    await page.waitForLoadState("networkidle");
    await inAllLooks(page);
    await page.close();
  }
});

test("a finished training, and predictions with its model", async () => {
  const { page } = await open(trainPage.address());
  await trainPage.dropFile(page, "train", "some.xyz", await someFrames(["isolated_atom", "crystal", "liquid"], 5));
  await trainPage.set(page, trainPage.QUICK);
  await trainPage.train(page);
  await page.locator("#viewer").scrollIntoViewIfNeeded();
  await page.locator("#viewer canvas").waitFor();
  for (const summary of await page.locator("#outcome summary").all()) await summary.click();
  await page.fill("#setting-cutoff", "-3");
  await inAllLooks(page);
  const [tab] = await Promise.all([page.waitForEvent("popup"), page.click("#predict-with-model")]);
  await tab.locator("#model-card").waitFor({ state: "visible" });
  await tab.setInputFiles("#structures-file", { name: "liquid.xyz", mimeType: "text/plain", buffer: Buffer.from(await someFrames(["liquid"], 2)) });
  await tab.click("#predict");
  await tab.locator("#viewer").scrollIntoViewIfNeeded();
  await tab.locator("#viewer canvas").waitFor();
  await inAllLooks(tab);
  await page.close();
});

test("settings chosen by the data, and what is told of them", async () => {
  const { page } = await open(trainPage.address());
  await trainPage.dropFile(page, "train", "small.xyz", await someFrames(["strained", "dense"], 6));
  await trainPage.set(page, trainPage.QUICK);
  await page.check("#auto");
  await trainPage.set(page, { budget: 2 });
  await page.selectOption("#budget-unit", "trials");
  await trainPage.train(page);
  expect(await page.locator("#reasons li").count()).toBeGreaterThan(1);
  await inAllLooks(page);
  await page.close();
});

test("an optimal basis", async () => {
  const { page } = await open(basisPage.address());
  await page.check('input[value="molecules"]');
  await page.check("#mixed");
  await basisPage.set(page, { nMax: 4, lMax: 2, cutoff: 4 });
  await basisPage.compute(page);
  await expect.poll(() => page.locator("#density-residual").innerText(), basisPage.JOB).toMatch(/‖ρ − ρ′‖/);
  await inAllLooks(page);
  await page.close();
});
