// The card of parity plots: energies, forces and virials where there are references, and no card where there are none.
import type { ErrorReport } from "lather";
import { createParityPlot, type ParityPlot, type ParityPlotContent } from "./parity-plot.js";
import type { Parity, SetName, StructureSummary } from "./results.js";

export interface ParityContent {
  /** Energies per atom minus the baseline, eV/atom. */
  readonly energies: Parity;
  /** Force components, eV/Å. */
  readonly forces: Parity;
  /** Components of the virial per atom, eV/atom. */
  readonly virials: Parity;
  /** Of a model of a property, in its own unit. */
  readonly property?: { readonly name: string; readonly parity: Parity; readonly rmse: string | null } | null;
  readonly structures: readonly StructureSummary[];
  readonly errors: Readonly<Partial<Record<SetName, ErrorReport | null>>>;
  readonly names: ParityPlotContent["names"];
}

export interface ParitySection {
  /** What is to be done to show the plots, in pieces. */
  show(content: ParityContent): (() => void)[];
}

function contents({ energies, forces, virials, structures, errors: { train, test }, names, property }: ParityContent): ParityPlotContent[] {
  const perAtom = (rmse: number | null | undefined): string | null => (rmse == null ? null : `${(1000 * rmse).toFixed(2)} meV/atom`);
  const force = (rmse: number | null | undefined): string | null => (rmse == null ? null : `${rmse.toFixed(4)} eV/Å`);
  const plots: ParityPlotContent[] = [
    {
      title: "Energies, relative to the baseline", quantity: "energy − baseline", unit: "eV/atom", parity: energies, names,
      rmse: { train: perAtom(train?.energy_rmse), test: perAtom(test?.energy_rmse) },
      remark: structures.some(({ atoms }) => atoms === 1) ? "Single atoms, which are the baseline, are not drawn." : "",
    },
    {
      title: "Force components", quantity: "force", unit: "eV/Å", parity: forces, names,
      rmse: { train: force(train?.force_rmse), test: force(test?.force_rmse) },
    },
    {
      title: "Virial components", quantity: "virial", unit: "eV/atom", parity: virials, names,
      rmse: { train: perAtom(train?.virial_rmse), test: perAtom(test?.virial_rmse) },
    },
    ...(property ? [{ title: property.name, quantity: property.name, unit: "", parity: property.parity, names, rmse: { train: null, test: property.rmse } }] : []),
  ];
  return plots.filter(({ parity }) => parity.points.length > 0);
}

/** Fills `#parity` in `#parity-card`. */
export function createParitySection(): ParitySection {
  const [card, place] = [document.querySelector<HTMLElement>("#parity-card")!, document.querySelector<HTMLElement>("#parity")!];
  let plots: ParityPlot[] = [];
  new ResizeObserver(() => plots.forEach((plot) => plot.draw())).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plots.forEach((plot) => plot.draw(true)));
  return {
    show(content) {
      const own = contents(content).map(createParityPlot);
      return [
        () => {
          plots = [];
          card.hidden = own.length === 0;
          place.replaceChildren(...own.map(({ element }) => element));
        },
        ...own.map((plot) => () => plot.draw()),
        () => void (plots = own),
      ];
    },
  };
}
