// <lather-viewer src="file.xyz" color="local_energy" arrows="forces">: a structure viewer as an element of a page.
import { readAnyStructures, type Structure } from "../index.js";
import { atomValues, atomVectors } from "./atom-columns.js";
import { createStructureViewer, type StructureView, type StructureViewer } from "./structure-viewer.js";
import { part } from "./stage.js";

/**
 * Shows structures from `src` or `structures`, which goes before it. Attributes: `src` address of a structure file, in any format that is read;
 * `frame` which structure, from 0; `color` a per-atom column (of vectors the length), with `unit` and `range="low high"`; `arrows` a per-atom column
 * of vectors, with `arrow-scale` in Å per unit and `arrow-unit`; `bonds="none"`. Keys: arrows turn, plus and minus zoom, 0 resets, Page Up and Page Down change the frame.
 * Events: `load` when a file was read, `error` (with `message`) when something cannot be shown, which the element says as well, `frame` after a key.
 */
export interface LatherViewerElement extends HTMLElement {
  /** What is shown, in place of the file of `src`; null shows that again. */
  structures: readonly Structure[] | null;
  /** Which of the structures is shown, from 0. */
  frame: number;
  /** Address of a file. */
  src: string;
}

declare global {
  interface HTMLElementTagNameMap {
    "lather-viewer": LatherViewerElement;
  }
}

const ATTRIBUTES = ["src", "frame", "color", "unit", "range", "arrows", "arrow-scale", "arrow-unit", "bonds"] as const;
const HOST_STYLE = ":host { display: block; height: 20rem; } :host([hidden]) { display: none; }";
const MESSAGE_STYLE = "position:absolute;inset:0;display:none;place-content:center;padding:1.5rem;text-align:center;pointer-events:none";

