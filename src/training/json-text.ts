// JSON as people and programs hand it in: perhaps with a byte-order mark, with // comments, or nested to make a reader fall over.
import { InputError, type ErrorDetails } from "../errors.js";
import { closingQuote } from "../structure/extxyz-value.js";

/** Objects and lists within each other; no file of Lather needs ten. Readers go down by calling themselves. */
export const deepest = 64;

/**
 * The text without byte-order mark, and with // comments blanked where there may be some, so that positions in messages stay right.
 * @throws InputError with the line where it is nested too deeply.
 */
function bareText(text: string, comments: boolean, where: ErrorDetails): string {
  const parts: string[] = [];
  let kept = text.startsWith("\uFEFF") ? 1 : 0;
  let depth = 0;
  let lineEnd = -1;
  for (let at = kept; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      if (lineEnd < at) lineEnd = endOf(text, "\n", at);
      const quote = closingQuote(text, at);
      at = quote < 0 ? lineEnd : Math.min(quote, lineEnd);
    } else if (comments && character === "/" && text[at + 1] === "/") {
      const end = endOf(text, "\n", at);
      parts.push(text.slice(kept, at), " ".repeat(end - at));
      kept = at = end;
    } else if (character === "{" || character === "[") {
      if (++depth <= deepest) continue;
      const line = text.slice(0, at).split("\n").length;
      throw new InputError("nested too deeply", { ...where, line, expected: `at most ${deepest} objects and lists in each other`, got: "more" });
    } else if (character === "}" || character === "]") {
      depth--;
    }
  }
  parts.push(text.slice(kept));
  return parts.join("");
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end < 0 ? text.length : end;
}

/** @throws InputError when a value that was made in memory is nested more deeply than a text may be. */
export function checkDepth(value: unknown, where: ErrorDetails): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item).filter((inner) => typeof inner === "object") : []));
    if (depth === deepest) throw new InputError("nested too deeply", { ...where, expected: `at most ${deepest} objects and lists in each other`, got: "more" });
  }
}

/**
 * The value of a JSON text.
 * @throws InputError with the line where it is nested too deeply; SyntaxError as JSON.parse.
 */
export function parseJsonText(text: string, { comments = false, ...where }: ErrorDetails & { readonly comments?: boolean } = {}): unknown {
  return JSON.parse(bareText(text, comments, where));
}
