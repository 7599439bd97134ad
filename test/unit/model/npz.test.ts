import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.js";
import { formatNpy, formatNpz, parseNpy, parseNpz, type NpyArray } from "../../../src/model/npz.js";

const arrays: Record<string, NpyArray> = {
  features: { data: Float64Array.of(1, -0, Number.MIN_VALUE, 1 / 3, 5, 6e300), shape: [3, 2] },
  offsets: { data: Int32Array.of(0, -1, 2147483647), shape: [3] },
  centers: { data: Uint8Array.of(1, 255), shape: [2, 1, 1] },
  empty: { data: new Float64Array(0), shape: [0, 7] },
  scalar: { data: Float64Array.of(42), shape: [] },
};

describe("npy against the specification of numpy.lib.format", () => {
  test("magic, version, header length, alignment, dictionary, values", () => {
    const bytes = formatNpy(arrays["features"]!);
    expect([...bytes.subarray(0, 8)]).toEqual(
      [0x93, ..."NUMPY"].map((part) => (typeof part === "string" ? part.charCodeAt(0) : part)).concat([1, 0]),
    );
    const headerLength = bytes[8]! + 256 * bytes[9]!;
    expect((10 + headerLength) % 64).toBe(0);
    const header = new TextDecoder().decode(bytes.subarray(10, 10 + headerLength));
    // The form that NumPy itself writes: keys sorted, one trailing comma, blanks, one line feed.
    expect(header).toMatch(/^\{'descr': '<f8', 'fortran_order': False, 'shape': \(3, 2\), \} *\n$/);
    const buffer = Buffer.from(bytes);
    expect([0, 1, 2, 3, 4, 5].map((i) => buffer.readDoubleLE(10 + headerLength + 8 * i))).toEqual([...arrays["features"]!.data]);
    expect(bytes.length).toBe(10 + headerLength + 48);
  });

  test.each(
    [["offsets", "'<i4'", "(3,)"], ["centers", "'|u1'", "(2, 1, 1)"], ["empty", "'<f8'", "(0, 7)"], ["scalar", "'<f8'", "()"]],
  )("%s: %s %s", (name, descr, shape) => {
    const text = new TextDecoder("latin1").decode(formatNpy(arrays[name]!));
    expect(text).toContain(`{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`);
  });

  test("a long shape still begins its data at a multiple of 64", () => {
    const array = { data: Uint8Array.of(7), shape: Array.from({ length: 60 }, () => 1) };
    expect(parseNpy(formatNpy(array))).toEqual(array);
    expect((formatNpy(array).length - 1) % 64).toBe(0);
  });
});

describe("npz", () => {
  test("round trip, bytes independent of the clock", () => {
    const bytes = formatNpz(arrays);
    const back = parseNpz(bytes);
    expect(back).toEqual(arrays);
    expect(Object.is(back["features"]!.data[1], -0)).toBe(true);
    expect(formatNpz(arrays)).toEqual(bytes);
  });

  test("announced sizes that the bytes cannot hold are refused before room is made", () => {
    const bytes = zipSync({ "a.npy": formatNpy(arrays["features"]!) }, { level: 0 });
    // Central directory: compressed size at 20, original size at 24 of its entry.
    const entry = Buffer.from(bytes).indexOf("PK\x01\x02", 0, "latin1");
    const spoiled = (offset: number, value: number): Uint8Array => {
      const copy = Buffer.from(bytes);
      copy.writeUInt32LE(value, entry + offset);
      return copy;
    };
    expect(() => parseNpz(spoiled(24, 800_000_000))).toThrow(/announces 800000000 bytes/);
    expect(() => parseNpz(spoiled(20, 800_000_000))).toThrow(/announces .* in \d+ bytes/);
    expect(parseNpz(bytes)).toEqual({ a: arrays["features"] });
  });

  test("what is no such archive is refused", () => {
    const npy = formatNpy(arrays["features"]!);
    const replaced = (from: string, to: string): Uint8Array => Buffer.from(Buffer.from(npy).toString("latin1").replace(from, to), "latin1");
    expect(() => parseNpz(new TextEncoder().encode("no archive"), "F.npz")).toThrow(/F\.npz.*not an \.npz file/);
    expect(() => parseNpz(formatNpz(arrays).subarray(0, 300), "F.npz")).toThrow(InputError);
    expect(() => parseNpz(zipSync({ "a.npy": npy.subarray(0, npy.length - 1) }), "F.npz")).toThrow(/F\.npz\/a\.npy.*truncated/);
    expect(() => parseNpz(zipSync({ "a.txt": Uint8Array.of(1, 2) }))).toThrow(/a\.txt.*not an \.npy array/);
    expect(() => parseNpy(replaced("False", "True "))).toThrow(/unsupported/);
    expect(() => parseNpy(replaced("<f8", ">f8"))).toThrow(/unsupported/);
    expect(() => parseNpy(npy.subarray(0, 9))).toThrow(InputError);
    expect(() => formatNpz({ a: { data: new Float64Array(5), shape: [2, 3] } })).toThrow(/2 × 3/);
  });
});
