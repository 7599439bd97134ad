/** What went wrong in a request: its HTTP status, and the object that says it. */
import { CapacityError, GpuError, InputError, NumericalError } from "../errors.js";

/** A request that is refused before its body counts. */
export class HttpRefusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** 400 for wrong input, 413 for too much of it, 422 for numbers that come to nothing, 500 for the rest. */
export function statusOf(error: unknown): number {
  if (error instanceof HttpRefusal) return error.status;
  if (error instanceof InputError) return 400;
  if (error instanceof CapacityError) return 413;
  return error instanceof NumericalError ? 422 : 500;
}

/** {"error": {message, what, file, line, structure, atom, key, expected, got}} as far as it is known. */
export function errorBody(error: unknown): { readonly error: object } {
  const known = [InputError, CapacityError, NumericalError, GpuError].some((kind) => error instanceof kind);
  if (known) {
    const { message, what, details } = error as InputError;
    return { error: { message, what, ...details } };
  }
  // The rest is for the log: a stack is nobody's business.
  return { error: { message: error instanceof HttpRefusal ? error.message : "internal error" } };
}
