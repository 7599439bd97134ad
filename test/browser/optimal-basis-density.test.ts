// The density view of demos/optimal-basis: one environment, true and rebuilt, in two panels with one camera.
import { expect, test } from "vitest";
import {
  createBackend, createOptimalBasis, densityResiduals, environmentOf, parseExtxyz, parseHyperparameters, rebuiltDensities, smearedDensity,
} from "lather";
import { address, compute, embeddedFrames, FEW, JOB, set, slide } from "./optimal-basis.js";
import { useBrowser, withoutWebgl } from "./page.js";

const open = useBrowser();

test("rebuilds the density round an atom, chosen with the keyboard", async () => {
  const { page, problems } = await open(address());
  await set(page, FEW);
  await compute(page);
  const residual = async (): Promise<[number, number]> => {
    await expect.poll(() => page.locator("#density-residual").innerText(), JOB).toMatch(/^‖ρ − ρ′‖ \/ ‖ρ‖ = /);
    const [, kept, all] = /= ([\d.]+) % with .* ([\d.]+) % with all 8\./.exec(await page.locator("#density-residual").innerText())!;
    return [Number(kept), Number(all)];
  };
  const canvas = page.locator("#densities canvas");
  const triangles = async (): Promise<number[]> => (await canvas.getAttribute("data-triangles"))!.split(" ").map(Number);
  // The view is made when it is looked at.
  await page.locator("#densities").scrollIntoViewIfNeeded();
  await canvas.waitFor();
  await page.fill("#density-structure", "4");
  await page.press("#density-structure", "Tab");
  await page.fill("#density-atom", "7");
  await page.press("#density-atom", "Enter");
  await slide(page, "kept", 2);

  // The library's own densities, in Node, of the same atom.
  const frames = parseExtxyz(await embeddedFrames());
  const chosen = Array.from({ length: 6 }, (_, k) => frames[Math.floor(((k + 0.5) * frames.length) / 6)]!);
  const backend = await createBackend("cpu", { threads: 1 });
  const primitive = parseHyperparameters({ basis: { nMax: FEW.nMax, lMax: FEW.lMax } });
  const { hyperparameters } = await createOptimalBasis(backend, chosen, primitive, { channels: 8 });
  backend.destroy();
  const grid = { points: 40, halfWidth: 6 };
  const environment = environmentOf(chosen[4]!, 7, 5);
  const [density, rebuilt] = [smearedDensity, rebuiltDensities].map((evaluate) => evaluate(environment, hyperparameters, 14, grid));
  const expected = densityResiduals(density!, rebuilt!);
  await expect.poll(async () => (await residual())[0], JOB).toBe(Number((100 * expected[1]!).toPrecision(3)));
  expect((await residual())[1]).toBe(Number((100 * expected[7]!).toPrecision(3)));
  expect(await canvas.getAttribute("aria-label")).toContain(`round ${environment.species.length + 1} atoms`);

  // Where more functions no longer help, the page says why.
  const enough = [...expected].findIndex((one) => one <= 1.01 * expected[7]!) + 1;
  for (const q of [enough - 1, enough, 8].filter((one) => one > 0)) {
    await slide(page, "kept", q);
    const words = page.locator("#density-residual");
    await expect.poll(() => words.innerText(), JOB).toContain(`with ${q} function`);
    expect(/hardly help: what is left .* degrees above l_max = 3/.test(await words.innerText()), `q = ${q}`).toBe(q >= enough);
  }
  await slide(page, "kept", 2);

  // q moves the right surface only; the level moves both.
  const [truth, two] = await triangles();
  expect(truth! > 500 && two! > 500, `${truth} and ${two} triangles`).toBe(true);
  const before = await canvas.screenshot();
  await slide(page, "kept", 7);
  const [same, seven] = await triangles();
  expect([same, seven === two]).toEqual([truth, false]);
  await expect.poll(async () => before.equals(await canvas.screenshot())).toBe(false);
  await page.focus("#level");
  for (let step = 0; step < 10; step++) await page.keyboard.press("ArrowRight");
  expect(await page.locator("#level-value").innerText()).toBe("0.20");
  const higher = await triangles();
  expect(higher[0] === truth || higher[1] === seven).toBe(false);
  // One camera: the keys turn both panels.
  const halves = async (): Promise<Buffer[]> => {
    const { x, y, width, height } = (await canvas.boundingBox())!;
    const half = { y, width: width / 2, height };
    return [await page.screenshot({ clip: { ...half, x } }), await page.screenshot({ clip: { ...half, x: x + width / 2 } })];
  };
  const still = await halves();
  await canvas.focus();
  await page.keyboard.press("ArrowLeft");
  await expect.poll(async () => (await halves()).some((half, k) => half.equals(still[k]!))).toBe(false);

  await page.fill("#density-atom", "9999");
  await page.press("#density-atom", "Enter");
  expect(await page.locator("#density-problem").innerText()).toMatch(/Atom must be a whole number from 0 to \d+\./);
  await page.fill("#density-atom", "0");
  await page.press("#density-atom", "Enter");
  expect(await page.locator("#density-problem").isVisible()).toBe(false);
  await residual();
  expect(problems).toEqual([]);

  // Another computation keeps the place, and the last one's worker ends.
  await compute(page);
  await residual();
  await expect.poll(() => page.workers().length, JOB).toBe(1);
  expect(await page.inputValue("#density-structure")).toBe("4");
  await page.close();
});

test("without WebGL the view says why it is not there, and the residual is", async () => {
  const { page, problems } = await open("about:blank");
  await page.addInitScript(withoutWebgl);
  await page.goto(address());
  await set(page, { structures: 2, nMax: 4, lMax: 2 });
  await compute(page);
  await page.locator("#densities").scrollIntoViewIfNeeded();
  await expect.poll(() => page.locator("#densities").innerText(), JOB).toMatch(/needs WebGL/);
  expect(await page.locator("#density-residual").innerText()).toMatch(/% with 4 functions of every degree/);
  expect(problems).toEqual([]);
  await page.close();
});
