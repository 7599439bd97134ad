/** Where an error was found and what was expected there; every field that is known is part of the message. */
export interface ErrorDetails {
  readonly file?: string;
  /** 1-based line of the file. */
  readonly line?: number;
  /** 0-based index of the structure in its file or list. */
  readonly structure?: number;
  /** 0-based index of the atom in its structure. */
  readonly atom?: number;
  /** Option, key or column concerned. */
  readonly key?: string;
  readonly expected?: string;
  readonly got?: string;
}

/** Something doubtful that does not end a job: what a user should know, and where. */
export interface DataWarning {
  /** Kind of the warning, in words joined by hyphens ("labels-unused"): stable, for programs. */
  readonly code: string;
  readonly file?: string;
  /** 0-based index of the structure in its file. */
  readonly frame?: number;
  /** Option, key or column concerned. */
  readonly key?: string;
  /** One sentence for people, complete without the other fields. */
  readonly text: string;
}

/** Characters of one piece of a message; a file may hold a key of megabytes. */
const longestPiece = 400;

function brief(text: string): string {
  return text.length <= longestPiece ? text : `${text.slice(0, longestPiece - 100)}… (${text.length} characters)`;
}

function describe(what: string, details: ErrorDetails): string {
  const { file, line, structure, atom, key, expected, got } = details;
  const place = [
    file === undefined ? undefined : line === undefined ? file : `${file}:${line}`,
    file === undefined && line !== undefined ? `line ${line}` : undefined,
    structure === undefined ? undefined : `structure ${structure}`,
    atom === undefined ? undefined : `atom ${atom}`,
    key === undefined ? undefined : `"${brief(key)}"`,
  ].filter((part) => part !== undefined);
  const claim = [expected === undefined ? undefined : `expected ${expected}`, got === undefined ? undefined : `got ${brief(got)}`].filter(
    (part) => part !== undefined,
  );
  return [place.join(", "), what, claim.join(", ")].filter((part) => part !== "").join(": ");
}

/** Common to the four error classes: the message names place, expectation and finding. */
class LatherError extends Error {
  /** The message without place, expectation and finding. */
  readonly what: string;
  readonly details: ErrorDetails;
  constructor(what: string, details: ErrorDetails = {}) {
    super(describe(what, details));
    this.what = what;
    this.details = details;
  }
}

/** The input (file, structure, option) is wrong; the user can mend it. */
export class InputError extends LatherError {
  override readonly name = "InputError";
}

/** The GPU was lost, is missing, or refused a command. */
export class GpuError extends LatherError {
  override readonly name = "GpuError";
}

/** The job does not fit into memory or into a format's limits. */
export class CapacityError extends LatherError {
  override readonly name = "CapacityError";
}

/** The numbers do not allow the operation in float64 (singular matrix, no convergence, a result that is not finite). */
export class NumericalError extends LatherError {
  override readonly name = "NumericalError";
}
