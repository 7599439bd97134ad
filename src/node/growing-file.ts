/** A file that grows while a job runs, and can be cut back to a length that was recorded: what a restart goes on from. */
import { open, type FileHandle } from "node:fs/promises";
import { InputError } from "../errors.js";
import { explain } from "./files.js";

/** A file that is written piece by piece, cut to a known length where an earlier run wrote beyond it. */
export class GrowingFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #length: number;

  private constructor(path: string, handle: FileHandle, length: number) {
    this.#path = path;
    this.#handle = handle;
    this.#length = length;
  }

  /**
   * Opens the file empty, or with its first `length` bytes.
   * @throws InputError when it cannot be written, or has fewer bytes than that.
   */
  static async open(path: string, length = 0): Promise<GrowingFile> {
    try {
      const handle = await open(path, length > 0 ? "r+" : "w");
      const { size } = await handle.stat();
      if (size < length) {
        await handle.close();
        throw new InputError("the file is not the one that was being written", { file: path, expected: `${length} bytes or more`, got: `${size}` });
      }
      await handle.truncate(length);
      return new GrowingFile(path, handle, length);
    } catch (error) {
      throw explain(error, path, "cannot write the file", length > 0 ? "the file that is to grow" : "a writable path");
    }
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Writes UTF-8 text at the end. */
  async append(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    try {
      for (let offset = 0; offset < bytes.length; ) offset += (await this.#handle.write(bytes, offset, bytes.length - offset, this.#length + offset)).bytesWritten;
      this.#length += bytes.length;
    } catch (error) {
      throw explain(error, this.#path, "cannot write the file", "enough space");
    }
  }

  /** Until everything is on the disk. */
  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  /** Closes the file; what was written stays. */
  async close(): Promise<void> {
    await this.#handle.close();
  }
}
