import { Color, DirectionalLight, Group, HemisphereLight, Scene, WebGLRenderer, type PerspectiveCamera } from "three";
import { createOrbit, type Orbit } from "./orbit.js";

/** What a view needs of WebGL: a scene with its lights, an empty group in it, and a camera that people turn. */
export interface Stage {
  readonly drawn: Group;
  readonly orbit: Orbit;
  /** Draws before the browser's next frame, once for all calls until then. */
  requestRender(): void;
  /** Fits the drawing to the element; called by itself when the element changes its size. */
  resize(): void;
  /** Frees the renderer; what is in the group is the caller's. */
  destroy(): void;
}

/** An element filled with a canvas and what lies above it. */
export interface Platform {
  readonly frame: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  /** null without WebGL; the element then says so in place of the canvas. */
  readonly stage: Stage | null;
}

export interface StageOptions {
  /** Draws the scene; by default all of it, over the whole canvas. */
  readonly draw?: (renderer: WebGLRenderer, scene: Scene, camera: PerspectiveCamera) => void;
  /** Width over height of what the camera sees, for a canvas of this size in pixels of the page; by default that of the canvas. */
  readonly aspect?: (width: number, height: number) => number;
  /** Called with the element's text color at first and when the color scheme changes. */
  readonly paint?: (color: Color) => void;
}

/** A named element with a style of its own, at the end of `parent`. */
export function part(parent: HTMLElement, tag: "div" | "canvas", name: string, style: string): HTMLElement {
  const node = document.createElement(tag);
  node.dataset.viewer = name;
  node.style.cssText = style;
  parent.append(node);
  return node;
}

/** Fills `element`, which needs a height: drag or arrow keys turn the camera, wheel or +/− zoom, 0 resets. */
export function createStage(element: HTMLElement, options: StageOptions): Platform {
  element.replaceChildren();
  const frame = part(element, "div", "frame", "position:relative;width:100%;height:100%;overflow:hidden");
  const canvas = part(frame, "canvas", "canvas", "display:block;width:100%;height:100%;touch-action:none") as HTMLCanvasElement;
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
    return { frame, canvas, stage: null };
  }
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  return { frame, canvas, stage: raiseStage(element, frame, canvas, context, say, options) };
}

function raiseStage(
  element: HTMLElement, frame: HTMLElement, canvas: HTMLCanvasElement, context: WebGL2RenderingContext, say: (text: string) => void,
  { draw = (renderer, scene, camera) => renderer.render(scene, camera), aspect = (width, height) => width / height, paint }: StageOptions,
): Stage {
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
    draw(renderer, scene, orbit.camera);
  }

  const resize = (): void => {
    const { clientWidth, clientHeight } = frame;
    if (clientWidth === 0 || clientHeight === 0) return;
    renderer.setSize(clientWidth, clientHeight, false);
    orbit.setAspect(aspect(clientWidth, clientHeight));
    requestRender();
  };
  const observer = new ResizeObserver(resize);
  observer.observe(frame);

  const matchTheme = (): void => {
    paint?.(new Color(getComputedStyle(element).color));
    requestRender();
  };
  const theme = window.matchMedia("(prefers-color-scheme: dark)");
  theme.addEventListener("change", matchTheme);

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
  resize();
  matchTheme();

  return {
    drawn,
    orbit,
    requestRender,
    resize,
    destroy() {
      if (pending !== 0) cancelAnimationFrame(pending);
      observer.disconnect();
      theme.removeEventListener("change", matchTheme);
      canvas.removeEventListener("webglcontextlost", lost);
      canvas.removeEventListener("webglcontextrestored", restored);
      orbit.destroy();
      renderer.dispose();
      renderer.forceContextLoss();
    },
  };
}
