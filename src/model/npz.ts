// NumPy's .npy format 1.0 and .npz archives: each array is the magic string, a header of ASCII Python (padded so that the data begin at a
// multiple of 64 bytes) and the little-endian values in C order; an archive is an uncompressed zip of them.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { unzipSync, zipSync, type UnzipFileInfo, type Zippable } from "fflate";
import { CapacityError, InputError } from "../errors.js";

/** An array in C order. */
export interface NpyArray {
  readonly data: Float64Array | Int32Array | Uint8Array;
  readonly shape: readonly number[];
}

const kinds = [
  { descr: "<f8", bytes: 8, create: (length: number) => new Float64Array(length), matches: (data: object) => data instanceof Float64Array },
  { descr: "<i4", bytes: 4, create: (length: number) => new Int32Array(length), matches: (data: object) => data instanceof Int32Array },
  { descr: "|u1", bytes: 1, create: (length: number) => new Uint8Array(length), matches: (data: object) => data instanceof Uint8Array },
];
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0];
const headerFields = [/'descr':\s*'([^']*)'/, /'fortran_order':\s*(True|False)/, /'shape':\s*\(([\d,\s]*)\)/];
/** Zip archives without extensions count bytes in 32 bits. */
const largestArchive = 0xffffffff;
const largeMessage = "too large for an .npz file";

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Moves the values between an array and little-endian bytes from `start` on. */
function copy(data: NpyArray["data"], bytes: Uint8Array, start: number, direction: "write" | "read"): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  if (data instanceof Uint8Array) {
    if (direction === "write") bytes.set(data, start);
    else data.set(bytes.subarray(start, start + data.length));
  } else if (data instanceof Int32Array) {
    if (direction === "write") data.forEach((value, i) => view.setInt32(4 * i, value, true));
    else for (let i = 0; i < data.length; i++) data[i] = view.getInt32(4 * i, true);
  } else if (direction === "write") data.forEach((value, i) => view.setFloat64(8 * i, value, true));
  else for (let i = 0; i < data.length; i++) data[i] = view.getFloat64(8 * i, true);
}

/** One array as the bytes of an .npy file. */
export function formatNpy({ data, shape }: NpyArray): Uint8Array {
  const { descr, bytes: width } = kinds.find((kind) => kind.matches(data))!;
  if (countOf(shape) !== data.length) throw new InputError(
    "shape and values of an array disagree", { expected: `${shape.join(" × ")} values`, got: String(data.length) }
  );
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const start = 64 * Math.ceil((magic.length + 2 + dictionary.length + 1) / 64);
  const header = new TextEncoder().encode(`${dictionary.padEnd(start - magic.length - 3)}\n`);
  const bytes = new Uint8Array(start + width * data.length);
  bytes.set(magic);
  new DataView(bytes.buffer).setUint16(magic.length, header.length, true);
  bytes.set(header, magic.length + 2);
  copy(data, bytes, start, "write");
  return bytes;
}

/**
 * The array of an .npy file.
 * @throws InputError when it is no .npy file of version 1.0, is truncated, or holds another type or order than `formatNpy` writes.
 */
export function parseNpy(bytes: Uint8Array, file?: string): NpyArray {
  const where = file === undefined ? {} : { file };
  if (!magic.every((byte, i) => bytes[i] === byte)) throw new InputError(
    "not an .npy array of format 1.0", { ...where, expected: "\\x93NUMPY\\x01\\x00", got: [...bytes.subarray(0, 8)].join(" ") }
  );
  const headerLength = bytes.length < 10 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint16(magic.length, true);
  const start = magic.length + 2 + headerLength;
  const header = new TextDecoder().decode(bytes.subarray(magic.length + 2, start));
  const [descr, order, tuple] = headerFields.map((pattern) => pattern.exec(header)?.[1]);
  const kind = kinds.find((candidate) => candidate.descr === descr);
  if (!kind || order !== "False" || tuple === undefined) {
    throw new InputError(
      "unsupported .npy array", { ...where, expected: `${kinds.map((candidate) => candidate.descr).join(", ")} in C order`, got: header.trim() },
    );
  }
  const shape = tuple.split(",").filter((part) => part.trim() !== "").map(Number);
  const count = countOf(shape);
  if (bytes.length !== start + kind.bytes * count) throw new InputError(
    "truncated .npy array", { ...where, expected: `${start + kind.bytes * count} bytes`, got: String(bytes.length) }
  );
  const data = kind.create(count);
  copy(data, bytes, start, "read");
  return { data, shape };
}

/**
 * Arrays by name as the bytes of an .npz file, which `numpy.load` reads. The same arrays give the same bytes.
 * @throws InputError when a shape and its values disagree, CapacityError from 4 GiB on.
 */
export function formatNpz(arrays: Readonly<Record<string, NpyArray>>): Uint8Array {
  const total = Object.values(arrays).reduce((sum, { data }) => sum + data.byteLength + 1024, 0);
  if (total > largestArchive) throw new CapacityError(largeMessage, { expected: "less than 4 GiB", got: `${(total / 2 ** 30).toFixed(1)} GiB` });
  const files: Zippable = {};
  // A fixed date, or the bytes would change with the clock; 1980 is the first that zip knows.
  for (const [name, array] of Object.entries(arrays)) files[`${name}.npy`] = [formatNpy(array), { level: 0, mtime: new Date(1980, 0, 1) }];
  return zipSync(files);
}

/** Deflate never packs more than so many bytes into one (RFC 1951: a length of 258 in two bits). */
const bestRatio = 1032;

/** Room is made for the announced size before a byte is unpacked; an announcement that no archive can hold is no archive. */
function checkSize({ name, size, originalSize }: UnzipFileInfo, available: number): true {
  if (size <= available && originalSize <= bestRatio * size) return true;
  throw new Error(`${name} announces ${originalSize} bytes packed into ${size}, in ${available} bytes`);
}

/**
 * The arrays of an .npz file by name.
 * @throws InputError when it is no zip archive or holds something else than `formatNpy` writes.
 */
export function parseNpz(bytes: Uint8Array, file?: string): Record<string, NpyArray> {
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, { filter: (entry) => checkSize(entry, bytes.length) });
  } catch (error) {
    throw new InputError(
      "not an .npz file, or a damaged one",
      { ...(file !== undefined && { file }), expected: "a zip archive of .npy arrays", got: (error as Error).message },
    );
  }
  const arrays = Object.entries(files).map(
    ([name, content]) => [name.replace(/\.npy$/, ""), parseNpy(content, file === undefined ? name : `${file}/${name}`)] as const,
  );
  return Object.fromEntries(arrays);
}
