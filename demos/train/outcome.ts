// Everything that a finished training shows: summary, errors, parity plots, structures, downloads; drawn in pieces, so that the page answers.
import { describeNoise } from "lather";
import { download } from "../download.js";
import { createErrorTable, type ErrorSet } from "../error-table.js";
import { openPrediction } from "../model-handover.js";
import { baselineWords, perElement } from "../model-words.js";
import { createParitySection } from "../parity-section.js";
import { inPieces } from "../pieces.js";
import { nameOf, type Source } from "../read-structures.js";
import { createStructurePanel } from "../structure-panel.js";
import { fillSummary, showWarnings, type SummaryLine } from "../summary-list.js";
import type { SearchReport, TrainingRequest, TrainingResult } from "./training-job.js";
import type { TrainingRun } from "./training-run.js";

export interface Outcome {
  show(run: TrainingRun, request: TrainingRequest, result: TrainingResult): Promise<void>;
}

const MODEL_NAME = "model.lather.json";
/** As `lather fit --auto` names it. */
const SETTINGS_NAME = "model.lather.config.json";
const NAMES = { train: "training", test: "test" } as const;

function find<Kind extends HTMLElement>(id: string): Kind {
  return document.querySelector<Kind>(`#${id}`)!;
}

/** A line for every file, and below it what was missing, not used, or other numbers. */
function labelWords({ labels }: TrainingResult): string {
  return labels.flatMap(({ file, lines: [taken, ...rest] }) => [`${file}: ${taken}`, ...rest]).join("\n");
}

function summaryLines(result: TrainingResult): SummaryLine[] {
  const { backend, split, diagnostics, seconds } = result;
  const { baseline, sparse, features, components, jitter, environments, rows, weightSum, noise } = diagnostics;
  const total = seconds["total"] ?? Object.values(seconds).reduce((sum, time) => sum + time, 0);
  return [
    ["Data", labelWords(result)],
    ["Test set", split],
    ["Baseline", baselineWords(baseline.kind, baseline.energies)],
    ["Sparse points", perElement(sparse)],
    ["Features", `${features.toLocaleString("en")}, of which components kept: ${perElement(components)}`],
    ["Fit", `${rows.toLocaleString("en")} equations for ${environments.toLocaleString("en")} environments; jitter ${jitter.toExponential(1)}`],
    ["σ of the rows", describeNoise(noise)],
    ["Weights", `sum of |weights| ${weightSum.toPrecision(3)} eV`],
    ["Computed on", `${backend}; fit in ${total.toFixed(1)} s`],
  ];
}

/** As a shell takes it. */
function quoted(name: string): string {
  return /^[\w./+-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`;
}

/** The fit once more: on the whole training file where a part of it was held out. */
function showCommand({ train, test }: TrainingRequest): void {
  const file = (source: Source): string => quoted(nameOf(source));
  const words = ["npx lather fit", `--train ${file(train)}`, ...(test ? [`--test ${file(test)}`] : []), `--config ${SETTINGS_NAME}`, `--model ${MODEL_NAME}`];
  find("command-words").textContent = `The same fit on the command line, with the settings downloaded${test ? "" : " (there the held-out structures train, too)"}:`;
  // A line breaks between options, never after the hyphens of one.
  find("command").replaceChildren(...words.flatMap((word) => {
    const part = document.createElement("span");
    part.textContent = word;
    return [part, " "];
  }));
}

function showSearch(search: SearchReport | null): void {
  find("search").hidden = search === null;
  find("search-words").textContent = search?.words ?? "";
  find("reasons").replaceChildren(...(search?.reasons ?? []).map((reason) => {
    const item = document.createElement("li");
    item.textContent = reason;
    return item;
  }));
}

export function createOutcome(onError: (error: unknown) => void, onSaved: () => void): Outcome {
  const parity = createParitySection();
  const panel = createStructurePanel();
  let shown: TrainingResult | null = null;
  find("download-model").addEventListener("click", () => {
    if (!shown) return;
    download(shown.model, MODEL_NAME);
    onSaved();
  });
  find("download-settings").addEventListener("click", () => shown && download(new Blob([shown.configuration], { type: "application/json" }), SETTINGS_NAME));
  find("download-predictions").addEventListener("click", () => shown && download(shown.predictions, "predictions.xyz"));
  find("predict-with-model").addEventListener("click", () => shown && openPrediction(new File([shown.model], MODEL_NAME, { type: "application/json" })));
  return {
    async show(run, request, result) {
      shown = result;
      const { errors: { train, test } } = result;
      const sets: ErrorSet[] = [
        ...(test ? [{ name: "Test", set: "test" as const, report: test }] : []), { name: "Training", set: "train", report: train },
      ];
      await inPieces([
        () => {
          find("outcome").hidden = false;
          showWarnings(find("warnings"), result.warnings.map(({ text }) => text));
          fillSummary(find("summary"), summaryLines(result));
          showSearch(result.search);
          showCommand(request);
          fillSummary(find("model-settings"), [...result.settings, ...result.terms]);
        },
        () => find("errors").replaceChildren(createErrorTable(sets)),
        ...parity.show({ ...result, names: NAMES }),
        () => panel.show(run, { structures: result.structures, names: NAMES, withEnergies: true }, onError),
      ], () => shown === result);
    },
  };
}
