// References: the minima and saddle points of Müller and Brown's surface (doi:10.1007/BF00547608; stationary points as in the literature, to the digits
// given), a row of cosine wells, and the symmetry of a hop in a crystal.
import { describe, expect, it } from "vitest";
import { analyticModel } from "../../../src/dynamics/energy-model.js";
import { nudgedElasticBand, tangentOf } from "../../../src/dynamics/nudged-elastic-band.js";
import { relax } from "../../../src/dynamics/relax.js";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { InputError } from "../../../src/errors.js";
import { diamondCell } from "../../../src/properties/diamond.js";
import { createMinimumImage } from "../../../src/structure/minimum-image.js";
import { createNeighborList } from "../../../src/structure/neighbor-list.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { repeatStructure } from "../../../src/structure/supercell.js";

/** Å for one of the surface's units of length, and eV for one of energy. */
const [LENGTH, ENERGY] = [5, 0.01];
const terms = [[-200, -1, 0, -10, 1, 0], [-100, -1, 0, -10, 0, 0.5], [-170, -6.5, 11, -6.5, -0.5, 1.5], [15, 0.7, 0.6, 0.7, -1, 1]];
let calls: number[] = [];
const surface = analyticModel(({ positions: [X, Y, Z] }) => {
  const [x, y] = [X / LENGTH, Y / LENGTH];
  let [energy, fx, fy] = [0, 0, 0];
  for (const [A, a, b, c, x0, y0] of terms) {
    const value = A * Math.exp(a * (x - x0) ** 2 + b * (x - x0) * (y - y0) + c * (y - y0) ** 2);
    energy += value;
    fx -= value * (2 * a * (x - x0) + b * (y - y0));
    fy -= value * (b * (x - x0) + 2 * c * (y - y0));
  }
  return { energy: ENERGY * energy + Z * Z, forces: Float64Array.of((ENERGY * fx) / LENGTH, (ENERGY * fy) / LENGTH, -2 * Z), virial: null };
});
const counted: typeof surface = (structures, options) => {
  calls.push(structures.length);
  return surface(structures, options);
};
const at = (x: number, y: number): Structure => createStructure({ species: [1], positions: [LENGTH * x, LENGTH * y, 0] });
const [upper, middle, lower] = [at(-0.558223635, 1.441725842), at(-0.050010823, 0.466694105), at(0.623499405, 0.028037759)];

