// Densities on a grid: against the sum over images point by point, the backend's coefficients, Parseval's identity, and convergence with the basis.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sphericalHarmonics } from "../../../src/angular/spherical-harmonics.js";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { createContractedFunctions } from "../../../src/basis/contracted-functions.js";
import {
  densityResiduals, environmentCoefficients, environmentOf, rebuiltDensities, smearedDensity, type DensityGrid,
} from "../../../src/basis/density-grid.js";
import type { Hyperparameters } from "../../../src/features/hyperparameters.js";
import { createOptimalBasis } from "../../../src/training/optimal-basis.js";
import { createStructure } from "../../../src/structure/structure.js";
import { forEachImage } from "../../reference/density-coefficients.js";
import { relativeDifference } from "../../reference/norms.js";
import { crystal } from "../backend/systems.js";
import { hyperparametersWith } from "./hyperparameters.js";

const scaling = { rate: 1, scale: 2.5, exponent: 4 };
const base = hyperparametersWith({ cutoff: { radius: 3 }, density: { width: 0.5, scaling }, basis: { nMax: 5, lMax: 3 } });
const structure = crystal([6, 14], 5, 3);
/** The Gaussian-type orbitals of these tests have faded at its faces. */
const grid: DensityGrid = { points: 36, halfWidth: 7 };
let backend: Backend;

beforeAll(async () => void (backend = await createBackend("cpu", { threads: 1 })));
afterAll(() => backend.destroy());

async function optimal(hyperparameters: Hyperparameters, mixed: boolean, channels: number): Promise<Hyperparameters> {
  return (await createOptimalBasis(backend, [structure], hyperparameters, { mixed, channels })).hyperparameters;
}

function norm(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
}

function pointsOf({ points, halfWidth }: DensityGrid): [number, number, number][] {
  const at = (k: number): number => -halfWidth + (2 * halfWidth * k) / (points - 1);
  return Array.from({ length: points ** 3 }, (_, k) => [at(Math.floor(k / points ** 2)), at(Math.floor(k / points) % points), at(k % points)]);
}

