import { tmpdir } from "node:os";
import { defineConfig } from "vitest/config";
import { alias } from "./scripts/entries.mjs";
import { softwareDriver } from "./scripts/vulkan.mjs";

// Where nobody has chosen a Vulkan driver, the GPU tests run on Chromium's software GPU. Dawn reads the variables when a test's process starts.
const swiftShader = softwareDriver();
if (!process.env.VK_ICD_FILENAMES && !process.env.VK_DRIVER_FILES && swiftShader) process.env.VK_ICD_FILENAMES = swiftShader;
process.env.XDG_RUNTIME_DIR ??= tmpdir();

/** Tests of one folder of test/, all run in Node: those in `browser` and `package` drive a headless Chromium from there. */
function project(name: string, testTimeout: number, globalSetup: string[] = []) {
  return { resolve: { alias }, test: { name, include: [`test/${name}/**/*.test.ts`], environment: "node" as const, testTimeout, hookTimeout: testTimeout, globalSetup } };
}

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    passWithNoTests: false,
    projects: [
      project("unit", 30_000),
      project("gpu", 60_000),
      project("browser", 60_000, ["test/built.ts", "test/browser/server.ts"]),
      project("package", 180_000, ["test/built.ts"]),
    ],
  },
});
