import { Raycaster, Vector2, type Camera } from "three";
import { symbolOf, type Structure } from "../index.js";
import type { Coloring } from "./atom-colors.js";
import { pickAtom } from "./picking.js";

/** What the pointer may meet: a structure with the radii in Å [atom] at which it is drawn. */
export interface HoverTarget {
  readonly structure: Structure;
  readonly radii: Float64Array;
  readonly view: Coloring;
}

export interface Hover {
  hide(): void;
  destroy(): void;
}

const STYLE =
  "position:absolute;left:0;top:0;display:none;padding:0.25em 0.6em;border-radius:4px;font-size:0.8rem;white-space:nowrap;pointer-events:none;" +
  "background:#20242c;color:#f4f5f7;box-shadow:0 1px 4px rgb(0 0 0 / 35%)";

/** "Si · atom 12 · force error 0.123 eV/Å"; atoms count from 0, as in the library's messages. */
function describe({ structure, view }: HoverTarget, atom: number): string {
  const { values, label = "value", unit = "" } = view;
  const name = `${symbolOf(structure.species[atom]!)} · atom ${atom}`;
  if (!values) return name;
  return `${name} · ${label} ${Number.isFinite(values[atom]) ? `${values[atom]!.toPrecision(3)} ${unit}`.trim() : "unknown"}`;
}

/** A label beside the pointer that names the atom under it. `frame` holds the label, `canvas` is what the pointer moves over. */
export function createHover(frame: HTMLElement, canvas: HTMLCanvasElement, camera: Camera, target: () => HoverTarget | null): Hover {
  const tooltip = document.createElement("div");
  tooltip.dataset.viewer = "tooltip";
  tooltip.style.cssText = STYLE;
  frame.append(tooltip);
  const ray = new Raycaster();
  const hide = (): void => void (tooltip.style.display = "none");

  const move = (event: PointerEvent): void => {
    hide();
    const shown = target();
    if (!shown || event.buttons !== 0) return;
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    ray.setFromCamera(new Vector2((2 * x) / box.width - 1, 1 - (2 * y) / box.height), camera);
    const atom = pickAtom(ray.ray.origin.toArray(), ray.ray.direction.toArray(), shown.structure.positions, shown.radii);
    if (atom < 0) return;
    tooltip.textContent = describe(shown, atom);
    tooltip.style.display = "block";
    const left = Math.min(x + 14, Math.max(0, box.width - tooltip.offsetWidth - 4));
    const top = y + 18 + tooltip.offsetHeight > box.height ? y - tooltip.offsetHeight - 8 : y + 18;
    tooltip.style.transform = `translate(${left}px, ${top}px)`;
  };
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerleave", hide);
  return {
    hide,
    destroy() {
      canvas.removeEventListener("pointermove", move);
      canvas.removeEventListener("pointerleave", hide);
      tooltip.remove();
    },
  };
}