describe("the density of an environment", () => {
  it("is Eq. (1), images and the center's own Gaussian with it", () => {
    const { cutoff, density } = base;
    const coarse = { points: 6, halfWidth: 3 };
    for (const [atom, z] of [[0, 6], [0, 14], [2, 14]] as const) {
      const values = pointsOf(coarse).map(([x, y, w]) => {
        const gaussian = ([a, b, c]: readonly number[]): number =>
          Math.exp(-((x - a!) ** 2 + (y - b!) ** 2 + (w - c!) ** 2) / (2 * density.width ** 2));
        let sum = structure.species[atom] === z ? gaussian([0, 0, 0]) : 0;
        forEachImage(structure, atom, cutoff.radius, (j, vector, r) => {
          if (structure.species[j] !== z) return;
          const window = r <= 2.5 ? 1 : 0.5 * (1 + Math.cos((Math.PI * (r - 2.5)) / 0.5));
          sum += (window / (1 + (r / 2.5) ** 4)) * gaussian(vector);
        });
        return sum;
      });
      expect(relativeDifference(smearedDensity(environmentOf(structure, atom, cutoff.radius), base, z, coarse), values)).toBeLessThan(1e-6);
    }
  });

  it.each([[false], [true]])("has the coefficients of the backend (mixed: %s)", async (mixed) => {
    const hyperparameters = await optimal(base, mixed, 3);
    const { values, size } = await backend.computeDensityCoefficients([structure], hyperparameters);
    const length = 3 * 16;
    for (const atom of [0, 1, 3]) {
      const environment = environmentOf(structure, atom, base.cutoff.radius);
      [6, 14].forEach((z, a) => {
        const first = atom * size + (mixed ? 0 : a * length);
        expect(relativeDifference(environmentCoefficients(environment, hyperparameters, z), values.slice(first, first + length))).toBeLessThan(1e-7);
      });
    }
  });

  it("is rebuilt as its projection: the functions give the coefficients back, and Parseval's identity the residual", async () => {
    const hyperparameters = await optimal(base, false, 4);
    const environment = environmentOf(structure, 0, base.cutoff.radius);
    const z = 14;
    const density = smearedDensity(environment, hyperparameters, z, grid);
    const rebuilt = rebuiltDensities(environment, hyperparameters, z, grid);
    const coefficients = environmentCoefficients(environment, hyperparameters, z);
    const evaluate = createContractedFunctions(hyperparameters, z);
    const volume = ((2 * grid.halfWidth) / (grid.points - 1)) ** 3;
    const back = new Float64Array(coefficients.length);
    const harmonics = new Float64Array(16);
    const known = new Map<string, Float64Array>();
    pointsOf(grid).forEach(([x, y, w], at) => {
      const r = Math.hypot(x, y, w);
      const radial = known.get(r.toFixed(9)) ?? evaluate(r);
      known.set(r.toFixed(9), radial);
      sphericalHarmonics(3, x / r, y / r, w / r, harmonics);
      const value = volume * rebuilt[3 * density.length + at]!;
      back.forEach((_, k) => {
        const [q, lm] = [Math.floor(k / 16), k % 16];
        back[k]! += value * radial[Math.floor(Math.sqrt(lm)) * 4 + q]! * harmonics[lm]!;
      });
    });
    // The orbitals have cusps at the center, which the grid's sum knows to a percent.
    expect(relativeDifference(back, coefficients)).toBeLessThan(1.5e-2);

    // ‖ρ‖² of Gaussians: Σ_jk w_j w_k (πσ²)^{3/2} exp(−r_jk²/4σ²).
    const { width } = hyperparameters.density;
    const sites = [...environment.species].flatMap((species, j) => {
      const [x, y, w] = [0, 1, 2].map((axis) => environment.vectors[3 * j + axis]!) as [number, number, number];
      const r = Math.hypot(x, y, w);
      const window = r <= 2.5 ? 1 : 0.5 * (1 + Math.cos((Math.PI * (r - 2.5)) / 0.5));
      return species === z ? [{ x, y, w, weight: window / (1 + (r / 2.5) ** 4) }] : [];
    });
    if (environment.center === z) sites.push({ x: 0, y: 0, w: 0, weight: 1 });
    let square = 0;
    for (const a of sites) {
      for (const b of sites) {
        const distance = (a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.w - b.w) ** 2;
        square += a.weight * b.weight * (Math.PI * width ** 2) ** 1.5 * Math.exp(-distance / (4 * width ** 2));
      }
    }
    const residuals = densityResiduals(density, rebuilt);
    residuals.forEach((residual, q) => {
      const expected = Math.sqrt(1 - norm(coefficients.subarray(0, 16 * (q + 1))) ** 2 / square);
      expect(Math.abs(residual - expected), `${q + 1} functions: ${residual} and ${expected}`).toBeLessThan(3e-3);
    });
  });

  it.each([["gto"], ["dvr"]] as const)("comes back from a complete basis (%s), element by element and mixed", async (kind) => {
    const environment = environmentOf(structure, 0, base.cutoff.radius);
    for (const mixed of [false, true]) {
      const left = [];
      for (const [nMax, lMax] of [[4, 2], [8, 6], [14, 11]] as const) {
        const radius = { radius: 3, width: 0.5, function: "cosine" } as const;
        const small = { ...base, cutoff: radius, basis: { ...base.basis, kind, nMax, lMax } };
        // All of the directions that carry variance.
        const hyperparameters = await optimal(small, mixed, mixed ? 2 * nMax : nMax);
        const coarse = { points: 20, halfWidth: 3 };
        const rebuilt = rebuiltDensities(environment, hyperparameters, 14, coarse);
        const residuals = densityResiduals(smearedDensity(environment, hyperparameters, 14, coarse), rebuilt);
        left.push(residuals[residuals.length - 1]!);
      }
      expect(left[2]! < 0.05 && left[2]! < 0.2 * left[1]! && left[1]! < 0.5 * left[0]!, `${mixed}: ${left.join(" ")}`).toBe(true);
    }
  });

  it("of an atom without neighbors is its own Gaussian; of an element that is absent, nothing", async () => {
    const alone = createStructure({ species: [14], positions: [1, 2, 3] });
    const environment = environmentOf(alone, 0, 3);
    const own = smearedDensity(environment, base, 14, { points: 2, halfWidth: 0.4 });
    expect(relativeDifference(own, new Float64Array(8).fill(Math.exp((-3 * 0.16) / (2 * 0.25))))).toBeLessThan(1e-6);
    const absent = smearedDensity(environment, base, 6, grid);
    expect(norm(absent)).toBe(0);
    expect(densityResiduals(absent, new Float32Array(2 * absent.length))).toEqual(Float64Array.of(NaN, NaN));
  });

  it("is refused where there is none", () => {
    const environment = environmentOf(structure, 0, 3);
    expect(() => environmentOf(structure, 5000, 3)).toThrow(/no such atom.*0 to \d+.*5000/);
    expect(() => smearedDensity(environment, base, 14, { points: 5, halfWidth: 3 })).toThrow(/even number of points/);
    expect(() => rebuiltDensities(environment, base, 14, grid)).toThrow(/no optimal basis/);
    const sharp = { ...base, density: { ...base.density, kind: "delta" } } as const;
    expect(() => smearedDensity(environment, sharp, 14, grid)).toThrow(/δ density/);
  });
});
