// One headless browser per test file, and pages that fail their test on any error that a person would see in the console.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { launchChromium } from "../../scripts/chromium.mjs";

export interface WatchedPage {
  page: Page;
  /** Everything that went wrong so far: uncaught errors, console errors, failed and refused requests. */
  problems: string[];
  /** What the page wrote with console.log. */
  printed: string[];
}

/** Call at the top of a test file; the function it gives opens a watched page on an address. The browser, with further flags, closes after the file's tests. */
export function useBrowser(flags: readonly string[] = []): (address: string) => Promise<WatchedPage> {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium(flags);
  });
  afterAll(() => browser.close());
  return async (address) => {
    const page = await browser.newPage();
    const problems: string[] = [];
    const printed: string[] = [];
    page.on("pageerror", (error) => problems.push(`uncaught: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(`console: ${message.text()}`);
      if (message.type() === "log") printed.push(message.text());
    });
    page.on("requestfailed", (request) => problems.push(`request: ${request.url()} ${request.failure()?.errorText}`));
    page.on("response", (response) => {
      if (response.status() >= 400) problems.push(`request: ${response.url()} ${response.status()}`);
    });
    await page.goto(address);
    return { page, problems, printed };
  };
}

/** An init script for `page.addInitScript`: a browser that has no WebGL. */
export function withoutWebgl(): void {
  const original = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
    return kind.startsWith("webgl") ? null : Reflect.apply(original, this, [kind, ...rest]);
  } as typeof original;
}

/** Begins to watch the tasks of the page's thread; the function it gives tells the longest one so far that took more than 50 ms, in milliseconds. */
export async function watchTasks(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(window, { tasks });
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
  });
  return () => page.evaluate(() => (window as unknown as { tasks: number[] }).tasks.reduce((most, time) => Math.max(most, time), 0));
}
