import { expect, test } from "vitest";
import { decode, encode } from "../../../src/cluster/binary.js";
import { failureOf, failureText, parseJob, Unready } from "../../../src/cluster/jobs.js";
import { decodeResult, encodeResult } from "../../../src/cluster/results.js";
import { InputError } from "../../../src/errors.js";

const value = {
  text: "Å \u0000", list: [null, true, false, [], {}], numbers: [0, -0, NaN, -Infinity, 5e-324, 2 ** 53],
  bytes: Uint8Array.of(1, 255).subarray(1), integers: Int32Array.of(-1, 2 ** 31 - 1), floats: Float64Array.of(-0, NaN, 0.1).subarray(1), empty: new Float64Array(0),
};

test("values come back in every bit, also from the middle of a larger buffer", () => {
  const bytes = encode(value);
  const larger = Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(5)]).subarray(3, 3 + bytes.byteLength);
  expect(decode(larger)).toEqual(value);
  expect((decode(larger) as typeof value).floats.byteOffset).toBe(0);
  expect(decode(encode({ a: undefined, b: 1 }))).toEqual({ b: 1 });
});

test("bytes that are none are refused, wherever they are cut and whichever is changed", () => {
  const bytes = encode(value);
  for (let length = 0; length < bytes.byteLength; length++) expect(() => decode(bytes.subarray(0, length))).toThrow(InputError);
  for (let at = 0; at < bytes.byteLength; at++) {
    const other = bytes.slice();
    other[at]! ^= 0x84;
    try {
      decode(other);
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
    }
  }
  expect(() => decode(Uint8Array.of(...bytes, 0))).toThrow(/expected the end/);
  // A list of four billion entries in five bytes; a list in a list in a list …
  expect(() => decode(Uint8Array.of(5, 255, 255, 255, 255))).toThrow(InputError);
  expect(() => decode(Uint8Array.from({ length: 5000 }, (_, k) => (k % 5 === 0 ? 5 : k % 5 === 1 ? 1 : 0)))).toThrow(/levels/);
});

test("an object brings no prototype and no entry twice", () => {
  const text = (name: string): number[] => [4, name.length, 0, 0, 0, ...new TextEncoder().encode(name)];
  expect(() => decode(Uint8Array.of(6, 1, 0, 0, 0, ...text("__proto__"), 6, 0, 0, 0, 0))).toThrow(/names of entries/);
  expect(() => decode(Uint8Array.of(6, 2, 0, 0, 0, ...text("a"), 0, ...text("a"), 0))).toThrow(/names of entries/);
});

test("what is no plain data is not sent", () => {
  for (const odd of [() => 1, Symbol("x"), 1n, new Map(), new Date(), new Float32Array(1)]) expect(() => encode({ odd })).toThrow(/cannot carry/);
});

test("of a sum of squares the lower triangle travels", () => {
  const part = { tasks: 2, structures: 3, gram: Float64Array.of(1, 0, 0, 2, 3, 0, 4, 5, 6), right: Float64Array.of(1, 2, 3), rows: null, targets: Float64Array.of(9) };
  const bytes = encodeResult("rows", part);
  expect(decodeResult("rows", bytes)).toEqual(part);
  expect(bytes.byteLength).toBeLessThan(encode(part).byteLength - 2 * 8);
  expect(() => decodeResult("rows", encode({ ...part, gram: new Float64Array(5) }))).toThrow(InputError);
  expect(() => decodeResult("features", encode([1]))).toThrow(InputError);
});

test("a job names hashes and nothing else", () => {
  const run = "00000000-0000-4000-8000-000000000000";
  const hash = "a".repeat(64);
  const data = { run, plan: hash, tasks: [[hash, hash]] };
  expect(parseJob("tasks", `${run}-7`, data)).toEqual(data);
  const wrong: unknown[] = [
    null, "eval", [], {}, { ...data, run: "*" }, { ...data, plan: "../x" }, { ...data, tasks: [] }, { ...data, tasks: [[hash]] }, { ...data, more: 1 }, { ...data, tasks: new Array(65).fill([hash, hash]) },
  ];
  for (const other of wrong) expect(() => parseJob("tasks", `${run}-7`, other)).toThrow(InputError);
  expect(() => parseJob("eval", `${run}-7`, data)).toThrow(/unknown job/);
  for (const id of ["1", "", undefined, `${run}-7:x`]) expect(() => parseJob("tasks", id, data)).toThrow(InputError);
});

test("errors keep their class, place and words", () => {
  const error = new InputError("two atoms on one site", { file: "a.xyz", line: 3, structure: 1, got: "0 Å" });
  expect(failureOf(failureText(error))).toEqual(error);
  expect(failureOf(failureText(new Unready("later")))).toBeInstanceOf(Unready);
  for (const odd of ["job stalled more than allowable limit", "{}", "{\"name\":\"InputError\",\"message\":1}", "null"]) {
    expect(failureOf(odd).message).toContain("a job of the cluster failed");
  }
});
