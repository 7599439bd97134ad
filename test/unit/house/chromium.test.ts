// A variable that names the browser is obeyed or refused by name, never quietly passed over.
import { afterEach, expect, test, vi } from "vitest";
import { chromiumFlags, findChromium } from "../../../scripts/chromium.mjs";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("CHROMIUM, then CHROME_PATH, override the search", () => {
  vi.stubEnv("CHROMIUM", process.execPath);
  vi.stubEnv("CHROME_PATH", "/nowhere/chrome");
  expect(findChromium()).toBe(process.execPath);
  vi.stubEnv("CHROMIUM", "");
  expect(() => findChromium()).toThrow(/CHROME_PATH.*\/nowhere\/chrome/);
});

test("the sandbox is given up for root alone", () => {
  expect(chromiumFlags().includes("--no-sandbox")).toBe(process.getuid?.() === 0);
});
