// What a .gz may hold beside one whole member.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readAllStructures } from "../../../src/node/index.js";
import { parseExtxyz } from "../../../src/structure/extxyz.js";

const TEXT = "1\nenergy=1\nH 0 0 0\n1\n\nHe 0 0 1\n";
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lather-gunzip-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("zeros behind the compressed data are padding, anything else is named; a cut or damaged file is, too", async () => {
  const packed = gzipSync(TEXT);
  const read = async (name: string, bytes: Uint8Array): Promise<number> => {
    await writeFile(join(folder, name), bytes);
    return (await readAllStructures(join(folder, name))).length;
  };
  const whole = parseExtxyz(TEXT).length;
  expect(await read("padded.gz", Buffer.concat([packed, new Uint8Array(512)]))).toBe(whole);
  await expect(read("junk.gz", Buffer.concat([packed, Buffer.from("junk")]))).rejects.toThrow(/junk\.gz: compressed file is damaged or truncated/);
  await expect(read("cut.gz", packed.subarray(0, packed.length - 9))).rejects.toThrow(/cut\.gz: compressed file is damaged or truncated/);
  const damaged = Buffer.from(packed);
  damaged[packed.length - 6]! ^= 1;
  await expect(read("damaged.gz", damaged)).rejects.toThrow(/damaged\.gz: compressed file is damaged or truncated/);
  await writeFile(join(folder, "one-byte"), Uint8Array.of(0x1f));
  await expect(readAllStructures(join(folder, "one-byte"))).rejects.toThrow(/one-byte/);
});
