import { Color, type LineBasicMaterial, type LineSegments } from "three";
import { covalentRadiusOf, symbolOf, type Structure } from "../index.js";
import { createArrows } from "./arrow-meshes.js";
import { LONGEST, longestArrow, type Arrows } from "./arrows.js";
import { colorAtoms, type Coloring } from "./atom-colors.js";
import { findBonds } from "./bonds.js";
import { createHover, type HoverTarget } from "./hover.js";
import { countElements, drawLegend, type LegendContent } from "./legend.js";
import { createStage, part } from "./stage.js";
import { createAtoms, createBonds, createCellBox, disposeGroup, enclosingSphere } from "./structure-meshes.js";

export interface StructureViewerOptions {
  /** Draw bonds between atoms closer than 1.15 times the sum of their covalent radii; true by default, up to 20,000 atoms. */
  readonly bonds?: boolean;
  /** Sphere radius as a share of the covalent radius; 0.5 by default. */
  readonly atomScale?: number;
}

/** What is shown besides the atoms' places. */
export interface StructureView extends Coloring {
  /** A vector on every atom, drawn as an arrow. */
  readonly arrows?: Arrows | null;
  /** Leave the camera where it is (for the next frame of a trajectory). */
  readonly keepCamera?: boolean;
}

export interface StructureViewer {
  /** @throws InputError when colors or values do not match the atoms. */
  show(structure: Structure, view?: StructureView): void;
  /** Fits the drawing to the element; called by itself when the element changes its size. */
  resize(): void;
  /** Frees the GPU and empties the element. */
  destroy(): void;
}

const MOST_ATOMS_WITH_BONDS = 20000;
const LEGEND_STYLE =
  "position:absolute;left:0.75rem;bottom:0.6rem;width:min(17rem, calc(100% - 1.5rem));font-size:0.8rem;pointer-events:none";

/** "forces, the longest 1.23 eV/Å" */
function describeArrows(arrows: Arrows, atoms: number): string {
  const { label = "vectors", unit = "" } = arrows;
  return `${label}, the longest ${longestArrow(arrows, atoms).toPrecision(3)} ${unit}`.trim();
}

/** What is to be seen and what the keys do, for those who cannot see it. */
function describe({ species }: Structure, content: LegendContent, { arrows }: StructureView): string {
  const formula = [...countElements(species)].map(([number, count]) => `${symbolOf(number)}${count}`).join(" ");
  const colored = content.kind === "values"
    ? `, colored by ${content.label} from ${content.range[0].toPrecision(3)} to ${content.range[1].toPrecision(3)} ${content.unit}`
    : "";
  const pointed = arrows ? `, with arrows of ${describeArrows(arrows, species.length)}` : "";
  return `Structure of ${species.length} atoms (${formula})${colored}${pointed}. Arrow keys turn it, plus and minus zoom, 0 resets.`;
}

function arrowNote({ species }: Structure, { arrows }: StructureView): string {
  return arrows ? `Arrows: ${describeArrows(arrows, species.length)}` : "";
}

/**
 * A view of one structure that fills `element` (which needs a height): drag or arrow keys turn it, wheel or +/− zoom, 0 resets,
 * hovering names an atom.
 * Without WebGL the element says so, and `show` still draws the legend.
 */
export function createStructureViewer(element: HTMLElement, options: StructureViewerOptions = {}): StructureViewer {
  let cellBox: LineSegments | null = null;
  let textColor = new Color();
  const paintCell = (): void => void (cellBox?.material as LineBasicMaterial | undefined)?.color.copy(textColor);
  const { frame, canvas, stage } = createStage(element, { paint: (color) => void ((textColor = color), paintCell()) });
  const legend = part(frame, "div", "legend", LEGEND_STYLE);
  if (!stage) {
    return {
      show: (structure, view = {}) => drawLegend(legend, colorAtoms(structure, view).legend, arrowNote(structure, view)),
      resize: () => undefined,
      destroy: () => element.replaceChildren(),
    };
  }
  const { drawn, orbit } = stage;
  let shown: HoverTarget | null = null;
  const hover = createHover(frame, canvas, orbit.camera, () => shown);
  const { bonds = true, atomScale = 0.5 } = options;

  return {
    resize: stage.resize,
    show(structure, view = {}) {
      const { colors, legend: content } = colorAtoms(structure, view);
      const note = arrowNote(structure, view);
      const radii = Float64Array.from(structure.species, (number) => atomScale * covalentRadiusOf(number));
      disposeGroup(drawn);
      drawn.add(createAtoms(structure.positions, radii, colors));
      if (bonds && structure.species.length <= MOST_ATOMS_WITH_BONDS) drawn.add(createBonds(structure.positions, findBonds(structure)));
      if (view.arrows) drawn.add(...createArrows(structure.positions, radii, view.arrows));
      cellBox = structure.cell ? createCellBox(structure.cell) : null;
      if (cellBox) drawn.add(cellBox);
      paintCell();
      const first = shown === null;
      shown = { structure, radii, view };
      drawLegend(legend, content, note);
      canvas.setAttribute("aria-label", describe(structure, content, view));
      canvas.dataset.atoms = String(structure.species.length);
      hover.hide();
      if (first || view.keepCamera !== true) {
        const { center, radius } = enclosingSphere(structure);
        orbit.frame(center, view.arrows ? radius + LONGEST : radius);
      }
      stage.requestRender();
    },
    destroy() {
      hover.destroy();
      disposeGroup(drawn);
      stage.destroy();
      element.replaceChildren();
    },
  };
}
