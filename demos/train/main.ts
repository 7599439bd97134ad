// The page "Train a potential": wires the form to a training run, and the run to what is shown.
import { showBanner, showError } from "../error-banner.js";
import { createLeaveGuard } from "../leave-guard.js";
import { createProcessorChoice } from "../processor-choice.js";
import { createProgressPanel } from "../progress-panel.js";
import { nameOf } from "../read-structures.js";
import { createStaleNote } from "../stale-note.js";
import { createDataChoice } from "./data-choice.js";
import { createOutcome } from "./outcome.js";
import { createSearchChoice } from "./search-choice.js";
import { createSearchProgress } from "./search-progress.js";
import { createSettings } from "./settings.js";
import { stagesOf } from "./stages.js";
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
const search = createSearchChoice((on) => settings.leaveToSearch(on));
const data = createDataChoice((ownFiles) => search.follow(ownFiles));
const progress = createProgressPanel("Training");
const searching = createSearchProgress(progress.report, find("best"));
const leave = createLeaveGuard();
const outcome = createOutcome(complain, () => leave.setUnsaved(false));
const stale = createStaleNote(form, find("stale-note"), {
  running: "A new training is running. Below is still the result of the previous one.",
  changed: "Data or settings have changed since: below is the result of the previous ones. Press Train for a new one.",
});

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
  leave.setRunning(running);
  find("welcome").hidden = true;
}

async function startRun(request: TrainingRequest): Promise<void> {
  banner.hidden = true;
  stale.begin();
  progress.start(stagesOf(nameOf(request.train), request.test && nameOf(request.test), request.search !== null));
  searching.begin(request.search?.budget ?? null);
  setRunning(true);
  const run = startTraining(request, { progress: searching.report, best: searching.best, backend: processor.showUsed });
  active = run;
  let shown = false;
  try {
    const result = await run.result.finally(searching.end);
    kept?.destroy();
    kept = run;
    shown = true;
    progress.stop("Finished", "", true);
    leave.setUnsaved(true);
    await outcome.show(run, request, result);
  } catch (error) {
    if (error instanceof Cancelled) {
      const before = kept ? " Below is the result of the previous one." : "";
      progress.stop("Cancelled", `Nothing was kept of this training.${before}`, false);
    } else {
      progress.stop("Stopped", "The training ended with an error.", false);
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
  const own = settings.read();
  const budget = search.read();
  const sources = data.read();
  if (own === null || budget === "wrong") return showBanner(banner, "Some settings need attention", "They are marked in the form.");
  if (typeof sources === "string") return showBanner(banner, "No data yet", sources);
  const { train: trainingSet, test, keys } = sources;
  void startRun({ train: trainingSet, test, configuration: { ...own.configuration, keys }, search: budget && { budget, fixed: own.paths }, processor: processor.kind });
});
cancel.addEventListener("click", () => {
  cancel.disabled = true;
  cancel.textContent = "Cancelling …";
  active?.cancel();
});
find("defaults").addEventListener("click", () => settings.reset());
