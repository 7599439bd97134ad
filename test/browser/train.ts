// What the tests of the page demos/train do with it.
import type { Page } from "playwright-core";
import { inject } from "vitest";
import { dropFiles } from "./drop.js";

export const address = (): string => `${inject("pages")}train/index.html`;
export const JOB = { timeout: 40_000 };
/** Settings that train in a second. */
export const QUICK = { sparse: 40, cutoff: 4.2, nMax: 4, lMax: 3, zeta: 2 };

/** Drops a file, and leaves the settings to the form: a search by the data has tests of its own. */
export async function dropFile(page: Page, zone: "train" | "test", name: string, content: string | Buffer): Promise<void> {
  await dropFiles(page, `[data-drop="${zone}"]`, [{ name, content }]);
  await page.uncheck("#auto");
}

export async function set(page: Page, values: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, value] of Object.entries(values)) await page.fill(`#setting-${name}`, String(value));
}

/** Presses Train and waits until the result is on the page. */
export async function train(page: Page): Promise<void> {
  await page.click("#train");
  await page.waitForFunction(() => /Finished|Stopped/.test(document.querySelector("#run-title")!.textContent!) && !document.querySelector<HTMLButtonElement>("#train")!.disabled, null, JOB);
}
