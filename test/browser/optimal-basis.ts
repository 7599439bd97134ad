// What the tests of the page demos/optimal-basis do with it.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { expect, inject } from "vitest";

export const address = (): string => `${inject("pages")}optimal-basis/index.html`;
export const JOB = { timeout: 30_000 };
export const FEW = { structures: 6, nMax: 8, lMax: 3 };

export async function set(page: Page, values: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, value] of Object.entries(values)) await page.fill(`#setting-${name}`, String(value));
}

export async function compute(page: Page): Promise<void> {
  await page.click("#compute");
  await expect.poll(() => page.locator("#run-title").innerText(), JOB).toBe("Finished");
}

/** Moves a slider as a hand does, and waits until everything is drawn. */
export async function slide(page: Page, id: string, value: number): Promise<void> {
  await page.evaluate(async ([name, to]) => {
    const drawn = (): number => performance.getEntriesByName("move to drawn").length;
    const before = drawn();
    const slider = document.querySelector<HTMLInputElement>(`#${name}`)!;
    slider.value = String(to);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    while (drawn() === before) await new Promise((resolve) => setTimeout(resolve, 1));
  }, [id, value] as const);
}

export async function embeddedFrames(): Promise<string> {
  return gunzipSync(await readFile(fileURLToPath(new URL("../../public/silicon-sw-train.xyz.gz", import.meta.url)))).toString("utf8");
}
