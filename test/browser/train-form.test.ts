// The form of demos/train and what is said beside the result: buttons in sight, stale results, files that are not used, data without
// energies or forces, the whole job's bar, leaving the page, and how long drawing holds it up.
import { readFile } from "node:fs/promises";
import { formatConfiguration, formatExtxyz, parseExtxyz, parseModel, type Structure } from "lather";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { dropFiles } from "./drop.js";
import { someFrames } from "./embedded-frames.js";
import { useBrowser, watchTasks } from "./page.js";
import { address, dropFile, JOB, QUICK, set, train } from "./train.js";

const open = useBrowser();

async function inSight(page: Page, selector: string): Promise<boolean> {
  return page.locator(selector).evaluate((element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const whole = left >= 0 && top >= 0 && right <= window.innerWidth && bottom <= window.innerHeight;
    return whole && element.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
  });
}

/** The same frames without some of their labels. */
function without(text: string, labels: readonly string[]): string {
  return parseExtxyz(text).map((structure): Structure => ({
    ...structure,
    info: new Map([...structure.info].filter(([name]) => !labels.includes(name))),
    arrays: new Map([...structure.arrays].filter(([name]) => !labels.includes(name))),
  })).map(formatExtxyz).join("");
}

test("Train is in sight without scrolling, on all usual windows and on a phone", async () => {
  const { page, problems } = await open(address());
  for (const [width, height] of [[1280, 800], [1366, 768], [1440, 900], [1024, 600], [390, 844], [360, 640]] as const) {
    await page.setViewportSize({ width, height });
    expect(await inSight(page, "#train"), `${width} × ${height}`).toBe(true);
    await page.check('input[value="file"]');
    expect(await inSight(page, "#train"), `${width} × ${height}, own files`).toBe(true);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    // Everything that the buttons lie over can be scrolled to.
    await page.locator("#processor-kind").scrollIntoViewIfNeeded();
    await page.locator("#processor-kind").focus();
    await expect.poll(() => inSight(page, "#processor-kind"), { timeout: 3000 }).toBe(true);
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.check('input[value="embedded"]');
  }
  expect(problems).toEqual([]);
  await page.close();
});

test("a changed field makes the result stale in words, and a cancelled training leaves it as it was", async () => {
  const { page, problems } = await open(address());
  const note = page.locator("#stale-note");
  await dropFile(page, "train", "some.xyz", await someFrames(["isolated_atom", "crystal", "liquid"], 6));
  await set(page, QUICK);
  await train(page);
  expect(await note.isVisible()).toBe(false);
  await page.fill("#setting-cutoff", "4.5");
  expect(await note.innerText()).toMatch(/settings have changed since: below is the result of the previous ones/);
  await page.fill("#setting-cutoff", "4.2");
  expect(await note.isVisible()).toBe(false);
  await page.click("#defaults");
  await expect.poll(() => note.isVisible()).toBe(true);
  await set(page, QUICK);
  expect(await note.isVisible()).toBe(false);
  await dropFile(page, "test", "more.xyz", await someFrames(["surface"], 2));
  expect(await note.isVisible()).toBe(true);
  await page.click("#clear-test");
  await expect.poll(() => note.isVisible()).toBe(false);

  await page.check('input[value="embedded"]');
  await set(page, { sparse: 1000, nMax: 8, lMax: 6, cutoff: 5 });
  await page.click("#train");
  await expect.poll(() => note.innerText()).toMatch(/A new training is running/);
  await expect.poll(() => page.locator("#percent").innerText(), JOB).toMatch(/[1-9]\d? %/);
  await page.click("#cancel");
  await expect.poll(() => page.locator("#run-title").innerText(), { timeout: 8000 }).toBe("Cancelled");
  expect(await page.locator("#stage").innerText()).toMatch(/result of the previous one/);
  expect(await note.innerText()).toMatch(/have changed since/);
  // Nothing of it looks or is disabled.
  expect(await page.locator("#outcome").evaluate((outcome) => [getComputedStyle(outcome).opacity, outcome.querySelectorAll(":disabled").length])).toEqual(["1", 0]);
  expect(await page.locator("#summary").innerText()).toMatch(/some\.xyz/);
  // What was being read when the training was cancelled is not read on.
  expect(problems.filter((problem) => !problem.includes("ERR_ABORTED"))).toEqual([]);
  await page.close();
});

