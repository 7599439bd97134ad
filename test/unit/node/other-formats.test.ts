import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataWarning } from "../../../src/errors.js";
import { readAllStructures, writeStructures } from "../../../src/node/files.js";
import { createStructure } from "../../../src/structure/structure.js";
import { contentOf } from "../../reference/content.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lather-formats-"));
});
afterAll(() => rm(folder, { recursive: true }));

const STRUCTURE = createStructure({ species: [8, 1], positions: [0, 0, 0, 1, 0, 0], cell: [4, 0, 0, 0, 5, 0, 0, 0, 6], info: new Map([["energy", -1.5]]) });

test.each(["a.ndjson", "a.ndjson.gz", "a.json", "a.cif", "a.jsonl"])("written and read by its name: %s", async (name) => {
  const path = join(folder, name);
  await writeStructures(path, [STRUCTURE]);
  const [read] = await readAllStructures(path);
  expect(Array.from(read!.species)).toEqual([8, 1]);
  expect(Array.from(read!.cell!)).toEqual([4, 0, 0, 0, 5, 0, 0, 0, 6]);
  expect(read!.positions[3]).toBeCloseTo(1, 12);
  if (!name.endsWith("cif")) expect(contentOf(read!)).toEqual(contentOf(STRUCTURE));
});

test("content decides where the name says something else", async () => {
  const path = join(folder, "data.ndjson");
  await writeStructures(path, [STRUCTURE]);
  const renamed = join(folder, "data.xyz");
  const text = '{"species": ["H"], "positions": [[0, 0, 0]]}\n';
  await writeFile(renamed, text);
  expect((await readAllStructures(renamed)).length).toBe(1);
});

test("CP2K's forces are found beside the positions, and not taken for positions", async () => {
  const head = "1\n i =        0, time =        0.000, E =        -1.0\n";
  await writeFile(join(folder, "w-pos-1.xyz"), `${head} H 1 2 3\n`);
  const alone = await readAllStructures(join(folder, "w-pos-1.xyz"));
  expect(alone[0]!.arrays.size).toBe(0);
  await writeFile(join(folder, "w-frc-1.xyz"), `${head} H 1 0 0\n`);
  const [both] = await readAllStructures(join(folder, "w-pos-1.xyz"));
  expect(both!.arrays.get("forces")!.values[0]).toBeCloseTo(51.4220674763, 7);
  await expect(readAllStructures(join(folder, "w-frc-1.xyz"))).rejects.toThrow("CP2K's file of forces");
});

describe("Zstandard", () => {
  /** `zstd -19 --no-check` of "1\nProperties=species:S:1:pos:R:3 energy=-1.5\nSi 0.25 0 0\n" twice, v1.5.4. */
  const PACKED = Buffer.from("KLUv/QBo5QEAksMMEbA7P3KE7RQAn0naRnGdeVY6ubpKRFhdKElgUKJ6zlxHn/7mmhv1+0ruvrwv+Ny1Z5IDAQBpfioo", "base64");

  test.each(["one", "two"])("%s frames are read", async (frames) => {
    const path = join(folder, `${frames}.xyz.zst`);
    await writeFile(path, frames === "one" ? PACKED : Buffer.concat([PACKED, PACKED]));
    const structures = await readAllStructures(path);
    expect(structures.length).toBe(frames === "one" ? 2 : 4);
    expect([structures[1]!.info.get("energy"), structures[1]!.positions[0], structures[1]!.origin?.line]).toEqual([-1.5, 0.25, 4]);
  });

  test.each<[string, Uint8Array, string]>([
    ["truncated", PACKED.subarray(0, 40), "damaged or truncated"],
    ["header alone", PACKED.subarray(0, 5), "damaged or truncated"],
    ["a window of 2 GiB", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 4, 0xa8, 1, 0, 0), "a window of 2147483648 bytes"],
  ])("%s is an error that names the file", async (_, bytes, expected) => {
    const path = join(folder, "damaged.xyz.zst");
    await writeFile(path, bytes);
    await expect(readAllStructures(path)).rejects.toThrow(expected);
    await expect(readAllStructures(path)).rejects.toThrow(path);
  });

  test("is not written, and said so before anything is", async () => {
    await expect(writeStructures(join(folder, "a.xyz.zst"), [STRUCTURE])).rejects.toThrow("Zstandard is not written");
  });
});

test("UTF-16 is read whatever the format, and warnings come out", async () => {
  const path = join(folder, "wide.json");
  await writeFile(path, "\ufeff{\"1\": {\"numbers\": [1], \"positions\": [[0, 0, 0]]}, \"ids\": [1]}", "utf16le");
  expect((await readAllStructures(path))[0]!.species[0]).toBe(1);
  const warnings: DataWarning[] = [];
  const plain = join(folder, "plain.xyz");
  await writeFile(plain, "1\nwater\nO 0 0 0 -0.8\n");
  await readAllStructures(plain, { onWarning: (warning) => warnings.push(warning) });
  expect(warnings.map(({ code, file }) => [code, file])).toEqual([["columns-ignored", plain]]);
});
