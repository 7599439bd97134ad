// Pseudo-elements of a dataset, Eqs. (94)–(98): the matrix u given, made of element properties, or learned from energies, as a contraction of the basis.
import { pseudoElementContraction, similarElements } from "../basis/pseudo-elements.js";
import type { Backend, FitStructure, JobOptions } from "../backend/backend.js";
import { InputError } from "../errors.js";
import { speciesOf } from "../features/feature-layout.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { createLinearAlgebra } from "../linalg/linear-algebra.js";
import { atomicNumberOf, symbolOf } from "../structure/elements.js";
import type { Structure } from "../structure/structure.js";
import type { FitConfiguration, PseudoElements } from "./configuration.js";
import { learnPseudoElements } from "./learned-elements.js";

/** What is made of a term's settings here. */
type Settings = Hyperparameters & Pick<FitConfiguration, "pseudoElements" | "kernel" | "sparse">;

/** u, [element][channel], and its elements. */
function givenMatrix(rows: Readonly<Record<string, readonly number[]>>, present: readonly number[]): { u: number[]; species: number[] } {
  const species = Object.keys(rows).map((symbol) => atomicNumberOf(symbol)!).sort((a, b) => a - b);
  const absent = present.find((z) => !species.includes(z));
  if (absent !== undefined) {
    const expected = `a list of numbers for ${symbolOf(absent)} too, which occurs in the structures`;
    throw new InputError("an element without its row of the matrix", { key: "pseudoElements.matrix", expected, got: species.map(symbolOf).join(", ") });
  }
  return { u: species.flatMap((z) => [...rows[symbolOf(z)]!]), species };
}

/** @throws InputError for what `parseFitConfiguration` refuses too, where a program has not asked it. */
function checkSettings({ channels, kind, matrix }: PseudoElements, elements: number): void {
  if (kind === "matrix") {
    if (matrix !== null && Object.keys(matrix).length > 0) return;
    throw new InputError("no matrix of the pseudo-elements", { key: "pseudoElements.matrix", expected: "numbers by element symbol", got: "none" });
  }
  if (channels !== null && Number.isInteger(channels) && channels >= 1 && channels <= elements) return;
  const expected = `a whole number from 1 to ${elements}, the elements that occur`;
  throw new InputError("number of pseudo-elements", { key: "pseudoElements.channels", expected, got: String(channels) });
}

/**
 * The settings with the contraction that their `pseudoElements` ask for; as they are where they ask for none. Elements are those of the structures,
 * or those of a given matrix.
 * @param labels energies without their baseline and weights of the structures, needed for "learned" alone; null where there are none
 * @throws InputError when the matrix lacks an element of the structures, there are more channels than elements, or "learned" has no energies.
 */
export async function withPseudoElements<Own extends Settings>(
  backend: Backend, structures: readonly Structure[], settings: Own, labels: readonly FitStructure[] | null = null, options: JobOptions = {},
): Promise<Own> {
  const { pseudoElements, basis } = settings;
  if (!pseudoElements) return settings;
  const species = speciesOf(structures);
  checkSettings(pseudoElements, species.length);
  const contracted = (u: ArrayLike<number>, elements: readonly number[]): Own =>
    ({ ...settings, basis: { ...basis, contraction: pseudoElementContraction(u, elements, basis) }, pseudoElements: null });
  const { kind, channels, matrix } = pseudoElements;
  if (kind === "matrix") {
    const given = givenMatrix(matrix!, species);
    return contracted(given.u, given.species);
  }
  const algebra = await createLinearAlgebra();
  const similar = similarElements(algebra, species, channels!);
  if (kind === "properties") return contracted(similar, species);
  if (labels === null) {
    const expected = '"properties" or "matrix"; "learned" takes the energies of a fit';
    throw new InputError("no energies to learn pseudo-elements from", { key: "pseudoElements.kind", expected, got: '"learned"' });
  }
  const { u } = await learnPseudoElements(backend, algebra, labels, species, similar, settings, options);
  return contracted(u, species);
}