test("what is dropped and not used is told by name, and what it is", async () => {
  const { page, problems } = await open(address());
  const frames = await someFrames(["crystal"], 2);
  await dropFiles(page, "body", [{ name: "b-test.xyz", content: frames }, { name: "a.xyz", content: frames }, { name: "c.xyz", content: frames }, { name: "d.xyz", content: frames }]);
  const chosen = (id: string): Promise<string | undefined> => page.locator(id).evaluate((input) => (input as HTMLInputElement).files?.[0]?.name);
  expect([await chosen("#train-file"), await chosen("#test-file")]).toEqual(["a.xyz", "b-test.xyz"]);
  expect(await page.locator("#unused-files").innerText()).toMatch(/Not used: c\.xyz, d\.xyz\. This page takes two files/);
  for (const [name, content, words] of [
    ["fit.json", formatConfiguration(), /This is a configuration of `lather fit`/],
    ["photo.xyz", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), /This is a PNG picture/],
    ["md.traj", "- of Ulm …", /This is an ASE trajectory/],
    ["model.json", '{"format":"lather-model","version":2,"potential":{}}', /This is a Lather model/],
  ] as const) {
    await dropFile(page, "train", name, content);
    await expect.poll(() => page.locator("#train-name").innerText()).toMatch(words);
    expect(await page.locator("#open-model").isVisible()).toBe(name === "model.json");
  }
  expect(await page.locator("#unused-files").innerText()).toBe("");
  await page.click("#train");
  await expect.poll(() => page.locator("#banner").innerText(), JOB).toMatch(/model\.json[\s\S]*this is a Lather model/);
  await dropFile(page, "train", "a.xyz", frames);
  expect(await page.locator("#train-name").innerText()).toMatch(/kB/);
  expect(problems).toEqual([]);
  await page.close();
});

test("data with energies alone, and with forces alone, show nothing of the other", async () => {
  const { page, problems } = await open(address());
  const frames = await someFrames(["isolated_atom", "crystal", "liquid"], 8);
  await set(page, QUICK);
  const headings = (): Promise<string[]> => page.locator("#outcome h2:visible, #outcome h3:visible").allInnerTexts();
  const columns = (): Promise<string[]> => page.locator("#errors th[scope=colgroup]").allInnerTexts();

  await dropFile(page, "train", "energies.xyz", without(frames, ["forces", "virial"]));
  await train(page);
  expect(await headings()).toEqual(["Model", "Errors", "Predicted against reference", "Energies, relative to the baseline", "Structures"]);
  expect(await columns()).toEqual(["Energy (meV/atom)"]);
  expect(await page.locator("#parity canvas").count()).toBe(1);
  await page.locator("#viewer").scrollIntoViewIfNeeded();
  await expect.poll(() => page.locator("#viewer canvas").getAttribute("aria-label"), JOB).toMatch(/colored by energy of the atom/);
  expect(await page.locator("#outcome").innerText()).not.toMatch(/reference forces|by force error|undefined|NaN/);

  await dropFile(page, "train", "forces.xyz", without(frames, ["energy", "virial"]));
  await train(page);
  expect(await headings()).toEqual(["Model", "Errors", "Predicted against reference", "Force components", "Where the forces are wrong"]);
  expect(await columns()).toEqual(["Force (eV/Å)"]);
  expect(await page.locator("#parity canvas").count()).toBe(1);
  expect(await page.locator("#summary").innerText()).toMatch(/no energy, forces from "forces" in \d+, no virial/);
  expect(problems).toEqual([]);
  await page.close();
});

