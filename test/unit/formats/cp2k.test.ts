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

async function readPair(positions: string, forces: string): Promise<Structure[]> {
  const structures: Structure[] = [];
  for await (const structure of readCp2k(bytes(positions), { chunks: bytes(forces), file: "w-frc-1.xyz" }, { file: "w-pos-1.xyz" })) structures.push(structure);
  return structures;
}

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
