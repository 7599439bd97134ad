/**
 * VASP OUTCAR (https://www.vasp.at/wiki/OUTCAR): the ionic steps with energy, forces and stress; units and signs as vasp-labels.ts says.
 *
 * Elements are those of the potentials (VRHFIN), counts those of "ions per type". A step is complete with its energies; a run that was stopped
 * has its complete steps, and a file that ends within a step that has its forces is an error. Steps of VASP's own force field are not read.
 */
import { excerpt, parseNumber } from "../structure/extxyz-value.js";
import { checkCell, type Structure } from "../structure/structure.js";
import type { StructureFormat } from "./format.js";
import { LineReader, wordsOf } from "./line-reader.js";
import { vaspLabels } from "./vasp-labels.js";

/** Fortran writes numbers of full width without a blank between them. */
function numbersOf(reader: LineReader, text: string, count: number, expected: string): number[] {
  const found = wordsOf(text.replace(/(\d)-/g, "$1 -")).slice(0, count).map((word) => parseNumber(word) ?? NaN);
  if (found.length < count || !found.every(Number.isFinite)) throw reader.error("wrong line", { expected, got: excerpt(text) });
  return found;
}

async function* read(chunks: AsyncIterable<Uint8Array>, file: string | undefined): AsyncGenerator<Structure, void, undefined> {
  const reader = new LineReader(chunks, file);
  const elements: number[] = [];
  let species: Uint8Array | null = null;
  let cell: Float64Array | null = null;
  let pressure: number[] | null = null;
  let atoms: { positions: Float64Array; forces: Float64Array; line: number } | null = null;
  let free: number | null = null;
  try {
    for (let line = await reader.next(); line !== undefined; line = await reader.next()) {
      if (line.includes("VRHFIN")) {
        elements.push(reader.element(/VRHFIN\s*=\s*([A-Za-z]+)/.exec(line)?.[1] ?? ""));
      } else if (line.includes("ions per type")) {
        const counts = wordsOf(line.slice(line.indexOf("=") + 1)).map(Number);
        if (counts.length === 0 || counts.length !== elements.length || !counts.every((count) => Number.isSafeInteger(count) && count > 0 && count < 1e7)) {
          throw reader.error("elements and numbers of ions do not agree", { expected: `${elements.length} numbers (VRHFIN)`, got: excerpt(line) });
        }
        species = Uint8Array.from(counts.flatMap((count, kind) => Array<number>(count).fill(elements[kind]!)));
      } else if (line.includes("direct lattice vectors")) {
        const rows: number[] = [];
        for (let row = 0; row < 3; row++) rows.push(...numbersOf(reader, await reader.need("a lattice vector"), 3, "a lattice vector"));
        cell = Float64Array.from(rows);
        checkCell({ cell, pbc: [true, true, true] }, { ...(file !== undefined && { file }), line: reader.line, structure: reader.structure });
      } else if (/^\s*in kB\s/.test(line)) {
        const [xx, yy, zz, xy, yz, zx] = numbersOf(reader, line.slice(line.indexOf("kB") + 2), 6, "6 numbers in kbar") as [number, number, number, number, number, number];
        pressure = [xx, xy, zx, xy, yy, yz, zx, yz, zz];
      } else if (/^\s*POSITION\s+TOTAL-FORCE \(eV\/Angst\)\s*$/.test(line)) {
        if (!species || !cell) throw reader.error("forces before ions and lattice", { expected: "ions per type and direct lattice vectors", got: excerpt(line) });
        const begin = reader.line;
        await reader.need("a line of dashes");
        const [positions, forces] = [new Float64Array(3 * species.length), new Float64Array(3 * species.length)];
        for (let atom = 0; atom < species.length; atom++) {
          const expected = `position and force of atom ${atom} of ${species.length}`;
          const values = numbersOf(reader, await reader.need(expected), 6, expected);
          positions.set(values.slice(0, 3), 3 * atom);
          forces.set(values.slice(3), 3 * atom);
        }
        atoms = { positions, forces, line: begin };
      } else if (atoms && /free {2}energy {3}TOTEN\s*=/.test(line)) {
        [free] = numbersOf(reader, line.slice(line.indexOf("=") + 1), 1, "an energy") as [number];
      } else if (atoms && free !== null && species && cell && /energy\s+without entropy\s*=/.test(line)) {
        const found = /entropy\s*=\s*(\S+)\s+energy\(sigma->0\)\s*=\s*(\S+)/.exec(line);
        if (!found) throw reader.error("wrong line", { expected: "energy without entropy and energy(sigma->0)", got: excerpt(line) });
        const [withoutEntropy, sigma0] = numbersOf(reader, `${found[1]} ${found[2]}`, 2, "two energies") as [number, number];
        const { positions, forces, line: begin } = atoms;
        const origin = { ...(file !== undefined && { file }), line: begin, structure: reader.structure++ };
        yield { species, positions, cell, pbc: [true, true, true], ...vaspLabels({ free, sigma0, withoutEntropy, pressure, forces }), origin };
        [atoms, free, pressure] = [null, null, null];
      }
    }
    if (atoms) throw reader.error("file is truncated", { expected: "the energies of the step", got: "the end of the file" });
    if (reader.structure === 0) throw reader.error("no structures", { expected: "a complete ionic step with forces and energies", got: "none" });
  } finally {
    await reader.close();
  }
}

export const vaspOutcar: StructureFormat = {
  name: "VASP OUTCAR",
  recognizes: (file, head) => /^\s*vasp\.\d/.test(head) || /OUTCAR/.test(file),
  read: (chunks, { file }) => read(chunks, file),
};
