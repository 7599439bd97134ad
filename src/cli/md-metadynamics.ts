import { InvalidArgumentError, type Command } from "commander";
import { formatFreeEnergy, formatHill, hillsHeader, InputError, Metadynamics, parseHills, parseMetadynamics, type Ensemble, type MetadynamicsSettings, type Structure } from "../index.js";
import { GrowingFile, writeAtomically } from "../node/index.js";
import type { CommandIo } from "./command-io.js";
import { readText } from "./files.js";

export interface MetadynamicsFiles {
  readonly metadynamics?: string;
  readonly hills?: string;
  readonly freeEnergy?: string;
}

export function addMetadynamicsOptions(command: Command): Command {
  const plain = (path: string): string => {
    if (/\.gz$/i.test(path)) throw new InvalidArgumentError("Expected a name without .gz: hills are not compressed.");
    return path;
  };
  return command
    .option("--metadynamics <file>", "settings of well-tempered metadynamics, JSON; for nvt and npt")
    .option("--hills <file>", "hills of metadynamics to write, CSV; a restart reads them again", plain)
    .option("--free-energy <file>", "free energy from the hills to write at the end, CSV, for one or two variables");
}

export const metadynamicsHelp = `
Settings of metadynamics name collective variables (Å; atoms are numbers from 0 on, or for a coordination number an element), the σ and the first
height of hills (eV), the bias factor and the steps between two hills. Energies and forces of frames are those of the model alone.
  {"variables": [{"kind": "distance", "atoms": [0, 5], "sigma": 0.1},
                 {"kind": "coordination", "centers": [0], "neighbors": "O", "radius": 2.2, "sigma": 0.2}],
   "height": 0.02, "biasFactor": 10, "every": 100}
`;

/** Metadynamics of a run: the bias, and the files that go with it. */
export interface MetadynamicsRun {
  readonly text: string;
  readonly settings: MetadynamicsSettings;
  readonly bias: Metadynamics;
  /** Bytes of the file of hills. */
  readonly length: number;
  /** Opens the file of hills, cut to what the restart knows. */
  open(): Promise<void>;
  /** Until all hills are on the disk. */
  sync(): Promise<void>;
  /** Headers and values of the columns that are added to thermodynamic data. */
  readonly columns: readonly string[];
  values(): readonly number[];
  writeFreeEnergy(io: CommandIo): Promise<void>;
  close(): Promise<void>;
}

/**
 * Null without --metadynamics.
 * @param length bytes of the file of hills that a restart goes on from
 * @throws InputError on options or settings that cannot be used, or a file of hills that is not that of the restart.
 */
export async function prepareMetadynamics(
  { metadynamics: path, hills, freeEnergy }: MetadynamicsFiles, structure: Structure,
  { ensemble, temperature: [kelvin, to], length: known = 0 }: { ensemble: Ensemble["kind"]; temperature: readonly [number, number]; length: number | undefined },
): Promise<MetadynamicsRun | null> {
  if (path === undefined) {
    const alone = hills === undefined ? (freeEnergy === undefined ? null : "--free-energy") : "--hills";
    if (alone) throw new InputError("there are no hills without metadynamics", { key: alone, expected: "--metadynamics with settings", got: "none" });
    return null;
  }
  if (hills === undefined) throw new InputError("metadynamics needs a file for its hills", { key: "--hills", expected: "a file name", got: "none" });
  if (ensemble === "nve" || kelvin !== to) {
    throw new InputError("metadynamics needs a constant temperature", { key: ensemble === "nve" ? "--ensemble" : "--temperature", expected: "--ensemble nvt or npt, at one temperature", got: ensemble === "nve" ? "nve" : `${kelvin}:${to}` });
  }
  const text = await readText(path, "settings of metadynamics");
  const settings = parseMetadynamics(text, path, structure);
  const before = known > 0 ? parseHills(Buffer.from(await readText(hills, "hills")).subarray(0, known).toString(), hills, settings.names) : [];
  let file: GrowingFile | null = null;
  const bias = new Metadynamics({ ...settings, temperature: kelvin, hills: before, onHill: (hill) => file?.append(formatHill(hill)) });
  return {
    text, settings, bias,
    get length() {
      return file?.length ?? known;
    },
    async open() {
      file = await GrowingFile.open(hills, known);
      if (known === 0) await file.append(hillsHeader(settings.names));
    },
    sync: async () => file?.sync(),
    columns: ["bias_eV", ...settings.names],
    values: () => bias.values ?? [],
    async writeFreeEnergy(io) {
      if (freeEnergy === undefined) return;
      const table = formatFreeEnergy(bias, settings);
      await writeAtomically(freeEnergy, (sink) => sink.write(table), { onTemporary: io.onTemporary });
    },
    close: async () => file?.close(),
  };
}
