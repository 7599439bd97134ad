/**
 * What is attacked: every reader of foreign bytes. A target reads one input and, when it took it, writes and reads again what it got; `attack`
 * returns whether the input was taken and throws a RoundTripError when the second reading differs from the first.
 */
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { formatModel, formatNpz, formatConfiguration, parseConfigurationText, parseExtxyz, parseFitConfiguration, parseModel, parseNpz, formatExtxyz, readAnyStructures, type Structure } from "../src/index.js";
import { InputError } from "../src/errors.js";
import { contentOf } from "../test/reference/content.js";
import { crc32 } from "../src/model/crc32.js";

export interface Target {
  readonly name: string;
  /** Good inputs, from which damaged ones are made. */
  readonly corpus: readonly Uint8Array[];
  attack(bytes: Uint8Array): boolean | Promise<boolean>;
}

/** What was read, written and read again is not what was read. */
export class RoundTripError extends Error {}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Everything of a structure but where it stood. */
function contents(structures: readonly Structure[]): unknown[] {
  return structures.map((structure) => ({ ...contentOf(structure), info: [...structure.info], arrays: [...structure.arrays] }));
}

function demandSame(first: unknown, second: unknown, what: string): void {
  if (!isDeepStrictEqual(first, second)) throw new RoundTripError(what);
}

const EXTXYZ = [
  '2\nLattice="5.4 0 0 0 5.4 0 0 0 5.4" Properties=species:S:1:pos:R:3:forces:R:3:tag:I:1:ok:L:1 energy=-1.5 pbc="T T F" virial="1 2 3 4 5 6 7 8 9"\n' +
    "Si 0 0 0 0.1 -0.2 0.3 1 T\nO 1.5 1e-3 -2.25 0 0 0 2 F\n",
  "3\nwater molecule 'a b' key=\"two words\" list=[1, 2.5, 3] nested={\"a\": [1, 2]} flag config_type=\"x\"\nO 0 0 0\nH 0.76 0.59 0\nH -0.76 0.59 0\n",
  '1\nProperties=Z:I:1:pos:R:3:label:S:2 _JSON="{\\"a\\": 1}" stress="1 2 3 4 5 6"\n14 1 2 3 left β\n1\n\nH 0 0 0\n',
];

const extxyz: Target = {
  name: "extxyz",
  corpus: EXTXYZ.map(encode),
  attack(bytes) {
    const first = parseExtxyz(decode(bytes), "input.xyz");
    const again = parseExtxyz(first.map(formatExtxyz).join(""), "again.xyz");
    demandSame(contents(first), contents(again), "structures changed when written and read");
    return true;
  },
};

const configuration: Target = {
  name: "configuration",
  corpus: [
    formatConfiguration(),
    '{"cutoff": {"radius": 4}, "basis": {"kind": "optimal", "primitive": {"kind": "gto", "nMax": 12, "lMax": 6}, "channels": 4}}',
    '{"noise": {"byConfigType": {"liquid": {"forces": 0.2}}}, "sparse": {"count": {"H": 5, "O": 3}}, "baseline": {"kind": "given", "energies": {"Si": -1}}}',
    '{"basis": {"kind": "table", "nMax": 1, "lMax": 2, "table": {"step": 0.5, "functions": [[1, 2, 3, 0]]}}}',
  ].map(encode),
  attack(bytes) {
    const first = parseFitConfiguration(parseConfigurationText(decode(bytes), "config.json"), "config.json");
    // As text: JSON has no −0, and no setting means anything else by it.
    const text = formatConfiguration(first);
    demandSame(text, formatConfiguration(parseFitConfiguration(parseConfigurationText(text))), "the configuration changed when written and read");
    return true;
  },
};

/** A small model: one element, ten numbers; its checksum is made good again after damage, or nothing behind it would ever be tried. */
function withChecksum(text: string): string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return text;
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) return text;
  const content = { ...json } as Record<string, unknown>;
  delete content["checksum"];
  const sum = `crc32:${crc32(encode(JSON.stringify(content))).toString(16).padStart(8, "0")}`;
  // Every key as an own one, "__proto__" too.
  return JSON.stringify({ checksum: sum, ...content });
}

