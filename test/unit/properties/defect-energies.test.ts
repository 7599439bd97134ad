// Stillinger–Weber silicon loses 2ε with an ideal vacancy and ε per cut bond: its ideal tetrahedra have no three-body energy, and its pairs end
// before the second neighbors. Geometry of the slabs by counting neighbors.
import { describe, expect, it } from "vitest";
import { surfaceEnergy, vacancyFormationEnergy } from "../../../src/properties/defect-energies.js";
import { diamondCell, diamondPrimitiveCell, diamondSlab, dimerizedSlab } from "../../../src/properties/diamond.js";
import { createNeighborList } from "../../../src/structure/neighbor-list.js";
import { repeatStructure } from "../../../src/structure/supercell.js";
import { EPSILON, LATTICE_CONSTANT as a, stillingerWeber } from "./silicon.js";

describe("slabs of diamond", () => {
  it.each([["111", 4, 1], ["100", 6, 2], ["111", 2, 1], ["100", 2, 2]] as const)("(%s) with %i layers: four neighbors inside, %i missing on each face atom", (face, layers, missing) => {
    const slab = diamondSlab(14, a, face, layers);
    const { offsets, distances } = createNeighborList(slab, 1.2 * (Math.sqrt(3) / 4) * a);
    for (const distance of distances) expect(distance).toBeCloseTo((Math.sqrt(3) / 4) * a, 10);
    const counts = Array.from({ length: slab.species.length }, (_, k) => offsets[k + 1] - offsets[k]);
    const perFace = face === "111" ? 1 : 2;
    expect(counts.slice(0, perFace)).toEqual(new Array(perFace).fill(4 - missing));
    expect(counts.slice(-perFace)).toEqual(new Array(perFace).fill(4 - missing));
    for (const count of counts.slice(perFace, -perFace)) expect(count).toBe(4);
    expect(slab.species.length).toBe(2 * layers);
  });

  it("have an even number of layers where dimers shall be parallel", () => {
    expect(() => diamondSlab(14, a, "100", 5)).toThrow(/an even number, 2 or more, got 5/);
    expect(() => diamondSlab(14, a, "111", 1)).toThrow(/2 or more, got 1/);
  });
});

it("a cell is repeated with its numbering", () => {
  const crystal = repeatStructure(diamondPrimitiveCell(14, a), [2, 3, 1]);
  expect(crystal.species.length).toBe(12);
  const { offsets } = createNeighborList(crystal, 2.5);
  for (let k = 0; k < 12; k++) expect(offsets[k + 1] - offsets[k]).toBe(4);
  // Atom 1 of the cell moved by one second vector is number (0·3 + 1)·1·2 + 1.
  [0.75, 0.25, 0.75].forEach((x, k) => expect(crystal.positions[9 + k]).toBeCloseTo(x * a, 12));
  expect(() => repeatStructure(crystal, [0, 1, 1])).toThrow(/three whole numbers, 1 or more/);
});

describe("vacancy of Stillinger–Weber silicon", () => {
  it("costs 2ε with ideal sites, which are a minimum, and less where the neighbors bind in pairs", async () => {
    const crystal = repeatStructure(diamondCell(14, a), [2, 2, 2]);
    const outer = await vacancyFormationEnergy(stillingerWeber, crystal, { atom: 5, inward: [0] });
    expect(outer.unrelaxed).toBeCloseTo(2 * EPSILON, 6);
    expect(outer.relaxed).toBeCloseTo(2 * EPSILON, 4);
    const inner = await vacancyFormationEnergy(stillingerWeber, crystal, { atom: 5 });
    expect(inner.converged).toBe(true);
    expect(inner.structure.species.length).toBe(63);
    expect(inner.unrelaxed).toBeCloseTo(2 * EPSILON, 6);
    // Every atom has four neighbors again.
    const { offsets } = createNeighborList(inner.structure, 3.1);
    for (let k = 0; k < 63; k++) expect(offsets[k + 1] - offsets[k]).toBeGreaterThanOrEqual(4);
    const other = await vacancyFormationEnergy(stillingerWeber, crystal, { atom: 30, inward: [0.3], shake: 0.02, method: "fire" });
    expect(inner.relaxed).toBeCloseTo(other.relaxed, 4);
    // The usual figures of this potential, by size of the cell, are 2.6 to 2.9 eV.
    expect(inner.relaxed).toBeGreaterThan(2.6);
    expect(inner.relaxed).toBeLessThan(2.9);
  });

  it("refuses an atom that is not there", async () => {
    await expect(vacancyFormationEnergy(stillingerWeber, diamondCell(14, a), { atom: 8 })).rejects.toThrow(/expected 0 to 7, got 8/);
  });
});

describe("surfaces of Stillinger–Weber silicon", () => {
  const EV = 16.02176634;
  it.each([["111", 6, EPSILON / 2 / ((Math.sqrt(3) / 4) * a * a)], ["100", 12, EPSILON / ((a * a) / 2)]] as const)("(%s) costs ε per cut bond where no atom wants to move", async (face, layers, expected) => {
    const { unrelaxed, relaxed, converged, structure } = await surfaceEnergy(stillingerWeber, diamondSlab(14, a, face, layers), -2 * EPSILON);
    expect(unrelaxed).toBeCloseTo(expected * EV, 4);
    expect(converged).toBe(true);
    // No atom of the cut crystal feels a force in this potential.
    expect(relaxed).toBeCloseTo(unrelaxed, 8);
    expect(structure.positions.length).toBe(6 * layers);
  });

  it("(100) reconstructs into dimers, which have three neighbors", async () => {
    const slab = diamondSlab(14, a, "100", 12);
    const { unrelaxed, relaxed, converged, structure } = await surfaceEnergy(stillingerWeber, slab, -2 * EPSILON, { start: dimerizedSlab(slab) });
    expect(converged).toBe(true);
    const { offsets, distances } = createNeighborList(structure, 2.7);
    expect([0, 1, 22, 23].map((k) => offsets[k + 1] - offsets[k])).toEqual([3, 3, 3, 3]);
    expect(Math.max(...distances.subarray(offsets[0], offsets[1]))).toBeLessThan(2.5);
    // A bond more per pair of atoms, so at most half of the ideal energy gained, and most of that.
    expect(relaxed).toBeGreaterThan(unrelaxed / 2);
    expect(relaxed).toBeLessThan(0.75 * unrelaxed);
  });

  it("needs a slab", async () => {
    await expect(surfaceEnergy(stillingerWeber, diamondCell(14, a), -4)).rejects.toThrow(/open along the third, got true true true/);
  });
});
