// The page: which backend and cases, a run, its tables, and the same JSON as that of `npm run bench`.
import { showError } from "../demos/error-banner.js";
import { GpuError } from "../src/index.js";
import { findAdapter } from "./gpu-adapter.js";
import { passNotes, passTable } from "./gpu-report.js";
import { CASES, runInPage } from "./page-run.js";
import { caseNotes, caseTable, isMissing, isResult, machineLines, missingLine } from "./report.js";
import type { BenchReport } from "./result.js";
import type { Setting } from "./setting.js";

function find<Kind extends HTMLElement>(selector: string): Kind {
  return document.querySelector<Kind>(selector)!;
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name, text = "", attributes: Readonly<Record<string, string>> = {},
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

const setup = find<HTMLFormElement>("#setup");
const [status, results, tables, banner] = [find("#status"), find("#results"), find("#tables"), find("#banner")];
let last: BenchReport | null = null;

function chosenKind(): Setting["kind"] {
  return new FormData(setup).get("backend") === "gpu" ? "gpu" : "cpu";
}

/** One box per case of the chosen backend, all ticked. */
function showCases(): void {
  const boxes = CASES.filter(({ kinds }) => kinds.includes(chosenKind())).map(({ name }) => {
    const label = element("label");
    label.append(element("input", "", { type: "checkbox", name: "case", value: name, checked: "" }), ` ${name}`);
    return label;
  });
  find("#cases").replaceChildren(element("legend", "Cases"), ...boxes);
}

/** Rows of texts, the first one the head, the first column naming its row. */
function table([head, ...rows]: readonly (readonly string[])[], caption: string): HTMLElement {
  const region = element("div", "", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption });
  const [made, top, body] = [element("table"), element("thead"), element("tbody")];
  const line = element("tr");
  line.append(...head!.map((text) => element("th", text, { scope: "col" })));
  top.append(line);
  for (const [name, ...cells] of rows) {
    const row = element("tr");
    row.append(element("th", name, { scope: "row" }), ...cells.map((text) => element("td", text)));
    body.append(row);
  }
  made.append(element("caption", caption), top, body);
  region.append(made);
  return region;
}

function note(text: string): HTMLElement {
  return element("p", text.trim(), { class: "muted small" });
}

function show(report: BenchReport): void {
  const ran = report.cases.filter(isResult);
  const missing = report.cases.filter(isMissing);
  const details = ran.flatMap((result) => {
    const passes = passTable(result);
    const passesTable = passes ? [table(passes, `Passes of ${result.name}`)] : [];
    return [element("h3", result.name), ...caseNotes(result).map(note), ...passesTable, ...passNotes(result).map(note)];
  });
  tables.replaceChildren(
    ...machineLines(report).map(note), table(caseTable(report.cases), "Cases"),
    ...missing.map((entry) => element("p", missingLine(entry))), ...details,
  );
  results.hidden = false;
}

async function run(): Promise<void> {
  const names = new FormData(setup).getAll("case").map(String);
  const button = find<HTMLButtonElement>("#run");
  banner.hidden = true;
  button.disabled = true;
  try {
    last = await runInPage(chosenKind(), names, (what) => (status.textContent = `Running: ${what} …`));
    show(last);
    status.textContent = "Finished.";
  } catch (error) {
    status.textContent = "Stopped.";
    showError(banner, "benchmark", error);
  } finally {
    button.disabled = false;
  }
}

async function lookForGpu(): Promise<void> {
  const choice = find<HTMLInputElement>('input[value="gpu"]');
  try {
    const { software, timestamps } = await findAdapter();
    choice.disabled = false;
    find("#adapter").textContent =
      (software ? "Only a GPU in software was found: it computes on the processor, and its figures are no GPU's. " : "A GPU was found. ") +
      (timestamps
        ? "Browsers round the times of single passes to 0.1 ms unless they are started with --enable-webgpu-developer-features."
        : "It gives no times of single passes.");
  } catch (error) {
    if (!(error instanceof GpuError)) throw error;
    find("#adapter").textContent = `No WebGPU here: ${error.message}`;
  }
}

setup.addEventListener("submit", (event) => {
  event.preventDefault();
  void run();
});
find("#backend").addEventListener("change", showCases);
find("#download").addEventListener("click", () => {
  const address = URL.createObjectURL(new Blob([`${JSON.stringify(last, null, 2)}\n`], { type: "application/json" }));
  element("a", "", { href: address, download: "lather-bench.json" }).click();
  URL.revokeObjectURL(address);
});
showCases();
await lookForGpu();
