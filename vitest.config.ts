import { tmpdir } from "node:os";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromiumOptions, WEBGPU_FLAGS } from "./scripts/chromium.mjs";
import { alias } from "./scripts/entries.mjs";
import { softwareDriver } from "./scripts/vulkan.mjs";

// Where nobody has chosen a Vulkan driver, the GPU tests run on Chromium's software GPU. Dawn reads the variables when a test's process starts.
const swiftShader = softwareDriver();
if (!process.env.VK_ICD_FILENAMES && !process.env.VK_DRIVER_FILES && swiftShader) process.env.VK_ICD_FILENAMES = swiftShader;
process.env.XDG_RUNTIME_DIR ??= tmpdir();

// Tests in Node run the kernels that the command and Chromium run; those without fused multiply-add have tests of their own.
const execArgv = process.versions.node.startsWith("20.") ? ["--experimental-wasm-relaxed-simd"] : [];

/** Tests of one folder of test/, run in Node: those in `browser` and `package` drive a headless Chromium from there. */
function project(name: string, testTimeout: number, globalSetup: string[] = []) {
  return { resolve: { alias }, test: { name, include: [`test/${name}/**/*.test.ts`], environment: "node" as const, execArgv, testTimeout, hookTimeout: testTimeout, globalSetup } };
}

/** The tests of test/gpu once more, inside Chromium: on its WebGPU, and with its workers. */
const gpuInBrowser = {
  resolve: { alias },
  // A package that vite meets only in the middle of the tests makes it load all of them again.
  optimizeDeps: { include: ["valibot"] },
  test: {
    name: "gpu-browser",
    include: ["test/gpu/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // After the tests in Node, which take both cores.
    sequence: { groupOrder: 1 },
    browser: {
      enabled: true,
      provider: playwright({ launchOptions: chromiumOptions(WEBGPU_FLAGS) }),
      instances: [{ browser: "chromium" as const }],
      headless: true,
      screenshotFailures: false,
    },
  },
};

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    passWithNoTests: false,
    projects: [
      project("unit", 30_000),
      project("gpu", 60_000),
      project("gpu-node", 60_000),
      gpuInBrowser,
      project("browser", 60_000, ["test/built.ts", "test/browser/server.ts"]),
      project("package", 180_000, ["test/built.ts", "test/package/install.ts"]),
    ],
  },
});
