// The page "Predict with a model": wires the two files to a run, and the run to what is shown.
import { showBanner, showError } from "../error-banner.js";
import { createLeaveGuard } from "../leave-guard.js";
import { receiveModel } from "../model-handover.js";
import { createProcessorChoice } from "../processor-choice.js";
import { createProgressPanel } from "../progress-panel.js";
import { createStaleNote } from "../stale-note.js";
import { fillSummary } from "../summary-list.js";
import { createFileChoice } from "./file-choice.js";
import { createOutcome } from "./outcome.js";
import type { PredictionRequest } from "./prediction-job.js";
import { Cancelled, describeModel, startPrediction, type PredictionRun } from "./prediction-run.js";

function find<Kind extends HTMLElement>(id: string): Kind {
  return document.querySelector<Kind>(`#${id}`)!;
}

const form = find<HTMLFormElement>("setup");
const [predict, cancel] = [find<HTMLButtonElement>("predict"), find<HTMLButtonElement>("cancel")];
const banner = find("banner");
const processor = createProcessorChoice();
const progress = createProgressPanel("Predicting");
const leave = createLeaveGuard();
const outcome = createOutcome(complain, () => leave.setUnsaved(false));
const stale = createStaleNote(form, find("stale-note"), {
  running: "New predictions are on their way. Below are still the previous ones.",
  changed: "Another file has been chosen since: below are the predictions of the previous ones. Press Predict for new ones.",
});
const files = createFileChoice((file) => void showModel(file), complain);
receiveModel((file) => files.takeModel(file));

/** The run in progress, and the one whose results are on the page. */
let active: PredictionRun | null = null;
let kept: PredictionRun | null = null;

function complain(error: unknown): void {
  showError(banner, "prediction", error);
}

/** Names the model as soon as it is chosen. */
async function showModel(file: File | null): Promise<void> {
  const card = find("model-card");
  card.hidden = true;
  banner.hidden = true;
  if (!file) return;
  try {
    const { name, lines } = await describeModel(file);
    if (files.model !== file) return;
    find("model-title").textContent = `Model: ${name}`;
    fillSummary(find("model-summary"), lines);
    card.hidden = false;
    find("welcome").hidden = true;
  } catch (error) {
    if (files.model === file) complain(error);
  }
}

function setRunning(running: boolean): void {
  predict.disabled = running;
  cancel.disabled = !running;
  predict.textContent = running ? "Predicting …" : "Predict";
  cancel.textContent = "Cancel";
  processor.setEnabled(!running);
  leave.setRunning(running);
  find("welcome").hidden = true;
}

async function startRun(request: PredictionRequest): Promise<void> {
  banner.hidden = true;
  stale.begin();
  progress.start([{ name: "reading the model", cost: 1 }, { name: `reading ${request.structures.name}`, cost: 1 }, { name: "prediction", cost: 8 }]);
  setRunning(true);
  const run = startPrediction(request, { progress: (report) => progress.report(report), backend: processor.showUsed });
  active = run;
  let shown = false;
  try {
    const result = await run.result;
    kept?.destroy();
    kept = run;
    shown = true;
    progress.stop("Finished", "", true);
    leave.setUnsaved(true);
    await outcome.show(run, request, result);
  } catch (error) {
    if (error instanceof Cancelled) {
      progress.stop("Cancelled", `Nothing was kept of these predictions.${kept ? " Below are the previous ones." : ""}`, false);
    } else {
      progress.stop("Stopped", "The predictions ended with an error.", false);
      complain(error);
    }
  } finally {
    active = null;
    setRunning(false);
    stale.end(shown);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (active) return;
  const { model, structures } = files;
  if (!model || !structures) {
    const missing = [...(model ? [] : ["a model"]), ...(structures ? [] : ["a file of structures"])].join(" and ");
    return showBanner(banner, "Something is missing", `Choose ${missing} first.`);
  }
  void startRun({ model, structures, processor: processor.kind });
});
cancel.addEventListener("click", () => {
  cancel.disabled = true;
  cancel.textContent = "Cancelling …";
  active?.cancel();
});
