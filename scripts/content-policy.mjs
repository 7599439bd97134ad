// What a page with Lather may do, as the servers of this repository say it to the browser (docs/guides/embed.md).

/** What embedding needs: WebAssembly compiled from a string, and workers that the library makes from one. */
export const EMBED_POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; img-src 'self' data:";

/** The pages of demos/ besides: workers from files, plots with a <style> of their own, plots as images, files from memory. */
export const PAGES_POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
  "connect-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'";

/** Headers for every answer. @param {string} policy */
export function securityHeaders(policy = PAGES_POLICY) {
  return { "content-security-policy": policy, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" };
}
