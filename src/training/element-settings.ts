// What a configuration says of pseudo-elements: shape, words, and what must agree.
import * as v from "valibot";
import { InputError } from "../errors.js";
import { elementSymbol, group, number, wholeNumber } from "./hyperparameter-schema.js";
import type { TermSettings } from "./term-settings.js";

export const pseudoElementsEntry = v.pipe(
  v.nullable(group("", {
    channels: v.optional(v.nullable(wholeNumber("", "a whole number, 1 or more", 1)), null),
    kind: v.optional(v.picklist(["properties", "matrix", "learned"], 'one of "properties", "matrix", "learned"'), "properties"),
    matrix: v.optional(v.nullable(v.record(elementSymbol, v.array(number(""), "a list of numbers"), "an object { … }")), null),
  })),
  v.description(
    "A few densities that stand for all elements, Eq. (94), or null: { \"channels\": 2 } from periodic trends, \"kind\": \"learned\" from the energies, or " +
    "{ \"kind\": \"matrix\", \"matrix\": { \"H\": [1, 0], \"C\": [0, 1], \"N\": [0, 0.8] } }. The number of features then no longer grows with that of the elements.",
  ),
);

/**
 * @param path where the term stands in the configuration ("terms.1.")
 * @throws InputError when kind, channels and matrix disagree, or the basis has a contraction already or is to get another one.
 */
export function checkPseudoElements({ pseudoElements, optimalBasis, basis }: Pick<TermSettings, "pseudoElements" | "optimalBasis" | "basis">, file?: string, path = ""): void {
  if (pseudoElements === null) return;
  const refuse = (what: string, key: string, expected: string, got: string): never => {
    throw new InputError(what, { ...(file !== undefined && { file }), key: `${path}${key}`, expected, got });
  };
  // Both would be contractions of the same coefficients; a mixed optimal basis is the more general one.
  if (optimalBasis !== null) refuse("pseudo-elements beside an optimal basis", "optimalBasis", "null", JSON.stringify(optimalBasis));
  if (basis.contraction) refuse("pseudo-elements of a basis that is contracted already", "basis.contraction", "none", "a contraction");
  const { kind, channels, matrix } = pseudoElements;
  const given = matrix !== null && Object.keys(matrix).length > 0;
  if (given !== (kind === "matrix")) {
    refuse("pseudoElements.kind and pseudoElements.matrix disagree", "pseudoElements.matrix", 'numbers if and only if kind is "matrix"', given ? "a matrix" : "none");
  }
  if (!given) {
    if (channels === null) refuse("number of pseudo-elements", "pseudoElements.channels", "a whole number, 1 or more", "null");
    return;
  }
  const count = channels ?? Object.values(matrix)[0]!.length;
  for (const [symbol, row] of Object.entries(matrix)) {
    if (row.length === count && count >= 1) continue;
    refuse("a row of the matrix of the pseudo-elements", `pseudoElements.matrix.${symbol}`, count >= 1 ? `${count} numbers` : "a number at least", `${row.length}`);
  }
}
