// A small part of the embedded silicon, as a file of the user's.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** The first `count` frames of each kind that the embedded set has, as extended XYZ. */
export async function someFrames(kinds: readonly string[], count: number): Promise<string> {
  const packed = await readFile(fileURLToPath(new URL("../../public/silicon-sw-train.xyz.gz", import.meta.url)));
  const lines = gunzipSync(packed).toString("utf8").split("\n");
  const taken = new Map<string, number>();
  let text = "";
  for (let start = 0; start < lines.length && lines[start]!.trim() !== ""; start += Number(lines[start]) + 2) {
    const kind = /config_type=(\S+)/.exec(lines[start + 1]!)?.[1] ?? "";
    const soFar = taken.get(kind) ?? 0;
    if (!kinds.includes(kind) || soFar >= count) continue;
    taken.set(kind, soFar + 1);
    text += `${lines.slice(start, start + Number(lines[start]) + 2).join("\n")}\n`;
  }
  return text;
}
