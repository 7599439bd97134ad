// The backend of a page's job, and what the page says of it.
import { createBackend, type Backend, type BackendKind } from "lather";

export function cpuInWords(threads: number): string {
  return `CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`;
}

export function gpuInWords({ name }: { readonly name: string }): string {
  return `GPU, ${name}`;
}

/** Starts the backend and says which one it has become. @throws GpuError when "gpu" was asked for and there is none. */
export async function openBackend(kind: BackendKind, tell: (words: string) => void): Promise<Backend> {
  const backend = await createBackend(kind);
  tell(backend.adapter ? gpuInWords(backend.adapter) : cpuInWords(backend.threads));
  return backend;
}