test("tells what the command tells: labels that are not used, settings, noise, warnings; and the model's file keeps errors and data", async () => {
  const { page, problems } = await open(address());
  const text = (await someFrames(["isolated_atom", "crystal", "liquid"], 6)).replaceAll(" energy=", " dft_energy=nan free_energy=1.5 ref_energy=");
  await dropFile(page, "train", "labels.xyz", text);
  await set(page, QUICK);
  await train(page);
  const summary = await page.locator("#summary").innerText();
  expect(summary).toMatch(/labels\.xyz: energy from "ref_energy" in \d+/);
  expect(summary).toMatch(/not there \(nan\): "dft_energy" in \d+/);
  expect(summary).toMatch(/not used: "free_energy" in \d+ \(another energy\)/);
  expect(summary).toMatch(/Baseline\s+isolated atoms: Si /);
  expect(summary).toMatch(/σ of the rows\s+energies: \d+ with noise; force components: \d+ with noise/);
  await page.locator("summary", { hasText: "Settings and terms" }).click();
  const settings = await page.locator("#model-settings").innerText();
  expect(settings).toMatch(/cutoff\s+radius 4\.2, width 0\.5/);
  expect(settings).toMatch(/basis\s+gto, nMax 4, lMax 3/);
  expect(settings).toMatch(/kernel\s+zeta 2/);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download-model")]);
  const { provenance } = parseModel(await readFile(await download.path(), "utf8"));
  expect(provenance["train"]).toBe("labels.xyz");
  expect(provenance["test"]).toBe("held out of labels.xyz");
  const shown = Number((await page.locator('#errors tr.total[data-set="test"] td').allInnerTexts())[3]);
  expect(Math.abs(shown - 1000 * (provenance["test_energy_rmse"] as number)) < 0.006).toBe(true);
  expect(problems).toEqual([]);
  await page.close();
});

test("one bar for the whole job never goes back, names its stages, and says what is left", async () => {
  const { page, problems } = await open(address());
  await set(page, { ...QUICK, sparse: 300, nMax: 8, lMax: 6 });
  await page.evaluate(() => {
    const seen: [number, string, string][] = [];
    Object.assign(window, { seen });
    const look = (): void => {
      const bar = document.querySelector<HTMLProgressElement>("#bar")!;
      if (!bar.hidden) seen.push([bar.value, document.querySelector("#stage")!.textContent!, document.querySelector("#elapsed")!.textContent!]);
    };
    setInterval(look, 20);
  });
  await train(page);
  const seen = await page.evaluate(() => (window as unknown as { seen: [number, string, string][] }).seen);
  const shares = seen.map(([share]) => share);
  for (let k = 1; k < shares.length; k++) expect(shares[k]! >= shares[k - 1]!, `${shares[k - 1]} then ${shares[k]}`).toBe(true);
  expect(new Set(seen.map(([, stage]) => stage)).size).toBeGreaterThan(3);
  expect(shares.filter((share) => share > 0.2 && share < 0.95).length).toBeGreaterThan(3);
  expect(seen.some(([, , words]) => /elapsed, about \d+ (s|min) left/.test(words))).toBe(true);
  expect(problems).toEqual([]);
  await page.close();
});

test("leaving asks while a job runs and while a result is not saved, and only then", async () => {
  const { page } = await open(address());
  const asked: string[] = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    void dialog.dismiss();
  });
  const tryToLeave = async (): Promise<number> => {
    await page.evaluate(() => setTimeout(() => location.reload()));
    await page.waitForTimeout(700);
    return asked.length;
  };
  await set(page, QUICK);
  await page.click("#train");
  expect(await tryToLeave()).toBe(1);
  await expect.poll(() => page.locator("#run-title").innerText(), JOB).toBe("Finished");
  expect(await tryToLeave()).toBe(2);
  expect(asked).toEqual(["beforeunload", "beforeunload"]);
  expect(await page.locator("#outcome").isVisible()).toBe(true);
  await Promise.all([page.waitForEvent("download"), page.click("#download-model")]);
  expect(await tryToLeave()).toBe(2);
  expect(await page.locator("#outcome").isVisible()).toBe(false);
  await page.close();
});

test("drawing the results does not hold the page up", async () => {
  const { page, problems } = await open(address());
  await set(page, { ...QUICK, sparse: 60 });
  const longest = await watchTasks(page);
  await train(page);
  await page.waitForTimeout(500);
  const drawing = await longest();
  // What comes after is the three-dimensional view, on a GPU in software.
  await page.locator("#viewer").scrollIntoViewIfNeeded();
  await page.locator("#viewer canvas").waitFor();
  await page.waitForTimeout(500);
  console.log(`longest task over 50 ms: ${drawing.toFixed(0)} ms until the results are drawn, ${(await longest()).toFixed(0)} ms with the view in software`);
  // The aim is 50 ms; a machine that does other things besides takes several times as long.
  expect(drawing).toBeLessThan(1500);
  expect(problems).toEqual([]);
  await page.close();
});
