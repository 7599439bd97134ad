// Datasets for chemiscope against what its documentation ("Chemiscope JSON file format", chemiscope.org/docs) asks for, and the numbers in them.
import * as v from "valibot";
import { expect, test } from "vitest";
import type { DataWarning } from "../../../src/errors.js";
import { chemiscope } from "../../../src/formats/chemiscope.js";
import { formatToWrite, readAnyStructures } from "../../../src/formats/formats.js";
import { annotateStructure, createStructure, type AtomArray, type InfoValue, type Structure } from "../../../src/structure/structure.js";

const number = v.pipe(v.number(), v.finite());
const index = v.pipe(v.number(), v.integer(), v.minValue(0));
const schema = v.strictObject({
  meta: v.strictObject({ name: v.string(), description: v.optional(v.string()), authors: v.optional(v.array(v.string())), references: v.optional(v.array(v.string())) }),
  structures: v.array(v.strictObject({
    size: index, names: v.array(v.string()), x: v.array(number), y: v.array(number), z: v.array(number),
    cell: v.optional(v.pipe(v.array(number), v.length(9))), pbc: v.optional(v.pipe(v.array(v.boolean()), v.length(3))),
  })),
  properties: v.record(v.string(), v.strictObject({
    target: v.picklist(["structure", "atom"]), values: v.union([v.array(number), v.array(v.string())]), units: v.optional(v.string()), description: v.optional(v.string()),
  })),
  environments: v.array(v.strictObject({ structure: index, center: index, cutoff: v.pipe(number, v.gtValue(0)) })),
  shapes: v.optional(v.record(v.string(), v.strictObject({
    kind: v.literal("arrow"),
    parameters: v.strictObject({ global: v.strictObject({ baseRadius: number, headRadius: number, headLength: number }), atom: v.array(v.strictObject({ vector: v.pipe(v.array(number), v.length(3)) })) }),
  }))),
});
type Dataset = v.InferOutput<typeof schema>;

/** What is written, checked as chemiscope's documentation says: the schema, and lengths that agree. */
async function write(structures: readonly Structure[], cutoff?: number): Promise<{ dataset: Dataset; warnings: DataWarning[] }> {
  const warnings: DataWarning[] = [];
  let text = "";
  for await (const piece of chemiscope.write!(structures, { cutoff, onWarning: (warning) => warnings.push(warning) })) text += piece;
  const dataset = v.parse(schema, JSON.parse(text));
  const atoms = dataset.structures.reduce((sum, { size }) => sum + size, 0);
  for (const { size, names, x, y, z } of dataset.structures) expect([names.length, x.length, y.length, z.length]).toEqual([size, size, size, size]);
  expect(dataset.environments).toHaveLength(atoms);
  for (const { structure, center } of dataset.environments) expect(center).toBeLessThan(dataset.structures[structure]!.size);
  for (const [name, { target, values }] of Object.entries(dataset.properties)) expect(values.length, name).toBe(target === "atom" ? atoms : dataset.structures.length);
  for (const { parameters } of Object.values(dataset.shapes ?? {})) expect(parameters.atom).toHaveLength(atoms);
  return { dataset, warnings };
}

const real = (width: number, values: number[]): AtomArray => ({ kind: "R", width, values: Float64Array.from(values) });

function frame(positions: number[], info: [string, InfoValue][], arrays: [string, AtomArray][] = [], cell: number[] | null = null): Structure {
  const species = [8, 1, 1, 6].slice(0, positions.length / 3);
  return annotateStructure(createStructure({ species, positions, cell }), { info, arrays });
}

test("structures, properties by components with units, environments with the model's cutoff, forces as arrows", async () => {
  const first = frame([0, 0, 0, 1, 0, 0.5], [["energy", -1.5], ["virial", [1, 2, 3, 4, 5, 6, 7, 8, 9]], ["config_type", "dimer"], ["good", true]], [["forces", real(3, [1, 2, 3, -1, -2, -3])], ["local_energy", real(1, [-1, -0.5])], ["kind", { kind: "S", width: 1, values: ["a", "b"] }]], [9, 1, 0, 0, 8, 0, 0, 0, 7]);
  const second = frame([0, 0, 2], [["energy", 2], ["virial", [9, 8, 7, 6, 5, 4, 3, 2, 1]], ["config_type", "atom"], ["good", false]], [["forces", real(3, [0, 0, 0])], ["local_energy", real(1, [2])], ["kind", { kind: "S", width: 1, values: ["c"] }]]);
  const { dataset, warnings } = await write([first, second], 4.25);
  expect(warnings).toEqual([]);
  expect(dataset.structures).toEqual([
    { size: 2, names: ["O", "H"], x: [0, 1], y: [0, 0], z: [0, 0.5], cell: [9, 1, 0, 0, 8, 0, 0, 0, 7], pbc: [true, true, true] },
    { size: 1, names: ["O"], x: [0], y: [0], z: [2] },
  ]);
  expect(dataset.environments).toEqual([{ structure: 0, center: 0, cutoff: 4.25 }, { structure: 0, center: 1, cutoff: 4.25 }, { structure: 1, center: 0, cutoff: 4.25 }]);
  const { properties } = dataset;
  expect(properties).toMatchObject({
    energy: { target: "structure", values: [-1.5, 2], units: "eV" }, "virial[1]": { target: "structure", values: [1, 9], units: "eV" }, "virial[6]": { values: [6, 4] },
    config_type: { target: "structure", values: ["dimer", "atom"] }, good: { values: ["true", "false"] }, structure: { values: [0, 1] }, atoms: { values: [2, 1] },
    "forces[2]": { target: "atom", values: [2, -2, 0], units: "eV/Å" }, local_energy: { target: "atom", values: [-1, -0.5, 2], units: "eV" }, kind: { values: ["a", "b", "c"] },
    element: { target: "atom", values: ["O", "H", "O"] }, "structure of the atom": { values: [0, 0, 1] }, atom: { values: [0, 1, 0] },
  });
  expect(properties["config_type"]!.units).toBeUndefined();
  expect(dataset.shapes!["forces"]!.parameters.atom.map(({ vector }) => vector)).toEqual([[1, 2, 3], [-1, -2, -3], [0, 0, 0]]);
});

