// What the server says to the browser, and that the pages keep to it: every other test of this folder runs under this policy, too.
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, inject, test } from "vitest";
import { useBrowser } from "./page.js";

const demos = fileURLToPath(new URL("../../demos", import.meta.url));
const addresses = ["", ...readdirSync(demos).filter((name) => existsSync(`${demos}/${name}/index.html`)).map((name) => `${name}/`)];
const open = useBrowser();

test("every page comes with the policy and nosniff, and has no inline script", async () => {
  expect(addresses.length).toBeGreaterThan(3);
  for (const address of addresses) {
    const answer = await fetch(`${inject("pages")}${address}`);
    expect(answer.headers.get("x-content-type-options"), address).toBe("nosniff");
    const policy = answer.headers.get("content-security-policy")!;
    expect(policy, address).toMatch(/(^|; )script-src 'self' 'wasm-unsafe-eval'(;|$)/);
    expect(policy, address).toMatch(/(^|; )default-src 'self'(;|$)/);
    const html = await answer.text();
    const scripts = html.match(/<script\b[^>]*>/g)!;
    expect(scripts.length, address).toBeGreaterThan(0);
    expect(scripts.filter((script) => !/\ssrc="/.test(script)), address).toEqual([]);
    expect(html, address).not.toMatch(/\son[a-z]+\s*=|javascript:/i);
  }
});

test("data and programs have the headers too, and an inline script does not run", async () => {
  for (const path of ["gallery.json", "silicon-sw-train.xyz.gz"]) {
    expect((await fetch(`${inject("pages")}${path}`)).headers.get("x-content-type-options"), path).toBe("nosniff");
  }
  const { page, problems } = await open(inject("pages"));
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'inline'";
    document.body.append(script);
  });
  expect(await page.title()).toBe("Lather");
  expect(problems.join("\n")).toMatch(/Content Security Policy/);
});
