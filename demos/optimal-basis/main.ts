// The page "Optimal radial basis": wires the form to a computation, and its result to the explorer.
import { Cancelled, startBasis, type BasisRun } from "./basis-run.js";
import type { BasisRequest } from "./basis-job.js";
import { showBanner, showError } from "../error-banner.js";
import { download } from "../download.js";
import { createLeaveGuard } from "../leave-guard.js";
import { createProcessorChoice } from "../processor-choice.js";
import { createProgressPanel } from "../progress-panel.js";
import { createStaleNote } from "../stale-note.js";
import { createDataChoice } from "./data-choice.js";
import { createDensityPanel } from "./density-panel.js";
import { createExplorer } from "./explorer.js";
import type { PlannedStage } from "../job-clock.js";
import { createSettings } from "./settings.js";

function find<Kind extends HTMLElement>(id: string): Kind {
  return document.querySelector<Kind>(`#${id}`)!;
}

const form = find<HTMLFormElement>("setup");
const [compute, cancel] = [find<HTMLButtonElement>("compute"), find<HTMLButtonElement>("cancel")];
const banner = find("banner");
const processor = createProcessorChoice();
const settings = createSettings(find("numbers"));
const data = createDataChoice();
const progress = createProgressPanel("Computing");
const leave = createLeaveGuard();
const stale = createStaleNote(form, find("stale-note"), {
  running: "A new computation is running. Below is still the result of the previous one.",
  changed: "Data or settings have changed since: below is the result of the previous ones. Press Compute for a new one.",
});
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
  leave.setRunning(running);
  find("welcome").hidden = true;
}

/** Shares of the time that the embedded set takes with the defaults. */
function stagesOf({ source }: BasisRequest): PlannedStage[] {
  const name = source.kind === "file" ? source.file.name : source.name;
  return [{ name: `reading ${name}`, cost: 15 }, { name: "density coefficients", cost: 1 }, { name: "optimal basis", cost: 70 }, { name: "radial functions", cost: 10 }];
}

async function start(request: BasisRequest): Promise<void> {
  banner.hidden = true;
  stale.begin();
  progress.start(stagesOf(request));
  setRunning(true);
  const run = startBasis(request, { progress: (report) => progress.report(report), backend: processor.showUsed });
  active = run;
  let fresh = false;
  try {
    const result = await run.result;
    shown?.destroy();
    shown = run;
    fresh = true;
    leave.setUnsaved(true);
    densities.setSource(run, result);
    await explorer.show(result);
    progress.stop("Finished", "The sliders choose from this result; nothing is computed again.", true);
  } catch (error) {
    if (error instanceof Cancelled) {
      progress.stop("Cancelled", `Nothing was kept of this computation.${shown ? " Below is the result of the previous one." : ""}`, false);
    } else {
      progress.stop("Stopped", "The computation ended with an error.", false);
      complain(error);
    }
  } finally {
    active = null;
    setRunning(false);
    stale.end(fresh);
  }
}

form.addEventListener("submit", (event) => {
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
find("download-basis").addEventListener("click", () => {
  if (!shown) return;
  const kept = Number(find<HTMLInputElement>("kept").value);
  shown.configuration(kept).then((text) => {
    download(new Blob([text], { type: "application/json" }), `basis-q${kept}.json`);
    leave.setUnsaved(false);
  }, complain);
});
