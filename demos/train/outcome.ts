// Everything that a finished training shows: summary, errors, parity plots, structures, downloads.
import { createErrorTable } from "./error-table.js";
import { createParityPlot, type ParityPlot } from "./parity-plot.js";
import { createStructurePanel } from "./structure-panel.js";
import type { TrainingResult } from "./training-job.js";
import type { TrainingRun } from "./training-run.js";

export interface Outcome {
  show(run: TrainingRun, result: TrainingResult): void;
  /** Marks what is shown as the result of an earlier run. */
  setStale(stale: boolean): void;
}

function find<Kind extends HTMLElement>(id: string): Kind {
  return document.querySelector<Kind>(`#${id}`)!;
}

function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser reads the blob after this task; a minute is enough for any disk.
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

function perElement(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([symbol, count]) => `${symbol} ${count.toLocaleString("en")}`).join(", ");
}

/** "isolated atoms: Si −158.5450 eV". */
function baselineWords({ kind, energies }: TrainingResult["diagnostics"]["baseline"]): string {
  const words = { isolated: "isolated atoms", "least-squares": "least squares over the training set", given: "given" }[kind];
  return `${words}: ${Object.entries(energies).map(([symbol, energy]) => `${symbol} ${energy.toFixed(4).replace("-", "−")} eV`).join(", ")}`;
}

function summaryLines({ backend, labels, split, diagnostics, seconds }: TrainingResult): [string, string][] {
  const { baseline, sparse, features, components, jitter, environments, rows, weightSum } = diagnostics;
  const stability = `sum of |weights| ${weightSum.toPrecision(3)} eV; jitter ${jitter.toExponential(1)}`;
  const total = Object.values(seconds).reduce((sum, time) => sum + time, 0);
  return [
    ["Data", labels.join(" · ")],
    ["Test set", split],
    ["Baseline", baselineWords(baseline)],
    ["Sparse points", perElement(sparse)],
    ["Features", `${features.toLocaleString("en")}, of which components kept: ${perElement(components)}`],
    ["Fit", `${rows.toLocaleString("en")} equations for ${environments.toLocaleString("en")} environments; ${stability}`],
    ["Computed on", `${backend}; fit in ${("total" in seconds ? seconds["total"]! : total).toFixed(1)} s`],
  ];
}

function fillSummary(list: HTMLElement, lines: readonly [string, string][]): void {
  list.replaceChildren(
    ...lines.flatMap(([term, text]) => {
      const [name, value] = [document.createElement("dt"), document.createElement("dd")];
      name.textContent = term;
      value.textContent = text;
      return [name, value];
    }),
  );
}

function parityPlots({ energies, forces, structures, errors: { train, test } }: TrainingResult): ParityPlot[] {
  const energy = (rmse: number | null | undefined): string | null => (rmse == null ? null : `${(1000 * rmse).toFixed(2)} meV/atom`);
  const force = (rmse: number | null | undefined): string | null => (rmse == null ? null : `${rmse.toFixed(4)} eV/Å`);
  const plots = [
    createParityPlot({
      title: "Energies, relative to the baseline", quantity: "energy − baseline", unit: "eV/atom", parity: energies,
      rmse: { train: energy(train.energy_rmse), test: energy(test?.energy_rmse) },
      remark: structures.some(({ atoms }) => atoms === 1) ? "Single atoms, which are the baseline, are not drawn." : "",
    }),
  ];
  if (forces.points.length > 0) {
    plots.push(createParityPlot({
      title: "Force components", quantity: "force", unit: "eV/Å", parity: forces,
      rmse: { train: force(train.force_rmse), test: force(test?.force_rmse) },
    }));
  }
  return plots;
}

export function createOutcome(onError: (error: unknown) => void): Outcome {
  const [outcome, parity] = [find("outcome"), find("parity")];
  const panel = createStructurePanel();
  let plots: ParityPlot[] = [];
  let shown: TrainingResult | null = null;
  new ResizeObserver(() => plots.forEach((plot) => plot.draw())).observe(parity);
  find("download-model").addEventListener("click", () => shown && download(shown.model, "model.lather.json"));
  find("download-predictions").addEventListener("click", () => shown && download(shown.predictions, "predictions.xyz"));
  return {
    show(run, result) {
      shown = result;
      outcome.hidden = false;
      fillSummary(find("summary"), summaryLines(result));
      find("errors").replaceChildren(createErrorTable(result.errors));
      plots = parityPlots(result);
      parity.replaceChildren(...plots.map(({ element }) => element));
      plots.forEach((plot) => plot.draw());
      panel.show(run, result, onError);
    },
    setStale(stale) {
      outcome.classList.toggle("stale", stale);
      find("summary-title").textContent = stale ? "Model of the previous training" : "Model";
    },
  };
}
