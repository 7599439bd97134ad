// The page "Optimal radial basis": wires the form to a computation, and its result to the explorer.
import { Cancelled, startBasis, type BasisRun } from "./basis-run.js";
import type { BasisRequest } from "./basis-job.js";
import { showBanner, showError } from "../error-banner.js";
import { createProcessorChoice } from "../processor-choice.js";
import { createDataChoice } from "./data-choice.js";
import { createDensityPanel } from "./density-panel.js";
import { createExplorer } from "./explorer.js";
import { createProgressPanel } from "./progress-panel.js";
import { createSettings } from "./settings.js";

function find<Kind extends HTMLElement>(id: string): Kind {
  return document.querySelector<Kind>(`#${id}`)!;
}

const [compute, cancel] = [find<HTMLButtonElement>("compute"), find<HTMLButtonElement>("cancel")];
const banner = find("banner");
const processor = createProcessorChoice();
const settings = createSettings(find("numbers"));
const data = createDataChoice();
const progress = createProgressPanel();
const densities = createDensityPanel(complain);
const explorer = createExplorer(densities);
let active: BasisRun | null = null;
let shown: BasisRun | null = null;

function complain(error: unknown): void {
  showError(banner, "basis", error);
}

function setRunning(running: boolean): void {
  compute.disabled = running;
  cancel.disabled = !running;
  compute.textContent = running ? "Computing …" : "Compute";
  cancel.textContent = "Cancel";
  find<HTMLFieldSetElement>("settings").disabled = running;
  processor.setEnabled(!running);
  find("welcome").hidden = true;
}

async function start(request: BasisRequest): Promise<void> {
  banner.hidden = true;
  explorer.setStale(shown !== null);
  progress.start();
  setRunning(true);
  const run = startBasis(request, { progress: (report) => progress.report(report), backend: processor.showUsed });
  active = run;
  try {
    const result = await run.result;
    progress.stop("Finished", "The sliders choose from this result; nothing is computed again.");
    explorer.setStale(false);
    shown?.destroy();
    shown = run;
    densities.setSource(run, result);
    explorer.show(result);
  } catch (error) {
    if (error instanceof Cancelled) {
      progress.stop("Cancelled", "Nothing was kept of this computation.");
    } else {
      progress.stop("Stopped", "The computation ended with an error.");
      complain(error);
    }
  } finally {
    active = null;
    setRunning(false);
  }
}

find<HTMLFormElement>("setup").addEventListener("submit", (event) => {
  event.preventDefault();
  if (active) return;
  const chosen = settings.read();
  const source = data.read();
  if (chosen === null) return showBanner(banner, "Some settings need attention", "They are marked in the form.");
  if (typeof source === "string") return showBanner(banner, "No data yet", source);
  void start({ source, ...chosen, processor: processor.kind });
});
cancel.addEventListener("click", () => {
  cancel.disabled = true;
  cancel.textContent = "Cancelling …";
  active?.cancel();
});
find("defaults").addEventListener("click", () => settings.reset());
