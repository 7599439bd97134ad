// The gallery shows every page of demos/, and each of them opens in a real browser without an error.
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, inject, test } from "vitest";
import { useBrowser } from "./page.js";

const demos = fileURLToPath(new URL("../../demos", import.meta.url));
const names = readdirSync(demos).filter((name) => existsSync(`${demos}/${name}/index.html`));
const open = useBrowser();

test("the gallery links every page, by its title", async () => {
  const { page, problems } = await open(inject("pages"));
  expect(await page.title()).toBe("Lather");
  await page.waitForFunction((count) => document.querySelectorAll("#pages a").length >= count, names.length);
  const addresses = await page.locator("#pages a").evaluateAll((links) => links.map((link) => new URL((link as HTMLAnchorElement).href).pathname));
  expect(addresses.sort()).toEqual(names.map((name) => `/${name}/index.html`).sort());
  for (const text of await page.locator("#pages li").allInnerTexts()) expect(text.trim()).toMatch(/^\S.+\n+\S.+/);
  expect(problems).toEqual([]);
});

test("every page opens without an error", async () => {
  for (const name of names) {
    const { page, problems } = await open(`${inject("pages")}${name}/index.html`);
    await page.waitForLoadState("networkidle");
    expect(await page.title(), name).not.toBe("");
    expect(problems, name).toEqual([]);
    await page.close();
  }
});
