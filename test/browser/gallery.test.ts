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

test("an address without its final slash leads to the page, and one that is none does not", async () => {
  const { page, problems } = await open(`${inject("pages")}train?from=a-link`);
  expect(new URL(page.url()).pathname).toBe("/train/");
  expect(new URL(page.url()).search).toBe("?from=a-link");
  await page.waitForLoadState("networkidle");
  expect(await page.title()).toMatch(/Train/);
  expect(problems).toEqual([]);
  for (const [path, status] of [["nothing", 404], ["train/nothing", 404], ["../package.json", 404], ["/train", 404]] as const) {
    expect((await fetch(`${inject("pages")}${path}`, { redirect: "manual" })).status, path).toBe(status);
  }
  await page.close();
});
