// Plain values as bytes and back: null, booleans, numbers in every bit, texts, lists, objects, and the typed arrays that tasks are made of.
// One tag byte per value, lengths as uint32, all little-endian. Nothing in it can be code, and a reader takes nothing on trust.
import { CapacityError, InputError } from "../errors.js";

const TAG = { null: 0, false: 1, true: 2, number: 3, text: 4, list: 5, object: 6, uint8: 7, int32: 8, float64: 9 } as const;

/** Nested values at most; tasks have six levels. */
const DEEPEST = 32;
/** Redis holds values of 512 MiB. */
const LARGEST = 2 ** 29;

const ARRAYS = [
  { tag: TAG.uint8, Type: Uint8Array },
  { tag: TAG.int32, Type: Int32Array },
  { tag: TAG.float64, Type: Float64Array },
] as const;

type Write = (bytes: Uint8Array) => void;

function write(value: unknown, put: Write, depth: number): void {
  const tag = (code: number, length?: number): void => {
    const head = new DataView(new ArrayBuffer(length === undefined ? 1 : 5));
    head.setUint8(0, code);
    if (length !== undefined) head.setUint32(1, length, true);
    put(new Uint8Array(head.buffer));
  };
  const bytes = (code: number, content: Uint8Array): void => {
    tag(code, content.byteLength);
    put(content);
  };
  if (depth > DEEPEST) throw new Error("a value is nested too deeply for a job");
  if (value === null) return tag(TAG.null);
  if (typeof value === "boolean") return tag(value ? TAG.true : TAG.false);
  if (typeof value === "number") {
    const content = new DataView(new ArrayBuffer(9));
    content.setUint8(0, TAG.number);
    content.setFloat64(1, value, true);
    return put(new Uint8Array(content.buffer));
  }
  if (typeof value === "string") return bytes(TAG.text, new TextEncoder().encode(value));
  if (Array.isArray(value)) {
    tag(TAG.list, value.length);
    for (const item of value) write(item, put, depth + 1);
    return;
  }
  const array = ARRAYS.find(({ Type }) => value instanceof Type);
  if (array) {
    const { buffer, byteOffset, byteLength } = value as Float64Array;
    return bytes(array.tag, new Uint8Array(buffer, byteOffset, byteLength));
  }
  if (typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) throw new Error(`a job cannot carry a ${typeof value}`);
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  tag(TAG.object, entries.length);
  for (const [key, entry] of entries) {
    write(key, put, depth + 1);
    write(entry, put, depth + 1);
  }
}

/** @throws CapacityError above 512 MiB, Error on what is not plain data. */
export function encode(value: unknown): Uint8Array {
  const pieces: Uint8Array[] = [];
  let length = 0;
  write(value, (bytes) => {
    pieces.push(bytes);
    length += bytes.byteLength;
  }, 0);
  if (length > LARGEST) {
    throw new CapacityError("one value of a job is too large for Redis", { expected: "512 MiB; fewer sparse points or smaller structures", got: `${Math.ceil(length / 2 ** 20)} MiB` });
  }
  const out = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.byteLength;
  }
  return out;
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    // Of a Buffer, whose slices are not copies, as of any other array.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Position of the next `count` bytes. */
  #take(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.byteLength - at) throw refusal(`${count} bytes more`, `${this.#bytes.byteLength - at}`);
    this.#at += count;
    return at;
  }

  #length(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A copy, which begins where its type must begin. */
  #content(): ArrayBuffer {
    const length = this.#length();
    const at = this.#take(length);
    return this.#bytes.slice(at, at + length).buffer as ArrayBuffer;
  }

  value(depth: number): unknown {
    if (depth > DEEPEST) throw refusal(`${DEEPEST} levels at most`, "more");
    const tag = this.#bytes[this.#take(1)]!;
    const array = ARRAYS.find((candidate) => candidate.tag === tag);
    if (array) {
      const content = this.#content();
      if (content.byteLength % array.Type.BYTES_PER_ELEMENT !== 0) throw refusal("whole numbers of an array", `${content.byteLength} bytes`);
      return new array.Type(content);
    }
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.false:
      case TAG.true:
        return tag === TAG.true;
      case TAG.number:
        return this.#view.getFloat64(this.#take(8), true);
      case TAG.text:
        return new TextDecoder().decode(this.#content());
      case TAG.list: {
        // Grows with what is there, whatever length is claimed.
        const list: unknown[] = [];
        for (let left = this.#length(); left > 0; left--) list.push(this.value(depth + 1));
        return list;
      }
      case TAG.object: {
        const object: Record<string, unknown> = {};
        for (let left = this.#length(); left > 0; left--) {
          const key = this.value(depth + 1);
          if (typeof key !== "string" || key === "__proto__" || Object.hasOwn(object, key)) throw refusal("names of entries, each once", String(key));
          object[key] = this.value(depth + 1);
        }
        return object;
      }
      default:
        throw refusal("the tag of a value", String(tag));
    }
  }

  end(): void {
    if (this.#at !== this.#bytes.byteLength) throw refusal("the end", `${this.#bytes.byteLength - this.#at} bytes more`);
  }
}

function refusal(expected: string, got: string): InputError {
  return new InputError("not the bytes of a job", { expected, got });
}

/** @throws InputError on bytes that `encode` does not write. */
export function decode(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  reader.end();
  return value;
}
