// The page "Train a potential": wires the form to a training run, and the run to what is shown.
import { showBanner, showError } from "../error-banner.js";
import { createProcessorChoice } from "../processor-choice.js";
import { createDataChoice } from "./data-choice.js";
import { createOutcome } from "./outcome.js";
import { createProgressPanel } from "./progress-panel.js";
import { createSettings } from "./settings.js";
import type { TrainingRequest } from "./training-job.js";
import { Cancelled, startTraining, type TrainingRun } from "./training-run.js";

function find<Kind extends HTMLElement>(id: string): Kind {
  return document.querySelector<Kind>(`#${id}`)!;
}

const form = find<HTMLFormElement>("setup");
const [train, cancel] = [find<HTMLButtonElement>("train"), find<HTMLButtonElement>("cancel")];
const banner = find("banner");
const processor = createProcessorChoice();
const settings = createSettings(find("settings"));
const data = createDataChoice();
const progress = createProgressPanel();
const outcome = createOutcome(complain);

/** The run in progress, and the one whose results are on the page. */
let active: TrainingRun | null = null;
let kept: TrainingRun | null = null;

function complain(error: unknown): void {
  showError(banner, "fit", error);
}

function setRunning(running: boolean): void {
  train.disabled = running;
  cancel.disabled = !running;
  train.textContent = running ? "Training …" : "Train";
  cancel.textContent = "Cancel";
  find<HTMLFieldSetElement>("settings").disabled = running;
  processor.setEnabled(!running);
  find("welcome").hidden = true;
}

async function startRun(request: TrainingRequest): Promise<void> {
  banner.hidden = true;
  outcome.setStale(kept !== null);
  progress.start();
  setRunning(true);
  const run = startTraining(request, { progress: (report) => progress.report(report), backend: processor.showUsed });
  active = run;
  try {
    const result = await run.result;
    kept?.destroy();
    kept = run;
    progress.stop("Finished", "", true);
    outcome.setStale(false);
    outcome.show(run, result);
  } catch (error) {
    if (error instanceof Cancelled) {
      progress.stop("Cancelled", "Nothing was kept of this training.", false);
    } else {
      progress.stop("Stopped", "The training ended with an error.", false);
      complain(error);
    }
  } finally {
    active = null;
    setRunning(false);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (active) return;
  const configuration = settings.read();
  const sources = data.read();
  if (configuration === null) return showBanner(banner, "Some settings need attention", "They are marked in the form.");
  if (typeof sources === "string") return showBanner(banner, "No data yet", sources);
  const { train: trainingSet, test, keys } = sources;
  void startRun({ train: trainingSet, test, configuration: { ...configuration, keys }, processor: processor.kind });
});
cancel.addEventListener("click", () => {
  cancel.disabled = true;
  cancel.textContent = "Cancelling …";
  active?.cancel();
});
find("defaults").addEventListener("click", () => settings.reset());
