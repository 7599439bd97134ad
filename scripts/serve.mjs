// Serves the built pages (dist-demos/) on this machine only: node scripts/serve.mjs [PORT]
import { preview } from "vite";
import { PAGES_POLICY, securityHeaders } from "./content-policy.mjs";
import { isStarted, root } from "./entries.mjs";
import { slashes } from "./slashes.mjs";

/**
 * Starts the server, on the next free port when `port` is taken. Gives the address of the gallery, with its final slash, and `close`.
 * `folder` defaults to the built pages, `policy` is the content-security policy that the browser hears.
 */
export async function servePages({ port = 4173, folder = `${root}dist-demos`, policy = PAGES_POLICY } = {}) {
  const server = await preview({
    configFile: false,
    logLevel: "error",
    build: { outDir: folder },
    preview: { host: "127.0.0.1", port, headers: securityHeaders(policy) },
    appType: "mpa",
    plugins: [slashes(folder)],
  });
  const { port: taken } = server.httpServer.address();
  return {
    url: `http://127.0.0.1:${taken}/`,
    close: () => server.close(),
  };
}

if (isStarted(import.meta.url)) {
  const port = Number(process.argv[2] ?? 4173);
  if (!(Number.isInteger(port) && port >= 1 && port <= 65535)) {
    process.stderr.write(`serve: not a port: expected a whole number from 1 to 65535, got "${process.argv[2]}"\n`);
    process.exit(2);
  }
  const { url } = await servePages({ port });
  process.stdout.write(`${url}\n`);
}
