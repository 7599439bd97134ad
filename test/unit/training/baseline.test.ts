// Which frames are isolated atoms, and what their energies are worth.
import { expect, test } from "vitest";
import { createStructure, type LabeledStructure, type StructureInput } from "../../../src/structure/structure.js";
import { findBaseline } from "../../../src/training/baseline.js";
import { parseFitConfiguration } from "../../../src/training/configuration-schema.js";

function frame(input: Partial<StructureInput> & { species: number[] }, energy: number | null, configType = "default"): LabeledStructure {
  const positions = input.positions ?? input.species.flatMap((_, atom) => [2.3 * atom, 0, 0]);
  return { structure: createStructure({ ...input, positions }), labels: { energy, forces: null, virial: null, configType } };
}

const box = (a: number, b = a, c = a): number[] => [a, 0, 0, 0, b, 0, 0, 0, c];
const baseline = (data: readonly LabeledStructure[], species: readonly number[], settings: object = {}): ReturnType<typeof findBaseline> =>
  findBaseline(data, species, parseFitConfiguration(settings));
const dimer = frame({ species: [14, 14] }, -7);

test.each([
  ["in a box larger than the cutoff", { cell: box(20) }, "default", true],
  ["in a box as large as the cutoff, whose images are no neighbors", { cell: box(5) }, "default", true],
  ["with images within the cutoff", { cell: box(4.99) }, "default", false],
  ["with images within the cutoff along one axis", { cell: box(20, 3, 20) }, "default", false],
  ["in a wire whose short vectors are not periodic", { cell: box(20, 3, 3), pbc: [true, false, false] as const }, "default", true],
  // (9, 0) and (9, 3): their difference is a short lattice vector, although both are long.
  ["in a sheared cell with near images", { cell: [9, 0, 0, 9, 3, 0, 0, 0, 9] }, "default", false],
  ["without a cell", { cell: null }, "bulk", true],
  ["near its images, but called isolated", { cell: box(4) }, "IsolatedAtom", true],
])("one atom %s", (_, input, configType, isolated) => {
  const { kind, energies } = baseline([dimer, frame({ species: [14], ...input }, -3, configType)], [14]);
  expect(kind).toBe(isolated ? "isolated" : "least-squares");
  // By least squares on energies per atom: the mean of −3.5 and −3.
  expect(energies.get(14)).toBeCloseTo(isolated ? -3 : -3.25, 6);
});

test("the cutoff of the configuration decides", () => {
  const data = [dimer, frame({ species: [14], cell: box(8) }, -3)];
  expect(baseline(data, [14], { cutoff: { radius: 7 } }).kind).toBe("isolated");
  expect(baseline(data, [14], { cutoff: { radius: 9 } }).kind).toBe("least-squares");
});

test("without an isolated atom of every element it is least squares, and asked for it is refused", () => {
  const data = [frame({ species: [1, 8] }, -10), frame({ species: [1] }, -2)];
  expect(baseline(data, [1, 8]).kind).toBe("least-squares");
  expect(() => baseline(data, [1, 8], { baseline: { kind: "isolated" } })).toThrow(/frame with one isolated atom for O/);
});

test("isolated atoms that disagree: their median, and a warning with all of them", () => {
  const atoms = [-3, -1, -2, -2.5].map((energy) => frame({ species: [14] }, energy));
  const { energies, warnings } = baseline([dimer, ...atoms], [14]);
  expect(energies.get(14)).toBe(-2.25);
  expect(warnings).toMatchObject([{ code: "isolated-atoms-differ", frame: 1 }]);
  for (const said of ["-3 eV (frame 1)", "-1 eV (frame 2)", "-2 eV (frame 3)", "-2.5 eV (frame 4)", "-2.25 eV"]) expect(warnings[0]!.text).toContain(said);
  expect(baseline([dimer, atoms[0]!, frame({ species: [14] }, -3.0005)], [14]).warnings).toEqual([]);
});

test.each([
  ["bound by 4 eV per atom", [14, 14], -326, -159, false],
  ["of the other sign", [14, 14], -326, 159, true],
  ["zero beside total energies", [14, 14], -326, 0, true],
  ["with energies per atom", [14, 14, 14, 14], -163, -159, true],
  ["above its crystal by less than nothing", [14, 14], -300, -159, true],
])("an isolated atom %s", (_, species, energy, atom, doubtful) => {
  const data = [frame({ species }, energy), frame({ species }, energy - 0.3), frame({ species: [14] }, atom)];
  const codes = baseline(data, [14]).warnings.map(({ code }) => code);
  expect(codes).toEqual(doubtful ? ["baseline-far"] : []);
  expect(baseline(data, [14], { baseline: { kind: "given", energies: { Si: atom } } }).warnings.map(({ code }) => code)).toEqual(codes);
});
