// npm run bench:browser [-- --backend cpu|gpu] [-- --case NAME]… [-- --json] [-- --serve]: the page in a headless Chromium, driven as by hand.
// Without a GPU the browser's software adapter answers, and the report says so. --serve only serves the page, for any browser on this machine.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright-core";
import { build } from "vite";
import { ensureChromium } from "../scripts/chromium.mjs";
import { servePages } from "../scripts/serve.mjs";
import { root } from "./data.js";
import { formatReport, isSound } from "./report.js";
import type { BenchReport } from "./result.js";

const { values: options } = parseArgs({
  options: {
    backend: { type: "string", default: "gpu" }, case: { type: "string", multiple: true }, json: { type: "boolean", default: false },
    serve: { type: "boolean", default: false },
  },
});

/** Times of passes unrounded; Vulkan, which headless Chromium on Linux does not take by itself; no sandbox as root. */
const FLAGS = ["--enable-unsafe-webgpu", "--enable-webgpu-developer-features", "--enable-features=Vulkan", "--disable-dev-shm-usage"];

async function drive(page: Page, address: string): Promise<BenchReport> {
  await page.goto(address);
  await page.waitForFunction(() => !document.querySelector("#adapter")!.textContent!.startsWith("Looking"));
  process.stderr.write(`${await page.locator("#adapter").innerText()}\n`);
  const choice = page.locator(`input[name="backend"][value="${options.backend}"]`);
  if ((await choice.count()) === 0) throw new Error(`--backend: expected cpu or gpu, got ${options.backend}`);
  if (await choice.isDisabled()) throw new Error("no GPU in this browser");
  await choice.check();
  if (options.case) {
    const boxes = page.locator('input[name="case"]');
    for (const box of await boxes.all()) await box.setChecked(options.case.includes((await box.getAttribute("value"))!));
    const known = await boxes.evaluateAll((all) => all.map((box) => (box as HTMLInputElement).value));
    for (const name of options.case) if (!known.includes(name)) throw new Error(`no case "${name}": expected one of ${known.join(", ")}`);
  }
  await page.click("#run");
  let said = "";
  while (!/^(Finished|Stopped)/.test(said)) {
    const status = await page.locator("#status").innerText({ timeout: 600_000 });
    if (status !== said) process.stderr.write(`${status}\n`);
    said = status;
    await new Promise((wake) => setTimeout(wake, 250));
  }
  if (said.startsWith("Stopped")) throw new Error(await page.locator("#banner").innerText());
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download")]);
  return JSON.parse(await readFile(await download.path(), "utf8")) as BenchReport;
}

await build({ configFile: resolve(root, "vite.bench.config.ts"), logLevel: "error" });
const server = await servePages({ port: 4273, folder: resolve(root, "dist-bench/page") });
if (options.serve) process.stdout.write(`${server.url}\nCtrl-C ends the server.\n`);
else {
  const args = process.getuid?.() === 0 ? ["--no-sandbox", ...FLAGS] : FLAGS;
  const browser = await chromium.launch({ executablePath: ensureChromium(), headless: true, args });
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => process.stderr.write(`${error.message}\n`));
    const report = await drive(page, server.url);
    process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : `${formatReport(report)}\n`);
    if (!isSound(report)) process.exitCode = 1;
  } finally {
    await browser.close();
    await server.close();
  }
}
