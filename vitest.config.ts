import { defineConfig } from "vitest/config";
import { alias } from "./scripts/entries.mjs";

/** Tests in Node, of one folder of test/. */
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
    ],
  },
});
