// The page of the benchmark, bench/index.html: npx vite --config vite.bench.config.ts serves it, `npm run bench:browser` builds and drives it.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL("bench", import.meta.url)),
  base: "./",
  publicDir: false,
  server: { fs: { allow: [fileURLToPath(new URL(".", import.meta.url))] } },
  build: { target: "es2022", outDir: fileURLToPath(new URL("dist-bench/page", import.meta.url)), emptyOutDir: true, chunkSizeWarningLimit: 2000 },
});
