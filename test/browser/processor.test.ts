// The choice of the processor on every page: what it says, what it does, and what a GPU's misfortunes leave of the page.
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { createBackend, parseExtxyz, parseModel } from "lather";
import { WEBGPU_FLAGS } from "../../scripts/chromium.mjs";
import { relativeDifference } from "../reference/norms.js";
import { someFrames } from "./embedded-frames.js";
import { useBrowser, type WatchedPage } from "./page.js";

const openWithGpu = useBrowser(WEBGPU_FLAGS);
const openWithout = useBrowser();
const JOB = { timeout: 50_000 };
const QUICK = { sparse: 20, cutoff: 4.2, nMax: 3, lMax: 2, zeta: 2 };
const pages = ["train", "optimal-basis"];
const address = (name: string): string => `${inject("pages")}${name}/index.html`;
const note = (page: Page) => page.locator("#processor-note");
const badge = (page: Page) => page.locator("#backend").innerText();

async function openTrain(): Promise<WatchedPage> {
  const opened = await openWithGpu(address("train"));
  const { page } = opened;
  await page.check('input[name="source"][value="file"]');
  const frames = await someFrames(["isolated_atom", "crystal", "liquid"], 4);
  await page.setInputFiles("#train-file", { name: "some.xyz", mimeType: "text/plain", buffer: Buffer.from(frames) });
  await page.uncheck("#auto");
  for (const [name, value] of Object.entries(QUICK)) await page.fill(`#setting-${name}`, String(value));
  await expect.poll(() => note(page).innerText(), JOB).not.toMatch(/Looking/);
  return opened;
}

async function train(page: Page): Promise<void> {
  await page.click("#train");
  await expect.poll(() => page.locator("#run-title").innerText(), JOB).toBe("Finished");
}

/** Every device of the page's workers is lost with its third submission. */
async function loseDevices(page: Page): Promise<void> {
  const loss = `
    const request = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (...words) {
      const device = await request.apply(this, words);
      const submit = device.queue.submit.bind(device.queue);
      let left = 3;
      device.queue.submit = (buffers) => { submit(buffers); if (--left === 0) device.destroy(); };
      return device;
    };\n`;
  await page.route("**/worker-*.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: loss + (await response.text()) });
  });
}

describe.each(pages)("%s", (name) => {
  test("where there is no GPU, the page says so and offers none", async () => {
    const { page } = await openWithout("about:blank");
    await page.goto(address(name));
    await expect.poll(() => note(page).innerText(), JOB).toMatch(/^No GPU found: the CPU computes\.$/);
    expect(await page.locator('#processor-kind option[value="gpu"]').isDisabled()).toBe(true);
    await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, "gpu"));
    await page.reload();
    await expect.poll(() => note(page).innerText(), JOB).toMatch(/^No WebGPU in this browser: the CPU computes\.$/);
    expect(await badge(page)).toMatch(/^CPU, \d+ threads?$/);
    await page.close();
  });

  test("a software GPU is named as slow; the keyboard chooses, the page offers the CPU, and remembers nothing", async () => {
    const { page, problems } = await openWithGpu(address(name));
    await expect.poll(() => note(page).innerText(), JOB).toMatch(/^Only a software GPU here \(.*swiftshader.*\): slow; the CPU is faster\.$/i);
    const kind = page.getByLabel("Processor");
    expect(await kind.inputValue()).toBe("auto");
    expect(await badge(page)).toMatch(/^CPU/);
    await kind.focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    expect(await kind.inputValue()).toBe("gpu");
    expect(await badge(page)).toMatch(/^GPU, .*swiftshader/i);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await kind.inputValue()).toBe("cpu");
    expect(await badge(page)).toMatch(/^CPU/);
    expect(await page.locator("#processor-offer").isVisible()).toBe(false);
    await page.reload();
    expect(await kind.inputValue()).toBe("auto");
    expect(problems).toEqual([]);
    await page.close();
  });
});

