/**
 * VASP XDATCAR (https://www.vasp.at/wiki/XDATCAR): the head of a POSCAR, then frames "Direct configuration= n" with fractional coordinates.
 * Where the cell changes, the head stands before every frame. Written with the head wherever it changes; positions come back to 1e-15 of the cell.
 */
import { excerpt, formatNumber } from "../structure/extxyz-value.js";
import type { Structure } from "../structure/structure.js";
import { toCartesian, toFractional } from "./cells.js";
import type { StructureFormat } from "./format.js";
import { LineReader } from "./line-reader.js";
import { beginsAsPoscar, formatVaspHeader, gathered, readVaspHeader, type VaspHeader } from "./vasp-poscar.js";

const FRAME = /^\s*Direct configuration\s*=/i;

async function* read(chunks: AsyncIterable<Uint8Array>, given: readonly string[] | undefined, file: string | undefined): AsyncGenerator<Structure, void, undefined> {
  const reader = new LineReader(chunks, file);
  let header: VaspHeader | null = null;
  try {
    for (let line = await reader.next(); line !== undefined; line = await reader.next()) {
      if (!FRAME.test(line)) {
        // A comment may be blank, as may be the lines at the end of a file.
        const second = await reader.next();
        if (second === undefined) {
          if (line.trim() === "") break;
          throw reader.error("file is truncated", { expected: "the scale of the cell", got: "the end of the file" });
        }
        if (line.trim() === "" && (second.trim() === "" || FRAME.test(second))) {
          reader.back(second);
          continue;
        }
        reader.back(second);
        header = await readVaspHeader(reader, line, given);
        const next = await reader.need("Direct configuration=");
        if (!FRAME.test(next)) throw reader.error("wrong line in an XDATCAR", { expected: "Direct configuration=", got: excerpt(next) });
      }
      if (!header) throw reader.error("positions before the cell", { expected: "the head of a POSCAR", got: excerpt(line) });
      const begin = reader.line;
      const { species, cell } = header;
      const fractions = new Float64Array(3 * species.length);
      for (let atom = 0; atom < species.length; atom++) {
        fractions.set(await reader.numbers(3, `the position of atom ${atom} of ${species.length}`), 3 * atom);
      }
      const origin = { ...(file !== undefined && { file }), line: begin, structure: reader.structure++ };
      yield { species, positions: toCartesian(fractions, cell), cell, pbc: [true, true, true], info: new Map(), arrays: new Map(), origin };
    }
    if (reader.structure === 0) throw reader.error("no structures", { expected: "an XDATCAR", got: "no configuration" });
  } finally {
    await reader.close();
  }
}

async function* write(structures: Iterable<Structure> | AsyncIterable<Structure>): AsyncGenerator<string, void, undefined> {
  let last = "";
  let frame = 0;
  for await (const structure of structures) {
    const head = formatVaspHeader({ ...structure, info: new Map() });
    const fractions = toFractional(structure.positions, structure.cell!);
    const lines = gathered(structure.species).order.map((atom) => [...fractions.subarray(3 * atom, 3 * atom + 3)].map(formatNumber).join(" "));
    yield `${head === last ? "" : head}Direct configuration= ${String(++frame)}\n${lines.map((line) => `${line}\n`).join("")}`;
    last = head;
  }
}

export const vaspXdatcar: StructureFormat = {
  name: "VASP XDATCAR",
  recognizes: (file, head) => (beginsAsPoscar(head) && /\n\s*Direct configuration\s*=/i.test(head)) || /XDATCAR/.test(file),
  read: (chunks, { file, species }) => read(chunks, species, file),
  write,
};
