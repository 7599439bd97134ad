// A file that grows, is cut and grows on: plain, and as gzip members that Node's own gunzip joins.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { GrowingFile } from "../../../src/node/growing-file.js";

const folder = mkdtempSync(join(tmpdir(), "lather-growing-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(["grows.xyz", "grows.xyz.gz"])("%s: what was written after the recorded length is cut off", async (name) => {
  const path = join(folder, name);
  const text = (): string => (name.endsWith(".gz") ? gunzipSync(readFileSync(path)).toString() : readFileSync(path, "utf8"));
  const first = await GrowingFile.open(path);
  await first.append("one ");
  await first.append("Å ");
  await first.flush();
  expect(text()).toBe("one Å ");
  await first.append("two ");
  await first.sync();
  const { length } = first;
  expect(length).toBe(readFileSync(path).length);
  await first.append("lost");
  await first.close();
  expect(text()).toBe("one Å two lost");
  const second = await GrowingFile.open(path, length);
  await second.append("three");
  await second.close();
  expect(text()).toBe("one Å two three");
  await expect(GrowingFile.open(path, length + 1000)).rejects.toThrow(/not the one that was being written/);
});

test("a member ends by itself where its text grows long", async () => {
  const path = join(folder, "long.gz");
  const file = await GrowingFile.open(path);
  const line = "0123456789abcdef".repeat(2 ** 16);
  for (let k = 0; k < 5; k++) await file.append(line);
  expect(gunzipSync(readFileSync(path)).toString()).toBe(line.repeat(4));
  await file.close();
  expect(gunzipSync(readFileSync(path)).toString()).toBe(line.repeat(5));
});
