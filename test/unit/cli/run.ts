import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { runCommand } from "../../../src/cli/run-command.js";

/** Runs `lather` with these words and collects what it says; `listen` hears its progress. */
export async function lather(
  argv: readonly string[], signal: AbortSignal = new AbortController().signal, listen?: (text: string) => void,
): Promise<{ code: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ["", ""];
  const write = (text: string): void => {
    stderr += text;
    listen?.(text);
  };
  const code = await runCommand(argv, { stdout: { write: (text) => (stdout += text) }, stderr: { write }, signal });
  return { code, stdout, stderr };
}

/** A folder that is removed after the tests of a file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lather-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
