// Everything that finished predictions show: what was predicted, errors and parity plots where there are labels, structures, the download.
import { download } from "../download.js";
import { createErrorTable } from "../error-table.js";
import { createParitySection } from "../parity-section.js";
import { inPieces } from "../pieces.js";
import { createStructurePanel } from "../structure-panel.js";
import { fillSummary, showWarnings, type SummaryLine } from "../summary-list.js";
import type { PredictionRequest, PredictionResult } from "./prediction-job.js";
import type { PredictionRun } from "./prediction-run.js";

export interface Outcome {
  show(run: PredictionRun, request: PredictionRequest, result: PredictionResult): Promise<void>;
}

function find<Kind extends HTMLElement>(id: string): Kind {
  return document.querySelector<Kind>(`#${id}`)!;
}

function summaryLines({ model, structures }: PredictionRequest, result: PredictionResult): SummaryLine[] {
  const { atoms, elements, labels, written, backend, seconds, property } = result;
  const count = result.structures.length;
  return [
    ["Model", model.name],
    ["Structures", `${structures.name}: ${count.toLocaleString("en")} ${count === 1 ? "structure" : "structures"}, ${atoms.toLocaleString("en")} ${atoms === 1 ? "atom" : "atoms"} (${elements.join(", ")})`],
    ...(labels.length > 0 ? [["Labels", labels.join("\n")] as const] : []),
    ...(property?.words ? [["Errors", property.words] as const] : []),
    ["Written", property ? written.join(", ") : `${written.join(", ")} (eV, eV/Å; virials of periodic structures only)`],
    ["Computed on", `${backend}; ${seconds.toFixed(1)} s`],
  ];
}

function predictedName(name: string): string {
  return `${name.replace(/\.(gz|zst)$/i, "").replace(/\.[^.]+$/, "")}-predicted.xyz`;
}

export function createOutcome(onError: (error: unknown) => void, onSaved: () => void): Outcome {
  const parity = createParitySection();
  const panel = createStructurePanel();
  let shown: { result: PredictionResult; name: string } | null = null;
  find("download-predictions").addEventListener("click", () => {
    if (!shown) return;
    download(shown.result.predictions, predictedName(shown.name));
    onSaved();
  });
  return {
    async show(run, request, result) {
      const own = { result, name: request.structures.name };
      shown = own;
      const { errors } = result;
      await inPieces([
        () => {
          find("outcome").hidden = false;
          showWarnings(find("warnings"), result.warnings.map(({ text }) => text));
          fillSummary(find("summary"), summaryLines(request, result));
        },
        () => {
          find("errors-card").hidden = errors === null;
          if (errors) find("errors").replaceChildren(createErrorTable([{ name: "All structures", set: "test", report: errors }]));
        },
        ...parity.show({ ...result, errors: { test: errors }, names: { test: "predicted" } }),
        () => panel.show(run, { structures: result.structures, names: {}, withEnergies: result.property === null }, onError),
      ], () => shown === own);
    },
  };
}
