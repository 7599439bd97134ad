// One structure of the data in three dimensions, its atoms colored by the error of their force.
import { createStructureViewer, type StructureViewer } from "lather/viewer";
import type { TrainingRun } from "./training-run.js";
import type { StructureSummary, TrainingResult } from "./training-job.js";

/** Entries of the list at most: the structures with the largest errors come first. */
const MOST_ENTRIES = 2000;

function describe({ set, frame, configType, atoms, worstForceError }: StructureSummary): string {
  const error = worstForceError === null ? "" : ` · worst ${worstForceError.toPrecision(2)} eV/Å`;
  return `${set === "train" ? "training" : "test"} frame ${frame} · ${configType} · ${atoms} ${atoms === 1 ? "atom" : "atoms"}${error}`;
}

/** Test structures first, each set by falling error. */
function inOrder(structures: readonly StructureSummary[]): number[] {
  const rank = ({ set, worstForceError }: StructureSummary): number => (set === "test" ? 1e9 : 0) + (worstForceError ?? 0);
  return structures.map((_, index) => index).sort((a, b) => rank(structures[b]!) - rank(structures[a]!));
}

export interface StructurePanel {
  show(run: TrainingRun, result: TrainingResult, onError: (error: unknown) => void): void;
}

export function createStructurePanel(): StructurePanel {
  const list = document.querySelector<HTMLSelectElement>("#structure")!;
  const coloring = document.querySelector<HTMLSelectElement>("#coloring")!;
  const note = document.querySelector<HTMLElement>("#structure-note")!;
  const place = document.querySelector<HTMLElement>("#viewer")!;
  let viewer: StructureViewer | null = null;
  let draw = async (_keepCamera: boolean): Promise<void> => undefined;
  let report: (error: unknown) => void = () => undefined;
  list.addEventListener("change", () => void draw(false).catch((error: unknown) => report(error)));
  coloring.addEventListener("change", () => void draw(true).catch((error: unknown) => report(error)));

  return {
    show(run, { structures }, onError) {
      report = onError;
      const order = inOrder(structures);
      const listed = order.slice(0, MOST_ENTRIES);
      list.replaceChildren(...listed.map((index) => new Option(describe(structures[index]!), String(index))));
      const withForces = structures.some(({ worstForceError }) => worstForceError !== null);
      coloring.value = withForces ? "error" : "element";
      coloring.options[0]!.disabled = !withForces;
      const fewer = listed.length < order.length ? `The ${listed.length} of ${order.length} structures with the largest errors. ` : "";
      note.textContent = `${fewer}${withForces ? "" : "The data have no reference forces."}`;
      draw = async (keepCamera) => {
        const index = Number(list.value);
        const { structure, forceErrors } = await run.structure(index);
        // Another structure may have been chosen while the worker answered.
        if (Number(list.value) !== index) return;
        viewer ??= createStructureViewer(place);
        const byError = coloring.value === "error" && forceErrors !== null;
        const worst = forceErrors ? forceErrors.reduce((largest, error) => Math.max(largest, error), 0) : 0;
        const errors = { values: forceErrors, range: [0, worst], label: "force error |ΔF|", unit: "eV/Å" } as const;
        viewer.show(structure, byError ? { ...errors, keepCamera } : { keepCamera });
      };
      void draw(false).catch((error: unknown) => report(error));
    },
  };
}
