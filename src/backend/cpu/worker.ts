// Script of a CPU worker: runs in a Web Worker or in a Node worker thread. It is bundled into one string (scripts/generate.mjs), so nothing is fetched.
import type { ErrorDetails } from "../../errors.js";
import { WasmKernels } from "../../linalg/wasm-kernels.js";
import type { Plan } from "./plan.js";
import { TaskRunner, type Task } from "./tasks.js";

export type Request =
  | { readonly kind: "start"; readonly module: WebAssembly.Module }
  | { readonly kind: "plan"; readonly plan: number; readonly content: Plan }
  | { readonly kind: "release"; readonly plan: number }
  | { readonly kind: "task"; readonly id: number; readonly plan: number; readonly task: Task };

export interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly what?: string | undefined;
    readonly details?: ErrorDetails | undefined;
  };
}

let module: WebAssembly.Module | undefined;
/** One instance of the kernels per plan: its memory goes when the plan goes. */
const runners = new Map<number, Promise<TaskRunner>>();

async function createRunner(plan: Plan): Promise<TaskRunner> {
  return new TaskRunner(await WasmKernels.create(module), plan);
}

async function answer(request: Extract<Request, { kind: "task" }>): Promise<{ reply: Reply; transfer: ArrayBuffer[] }> {
  const runner = await runners.get(request.plan);
  if (!runner) throw new Error(`plan ${request.plan} is unknown to this worker`);
  const result = runner.run(request.task);
  return { reply: { id: request.id, result }, transfer: buffersOf(result) };
}

function buffersOf(value: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) return [value.buffer as ArrayBuffer];
  if (Array.isArray(value)) return value.flatMap(buffersOf);
  if (value !== null && typeof value === "object") return Object.values(value).flatMap(buffersOf);
  return [];
}

async function receive(request: Request, post: (reply: Reply, transfer: ArrayBuffer[]) => void): Promise<void> {
  switch (request.kind) {
    case "start":
      module = request.module;
      return;
    case "plan":
      runners.set(request.plan, createRunner(request.content));
      return;
    case "release":
      runners.delete(request.plan);
      return;
    case "task":
      try {
        const { reply, transfer } = await answer(request);
        post(reply, transfer);
      } catch (error) {
        const { name, message, what, details } = error as Error & { what?: string; details?: ErrorDetails };
        post({ id: request.id, error: { name, message, what, details } }, []);
      }
  }
}

if (typeof process !== "undefined" && process.versions?.node) {
  const { parentPort } = process.getBuiltinModule("node:worker_threads");
  parentPort!.on("message", (request: Request) => void receive(request, (reply, transfer) => parentPort!.postMessage(reply, transfer)));
} else {
  const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
  scope.onmessage = ({ data }: MessageEvent<Request>) => void receive(data, (reply, transfer) => scope.postMessage(reply, transfer));
}

/** The part of the worker's global scope that is used here; lib.dom and lib.webworker cannot be loaded together. */
interface DedicatedWorkerGlobalScope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
}