const model: Target = {
  name: "model",
  corpus: [
    formatModel({
      species: [14], baseline: new Map([[14, -1.5]]),
      terms: [{
        hyperparameters: {
          cutoff: { radius: 3, width: 0.5, function: "cosine" }, density: { kind: "gaussian", width: 0.5, centerWeight: 1, scaling: null },
          basis: { kind: "gto", nMax: 2, lMax: 1, accuracy: 1e-4 }, features: { kind: "power-spectrum", normalize: true },
        },
        zeta: 2,
        centers: [{ species: 14, projection: null, size: 6, sparsePoints: Float64Array.from({ length: 12 }, (_, k) => k / 12), weights: Float64Array.of(1, -2) }],
      }],
      provenance: { train: "a.xyz", atoms: 3 },
    }),
  ].map(encode),
  attack(bytes) {
    const first = parseModel(withChecksum(decode(bytes)), "model.json");
    demandSame(first, parseModel(formatModel(first)), "the model changed when written and read");
    return true;
  },
};

const npz: Target = {
  name: "npz",
  corpus: [
    formatNpz({ features: { data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] }, centers: { data: Uint8Array.of(14, 8, 1), shape: [3] } }),
    formatNpz({ offsets: { data: Int32Array.of(0, 2, 3), shape: [3] } }),
  ],
  attack(bytes) {
    const first = parseNpz(bytes, "features.npz");
    demandSame(first, parseNpz(formatNpz(first)), "the arrays changed when written and read");
    return true;
  },
};

/** True when the input was taken, false when it was refused as bad; anything else that is thrown is a finding. */
export async function attackOnce(target: Target, bytes: Uint8Array): Promise<boolean> {
  try {
    return await target.attack(bytes);
  } catch (error) {
    if (error instanceof InputError || (error instanceof Error && error.name === "CapacityError")) return false;
    throw error;
  }
}

/** A format of the list by its files in test/fixtures/formats; what it writes is read again where it keeps everything. */
function formatTarget(name: string, file: string, ...fixtures: readonly string[]): Target {
  const read = async (bytes: Uint8Array, as: string): Promise<Structure[]> => {
    const structures: Structure[] = [];
    // A dump numbers its atom types; elsewhere the option would stand in for the elements of the file.
    const species = file.endsWith(".dump") ? ["Si", "O"] : undefined;
    for await (const structure of readAnyStructures(inPieces(bytes), { file: as, species })) structures.push(structure);
    return structures;
  };
  return {
    name,
    corpus: fixtures.map((fixture) => new Uint8Array(readFileSync(`test/fixtures/formats/${fixture}`))),
    async attack(bytes) {
      const first = await read(bytes, file);
      // Whatever is read can be written in the format that holds everything.
      const again = await read(encode(first.map(formatExtxyz).join("")), "again.xyz");
      demandSame(contents(first), contents(again), "structures changed when written as extended XYZ and read");
      return true;
    },
  };
}

/** Two pieces, so that a line, a word or a character is cut. */
async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes.slice(0, bytes.length >> 1);
  yield bytes.slice(bytes.length >> 1);
}

export const targets: readonly Target[] = [
  extxyz, configuration, model, npz,
  formatTarget("poscar", "POSCAR", "ase-POSCAR"),
  formatTarget("xdatcar", "XDATCAR", "ase-XDATCAR"),
  formatTarget("lammps-dump", "run.dump", "run.dump", "full.dump", "atom.dump", "unwrapped.dump"),
  formatTarget("cif", "a.cif", "ase-two.cif", "symmetry.cif"),
  formatTarget("ase-json", "a.json", "ase-db.json", "ase-db-keys.json"),
  formatTarget("lammps-data", "write-data.lammps", "write-data.lammps"),
  formatTarget("outcar", "OUTCAR", "layout-OUTCAR"),
  formatTarget("vasprun", "vasprun.xml", "layout-vasprun.xml"),
  formatTarget("ndjson", "two.ndjson", "two.ndjson"),
  formatTarget("cp2k", "water-pos-1.xyz", "water-pos-1.xyz"),
];
