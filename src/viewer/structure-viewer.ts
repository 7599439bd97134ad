import { Color, DirectionalLight, Group, HemisphereLight, LineSegments, type LineBasicMaterial, Scene, WebGLRenderer } from "three";
import { covalentRadiusOf, symbolOf, type Structure } from "../index.js";
import { colorAtoms, type Coloring } from "./atom-colors.js";
import { findBonds } from "./bonds.js";
import { createHover, type HoverTarget } from "./hover.js";
import { countElements, drawLegend, type LegendContent } from "./legend.js";
import { createOrbit } from "./orbit.js";
import { createAtoms, createBonds, createCellBox, disposeGroup, enclosingSphere } from "./structure-meshes.js";

export interface StructureViewerOptions {
  /** Draw bonds between atoms closer than 1.15 times the sum of their covalent radii; true by default, up to 20,000 atoms. */
  readonly bonds?: boolean;
  /** Sphere radius as a share of the covalent radius; 0.5 by default. */
  readonly atomScale?: number;
}

/** What is shown besides the atoms' places. */
export interface StructureView extends Coloring {
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

function part(parent: HTMLElement, tag: "div" | "canvas", name: string, style: string): HTMLElement {
  const node = document.createElement(tag);
  node.dataset.viewer = name;
  node.style.cssText = style;
  parent.append(node);
  return node;
}

/** What is to be seen and what the keys do, for those who cannot see it. */
function describe({ species }: Structure, content: LegendContent): string {
  const formula = [...countElements(species)].map(([number, count]) => `${symbolOf(number)}${count}`).join(" ");
  const colored = content.kind === "values"
    ? `, colored by ${content.label} from ${content.range[0].toPrecision(3)} to ${content.range[1].toPrecision(3)} ${content.unit}`
    : "";
  return `Structure of ${species.length} atoms (${formula})${colored}. Arrow keys turn it, plus and minus zoom, 0 resets.`;
}

/**
 * A view of one structure that fills `element` (which needs a height): drag or arrow keys turn it, wheel or +/− zoom, 0 resets,
 * hovering names an atom.
 * Without WebGL the element says so, and `show` still draws the legend.
 */
export function createStructureViewer(element: HTMLElement, options: StructureViewerOptions = {}): StructureViewer {
  element.replaceChildren();
  const frame = part(element, "div", "frame", "position:relative;width:100%;height:100%;overflow:hidden");
  const canvas = part(frame, "canvas", "canvas", "display:block;width:100%;height:100%;touch-action:none") as HTMLCanvasElement;
  const legend = part(frame, "div", "legend", LEGEND_STYLE);
  const message = part(frame, "div", "message", "position:absolute;inset:0;display:none;place-content:center;padding:1.5rem;text-align:center");
  message.setAttribute("role", "status");
  const say = (text: string): void => {
    message.textContent = text;
    message.style.display = text === "" ? "none" : "grid";
  };

  const context = canvas.getContext("webgl2", { antialias: true, alpha: true });
  if (!context) {
    canvas.style.display = "none";
    say("This view needs WebGL 2, which this browser does not offer. Switch on hardware acceleration, or try another browser.");
    return {
      show: (structure, view = {}) => drawLegend(legend, colorAtoms(structure, view).legend),
      resize: () => undefined,
      destroy: () => element.replaceChildren(),
    };
  }

  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  const renderer = new WebGLRenderer({ canvas, context, antialias: true, alpha: true });
  renderer.setPixelRatio(Math.min(2, window.devicePixelRatio));
  const scene = new Scene();
  const drawn = new Group();
  const lamp = new DirectionalLight(0xffffff, 1.9);
  scene.add(drawn, new HemisphereLight(0xffffff, 0xb8bcc4, 1.9));

  let pending = 0;
  const requestRender = (): void => {
    if (pending === 0) pending = requestAnimationFrame(render);
  };
  const orbit = createOrbit(canvas, requestRender);
  // The lamp travels with the camera, so that no side of the structure is dark.
  orbit.camera.add(lamp);
  lamp.position.set(0.4, 0.7, 1);
  scene.add(orbit.camera);
  function render(): void {
    pending = 0;
    renderer.render(scene, orbit.camera);
  }

  const resize = (): void => {
    const { clientWidth, clientHeight } = frame;
    if (clientWidth === 0 || clientHeight === 0) return;
    renderer.setSize(clientWidth, clientHeight, false);
    orbit.setAspect(clientWidth / clientHeight);
    requestRender();
  };
  const observer = new ResizeObserver(resize);
  observer.observe(frame);

  const matchTheme = (): void => {
    const color = new Color(getComputedStyle(element).color);
    for (const child of drawn.children) if (child instanceof LineSegments) (child.material as LineBasicMaterial).color.copy(color);
    requestRender();
  };
  const theme = window.matchMedia("(prefers-color-scheme: dark)");
  theme.addEventListener("change", matchTheme);

  let shown: HoverTarget | null = null;
  const hover = createHover(frame, canvas, orbit.camera, () => shown);

  const lost = (event: Event): void => {
    // Without this the browser never gives the context back.
    event.preventDefault();
    say("The graphics driver took the view away; it comes back by itself when it can.");
  };
  const restored = (): void => {
    say("");
    requestRender();
  };
  canvas.addEventListener("webglcontextlost", lost);
  canvas.addEventListener("webglcontextrestored", restored);

  const { bonds = true, atomScale = 0.5 } = options;
  resize();

  return {
    resize,
    show(structure, view = {}) {
      const { colors, legend: content } = colorAtoms(structure, view);
      const radii = Float64Array.from(structure.species, (number) => atomScale * covalentRadiusOf(number));
      disposeGroup(drawn);
      const atoms = createAtoms(structure.positions, radii, colors);
      drawn.add(atoms);
      if (bonds && structure.species.length <= MOST_ATOMS_WITH_BONDS) drawn.add(createBonds(structure.positions, findBonds(structure)));
      if (structure.cell) drawn.add(createCellBox(structure.cell));
      const first = shown === null;
      shown = { structure, radii, view };
      drawLegend(legend, content);
      canvas.setAttribute("aria-label", describe(structure, content));
      canvas.dataset.atoms = String(structure.species.length);
      hover.hide();
      if (first || view.keepCamera !== true) {
        const { center, radius } = enclosingSphere(structure);
        orbit.frame(center, radius);
      }
      matchTheme();
    },
    destroy() {
      if (pending !== 0) cancelAnimationFrame(pending);
      observer.disconnect();
      theme.removeEventListener("change", matchTheme);
      canvas.removeEventListener("webglcontextlost", lost);
      canvas.removeEventListener("webglcontextrestored", restored);
      hover.destroy();
      orbit.destroy();
      disposeGroup(drawn);
      renderer.dispose();
      renderer.forceContextLoss();
      element.replaceChildren();
    },
  };
}
