import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.js";
import { formatExtxyz, parseExtxyz, readExtxyz } from "../../../src/structure/extxyz.js";
import type { Structure } from "../../../src/structure/structure.js";

const TEXT = [
  "2", 'Lattice="5 0 0 0 5 0 0 0 5" Properties=species:S:1:pos:R:3:name:S:1 note="Å ü 漢" energy=-1.25', "Si 0.125 -2 3e-3 α", "O 1 1 1 β\r", "0", "",
    "1", "plain", "h 0 0 0.1", "", "",
].join("\n");
const BYTES = new TextEncoder().encode(TEXT);

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function collect(structures: AsyncIterable<Structure>): Promise<Structure[]> {
  const all: Structure[] = [];
  for await (const structure of structures) all.push(structure);
  return all;
}

describe("readExtxyz", () => {
  const expected = parseExtxyz(TEXT);

  test("gives the same structures however the bytes are cut, plain and compressed", async () => {
    expect(expected.length).toBe(3);
    const compressed = gzipSync(BYTES);
    for (const size of [1, 2, 3, 7, 50, 1000]) {
      expect(await collect(readExtxyz(pieces(BYTES, size)))).toStrictEqual(expected);
      expect(await collect(readExtxyz(pieces(compressed, size)))).toStrictEqual(expected);
    }
  });

  test("takes web streams, of text and of gzip, and empty pieces", async () => {
    for (const bytes of [BYTES, new Uint8Array(gzipSync(BYTES))]) {
      expect(await collect(readExtxyz(new Blob([bytes]).stream()))).toStrictEqual(expected);
      const withEmpty = (async function* () {
        yield new Uint8Array(0);
        yield bytes.subarray(0, 1);
        yield new Uint8Array(0);
        yield bytes.subarray(1);
      })();
      expect(await collect(readExtxyz(withEmpty))).toStrictEqual(expected);
    }
  });

  test("gives structures before the source ends, and ends the source when the reader leaves", async () => {
    // Random digits, because gzip would hold back what compresses well.
    const line = (): string => `H ${Math.random()} ${Math.random()} ${Math.random()}\n`;
    const text = Array.from({ length: 400 }, () => `50\n\n${Array.from({ length: 50 }, line).join("")}`).join("");
    for (const bytes of [new TextEncoder().encode(text), new Uint8Array(gzipSync(text))]) {
      let given = 0;
      let ended = false;
      const source = (async function* () {
        try {
          for await (const piece of pieces(bytes, 4096)) {
            given += piece.length;
            yield piece;
          }
        } finally {
          ended = true;
        }
      })();
      let count = 0;
      for await (const structure of readExtxyz(source)) {
        expect(structure.species.length).toBe(50);
        if (++count === 5) break;
      }
      expect(given).toBeLessThan(bytes.length / 2);
      expect(ended).toBe(true);
    }
  });

  test("a web stream is cancelled when the reader leaves", async () => {
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("1\n\nH 0 0 0\n")),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const structure of readExtxyz(stream)) {
      expect(structure.species[0]).toBe(1);
      break;
    }
    expect(cancelled).toBe(true);
  });

  test("errors name file and line across pieces", async () => {
    const spoiled = new TextEncoder().encode(TEXT.replace("h 0 0 0.1", "h 0 zero 0.1"));
    for (const size of [1, 5, 1000]) {
      const error = await collect(readExtxyz(pieces(spoiled, size), { file: "b.xyz" })).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).details).toMatchObject({ file: "b.xyz", line: 9, structure: 2, atom: 0, key: "pos" });
    }
  });

  test("truncated or damaged compression is an InputError naming the file", async () => {
    const text = new TextEncoder().encode(Array.from({ length: 500 },
      (_, frame) => formatExtxyz({ ...expected[0]!, info: new Map([["frame", frame * Math.SQRT2]]) })).join(""));
    const whole = new Uint8Array(gzipSync(text));
    expect((await collect(readExtxyz(pieces(whole, 999)))).length).toBe(500);
    const flipped = whole.slice();
    flipped[whole.length >> 1]! ^= 0xff;
    for (const bytes of [whole.subarray(0, whole.length >> 1), whole.subarray(0, whole.length - 3), whole.subarray(0, 5), flipped]) {
      const error = await collect(readExtxyz(pieces(bytes, 512), { file: "c.xyz.gz" })).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).message).toContain("c.xyz.gz");
    }
  });

  test("errors of the source pass unchanged", async () => {
    const failure = new Error("the network is gone");
    for (const bytes of [BYTES, new Uint8Array(gzipSync(BYTES))]) {
      const source = (async function* () {
        yield bytes.subarray(0, 20);
        throw failure;
      })();
      await expect(collect(readExtxyz(source))).rejects.toBe(failure);
    }
  });

  test("an empty source has no structures", async () => {
    await expect(collect(readExtxyz(pieces(new Uint8Array(0), 1), { file: "d.xyz" }))).rejects.toThrow("d.xyz: no structures");
    await expect(collect(readExtxyz(pieces(new Uint8Array(gzipSync("")), 9)))).rejects.toThrow("no structures");
  });

  test("a binary file without line ends is given up before it fills the memory", async () => {
    let given = 0;
    const zeros = (async function* () {
      for (; given < 1000; given++) yield new Uint8Array(1 << 20);
    })();
    await expect(collect(readExtxyz(zeros, { file: "e.bin" }))).rejects.toThrow("line does not end");
    expect(given).toBeLessThan(80);
  });

  test("memory does not grow with the length of the source", async () => {
    const line = "Si 1.2345678 2.3456789 3.4567891 0.1234567 0.2345678 0.3456789\n";
    const frame = new TextEncoder().encode(`1000\nProperties=species:S:1:pos:R:3:forces:R:3\n${line.repeat(1000)}`);
    const repeated = async function* (count: number): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < count; index++) yield frame;
    };
    let largest = 0;
    let structures = 0;
    const before = process.memoryUsage();
    for await (const structure of readExtxyz(repeated(1000))) {
      structures += structure.species.length / 1000;
      const now = process.memoryUsage();
      largest = Math.max(largest, now.heapUsed - before.heapUsed + now.arrayBuffers - before.arrayBuffers);
    }
    expect(structures).toBe(1000);
    // 64 MB of text, 56 MB as arrays; garbage that the collector has not met yet is allowed for.
    expect(largest).toBeLessThan(40e6);
  });
});
