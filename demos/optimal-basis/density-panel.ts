// The density around one atom, true and rebuilt, side by side. Structure, atom and element are asked of the worker; q and the level are not.
import { createDensityViewer, type DensityViewer } from "lather/viewer";
import type { BasisResult, DensityRequest, EnvironmentDensity } from "./basis-job.js";
import { whenNear } from "../near-window.js";
import { pause } from "../pieces.js";
import type { BasisRun } from "./basis-run.js";
import { scientific } from "./scientific.js";

export interface DensityPanel {
  /** Another computation, of which `show` will be asked. */
  setSource(run: BasisRun, result: BasisResult): void;
  /** The density of an element, and what the first `kept` functions of every degree make of it. */
  show(element: number, kept: number): void;
}

function find<Kind extends HTMLElement>(id: string): Kind {
  return document.querySelector<Kind>(`#${id}`)!;
}

function share(residual: number): string {
  return residual >= 0.001 ? `${(100 * residual).toPrecision(3)} %` : scientific(residual, 3);
}

const TITLES = ["True density ρ", "Rebuilt from q functions, ρ′"] as const;

/** Closer than this to what all functions reach, more of them do not help. */
const REACHED = 1.01;

/** What is left with all functions is the primitive basis's own: above all the degrees that it does not have. */
function describeResidual(residuals: Float64Array, kept: number, lMax: number, symbol: string): string {
  const all = residuals.length;
  if (Number.isNaN(residuals[all - 1])) return `No ${symbol} within the cutoff of this atom.`;
  const functions = kept === 1 ? "1 function" : `${kept} functions`;
  const [now, last] = [share(residuals[kept - 1]!), share(residuals[all - 1]!)];
  const numbers = `‖ρ − ρ′‖ / ‖ρ‖ = ${now} with ${functions} of every degree l = 0 … ${lMax}; ${last} with all ${all}.`;
  const enough = residuals.findIndex((residual) => residual <= REACHED * residuals[all - 1]!) + 1;
  if (kept < enough || all === 1) return numbers;
  return `${numbers} From q = ${enough} on more functions hardly help: what is left is what the primitive basis lacks, angular detail of degrees above ` +
    `l_max = ${lMax} (and radial detail, where n_max is small). A larger l_max takes it up.`;
}

/** @param onError called when the worker cannot answer */
export function createDensityPanel(onError: (error: unknown) => void): DensityPanel {
  const [structure, atom] = [find<HTMLInputElement>("density-structure"), find<HTMLInputElement>("density-atom")];
  const level = find<HTMLInputElement>("level");
  const [problem, place] = [find("density-problem"), find("density-place")];
  let viewer: DensityViewer | null = null;
  let source: { run: BasisRun; result: BasisResult } | null = null;
  let chosen = { element: 0, kept: 1 };
  /** The density drawn, for which request it is, and its part for each q. */
  let current: { key: string; request: DensityRequest; density: EnvironmentDensity; parts: Float32Array[] } | null = null;
  /** The last request made or answered. */
  let wanted = "";

  const draw = (): void => {
    find("level-value").textContent = Number(level.value).toFixed(2);
    if (!source || !current) return;
    const { environment, grid, density, residuals } = current.density;
    const at = Math.min(chosen.kept, residuals.length) - 1;
    viewer?.show({ environment, grid, densities: [density, current.parts[at]!], level: Number(level.value) });
    if (current.key !== wanted) return;
    const { elements, directions: { lMax } } = source.result;
    find("density-residual").textContent = describeResidual(residuals, at + 1, lMax, elements[current.request.element]!);
  };

  const makeViewer = async (): Promise<void> => {
    await whenNear(find("densities"));
    viewer = createDensityViewer(find("densities"), TITLES);
    await pause();
    draw();
  };
  makeViewer().catch(onError);

  /** What is wrong with the two fields, or null; shows it. */
  const check = ({ atoms, frames, data }: BasisResult): string | null => {
    const isIndex = (input: HTMLInputElement, count: number): boolean => {
      input.max = String(count - 1);
      const value = Number(input.value);
      const fits = input.value.trim() !== "" && Number.isInteger(value) && value >= 0 && value < count;
      input.setAttribute("aria-invalid", String(!fits));
      return fits;
    };
    const frame = Number(structure.value);
    const count = isIndex(structure, atoms.length) ? atoms[frame]! : null;
    place.textContent = count === null ? "" : `frame ${frames[frame]} of ${data.name}, ${count} ${count === 1 ? "atom" : "atoms"}; both count from 0`;
    if (count === null) return `Structure must be a whole number from 0 to ${atoms.length - 1}.`;
    return isIndex(atom, count) ? null : `Atom must be a whole number from 0 to ${count - 1}.`;
  };

  const update = (): void => {
    if (!source) return;
    const { run, result } = source;
    const wrong = check(result);
    problem.hidden = wrong === null;
    problem.textContent = wrong ?? "";
    if (wrong !== null) return draw();
    const request = { structure: Number(structure.value), atom: Number(atom.value), element: chosen.element };
    const key = JSON.stringify(request);
    const asked = wanted === key;
    wanted = key;
    if (current?.key === key) return draw();
    if (asked) return;
    find("density-residual").textContent = "Computing the densities …";
    run.density(request).then(
      (density) => {
        // Another atom may have been chosen, or another basis computed, while the worker answered.
        if (wanted !== key || source?.run !== run) return;
        const points = density.density.length;
        const parts = Array.from(density.residuals, (_, q) => density.rebuilt.subarray(q * points, (q + 1) * points));
        const last = current?.request;
        // The same atoms, seen as before: the camera stays.
        const same = last?.structure === request.structure && last.atom === request.atom;
        current = { key, request, parts, density: same ? { ...density, environment: current!.density.environment } : density };
        draw();
      },
      (error: unknown) => {
        if (source?.run !== run) return;
        wanted = "";
        find("density-residual").textContent = "";
        onError(error);
      },
    );
  };

  for (const field of [structure, atom]) field.addEventListener("change", update);
  level.addEventListener("input", draw);
  return {
    setSource(run, result) {
      source = { run, result };
      [current, wanted] = [null, ""];
      // A choice made for the last result stays where it still means something.
      if (!(Number(structure.value) < result.atoms.length) || structure.value === "") structure.value = "0";
      if (!(Number(atom.value) < result.atoms[Number(structure.value)]!) || atom.value === "") atom.value = "0";
    },
    show(element, kept) {
      chosen = { element, kept };
      update();
    },
  };
}
