import { describe, expect, test } from "vitest";
import { cp2k, forceFileOf, isForceFile, readCp2k } from "../../../src/formats/cp2k.js";
import type { Structure } from "../../../src/structure/structure.js";
import { failureOf, readText } from "./read-format.js";

// The layout of CP2K's files: motion print formats of its manual, section MOTION/PRINT/TRAJECTORY.
const frame = (step: number, energy: string, rows: string): string => `       2\n i = ${String(step).padStart(8)}, time = ${(step / 2).toFixed(3).padStart(12)}, E = ${energy.padStart(20)}\n${rows}`;
const POSITIONS = frame(0, "-17.2110219413", "  O         0.0000000000        0.0000000000        0.1192620000\n  H         0.0000000000        0.7632390000       -0.4770470000\n") +
  frame(5, "-1.0", "  O 1 2 3\n  H 4 5 6\n");
const FORCES = frame(0, "-17.2110219413", "  O 0.01 -0.02 0.0\n  H 0.5 0 1e-3\n") + frame(5, "-1.0", "  O 1 0 0\n  H -1 0 0\n");

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

async function readPair(positions: string, forces: string, cells?: string): Promise<Structure[]> {
  const structures: Structure[] = [];
  const beside = { forces: { chunks: bytes(forces), file: "w-frc-1.xyz" }, cells: cells === undefined ? undefined : { chunks: bytes(cells), file: "w-1.cell" } };
  for await (const structure of readCp2k(bytes(positions), beside, { file: "w-pos-1.xyz" })) structures.push(structure);
  return structures;
}

// Head and columns as the manual's MOTION/PRINT/CELL describes them.
const CELLS = `#   Step   Time [fs]       Ax [Angstrom]       Ay [Angstrom]       Az [Angstrom]       Bx [Angstrom]       By [Angstrom]       Bz [Angstrom]       Cx [Angstrom]       Cy [Angstrom]       Cz [Angstrom]      Volume [Angstrom^3]
         0       0.000        9.8528000000        0.0000000000        0.0000000000        0.0000000000        9.8528000000        0.0000000000        0.0000000000        0.0000000000        9.8528000000        956.4950000000
         3       1.500        9.86 0 0  0 9.86 0  0 0 9.86  958.6
         5       2.500        9.9 0.1 0  0.2 9.8 0  0 0.3 9.7  940.9
`;

describe("CP2K trajectories", () => {
  test("energies in eV", async () => {
    const [first, second] = await readText(cp2k, POSITIONS);
    // 1 hartree = 27.211386245988 eV (CODATA 2018).
    expect(first!.info.get("energy")).toBeCloseTo(-468.33576574, 7);
    expect(Object.fromEntries(second!.info)).toEqual({ step: 5, time: 2.5, energy: -27.211386245988 });
    expect(first!.positions[4]).toBe(0.763239);
    expect(second!.origin).toEqual({ file: "given", line: 5, structure: 1 });
  });

  test("forces beside them in eV/Å", async () => {
    const [first, second] = await readPair(POSITIONS, FORCES);
    // 1 hartree/bohr = 51.4220674763 eV/Å (CODATA 2018).
    const forces = first!.arrays.get("forces")!.values as Float64Array;
    [0.514220674763, -1.028441349526, 0, 25.71103373815, 0, 0.0514220674763].forEach((force, index) => expect(forces[index]).toBeCloseTo(force, 8));
    expect(second!.arrays.get("forces")!.values[3]).toBeCloseTo(-51.4220674763, 7);
    expect(Array.from(second!.positions)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("cells of the steps, from the file beside", async () => {
    const [first, second] = await readPair(POSITIONS, FORCES, CELLS);
    expect([first!.pbc, first!.cell![0], first!.cell![8]]).toEqual([[true, true, true], 9.8528, 9.8528]);
    expect(Array.from(second!.cell!)).toEqual([9.9, 0.1, 0, 0.2, 9.8, 0, 0, 0.3, 9.7]);
    await expect(readPair(POSITIONS, FORCES, CELLS.split("\n").slice(0, 3).join("\n"))).rejects.toThrow("w-1.cell: file of cells does not have this step: expected step 5, got step 3");
    await expect(readPair(POSITIONS, FORCES, CELLS.replace("9.9 0.1 0", "9.9 x 0"))).rejects.toThrow("w-1.cell:4");
    await expect(readPair(POSITIONS, FORCES, CELLS.replace("9.9 0.1 0", "0 0 0"))).rejects.toThrow("w-1.cell:4");
  });

  test("files beside are found by name; no cell is a warning", async () => {
    const asked: string[] = [];
    const warnings: string[] = [];
    const beside = (file: string): Promise<AsyncIterable<Uint8Array> | null> => {
      asked.push(file);
      return Promise.resolve(file === "run/w-1.cell" && asked.length < 3 ? bytes(CELLS) : null);
    };
    const options = { file: "run/w-pos-1.xyz", beside, onWarning: ({ text }: { text: string }) => warnings.push(text) };
    const [, second] = await readText(cp2k, POSITIONS, options);
    expect([asked, second!.cell![0], warnings]).toEqual([["run/w-frc-1.xyz", "run/w-1.cell"], 9.9, []]);
    expect((await readText(cp2k, POSITIONS, options))[0]!.cell).toBe(null);
    expect(warnings).toEqual(["run/w-pos-1.xyz: CP2K trajectory without its cells (w-1.cell): the structures are taken as not periodic"]);
  });

  test("files that do not belong together", async () => {
    const half = FORCES.split("\n").slice(0, 4).join("\n");
    await expect(readPair(POSITIONS, half)).rejects.toThrow("w-frc-1.xyz: file of forces ends before the positions");
    await expect(readPair(POSITIONS.split("\n").slice(0, 4).join("\n"), FORCES)).rejects.toThrow("w-frc-1.xyz:5, structure 1: file of forces goes on");
    await expect(readPair(POSITIONS, FORCES.replace("i =        5", "i =        6"))).rejects.toThrow("w-frc-1.xyz:5, structure 1: forces are not of the step");
    await expect(readPair(POSITIONS, FORCES.replace("  H 0.5", "  O 0.5"))).rejects.toThrow("not of the step and atoms");
  });

  test("a file of forces given as structures is named as such", async () => {
    await expect(readText(cp2k, FORCES, { file: "w-frc-1.xyz" })).rejects.toThrow("w-frc-1.xyz:1: this is CP2K's file of forces");
    expect([isForceFile("a/w-frc-1.xyz"), isForceFile("w-pos-1.xyz"), forceFileOf("a/w-pos-12.xyz"), forceFileOf("w.xyz")]).toEqual([true, false, "a/w-frc-12.xyz", undefined]);
  });

  test("truncated and other files", async () => {
    expect((await failureOf(cp2k, POSITIONS.split("\n").slice(0, 7).join("\n"))).message).toContain("file is truncated");
    expect((await failureOf(cp2k, "1\nenergy=-1\nH 0 0 0\n")).message).toContain("given:2, structure 0: comment line is not CP2K's");
    expect([cp2k.recognizes("", POSITIONS), cp2k.recognizes("", "1\nenergy=-1\nH 0 0 0\n")]).toEqual([true, false]);
  });
});