test("a potential trained on the GPU predicts in Node, on the CPU, what the page shows", async () => {
  const { page, problems } = await openTrain();
  await page.selectOption("#processor-kind", "gpu");
  await train(page);
  expect(await badge(page)).toMatch(/^GPU, /);
  expect(await page.locator("#summary").innerText()).toMatch(/GPU in software \(slow\).*WebGPU \(float32\)/);
  const save = async (button: string): Promise<string> => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
    return readFile(await download.path(), "utf8");
  };
  const potential = parseModel(await save("#download-model"));
  const frames = parseExtxyz(await save("#download-predictions"));
  const backend = await createBackend("cpu", { threads: 1 });
  const predictions = await (await backend.createEvaluator(potential)).predict(frames);
  backend.destroy();
  const shown = frames.flatMap(({ arrays }) => [...(arrays.get("lather_forces")!.values as Float64Array)]);
  const forces = predictions.flatMap((prediction) => [...prediction.forces!]);
  expect(relativeDifference(shown, forces)).toBeLessThan(5e-5);
  // Not the CPU's own numbers.
  expect(shown).not.toEqual(forces);
  expect(problems).toEqual([]);
  await page.close();
});

test("the optimal basis on the GPU is that of the CPU in float32", async () => {
  const { page, problems } = await openWithGpu(address("optimal-basis"));
  await page.check('input[value="molecules"]');
  for (const [name, value] of Object.entries({ nMax: 5, lMax: 2, cutoff: 4 })) await page.fill(`#setting-${name}`, String(value));
  const curves = async (kind: string): Promise<number[]> => {
    await page.selectOption("#processor-kind", kind);
    await page.click("#compute");
    await expect.poll(() => page.locator("#run-title").innerText(), JOB).toBe("Finished");
    expect(await badge(page)).toMatch(kind === "gpu" ? /^GPU, / : /^CPU, /);
    const paths = await page.locator("#functions .optimal path").evaluateAll((found) => found.map((path) => path.getAttribute("d") ?? ""));
    return paths.flatMap((path) => (path.match(/-?[\d.]+/g) ?? []).map(Number));
  };
  const [cpu, gpu] = [await curves("cpu"), await curves("gpu")];
  expect(cpu.length).toBeGreaterThan(200);
  expect(relativeDifference(gpu, cpu)).toBeLessThan(1e-3);
  expect(problems).toEqual([]);
  await page.close();
});

test("a lost GPU is an error that says what to do, and the page trains again", async () => {
  const { page } = await openTrain();
  await page.selectOption("#processor-kind", "gpu");
  await loseDevices(page);
  await page.click("#train");
  const banner = page.locator("#banner");
  await expect.poll(() => banner.innerText(), JOB).toMatch(/The GPU failed[\s\S]*choose the CPU as processor[\s\S]*the GPU device was lost/);
  expect(await page.locator("#run-title").innerText()).toBe("Stopped");
  await page.unroute("**/worker-*.js");
  for (const kind of ["gpu", "cpu"]) {
    await page.selectOption("#processor-kind", kind);
    await train(page);
    expect(await banner.isVisible()).toBe(false);
    expect(await badge(page)).toMatch(kind === "gpu" ? /^GPU, / : /^CPU, /);
  }
  await page.close();
});

test("training on the GPU shows where it is and stops when cancelled", async () => {
  const { page, problems } = await openWithGpu(address("train"));
  await expect.poll(() => note(page).innerText(), JOB).toMatch(/software/);
  await page.selectOption("#processor-kind", "gpu");
  await page.click("#train");
  await expect.poll(() => page.locator("#stage").innerText(), { ...JOB, interval: 20 }).toMatch(/compression|features|kernel rows/);
  expect(await page.locator("#processor-kind").isDisabled()).toBe(true);
  await page.click("#cancel");
  await expect.poll(() => page.locator("#run-title").innerText(), { timeout: 8000 }).toBe("Cancelled");
  expect(await page.locator("#banner").isVisible()).toBe(false);
  expect(await page.locator("#processor-kind").isEnabled()).toBe(true);
  expect(problems).toEqual([]);
  await page.close();
});
