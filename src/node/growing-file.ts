/**
 * A file that grows while a job runs, and can be cut back to a length that was recorded: what a restart goes on from. Where its name ends in .gz
 * it is a chain of gzip members (RFC 1952, 2.2: their contents are one after the other), each ended by `flush`, `sync`, or 4 MB of text.
 */
import { open, type FileHandle } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { InputError } from "../errors.js";
import { explain } from "./files.js";

/** Characters of text that a member holds before it is written. */
const LONGEST_MEMBER = 2 ** 22;

/** A file that is written piece by piece, cut to a known length where an earlier run wrote beyond it. */
export class GrowingFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #compressed: boolean;
  #length: number;
  /** Text that is not in a member yet. */
  #pending: string[] = [];
  #pendingLength = 0;

  private constructor(path: string, handle: FileHandle, length: number) {
    this.#path = path;
    this.#compressed = /\.gz$/i.test(path);
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

  /** Bytes in the file so far: all that was appended before the last `flush`, and without compression whatever was appended. */
  get length(): number {
    return this.#length;
  }

  /** Writes UTF-8 text at the end. @throws InputError when it cannot be written. */
  async append(text: string): Promise<void> {
    if (!this.#compressed) return this.#write(new TextEncoder().encode(text));
    this.#pending.push(text);
    this.#pendingLength += text.length;
    if (this.#pendingLength >= LONGEST_MEMBER) await this.flush();
  }

  /** Ends the member of compressed text. @throws InputError when it cannot be written. */
  async flush(): Promise<void> {
    if (this.#pendingLength === 0) return;
    const bytes = await promisify(gzip)(this.#pending.join(""));
    [this.#pending, this.#pendingLength] = [[], 0];
    await this.#write(bytes);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      for (let offset = 0; offset < bytes.length; ) offset += (await this.#handle.write(bytes, offset, bytes.length - offset, this.#length + offset)).bytesWritten;
      this.#length += bytes.length;
    } catch (error) {
      throw explain(error, this.#path, "cannot write the file", "enough space");
    }
  }

  /** Until everything is on the disk. */
  async sync(): Promise<void> {
    await this.flush();
    await this.#handle.sync();
  }

  /** Closes the file; what is not in it yet is written first. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#handle.close();
    }
  }
}
