import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until standard error has this. */
  heard(words: string): Promise<void>;
}

/** The command as a process of its own: the executable, built from the sources for the tests of one file. */
export function withExecutable(): { readonly path: string; start(argv: readonly string[], stdio?: StdioOptions): Running } {
  let folder = "";
  // Beside node_modules, where its packages are found.
  const path = (): string => join(folder, "main.mjs");
  beforeAll(async () => {
    folder = mkdtempSync(join(root, "node_modules/.cache/lather/executable-"));
    await build({
      entryPoints: [join(root, "src/cli/main.ts")], bundle: true, outfile: path(), format: "esm", platform: "node", target: "node20", packages: "external",
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    get path() {
      return path();
    },
    start(argv, stdio = ["ignore", "pipe", "pipe"]) {
      const child = spawn(process.execPath, [path(), ...argv], { stdio });
      let [stdout, stderr] = ["", ""];
      let listen = (): void => undefined;
      child.stdout?.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
      child.stderr?.on("data", (bytes: Buffer) => {
        stderr += bytes.toString();
        listen();
      });
      const ended = new Promise<Ended>((resolve) => child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr })));
      const heard = (words: string): Promise<void> =>
        new Promise((resolve, reject) => {
          listen = () => void (stderr.includes(words) && resolve());
          listen();
          void ended.then(() => reject(new Error(`ended without "${words}": ${stderr}`)));
        });
      return { child, ended, heard };
    },
  };
}
