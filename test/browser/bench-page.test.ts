// The page of the benchmark, built as `npm run bench:browser` builds it: without a GPU it says so, runs on the CPU, and gives the JSON away.
import { readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BenchReport } from "../../bench/result.js";
import { servePages } from "../../scripts/serve.mjs";
import { useBrowser } from "./page.js";

const open = useBrowser();
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = `${root}node_modules/.cache/lather/bench-page-${process.pid}`;
let server: Awaited<ReturnType<typeof servePages>>;

beforeAll(async () => {
  await build({ configFile: `${root}vite.bench.config.ts`, logLevel: "error", build: { outDir: folder } });
  server = await servePages({ port: 4373, folder });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

test("runs a case on the CPU by keyboard, shows it, and downloads the report", async () => {
  const { page, problems } = await open(server.url);
  await expect.poll(() => page.locator("#adapter").innerText()).toMatch(/^No WebGPU here: .*CPU backend/);
  expect(await page.locator('input[value="gpu"]').isDisabled()).toBe(true);
  const boxes = page.locator('input[name="case"]');
  expect(await boxes.evaluateAll((all) => all.map((box) => (box as HTMLInputElement).value))).toEqual([
    "features-si512", "energy-forces-si512-m500", "energy-forces-si512-zuo",
  ]);
  for (const index of [1, 2]) {
    await boxes.nth(index).focus();
    await page.keyboard.press("Space");
  }
  await page.locator("#run").focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.locator("#status").innerText(), { timeout: 50_000 }).toBe("Finished.");
  expect(await page.locator("#tables tbody th").allInnerTexts()).toEqual(["features-si512"]);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download")]);
  const { machine, cases } = JSON.parse(await readFile(await download.path(), "utf8")) as BenchReport;
  expect(machine.gemm_gflops).toBeGreaterThan(0);
  expect(cases).toEqual([expect.objectContaining({ name: "features-si512", backend: "cpu", atoms: 512, peak_rss_mb: null })]);
  expect(problems).toEqual([]);
  await page.close();
});
