// Everything that a finished computation shows. The sliders choose from its result; they ask neither the data nor a worker for anything.
import type { BasisResult } from "./basis-job.js";
import type { DensityPanel } from "./density-panel.js";
import { drawFunctions } from "./function-plot.js";
import { inPieces } from "../pieces.js";
import { fillSummary, type SummaryLine } from "../summary-list.js";
import { scientific } from "./scientific.js";
import { jointResidual, residualAt, spectraOf, type Spectrum } from "./spectrum.js";
import { drawDegreeLegend, drawEigenvalues, drawResiduals } from "./spectrum-plots.js";
import { drawMixing, drawNeeded } from "./tables.js";

export interface Explorer {
  /** Resolves when all of it is drawn. */
  show(result: BasisResult): Promise<void>;
}

const START_KEPT = 4;

function find<Kind extends HTMLElement>(id: string): Kind {
  return document.querySelector<Kind>(`#${id}`)!;
}

function summaryLines({ data, directions, elements, backend, seconds }: BasisResult): SummaryLine[] {
  const { nMax, lMax, mixed } = directions;
  const blocks = mixed ? `one matrix over ${elements.length} × ${nMax} channels per degree` : `one ${nMax} × ${nMax} matrix per element and degree`;
  return [
    ["Data", `${data.name}: ${data.used} of ${data.total} structures, ${data.environments.toLocaleString("en")} environments`],
    ["Elements", elements.join(", ")],
    ["Covariances", `${blocks}, l = 0 … ${lMax}, uncentered`],
    ["Computed on", `${backend}; ${seconds.toFixed(1)} s`],
  ];
}

export function createExplorer(densities: DensityPanel): Explorer {
  const [degree, kept] = [find<HTMLInputElement>("degree"), find<HTMLInputElement>("kept")];
  const [element, timesR] = [find<HTMLSelectElement>("element"), find<HTMLInputElement>("times-r")];
  let shown: BasisResult | null = null;
  let spectra: Spectrum[] = [];

  /** What is to be drawn for the controls as they are, in pieces. */
  const pieces = (): (() => void)[] => {
    if (!shown) return [];
    const result = shown;
    const [l, q, a] = [Number(degree.value), Number(kept.value), Number(element.value)];
    const spectrum = spectra[l]!;
    const there = Math.min(q, spectrum.eigenvalues.length);
    const sayHow = (): void => {
      find("degree-value").textContent = String(l);
      find("kept-value").textContent = String(q);
      const left = (share: number): string => scientific(share, 3);
      const fewer = there < q ? ` (this degree has ${there})` : "";
      const [here, everywhere] = [left(residualAt(spectrum, q)), left(jointResidual(spectra, q))];
      const count = `${q} ${q === 1 ? "function" : "functions"}${fewer}`;
      find("headline").textContent = `${count}: residual variance ${here} at l = ${l}, ${everywhere} over all degrees.`;
    };
    return [
      sayHow,
      () => drawFunctions(find("functions"), result, { degree: l, kept: there, element: a, timesR: timesR.checked }),
      () => drawEigenvalues(find("eigenvalues"), spectra, { degree: l, kept: q }),
      () => drawResiduals(find("residuals"), spectra, { degree: l, kept: q }),
      () => {
        drawDegreeLegend(find("degrees"), spectra.length, { degree: l, kept: q });
        drawNeeded(find("needed"), spectra, l, q);
        if (result.directions.mixed) drawMixing(find("mixing"), result, l, there);
      },
      () => densities.show(a, q),
    ];
  };
  let turn = 0;
  /** Draws in pieces, so that a slider stays in the hand; gives up, with false, for a later call. */
  const draw = (): Promise<boolean> => {
    const own = ++turn;
    return inPieces(pieces(), () => own === turn);
  };
  const chooseElement = (): void => {
    if (shown) spectra = spectraOf(shown, Number(element.value));
  };
  const move = async (): Promise<void> => {
    const start = performance.now();
    if (!(await draw())) return;
    // Frames are asked for in order: by then the density is drawn, too.
    requestAnimationFrame(() => performance.measure("move to drawn", { start }));
  };
  for (const control of [degree, kept, timesR]) control.addEventListener("input", () => void move());
  element.addEventListener("change", () => {
    chooseElement();
    void draw();
  });
  let drawnWidth = 0;
  let busy = false;
  new ResizeObserver(([entry]) => {
    const width = Math.floor(entry!.contentRect.width);
    if (width === drawnWidth) return;
    drawnWidth = width;
    if (!busy) void draw();
  }).observe(find("outcome"));

  return {
    async show(result) {
      shown = result;
      busy = true;
      find("outcome").hidden = false;
      find("mixing-card").hidden = !result.directions.mixed;
      // A choice made for the last result stays where it still means something.
      const before = { degree: degree.value, kept: kept.value, fresh: kept.max === "" };
      degree.max = String(result.directions.lMax);
      kept.max = String(result.channels);
      degree.value = before.fresh ? "0" : before.degree;
      kept.value = before.fresh ? String(START_KEPT) : before.kept;
      element.replaceChildren(...result.elements.map((symbol, a) => new Option(symbol, String(a))));
      find("element-choice").hidden = result.elements.length === 1;
      fillSummary(find("summary"), summaryLines(result));
      chooseElement();
      await draw();
      busy = false;
    },
  };
}
