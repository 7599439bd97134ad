// Packs the library once for all tests of the package and installs it into an empty project.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder of a project that has installed the package, and links three. */
    project: string;
  }
}

const repository = fileURLToPath(new URL("../..", import.meta.url));

export function npm(cwd: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  // npm is a script of the system's shell on Windows.
  return promisify(execFile)("npm", args, { cwd, shell: process.platform === "win32", maxBuffer: 1 << 26 });
}

export async function setup(tests: TestProject): Promise<() => Promise<void>> {
  const project = await mkdtemp(join(tmpdir(), "lather-package-"));
  await npm(repository, "pack", "--pack-destination", project);
  const tarball = (await readdir(project)).find((name) => name.endsWith(".tgz"))!;
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "empty", version: "1.0.0", private: true, type: "module" }));
  await npm(project, "install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`);
  // The user installs three for the viewer; here it is the repository's.
  await mkdir(join(project, "node_modules"), { recursive: true });
  await symlink(join(repository, "node_modules/three"), join(project, "node_modules/three"), "junction");
  tests.provide("project", project);
  return () => rm(project, { recursive: true, force: true });
}