describe("nudged elastic band on the surface of Müller and Brown", () => {
  it("climbs to the saddle point, with one prediction of all images in each step", async () => {
    calls = [];
    const band = await nudgedElasticBand(counted, upper, middle, { images: 9, maximalForce: 1e-3, maxSteps: 3000 });
    expect(band.converged).toBe(true);
    expect(band.energies[band.saddle]).toBeCloseTo(ENERGY * -40.66484, 5);
    const [x, y] = band.images[band.saddle].positions;
    expect(x / LENGTH).toBeCloseTo(-0.822, 2);
    expect(y / LENGTH).toBeCloseTo(0.6243, 2);
    expect(band.barrier).toBeCloseTo(ENERGY * (146.69952 - 40.66484), 5);
    expect(band.reverseBarrier).toBeCloseTo(ENERGY * (80.76782 - 40.66484), 5);
    for (const force of band.forces[band.saddle]) expect(Math.abs(force)).toBeLessThan(1e-3);
    expect(band.images.length).toBe(11);
    expect(calls[0]).toBe(2);
    expect(new Set(calls.slice(1))).toEqual(new Set([9]));
    // One for the first band, one where the climb begins.
    expect(calls.length - 1).toBe(band.steps + 2);
  });

  it("passes the intermediate minimum on the way to the other one", async () => {
    const { energies, saddle, converged } = await nudgedElasticBand(surface, upper, lower, { images: 19, maximalForce: 5e-3, maxSteps: 3000 });
    expect(converged).toBe(true);
    expect(energies[saddle]).toBeCloseTo(ENERGY * -40.66484, 3);
    const after = energies.slice(saddle);
    const well = after.findIndex((e, k) => k > 0 && e < after[k - 1] && e < after[k + 1]);
    expect(Math.abs(after[well] - ENERGY * -80.76782)).toBeLessThan(0.05);
    expect(Math.abs(Math.max(...after.slice(well)) - ENERGY * -72.24894)).toBeLessThan(0.03);
  });

  it("without climbing spaces its images evenly along the same path", async () => {
    const { distances, energies, saddle, images } = await nudgedElasticBand(surface, upper, middle, { images: 9, climbing: false, maximalForce: 1e-3, maxSteps: 3000 });
    for (let k = 1; k < distances.length; k++) expect((distances[k] - distances[k - 1]) / (distances[10] / 10)).toBeCloseTo(1, 2);
    expect(energies[saddle]).toBeLessThanOrEqual(ENERGY * -40.66484 + 1e-6);
    images.forEach(({ positions: [, , z] }) => expect(Math.abs(z)).toBeLessThan(1e-3));
  });

  it("says when it is not converged, and stops when told", async () => {
    expect(await nudgedElasticBand(surface, upper, middle, { maxSteps: 2 })).toMatchObject({ converged: false, steps: 2 });
    const controller = new AbortController();
    await expect(nudgedElasticBand(surface, upper, middle, { signal: controller.signal, onProgress: () => controller.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});

it.each([
  [[0, 1, 2], [0, 3]], [[2, 1, 0], [2, 0]],
  // Extrema: the larger difference of energy goes with the way to the higher neighbor.
  [[0, 5, 2], [2 * 3, 3 * 5]], [[2, 5, 0], [2 * 5, 3 * 3]], [[4, 1, 2], [2 * 3, 3 * 1]], [[1, 1, 1], [2, 3]],
] as const)("tangent with energies %j", (energies, [x, y]) => {
  const tangent = tangentOf(Float64Array.of(2, 0, 0), Float64Array.of(0, 3, 0), energies);
  expect([...tangent]).toEqual([expect.closeTo(x / Math.hypot(x, y), 12), expect.closeTo(y / Math.hypot(x, y), 12), 0]);
});

describe("nudged elastic band", () => {
  it("goes the short way through the cell's wall", async () => {
    // Wells at 0.5 + 2n Å, 2 · 0.3 eV deep.
    const wells = analyticModel(({ positions: [x, y, z] }) => ({ energy: -0.3 * Math.cos(Math.PI * (x - 0.5)) + y * y + z * z, forces: Float64Array.of(-0.3 * Math.PI * Math.sin(Math.PI * (x - 0.5)), -2 * y, -2 * z), virial: null }));
    const site = (x: number): Structure => createStructure({ species: [1], positions: [x, 0, 0], cell: [6, 0, 0, 0, 9, 0, 0, 0, 9] });
    const { barrier, images, energies } = await nudgedElasticBand(wells, site(0.5), site(4.5), { images: 3, maximalForce: 1e-4 });
    expect(barrier).toBeCloseTo(0.6, 8);
    expect(images.at(-1)!.positions[0]).toBeCloseTo(-1.5, 12);
    expect(energies[1]).toBeCloseTo(energies[3], 8);
  });

  it("of a vacancy's hop in Stillinger–Weber silicon is symmetric, with a stationary saddle point", async () => {
    const model = analyticModel((structure) => computeStillingerWeber(structure));
    const crystal = repeatStructure(diamondCell(14, 5.431), [2, 2, 2]);
    /** Vacancy at a site, its neighbors moved into it; `order` says which site each atom sits on. */
    const vacancy = async (site: number, order: readonly number[]): Promise<Structure> => {
      const positions = crystal.positions.slice();
      const { offsets, neighbors, vectors } = createNeighborList(crystal, 2.6);
      for (let pair = offsets[site]; pair < offsets[site + 1]; pair++) for (let k = 0; k < 3; k++) positions[3 * neighbors[pair] + k] -= 0.2 * vectors[3 * pair + k];
      const start = createStructure({ species: crystal.species.slice(1), cell: crystal.cell, positions: order.flatMap((k) => [...positions.subarray(3 * k, 3 * k + 3)]) });
      return (await relax(model, start, { maximalForce: 1e-4 })).structure;
    };
    // Atom 4 is a neighbor of atom 0; it hops into the hole.
    const order = Array.from({ length: 63 }, (_, k) => k + 1);
    const band = await nudgedElasticBand(model, await vacancy(0, order), await vacancy(4, order.map((k) => (k === 4 ? 0 : k))), { images: 5, maximalForce: 0.02 });
    expect(band.converged).toBe(true);
    expect(band.barrier).toBeCloseTo(band.reverseBarrier, 6);
    for (let k = 0; k < 3; k++) expect(band.energies[k]).toBeCloseTo(band.energies[6 - k], 3);
    expect(band.saddle).toBe(3);
    for (const force of band.forces[3]) expect(Math.abs(force)).toBeLessThan(0.02);
    // By symmetry the atom that hops is in the middle then, and held there the others relax to the same energy.
    const middleOfBond = [0, 1, 2].map((k) => (crystal.positions[k] + crystal.positions[12 + k]) / 2);
    middleOfBond.forEach((x, k) => expect(band.images[3].positions[9 + k]).toBeCloseTo(x, 2));
    const positions = band.images[3].positions.slice();
    positions.set(middleOfBond, 9);
    const ridge = await relax(model, { ...band.images[3], positions }, { fixedAtoms: [3], maximalForce: 1e-3 });
    expect(ridge.energy - band.energies[0]).toBeCloseTo(band.barrier, 3);
  });

  it("of atoms that move together is none once the translation is removed", async () => {
    const free = analyticModel(({ positions }) => ({ energy: 0, forces: new Float64Array(positions.length), virial: null }));
    const pair = (x: number, y: number): Structure => createStructure({ species: [1, 1], positions: [x, 0, 0, 3 + x, y, 0] });
    await expect(nudgedElasticBand(free, pair(0, 0), pair(1, 0), { removeTranslation: true })).rejects.toThrow(/start and end are the same/);
    const { images, distances } = await nudgedElasticBand(free, pair(0, 0), pair(1, 0.5), { images: 1, removeTranslation: true });
    expect([...images[2].positions]).toEqual([0, -0.25, 0, 3, 0.25, 0]);
    expect(distances[2]).toBeCloseTo(0.25 * Math.SQRT2, 12);
    const held = await nudgedElasticBand(free, pair(0, 0), pair(1, 0.5), { images: 1, removeTranslation: true, fixedAtoms: [0] });
    expect([...held.images[2].positions]).toEqual([0, 0, 0, 4, 0.5, 0]);
  });

  const crystal = diamondCell(14, 5.431);
  it.each([
    ["ends of different size", crystal, repeatStructure(crystal, [2, 1, 1]), {}, /same atoms in the same order: expected the 8 atoms of the start, got 16/],
    ["ends of different elements", crystal, { ...crystal, species: Uint8Array.from(crystal.species, (z, k) => (k === 3 ? 6 : z)) }, {}, /atom 3: both ends/],
    ["another cell", crystal, { ...crystal, cell: crystal.cell!.map((x) => 1.01 * x) }, {}, /both ends of a path have the same cell/],
    ["the same structure twice", crystal, crystal, {}, /start and end are the same/],
    ["no images", upper, middle, { images: 0 }, /"images": .*1 or more/],
    ["a fixed atom that is not there", upper, middle, { fixedAtoms: [1] }, /expected 0 to 0, got 1/],
  ] as const)("refuses %s", async (_, start, end, options, message) => {
    const failure = nudgedElasticBand(surface, start, end, options);
    await expect(failure).rejects.toThrow(InputError);
    await expect(failure).rejects.toThrow(message);
  });
});

it("nearest images are those of a search over many cells, in a sheared lattice with an open axis", () => {
  const cell = Float64Array.of(4, 0, 0, 7, 3, 0, 1, 1, 5);
  const minimumImage = createMinimumImage({ cell, pbc: [true, true, false] });
  for (let n = 0; n < 50; n++) {
    const vector = [Math.sin(n) * 20, Math.cos(3 * n) * 20, Math.sin(7 * n) * 5];
    let shortest = Infinity;
    for (let i = -30; i <= 30; i++) for (let j = -15; j <= 15; j++) shortest = Math.min(shortest, Math.hypot(vector[0] + 4 * i + 7 * j, vector[1] + 3 * j, vector[2]));
    for (const [x, y, z] of minimumImage(vector)) expect(Math.hypot(x, y, z)).toBeCloseTo(shortest, 3);
  }
  expect(createMinimumImage({ cell: Float64Array.of(2, 0, 0, 0, 2, 0, 0, 0, 2), pbc: [true, true, true] })([1, 1, 0]).length).toBe(4);
});
