// docs/embed as it stands there, with the installed package: through Vite and esbuild, below a sub-path, under the policy that the guide names.
import { cp, mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundleWithEsbuild } from "esbuild";
import { build as bundleWithVite } from "vite";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createBackend, parseExtxyz, parseModel } from "lather";
import { EMBED_POLICY } from "../../scripts/content-policy.mjs";
import { servePages } from "../../scripts/serve.mjs";
import { useBrowser, withoutWebgl } from "../browser/page.js";

const page = fileURLToPath(new URL("../../docs/embed", import.meta.url));
const source = join(inject("project"), "embed");
const site = join(inject("project"), "site");
const SUB_PATHS = ["tools/vite/", "tools/esbuild/"] as const;
// The software WebGL of a machine without a GPU has to be asked for.
const open = useBrowser(["--enable-unsafe-swiftshader"]);
let server: Awaited<ReturnType<typeof servePages>>;
let energies: string;

beforeAll(async () => {
  await cp(page, source, { recursive: true });
  await mkdir(join(site, "tools/esbuild"), { recursive: true });
  await bundleWithVite({ configFile: false, root: source, base: "./", logLevel: "error" });
  await rename(join(source, "dist"), join(site, SUB_PATHS[0]));
  await bundleWithEsbuild({ entryPoints: [join(source, "main.js")], bundle: true, format: "esm", outfile: join(site, SUB_PATHS[1], "main.js"), logLevel: "error" });
  for (const name of ["index.html", "page.css"]) await cp(join(source, name), join(site, SUB_PATHS[1], name));
  await cp(join(source, "public"), join(site, SUB_PATHS[1]), { recursive: true });
  server = await servePages({ folder: site, policy: EMBED_POLICY });

  const backend = await createBackend("cpu", { threads: 1 });
  const evaluator = await backend.createEvaluator(parseModel(await readFile(join(page, "public/silicon-model.json"), "utf8")));
  const predictions = await evaluator.predict(parseExtxyz(await readFile(join(page, "public/silicon.xyz"), "utf8")), { forces: false });
  energies = predictions.map(({ energy }) => `${energy.toFixed(3)} eV`).join(", ");
  backend.destroy();
});

afterAll(() => server?.close());

test("the page predicts and shows, from both bundlers", async () => {
  for (const path of SUB_PATHS) {
    const { page: tab, problems } = await open(`${server.url}${path}`);
    await tab.waitForFunction(() => document.querySelector("#outcome")!.textContent!.includes("eV"), undefined, { timeout: 60_000 });
    expect(await tab.locator("#outcome").innerText(), path).toContain(energies);
    const canvas = tab.locator("lather-viewer canvas");
    expect(await canvas.getAttribute("aria-label"), path).toMatch(/32 atoms \(Si32\), colored by local_energy .* eV, with arrows of forces, the longest 1\.\d\d eV\/Å/);
    expect(problems, path).toEqual([]);
    await tab.close();
  }
});

test("keys change the frame, a resized element its drawing, and a removed one gives WebGL back", async () => {
  const { page: tab, problems } = await open(`${server.url}${SUB_PATHS[0]}`);
  await tab.waitForFunction(() => document.querySelector("#outcome")!.textContent!.includes("eV"));
  const viewer = tab.locator("lather-viewer");
  const canvas = viewer.locator("canvas");
  await canvas.press("PageDown");
  expect(await viewer.getAttribute("frame")).toBe("1");
  await canvas.press("PageDown");
  expect(await viewer.getAttribute("frame")).toBe("1");
  await tab.evaluate(() => document.querySelector("lather-viewer")!.style.setProperty("width", "300px"));
  await tab.waitForFunction(() => (document.querySelector("lather-viewer")!.shadowRoot!.querySelector("canvas")!.width / devicePixelRatio) < 301);

  const lost = await tab.evaluate(() => {
    const element = document.querySelector("lather-viewer")!;
    const context = element.shadowRoot!.querySelector("canvas")!.getContext("webgl2")!;
    element.remove();
    const isLost = context.isContextLost();
    document.body.append(element);
    return { isLost, label: element.shadowRoot!.querySelector("canvas")!.getAttribute("aria-label") };
  });
  expect(lost).toMatchObject({ isLost: true, label: expect.stringContaining("32 atoms") });
  expect(problems).toEqual([]);
});

test("what cannot be shown is said in the element and told as an error", async () => {
  const { page: tab } = await open(`${server.url}${SUB_PATHS[0]}`);
  await tab.waitForFunction(() => document.querySelector("#outcome")!.textContent!.includes("eV"));
  const complaint = (attribute: string, value: string): Promise<string[]> =>
    tab.evaluate(([name, text]) => new Promise<string[]>((resolve) => {
      const element = document.querySelector("lather-viewer")!;
      element.addEventListener("error", ({ message }) => resolve([message, element.shadowRoot!.querySelector("[role=status][data-viewer=state]")!.textContent!]), { once: true });
      element.setAttribute(name!, text!);
    }), [attribute, value]);
  const column = await complaint("color", "charges");
  expect(column[0]).toMatch(/no such column of numbers.*expected local_energy, forces, got charges/);
  expect(column[1]).toBe(column[0]);
  await tab.evaluate(() => document.querySelector("lather-viewer")!.removeAttribute("color"));
  expect((await complaint("arrows", "local_energy"))[0]).toMatch(/expected three numbers per atom, got 1/);
  await tab.evaluate(() => document.querySelector("lather-viewer")!.removeAttribute("arrows"));
  expect((await complaint("frame", "7"))[0]).toBe("frame 7: expected 0 to 1");
  await tab.evaluate(() => (document.querySelector("lather-viewer")!.structures = null));
  expect((await complaint("src", "nothing.xyz"))[0]).toMatch(/nothing\.xyz: 404/);
});

test("without WebGL the element says so, and the prediction is there", async () => {
  const { page: tab, problems } = await open("about:blank");
  await tab.addInitScript(withoutWebgl);
  await tab.goto(`${server.url}${SUB_PATHS[0]}`);
  await tab.waitForFunction(() => document.querySelector("#outcome")!.textContent!.includes("eV"));
  expect(await tab.locator("lather-viewer [data-viewer=message]").innerText()).toContain("needs WebGL 2");
  expect(problems).toEqual([]);
});

test("each directive of the policy is needed", async () => {
  for (const [left, complaint] of [["'wasm-unsafe-eval'", /wasm-unsafe-eval|WebAssembly/], ["worker-src blob:;", /worker/i]] as const) {
    const { url, close } = await servePages({ folder: site, policy: EMBED_POLICY.replace(left, "") });
    try {
      const { page: tab, problems } = await open(`${url}${SUB_PATHS[1]}`);
      await expect.poll(() => problems.join("\n"), { timeout: 20_000 }).toMatch(complaint);
      expect(await tab.locator("#outcome").innerText()).toBe("Predicting …");
    } finally {
      await close();
    }
  }
});
