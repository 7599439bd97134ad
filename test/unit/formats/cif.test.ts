import { describe, expect, test } from "vitest";
import { cif } from "../../../src/formats/cif.js";
import { parseExtxyz } from "../../../src/structure/extxyz.js";
import { createNeighborList } from "../../../src/structure/neighbor-list.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { failureOf, fixture, readText, writeText } from "./read-format.js";

/** Sorted distances within 4 Å with the elements at their ends: the same for the same crystal, however it is turned. */
function distances(structure: Structure): string[] {
  const { offsets: starts, neighbors, distances: lengths } = createNeighborList(structure, 4);
  const found: string[] = [];
  for (let center = 0; center < structure.species.length; center++) {
    for (let pair = starts[center]!; pair < starts[center + 1]!; pair++) {
      found.push(`${structure.species[center]}-${structure.species[neighbors[pair]!]} ${lengths[pair]!.toFixed(3)}`);
    }
  }
  return found.sort();
}

const block = (sites: string, head = ""): string =>
  `data_x\n_cell_length_a 4\n_cell_length_b 5\n_cell_length_c 6\n_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n${head}loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n_atom_site_occupancy\n${sites}\n`;

describe("CIF", () => {
  test("symmetry is carried out as ASE does: quartz and silicon", async () => {
    const read = await readText(cif, fixture("symmetry.cif"));
    const expected = parseExtxyz(fixture("symmetry-by-ase.xyz"));
    expect(read.map(({ species }) => species.length)).toEqual([9, 8]);
    expect(read.map(({ info }) => info.get("cif_block"))).toEqual(["quartz", "silicon"]);
    expect(read.map(({ origin }) => origin)).toMatchObject([{ file: "given", line: 2, structure: 0 }, { file: "given", structure: 1 }]);
    read.forEach((structure, index) => expect(distances(structure)).toEqual(distances(expected[index]!)));
  });

  test("a file of ASE with two blocks", async () => {
    const [copper, silicon] = await readText(cif, fixture("ase-two.cif"));
    expect(Array.from(copper!.species)).toEqual([29, 29, 29, 29]);
    expect(copper!.positions[4]).toBeCloseTo(0.51254 * 3.61, 10);
    expect(distances(silicon!).slice(0, 4)).toEqual(["14-14 2.351", "14-14 2.351", "14-14 2.351", "14-14 2.351"]);
  });

  test("what is written is the same crystal, left-handed and sheared cells too", async () => {
    const cells = [[4, 0, 0, 0, 5, 0, 0, 0, 6], [0, 5, 0, 4, 0, 0, 0, 0, 6], [4, 0.5, 0.2, 3, 5, -1, 0.3, -2, 6]];
    const structures = cells.map((cell) => createStructure({ species: [8, 1, 22], positions: [0.1, 0.2, 0.3, 1, -1, 2, 2.2, 3.1, 9], cell }));
    const read = await readText(cif, await writeText(cif, structures));
    expect(read.length).toBe(3);
    read.forEach((structure, index) => {
      expect(Array.from(structure.species)).toEqual([8, 1, 22]);
      expect(distances(structure)).toEqual(distances(structures[index]!));
    });
    const again = await readText(cif, await writeText(cif, read));
    again.forEach((structure, index) => structure.positions.forEach((x, k) => expect(x).toBeCloseTo(read[index]!.positions[k]!, 10)));
  });

  test("only cells that are periodic along three axes are written", async () => {
    await expect(writeText(cif, [createStructure({ species: [1], positions: [0, 0, 0] })])).rejects.toThrow("structure 0: structure cannot be written as CIF");
    await expect(writeText(cif, [createStructure({ species: [1], positions: [0, 0, 0], cell: [4, 0, 0, 0, 4, 0, 0, 0, 4], pbc: [true, true, false] })])).rejects.toThrow("periodic along its three axes");
  });

  test.each<[string, string, string]>([
    ["partly occupied", block("Si1 0 0 0 0.5"), "site Si1 is not fully occupied"],
    ["label of two elements", block("HO1 0 0 0 1"), "label may be of two elements"],
    ["unknown element", block("Xq1 0 0 0 1"), "unknown element"],
    ["no number", block("Si1 0 zero 0 1"), "malformed number"],
    ["unknown coordinate", block("Si1 0 ? 0 1"), "site Si1 has no position"],
    ["truncated row", block("Si1 0 0 0 1\nSi2 0.5 0"), "is the file truncated?"],
    ["truncated text", `${block("Si1 0 0 0 1")};\nnever ends`, "file is truncated"],
    ["name without its operations", block("Si1 0 0 0 1", "_space_group_name_H-M_alt 'F d -3 m'\n"), "symmetry is named, and its operations are missing"],
    ["operation that is none", block("Si1 0 0 0 1", "loop_\n_space_group_symop_operation_xyz\nx,y,z\n-x,,q\n"), "malformed symmetry operation"],
    ["two elements on one place", block("Si1 0 0 0 1\nO1 0 0 0 1", "loop_\n_space_group_symop_operation_xyz\nx,y,z\n-x,-y,-z\n"), "sites Si1 and O1 fall on one place"],
    ["no cell", block("Si1 0 0 0 1").replace("_cell_length_b 5\n", ""), "cell is not complete"],
    ["beyond all crystals", block("Si1 0 1e300 0 1"), "number is too large"],
    ["flat cell", block("Si1 0 0 0 1").replace("gamma 90", "gamma 180"), "cell has no volume"],
    ["another kind of file", "3\nwater\nO 0 0 0\n", "CIF does not begin with a data block"],
    ["value without a name", `${block("Si1 0 0 0 1")}data_y 5\n`, "value without a name"],
  ])("refused: %s", async (_, text, message) => {
    expect((await failureOf(cif, text)).message).toContain(message);
  });

  test("recognized by name and by content", () => {
    expect(cif.recognizes("a.cif", "")).toBe(true);
    expect(cif.recognizes("", fixture("symmetry.cif"))).toBe(true);
    expect(cif.recognizes("a.xyz", "1\ndata_ _cell_\nSi 0 0 0")).toBe(false);
  });
});
