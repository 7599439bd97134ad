import { setFlagsFromString } from "node:v8";

/**
 * Lets Node 20 take the kernels with relaxed SIMD's multiply-add, which it has behind a flag; from Node 22 on there is none. To be called before
 * WebAssembly is first met, for all threads of the process.
 */
export function enableRelaxedSimd(): void {
  if (process.versions.node.startsWith("20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");
}
