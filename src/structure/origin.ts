/** Errors about a structure name where it comes from: this is the one place where that is added, whoever found what is wrong. */
import { CapacityError, GpuError, InputError, NumericalError } from "../errors.js";
import type { Origin, Structure } from "./structure.js";

/** Where a structure was read; of one made in memory, its index in the list given. */
export function originOf({ origin }: Pick<Structure, "origin">, index: number): Origin {
  return origin ?? { structure: index };
}

/** The structures, each with an origin, so that parts of the list can be worked on. */
export function withOrigins(structures: readonly Structure[]): readonly Structure[] {
  if (structures.every(({ origin }) => origin !== undefined)) return structures;
  return structures.map((structure, index) => (structure.origin ? structure : { ...structure, origin: { structure: index } }));
}

/** The error with the file, line and structure in its message and details; errors that are not Lather's unchanged. */
export function located(error: unknown, origin: Origin | undefined): unknown {
  const Class = [InputError, CapacityError, NumericalError, GpuError].find((kind) => error instanceof kind);
  // One that names a file knows its place better.
  if (Class === undefined || origin === undefined || (error as InputError).details.file !== undefined) return error;
  const { what, details } = error as InputError;
  const complete = new Class(what, { ...details, ...origin });
  complete.cause = error;
  return complete;
}

/** Does something with a structure; its errors say with which one. */
export function locating<Result>({ origin }: { readonly origin?: Origin | undefined }, job: () => Result): Result {
  try {
    return job();
  } catch (error) {
    throw located(error, origin);
  }
}
