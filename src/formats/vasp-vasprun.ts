/**
 * VASP vasprun.xml (https://www.vasp.at/wiki/Vasprun.xml): the ionic steps (<calculation>) with energy, forces and stress; units and signs as
 * vasp-labels.ts says. VASP writes one tag to a line, and the file is read so: line by line, whatever its length.
 *
 * F is that of the whole step; E₀ and the energy without entropy are those of its last electronic step, as some versions write another number for
 * the whole. A run that was stopped has its complete steps, and a file that ends within a step that has its forces is an error.
 */
import { excerpt, parseNumber } from "../structure/extxyz-value.js";
import { checkCell, type Structure } from "../structure/structure.js";
import { toCartesian } from "./cells.js";
import type { StructureFormat } from "./format.js";
import { LineReader, wordsOf } from "./line-reader.js";
import { vaspLabels } from "./vasp-labels.js";

/** What a step has told so far. */
interface Step {
  readonly line: number;
  cell: Float64Array | null;
  fractions: Float64Array | null;
  forces: Float64Array | null;
  pressure: number[] | null;
  readonly energies: Record<string, number>;
}

const textOf = (line: string): string => line.replace(/<[^>]*>/g, " ");

/** The three numbers of a <v>; Fortran writes numbers of full width without a blank between them. */
function vector(reader: LineReader, line: string, what: string): number[] {
  const found = wordsOf(textOf(line).replace(/(\d)-/g, "$1 -")).map((word) => parseNumber(word) ?? NaN);
  if (!/<v>/.test(line) || found.length !== 3 || !found.every(Number.isFinite)) throw reader.error("wrong line", { expected: `${what}: <v> with 3 numbers`, got: excerpt(line) });
  return found;
}

async function vectors(reader: LineReader, count: number, what: string): Promise<Float64Array> {
  const out = new Float64Array(3 * count);
  for (let row = 0; row < count; row++) out.set(vector(reader, await reader.need(`${what} ${row} of ${count}`), `${what} ${row} of ${count}`), 3 * row);
  const end = await reader.need("</varray>");
  if (!end.includes("</varray>")) throw reader.error("wrong line", { expected: `${count} rows and </varray>`, got: excerpt(end) });
  return out;
}

async function readAtoms(reader: LineReader): Promise<Uint8Array> {
  const species: number[] = [];
  for (let line = await reader.need("an atom"); !line.includes("</array>"); line = await reader.need("an atom, or </array>")) {
    const [, symbol] = /<rc>\s*<c>([^<]*)<\/c>/.exec(line) ?? [];
    if (symbol !== undefined) species.push(reader.element(symbol.trim()));
  }
  if (species.length === 0) throw reader.error("no atoms", { expected: "<rc><c>element</c>…", got: "none" });
  return Uint8Array.from(species);
}

async function* read(chunks: AsyncIterable<Uint8Array>, file: string | undefined): AsyncGenerator<Structure, void, undefined> {
  const reader = new LineReader(chunks, file);
  let species: Uint8Array | null = null;
  let step: Step | null = null;
  let electronic = false;
  try {
    for (let line = await reader.next(); line !== undefined; line = await reader.next()) {
      if (line.includes('<array name="atoms"')) species = await readAtoms(reader);
      else if (line.includes("<calculation>")) {
        if (!species) throw reader.error("a calculation before the atoms", { expected: "<atominfo>", got: excerpt(line) });
        step = { line: reader.line, cell: null, fractions: null, forces: null, pressure: null, energies: {} };
      } else if (step === null || species === null) continue;
      else if (line.includes("<scstep>")) electronic = true;
      else if (line.includes("</scstep>")) electronic = false;
      else if (line.includes('<varray name="basis"')) {
        step.cell = await vectors(reader, 3, "lattice vector");
        checkCell({ cell: step.cell, pbc: [true, true, true] }, { ...(file !== undefined && { file }), line: reader.line, structure: reader.structure });
      } else if (line.includes('<varray name="positions"')) step.fractions = await vectors(reader, species.length, "position of atom");
      else if (line.includes('<varray name="forces"')) step.forces = await vectors(reader, species.length, "force on atom");
      else if (line.includes('<varray name="stress"')) step.pressure = [...(await vectors(reader, 3, "row of the stress"))];
      else if (line.includes('<i name="e_')) {
        const [, name, text] = /<i name="(e_\w+)">([^<]*)</.exec(line) ?? [];
        const value = parseNumber(text?.trim() ?? "");
        if (name === undefined || value === null || value === undefined || !Number.isFinite(value)) throw reader.error("wrong line", { expected: "an energy", got: excerpt(line) });
        if (electronic || name === "e_fr_energy" || !(name in step.energies)) step.energies[name] = value;
      } else if (line.includes("</calculation>")) {
        yield complete(reader, step, species);
        step = null;
      }
    }
    if (step?.forces) throw reader.error("file is truncated", { expected: "</calculation>", got: "the end of the file" });
    if (reader.structure === 0) throw reader.error("no structures", { expected: "a complete <calculation>", got: "none" });
  } finally {
    await reader.close();
  }
}

function complete(reader: LineReader, { line, cell, fractions, forces, pressure, energies }: Step, species: Uint8Array): Structure {
  const free = energies["e_fr_energy"];
  if (!cell || !fractions || free === undefined) {
    const got = [!cell && "no lattice", !fractions && "no positions", free === undefined && "no e_fr_energy"].filter(Boolean).join(", ");
    throw reader.error("a calculation lacks something", { expected: "lattice, positions and energy", got });
  }
  const labels = vaspLabels({ free, sigma0: energies["e_0_energy"] ?? null, withoutEntropy: energies["e_wo_entrp"] ?? null, pressure, forces });
  const origin = { ...(reader.file !== undefined && { file: reader.file }), line, structure: reader.structure++ };
  return { species, positions: toCartesian(fractions, cell), cell, pbc: [true, true, true], ...labels, origin };
}

export const vaspVasprun: StructureFormat = {
  name: "VASP vasprun.xml",
  recognizes: (file, head) => /<modeling>/.test(head) || /^vasprun.*\.xml$/i.test(file),
  read: (chunks, { file }) => read(chunks, file),
};
