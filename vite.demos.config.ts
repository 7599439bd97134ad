// The pages: every demos/<name>/index.html and the gallery in demos/index.html, as static files that work from any folder of a server.
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { alias } from "./scripts/entries.mjs";
import { slashes } from "./scripts/slashes.mjs";

const root = fileURLToPath(new URL("demos", import.meta.url));
const pages = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(`${root}/${entry.name}/index.html`))
  .map((entry) => [entry.name, `${root}/${entry.name}/index.html`]);

export default defineConfig({
  root,
  base: "./",
  plugins: [slashes(root)],
  publicDir: fileURLToPath(new URL("public", import.meta.url)),
  resolve: { alias },
  worker: { format: "es" },
  build: {
    target: "es2022",
    outDir: fileURLToPath(new URL("dist-demos", import.meta.url)),
    emptyOutDir: true,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: { input: { gallery: `${root}/index.html`, ...Object.fromEntries(pages) } },
  },
});
