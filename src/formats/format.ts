/** What a file format of atomic structures can do: one object per format, one file per format in this folder, listed in formats.ts. */
import type { DataWarning } from "../errors.js";
import type { Structure } from "../structure/structure.js";

export interface FormatReadOptions {
  /** Name of the file, for messages and the structures' `origin`. */
  readonly file?: string | undefined;
  /** Elements of the numbered atom types, in their order: ["Si", "O"]; for formats that do not name elements. */
  readonly species?: readonly string[] | undefined;
  /** The decompressed bytes of another file, for formats that spread over two; null where there is none. Absent where files have no neighbors. */
  readonly beside?: ((file: string) => Promise<AsyncIterable<Uint8Array> | null>) | undefined;
  /** Takes what is doubtful but read, once for a kind and file. */
  readonly onWarning?: ((warning: DataWarning) => void) | undefined;
}

export interface FormatWriteOptions {
  /** How far the model sees that computed what is written, Å; for formats that show environments. */
  readonly cutoff?: number | undefined;
  /** Takes what could not be written. */
  readonly onWarning?: ((warning: DataWarning) => void) | undefined;
}

export interface StructureFormat {
  /** As people call it: "VASP POSCAR". */
  readonly name: string;
  /**
   * Whether a file is of this format, by its beginning or by its name. Asked with the beginning alone first, with the name alone second.
   * @param file its name without folder and without .gz or .zst, "" where only the beginning is to count
   * @param head its first 4,096 bytes or fewer, decompressed, as text; "" where only the name is to count
   */
  recognizes(file: string, head: string): boolean;
  /**
   * The structures of a file, one after the other; `chunks` are decompressed bytes in pieces that may end anywhere and may be reused by the source.
   * Every structure has an `origin`. Absent: the format is recognized, so that a message can name it, and not read.
   * @throws InputError naming file, line and structure on anything malformed, on a truncated file, and on no structures.
   */
  read?(chunks: AsyncIterable<Uint8Array>, options: FormatReadOptions): AsyncGenerator<Structure, void, undefined>;
  /** `write` keeps comment-line entries and per-atom columns, so that energies and forces can be written; others keep atoms and cell alone. */
  readonly keepsData?: true;
  /**
   * The text of a file with these structures, in pieces.
   * @throws InputError when a structure cannot be said in this format (two frames in a POSCAR, no cell where one is needed).
   */
  write?(structures: Iterable<Structure> | AsyncIterable<Structure>, options?: FormatWriteOptions): AsyncGenerator<string, void, undefined>;
}
