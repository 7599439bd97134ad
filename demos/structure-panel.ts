// One structure of the data in three dimensions, its atoms colored by the error of their force or by their energy, and its atoms in numbers.
import { createStructureViewer, type StructureView, type StructureViewer } from "lather/viewer";
import { createAtomTable } from "./atom-table.js";
import { whenNear } from "./near-window.js";
import type { PredictedStructure, SetName, StructureSource, StructureSummary } from "./results.js";

/** Entries of the list at most: the structures with the largest errors come first. */
const MOST_ENTRIES = 500;

function describe({ set, frame, configType, atoms, worstForceError }: StructureSummary, names: SetNames): string {
  const error = worstForceError === null ? "" : ` · worst ${worstForceError.toPrecision(2)} eV/Å`;
  const name = names[set] ?? "";
  return `${name === "" ? "" : `${name} `}frame ${frame} · ${configType} · ${atoms} ${atoms === 1 ? "atom" : "atoms"}${error}`;
}

/** Test structures first, each set by falling error. */
function inOrder(structures: readonly StructureSummary[]): number[] {
  const rank = ({ set, worstForceError }: StructureSummary): number => (set === "test" ? 1e9 : 0) + (worstForceError ?? 0);
  return structures.map((_, index) => index).sort((a, b) => rank(structures[b]!) - rank(structures[a]!));
}

type SetNames = Readonly<Partial<Record<SetName, string>>>;

export interface StructureList {
  readonly structures: readonly StructureSummary[];
  /** What stands before "frame": "training"; nothing where there is one set. */
  readonly names: SetNames;
  /** Atoms have energies: not so where the model is of a property. */
  readonly withEnergies: boolean;
}

export interface StructurePanel {
  show(source: StructureSource, list: StructureList, onError: (error: unknown) => void): void;
}

function coloring(kind: string, { forceErrors, relativeEnergies }: PredictedStructure): StructureView {
  if (kind === "error" && forceErrors) {
    const worst = forceErrors.reduce((largest, error) => Math.max(largest, error), 0);
    return { values: forceErrors, range: [0, worst], label: "force error |ΔF|", unit: "eV/Å" };
  }
  return kind === "energy" && relativeEnergies ? { values: relativeEnergies, label: "energy of the atom − baseline", unit: "eV" } : {};
}

export function createStructurePanel(): StructurePanel {
  const find = <Kind extends HTMLElement>(id: string): Kind => document.querySelector<Kind>(`#${id}`)!;
  const [list, colors] = [find<HTMLSelectElement>("structure"), find<HTMLSelectElement>("coloring")];
  const [note, place, title] = [find("structure-note"), find("viewer"), find("view-title")];
  const byError = colors.querySelector<HTMLOptionElement>('[value="error"]')!;
  const byEnergy = colors.querySelector<HTMLOptionElement>('[value="energy"]')!;
  const table = createAtomTable(find<HTMLDetailsElement>("atoms-card"));
  let viewer: StructureViewer | null = null;
  let turn = 0;
  let draw = async (_keepCamera: boolean): Promise<void> => undefined;
  let report: (error: unknown) => void = () => undefined;
  // A view costs a tenth of a second or more.
  const seen = whenNear(place);
  const redraw = (keepCamera: boolean): void => void draw(keepCamera).catch((error: unknown) => report(error));
  list.addEventListener("change", () => redraw(false));
  colors.addEventListener("change", () => redraw(true));

  return {
    show(source, { structures, names, withEnergies }, onError) {
      report = onError;
      const order = inOrder(structures);
      const listed = order.slice(0, MOST_ENTRIES);
      list.replaceChildren(...listed.map((index) => new Option(describe(structures[index]!, names), String(index))));
      const withForces = structures.some(({ worstForceError }) => worstForceError !== null);
      title.textContent = withForces ? "Where the forces are wrong" : "Structures";
      colors.prepend(...(withForces ? [byError] : []), ...(withEnergies ? [byEnergy] : []));
      if (!withForces) byError.remove();
      if (!withEnergies) byEnergy.remove();
      colors.selectedIndex = 0;
      const which = withForces ? "with the largest errors" : "that come first";
      note.textContent = listed.length < order.length ? `The ${listed.length} of ${order.length} structures ${which}.` : "";
      draw = async (keepCamera) => {
        const own = ++turn;
        await seen;
        if (own !== turn) return;
        const predicted = await source.structure(Number(list.value));
        // Another structure may have been chosen, or another result have come, while the worker answered.
        if (own !== turn) return;
        viewer ??= createStructureViewer(place);
        viewer.show(predicted.structure, { ...coloring(colors.value, predicted), keepCamera });
        table.show(predicted);
      };
      redraw(false);
    },
  };
}
