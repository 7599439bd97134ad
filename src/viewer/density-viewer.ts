import {
  BufferAttribute, BufferGeometry, DoubleSide, Group, Mesh, MeshLambertMaterial, type PerspectiveCamera, type Scene, type WebGLRenderer,
} from "three";
import { covalentRadiusOf, type DensityGrid, type Structure } from "../index.js";
import { colorAtoms } from "./atom-colors.js";
import { findBonds } from "./bonds.js";
import { isosurface } from "./isosurface.js";
import { drawLegend } from "./legend.js";
import { createStage, part } from "./stage.js";
import { createAtoms, createBonds, disposeGroup, enclosingSphere } from "./structure-meshes.js";

/** Two densities of one environment, drawn where they equal the level. */
export interface DensityView {
  /** The atoms inside, without a cell, in Å; the first is the center and lies at the origin. */
  readonly environment: Structure;
  readonly grid: DensityGrid;
  /** [x][y][z] each, for the first and the second panel. */
  readonly densities: readonly [Float32Array, Float32Array];
  readonly level: number;
}

export interface DensityViewer {
  /** What is the same object as before is not computed again; another environment resets the camera. */
  show(view: DensityView): void;
  /** Frees the GPU and empties the element. */
  destroy(): void;
}

/** Blue of Okabe and Ito's palette, which no common element has. */
const SURFACE_COLOR = 0x3a93cf;
const SURFACE_OPACITY = 0.6;
/** Å, round the atoms. */
const SURFACE_MARGIN = 1;
/** Share of the covalent radius: small enough to lie inside of the Gaussians. */
const ATOM_SCALE = 0.28;
/** The center is drawn larger by this factor. */
const CENTER_SCALE = 1.6;
/** Below this width in pixels the second panel is under the first one. */
const SIDE_BY_SIDE = 520;
const TITLE_STYLE = "position:absolute;padding:0.5rem 0.75rem;font-size:0.87rem;font-weight:650;pointer-events:none";
const LEGEND_STYLE = "position:absolute;left:0.75rem;bottom:0.5rem;font-size:0.8rem;pointer-events:none";

function createSurface(): Mesh<BufferGeometry, MeshLambertMaterial> {
  const material = new MeshLambertMaterial({ color: SURFACE_COLOR, transparent: true, opacity: SURFACE_OPACITY, side: DoubleSide });
  // Three draws the far sides first, then the near ones.
  material.forceSinglePass = false;
  const mesh = new Mesh(new BufferGeometry(), material);
  mesh.renderOrder = 1;
  mesh.frustumCulled = false;
  return mesh;
}

function fillSurface(mesh: Mesh<BufferGeometry>, values: Float32Array, { points, halfWidth }: DensityGrid, level: number): void {
  const { positions, normals, triangles } = isosurface({ values, points, halfWidth }, level);
  // A geometry's buffers cannot grow on the GPU.
  mesh.geometry.dispose();
  mesh.geometry = new BufferGeometry();
  mesh.geometry.setAttribute("position", new BufferAttribute(positions, 3));
  mesh.geometry.setAttribute("normal", new BufferAttribute(normals, 3));
  mesh.geometry.setIndex(new BufferAttribute(triangles, 1));
}

/**
 * Two panels side by side (below each other where it is narrow) that one camera looks at: drag or arrow keys turn both, wheel or +/− zoom, 0 resets.
 * `element` needs a height; without WebGL it says so. `titles` stand above the panels.
 */
export function createDensityViewer(element: HTMLElement, titles: readonly [string, string]): DensityViewer {
  const [atoms, surfaces] = [new Group(), [createSurface(), createSurface()] as const];
  const beside = (width: number): boolean => width >= SIDE_BY_SIDE;

  /** Left, top, width and height of a panel in pixels of the page. */
  const place = (panel: number, width: number, height: number): [number, number, number, number] =>
    beside(width) ? [(panel * width) / 2, 0, width / 2, height] : [0, (panel * height) / 2, width, height / 2];
  const draw = (renderer: WebGLRenderer, scene: Scene, camera: PerspectiveCamera): void => {
    const { clientWidth: width, clientHeight: height } = frame;
    renderer.setScissorTest(true);
    surfaces.forEach((_, panel) => {
      surfaces.forEach((surface, other) => void (surface.visible = panel === other));
      const [left, top, wide, high] = place(panel, width, height);
      // WebGL counts from the lower edge.
      renderer.setViewport(left, height - top - high, wide, high);
      renderer.setScissor(left, height - top - high, wide, high);
      renderer.render(scene, camera);
    });
  };
  const labels: HTMLElement[] = [];
  const aspect = (width: number, height: number): number => {
    labels.forEach((label, panel) => {
      const [left, top] = place(panel, width, height);
      Object.assign(label.style, { left: `${left}px`, top: `${top}px` });
    });
    const [, , wide, high] = place(0, width, height);
    return wide / high;
  };
  const { frame, canvas, stage } = createStage(element, { draw, aspect });
  if (!stage) return { show: () => undefined, destroy: () => element.replaceChildren() };

  labels.push(...titles.map((title) => Object.assign(part(frame, "div", "title", TITLE_STYLE), { textContent: title })));
  const legend = part(frame, "div", "legend", LEGEND_STYLE);
  stage.drawn.add(atoms, ...surfaces);
  stage.resize();
  let shown: DensityView | null = null;

  const showAtoms = (environment: Structure): void => {
    const { colors, legend: content } = colorAtoms(environment, {});
    const radii = Float64Array.from(environment.species, (z, atom) => ATOM_SCALE * (atom === 0 ? CENTER_SCALE : 1) * covalentRadiusOf(z));
    disposeGroup(atoms);
    atoms.add(createAtoms(environment.positions, radii, colors), createBonds(environment.positions, findBonds(environment)));
    drawLegend(legend, content);
  };
  return {
    show(view) {
      const { environment, grid, densities, level } = view;
      if (environment !== shown?.environment) {
        showAtoms(environment);
        const { center, radius } = enclosingSphere(environment);
        stage.orbit.frame(center, radius + SURFACE_MARGIN);
      }
      densities.forEach((values, panel) => {
        if (values !== shown?.densities[panel] || level !== shown.level) fillSurface(surfaces[panel]!, values, grid, level);
      });
      shown = view;
      const what = `${titles.join(" and ")}: surfaces of density ${level.toPrecision(2)} round ${environment.species.length} atoms`;
      canvas.setAttribute("aria-label", `${what}. Arrow keys turn them, plus and minus zoom, 0 resets.`);
      canvas.dataset.triangles = surfaces.map(({ geometry }) => geometry.index!.count / 3).join(" ");
      stage.requestRender();
    },
    destroy() {
      disposeGroup(atoms);
      stage.drawn.remove(atoms);
      disposeGroup(stage.drawn);
      stage.destroy();
      element.replaceChildren();
    },
  };
}
