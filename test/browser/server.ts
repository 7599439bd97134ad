// Serves the built pages for the whole browser project; a test asks for the address with `inject("pages")`.
import type { TestProject } from "vitest/node";
import { servePages } from "../../scripts/serve.mjs";

declare module "vitest" {
  interface ProvidedContext {
    /** Address of the gallery, with its final slash; a page is at `${pages}<name>/index.html`. */
    pages: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, close } = await servePages();
  project.provide("pages", url);
  return close;
}