/** The file at an address. @throws Error with the address and the status of a refusal. */
async function fetchStructures(address: string, signal: AbortSignal): Promise<Structure[]> {
  const response = await fetch(address, { signal });
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`.trim());
  const name = decodeURIComponent(new URL(response.url || address, document.baseURI).pathname.split("/").pop() ?? "");
  const structures: Structure[] = [];
  for await (const structure of readAnyStructures(response.body ?? new Blob([]).stream(), { file: name })) structures.push(structure);
  return structures;
}

/** Two numbers apart by space or comma, or none. */
function parseRange(text: string | null): readonly [number, number] | undefined {
  const [low, high] = (text ?? "").split(/[\s,]+/).filter((word) => word !== "").map(Number);
  return low !== undefined && high !== undefined && low < high ? [low, high] : undefined;
}

// The class is made on demand: Node, which renders pages on servers, has no HTMLElement to inherit from.
function createClass(): CustomElementConstructor {
  return class extends HTMLElement implements LatherViewerElement {
    static readonly observedAttributes = ATTRIBUTES;
    readonly #place: HTMLElement;
    readonly #message: HTMLElement;
    #viewer: StructureViewer | null = null;
    #given: readonly Structure[] | null = null;
    #loaded: readonly Structure[] | null = null;
    #loading: AbortController | null = null;
    #drawn: Structure | null = null;

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open", delegatesFocus: true });
      // A <style> would need 'unsafe-inline' in the page's content-security policy.
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(HOST_STYLE);
      root.adoptedStyleSheets = [sheet];
      const frame = document.createElement("div");
      frame.style.cssText = "position:relative;width:100%;height:100%";
      root.append(frame);
      this.#place = part(frame, "div", "place", "width:100%;height:100%");
      this.#message = part(frame, "div", "state", MESSAGE_STYLE);
      this.#message.setAttribute("role", "status");
      this.#place.addEventListener("keydown", (event) => this.#turnPage(event));
    }

    get structures(): readonly Structure[] | null {
      return this.#given ?? this.#loaded;
    }

    set structures(structures: readonly Structure[] | null) {
      this.#given = structures;
      this.#show();
    }

    get frame(): number {
      const frame = Number(this.getAttribute("frame") ?? 0);
      return Number.isInteger(frame) && frame >= 0 ? frame : 0;
    }

    set frame(frame: number) {
      this.setAttribute("frame", String(frame));
    }

    get src(): string {
      return this.getAttribute("src") ?? "";
    }

    set src(address: string) {
      this.setAttribute("src", address);
    }

    connectedCallback(): void {
      this.#openViewer();
      this.#show();
    }

    disconnectedCallback(): void {
      this.#loading?.abort();
      this.#closeViewer();
    }

    attributeChangedCallback(name: (typeof ATTRIBUTES)[number], before: string | null, after: string | null): void {
      if (before === after || !this.isConnected) return;
      if (name === "src") {
        this.#loading?.abort();
        this.#loaded = null;
        return this.#show();
      }
      if (name === "bonds") this.#openViewer();
      this.#draw();
    }

    #openViewer(): void {
      this.#closeViewer();
      this.#viewer = createStructureViewer(this.#place, { bonds: this.getAttribute("bonds") !== "none" });
    }

    #closeViewer(): void {
      this.#viewer?.destroy();
      this.#viewer = null;
      this.#drawn = null;
    }

    #show(): void {
      if (this.structures !== null || this.src === "") this.#draw();
      else if (this.isConnected) void this.#load();
    }

    async #load(): Promise<void> {
      const loading = new AbortController();
      this.#loading = loading;
      this.#say("Loading …");
      try {
        const structures = await fetchStructures(new URL(this.src, document.baseURI).href, loading.signal);
        if (loading.signal.aborted) return;
        this.#loaded = structures;
        this.#draw();
        this.dispatchEvent(new Event("load"));
      } catch (error) {
        if (!loading.signal.aborted) this.#fail(error);
      }
    }

    #view(structure: Structure): StructureView {
      const color = this.getAttribute("color");
      const arrows = this.getAttribute("arrows");
      const unit = this.getAttribute("unit") ?? "";
      const range = parseRange(this.getAttribute("range"));
      const scale = Number(this.getAttribute("arrow-scale") ?? Number.NaN);
      return {
        ...(color && { values: atomValues(structure, color), label: color, unit }),
        ...(range && { range }),
        ...(arrows && {
          arrows: { vectors: atomVectors(structure, arrows), label: arrows, unit: this.getAttribute("arrow-unit") ?? "", ...(Number.isFinite(scale) && { scale }) },
        }),
      };
    }

    #draw(): void {
      const { structures } = this;
      if (!this.#viewer || !structures) return;
      try {
        const structure = structures[this.frame];
        if (!structure) throw new Error(`frame ${this.frame}: expected 0 to ${structures.length - 1}`);
        // Another frame of a trajectory keeps the camera; other atoms get a look of their own.
        const keepCamera = this.#drawn !== null && this.#drawn.species.length === structure.species.length;
        this.#viewer.show(structure, { ...this.#view(structure), keepCamera });
        this.#drawn = structure;
        this.#say("");
      } catch (error) {
        this.#fail(error);
      }
    }

    #turnPage(event: KeyboardEvent): void {
      const step = event.key === "PageDown" ? 1 : event.key === "PageUp" ? -1 : 0;
      const frame = this.frame + step;
      if (step === 0 || !this.structures?.[frame]) return;
      event.preventDefault();
      this.frame = frame;
      this.dispatchEvent(new Event("frame"));
    }

    #fail(error: unknown): void {
      const message = error instanceof Error ? error.message : String(error);
      this.#say(message);
      this.dispatchEvent(new ErrorEvent("error", { message, error }));
    }

    #say(text: string): void {
      this.#message.textContent = text;
      this.#message.style.display = text === "" ? "none" : "grid";
      this.#place.style.visibility = text === "" ? "visible" : "hidden";
    }
  };
}

/**
 * Makes `<lather-viewer>` known to the page; a second call does nothing. `name` is what the element is called, with a hyphen.
 * The package has no side effects of its own, so that an import alone defines nothing.
 */
export function defineViewer(name = "lather-viewer"): void {
  if (customElements.get(name) === undefined) customElements.define(name, createClass());
}
