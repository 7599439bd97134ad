// A page's address without its final slash ("/train") goes to the page: relative links would lead elsewhere. For Vite's servers.
import { existsSync } from "node:fs";
import { join, resolve, sep } from "node:path";

/** Redirects addresses of folders below `folder` that have an index.html. @param {string} folder */
function redirect(folder) {
  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response @param {() => void} next */
  return (request, response, next) => {
    const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
    let path;
    try {
      path = resolve(join(folder, decodeURIComponent(pathname)));
    } catch {
      return next();
    }
    // Two slashes at the beginning would name another host.
    if (pathname.endsWith("/") || pathname.startsWith("//") || !path.startsWith(`${resolve(folder)}${sep}`) || !existsSync(join(path, "index.html"))) return next();
    response.writeHead(302, { location: `${pathname}/${search}` }).end();
  };
}

/** A plugin for development and preview. @param {string} folder where the pages are @returns {import("vite").Plugin} */
export function slashes(folder) {
  return {
    name: "slashes",
    configureServer: ({ middlewares }) => void middlewares.use(redirect(folder)),
    configurePreviewServer: ({ middlewares }) => void middlewares.use(redirect(folder)),
  };
}
