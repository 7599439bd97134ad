// The library: one ES module per public entry, everything from a package left to the user's own bundler or Node.
import { readFileSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { defineConfig } from "vite";
import packageJson from "./package.json" with { type: "json" };
import { buildInputs } from "./scripts/entries.mjs";

const packages = [...Object.keys(packageJson.dependencies), ...Object.keys(packageJson.peerDependencies)];

const SHEBANG = "#!/usr/bin/env node";

/** npm links `lather` to dist/cli.js: a file that the system can run. */
const executableCommand = {
  name: "executable-command",
  async writeBundle() {
    if ("cli" in buildInputs()) await chmod("dist/cli.js", 0o755);
  },
};

export default defineConfig({
  publicDir: false,
  plugins: [executableCommand],
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    minify: false,
    sourcemap: true,
    lib: { entry: buildInputs(), formats: ["es"] },
    rolldownOptions: {
      external: (id) => id.startsWith("node:") || packages.some((name) => id === name || id.startsWith(`${name}/`)),
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "chunks/[name]-[hash].js",
        banner: (chunk) => (chunk.isEntry && chunk.name === "cli" && !readFileSync(chunk.facadeModuleId!, "utf8").startsWith("#!") ? SHEBANG : ""),
      },
    },
  },
});
