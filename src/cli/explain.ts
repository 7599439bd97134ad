import { CapacityError, GpuError, InputError, NumericalError } from "../index.js";
import { exitCodes } from "./exit-codes.js";

/** A disk that is full or broken is nothing that was wrong with the input. */
const brokenMachine = /^(ENOSPC|EDQUOT|EIO|EFBIG|EMFILE)\b/;

/** What engines say when the system gives them no memory; the code is that of a thread whose heap is full. */
const noMemory = /out of memory|allocation failed|could not allocate|Invalid (typed )?array length|Cannot allocate|ERR_WORKER_(OUT_OF_MEMORY|INIT_FAILED)/i;

/** What went wrong, in a form for people, and the exit code. */
export function explain(error: unknown): { text: string; exitCode: number } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof InputError) {
    // A reader that has seen enough of an output, as in `lather predict … --out /dev/stdout | head`, is no fault.
    if (/^EPIPE\b/.test(error.details.got ?? "")) return { text: "", exitCode: exitCodes.done };
    return { text: `lather: ${message}\n`, exitCode: brokenMachine.test(error.details.got ?? "") ? exitCodes.failed : exitCodes.usage };
  }
  // The message is the library's, which knows no options.
  const advice = error instanceof GpuError ? "(--backend cpu computes without a GPU)\n" : "";
  const known = [NumericalError, CapacityError, GpuError].some((kind) => error instanceof kind);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!known && (noMemory.test(message) || noMemory.test(code))) {
    const reason = new CapacityError("not enough memory", { expected: "more of it (ulimit -v), fewer --threads, or a smaller job", got: message });
    return { text: `lather: ${reason.message}\n`, exitCode: exitCodes.failed };
  }
  if (known || code !== "") return { text: `lather: ${message}\n${advice}`, exitCode: exitCodes.failed };
  // What nobody foresaw is a fault of the program, and its report needs the place.
  return { text: `lather: internal error: ${(error instanceof Error && error.stack) || message}\n`, exitCode: exitCodes.failed };
}