test.each<[string, Structure[], string[]]>([
  ["what a later structure lacks", [frame([0, 0, 0], [["a", 1], ["b", 2]]), frame([0, 0, 0], [["b", 3]])], ["a"]],
  ["what only a later structure has", [frame([0, 0, 0], [["b", 2]]), frame([0, 0, 0], [["b", 3], ["a", 1]])], ["a"]],
  ["numbers here and words there", [frame([0, 0, 0], [["a", 1], ["b", 2]]), frame([0, 0, 0], [["a", "x"], ["b", 3]])], ["a"]],
  ["lists of another length", [frame([0, 0, 0], [["a", [1, 2]], ["b", 2]]), frame([0, 0, 0], [["a", [1, 2, 3]], ["b", 3]])], ["a"]],
  ["a number that is not finite", [frame([0, 0, 0], [["a", NaN], ["b", 2]]), frame([0, 0, 0], [["a", 1], ["b", 3]])], ["a"]],
  ["nested lists", [frame([0, 0, 0], [["a", [[1], [2]]], ["b", 2]]), frame([0, 0, 0], [["a", 1], ["b", 3]])], ["a"]],
  ["a column of some", [frame([0, 0, 0], [["b", 2]], [["c", real(1, [1])]]), frame([0, 0, 0], [["b", 3]])], ["c"]],
])("%s is left out, and said", async (_, structures, left) => {
  const { dataset: { properties }, warnings } = await write(structures);
  expect(properties["b"]!.values).toEqual([2, 3]);
  for (const name of left) expect(Object.keys(properties).filter((key) => key.startsWith(`${name}[`) || key === name)).toEqual([]);
  expect(warnings.map(({ code, text }) => [code, text])).toEqual([["data-not-written", expect.stringMatching(new RegExp(`not written: ${left.join(", ")}$`))]]);
});

test("a structure without atoms, an entry and a column of one name, no data at all", async () => {
  const { dataset } = await write([frame([0, 0, 0], [["a", 1]], [["a", real(1, [2])]]), frame([], [["a", 3]], [["a", real(1, [])]]), frame([0, 0, 1], [["a", 5]], [["a", real(1, [4])]])]);
  expect(dataset.properties["a"]!.values).toEqual([1, 3, 5]);
  expect(dataset.properties["a (atom)"]!.values).toEqual([2, 4]);
  const vectors = await write([frame([], [], [["forces", real(3, [])]]), frame([0, 0, 1], [], [["forces", real(3, [4, 5, 6])]])]);
  expect(vectors.dataset.properties["forces[3]"]!.values).toEqual([6]);
  expect(vectors.warnings).toEqual([]);
  // Its map needs two properties of each target.
  const { properties } = (await write([frame([0, 0, 0], [])])).dataset;
  for (const target of ["structure", "atom"]) expect(Object.values(properties).filter((property) => property.target === target && typeof property.values[0] === "number")).toHaveLength(2);
  await expect(write([])).rejects.toThrow("nothing to write");
});

test("is written by its name, and recognized and not read", async () => {
  expect(formatToWrite("run/x.chemiscope.json.gz").name).toBe("chemiscope");
  expect(formatToWrite("x.json").name).toBe("ASE database (JSON)");
  let text = "";
  for await (const piece of chemiscope.write!([frame([0, 0, 0], [])])) text += piece;
  const read = async (): Promise<void> => {
    for await (const _ of readAnyStructures(new Blob([text]).stream(), { file: "x.json" })) throw new Error("read");
  };
  await expect(read()).rejects.toThrow(/this looks like chemiscope, which is not read/);
});
