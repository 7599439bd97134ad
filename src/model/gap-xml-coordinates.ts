// <gpCoordinates>: a descriptor, its kernel, and its sparse points with their coefficients, as gap_fit writes them.
import { InputError } from "../errors.js";
import type { XmlElement } from "../formats/xml.js";
import { parseNumber } from "../structure/extxyz-value.js";
import {
  childrenOf, countOf, Descriptor, gapError, knownChildren, logicalOf, numberOf, numbersOf, onlyChild, requiredText, type GapSource,
} from "./gap-xml-reader.js";
import { md5 } from "./md5.js";

/** The text of a file beside the XML. */
export type ReadFile = (name: string) => string | Promise<string>;

export interface GapCoordinates {
  readonly element: XmlElement;
  readonly descriptor: Descriptor;
  /** Numbers of a sparse point. */
  readonly dimensions: number;
  /** δ of the kernel; "signal_variance" in the file, but it is squared in the kernel. eV. */
  readonly delta: number;
  /** f₀, "signal_mean", squared as well. eV. */
  readonly offset: number;
  readonly kernel: { readonly kind: "dot-product"; readonly zeta: number } | { readonly kind: "squared-exponential"; readonly theta: readonly number[] };
  /** [point][dimension] */
  readonly sparsePoints: Float64Array;
  /** α of every point, dimensionless. */
  readonly alpha: Float64Array;
  /** Cutoff of every sparse point, by which its kernel is multiplied. */
  readonly sparseCutoff: Float64Array;
}

/** covariance_type of the file. */
const KERNELS: ReadonlyMap<number, string> = new Map([[1, "squared exponential"], [2, "dot product"], [3, "bond real space"], [4, "piecewise polynomial"]]);

function kernelOf(source: GapSource, element: XmlElement, dimensions: number): GapCoordinates["kernel"] {
  const type = countOf(source, element, "covariance_type", 0);
  const thetas = childrenOf(element, "theta").flatMap(({ text }) => numbersOf(text));
  if (type === 2) {
    // Older files have ζ as the single θ.
    const zeta = element.attributes.has("zeta") ? numberOf(source, element, "zeta") : thetas.length === 1 ? thetas[0]! : NaN;
    if (!(Number.isInteger(zeta) && zeta >= 1 && zeta <= 64)) throw gapError(source, element, "exponent of the kernel not supported", "zeta", "a whole number from 1 to 64", String(zeta));
    return { kind: "dot-product", zeta };
  }
  if (type === 1) {
    if (thetas.length !== dimensions || !thetas.every((value) => Number.isFinite(value) && value > 0)) {
      throw gapError(source, element, "wrong <theta>", null, `${dimensions} lengths above 0`, thetas.join(" ") || "none");
    }
    return { kind: "squared-exponential", theta: thetas };
  }
  throw gapError(source, element, "kernel not supported", "covariance_type", "1 (squared exponential) or 2 (dot product)", `${type}${KERNELS.has(type) ? ` (${KERNELS.get(type)})` : ""}`);
}

/** @throws InputError naming file and line when the text does not have `count` finite numbers, one to a line. */
function readSparsePoints(text: string, file: string, dimensions: number, points: number): Float64Array {
  const count = dimensions * points;
  const truncated = (got: string): InputError =>
    new InputError("the file of sparse points is truncated, or not that of this XML", { file, expected: `${points} points of ${dimensions} numbers, ${count} lines`, got });
  // A number and the end of its line are two characters; nothing is set aside for numbers that the text cannot hold.
  if (2 * count > text.length + 1) throw truncated(`${text.length} characters`);
  const values = new Float64Array(count);
  let found = 0;
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    const word = text.slice(start, end < 0 ? text.length : end).trim();
    start = end < 0 ? text.length : end + 1;
    line++;
    if (word === "") continue;
    const value = parseNumber(word);
    if (value === undefined || !Number.isFinite(value)) throw new InputError("wrong line of the sparse points", { file, line, expected: "a number", got: word });
    if (found === count) throw new InputError("the file of sparse points is too long", { file, line, expected: `${points} points of ${dimensions} numbers`, got: "more" });
    values[found++] = value;
  }
  if (found < count) throw truncated(`${found} numbers`);
  return values;
}

/** Sparse points of the file that the XML names. */
async function readBeside(source: GapSource, element: XmlElement, readFile: ReadFile, dimensions: number, points: number): Promise<Float64Array> {
  const name = requiredText(source, element, "sparseX_filename");
  // The name comes from a file that someone else may have made.
  if (name === "" || /[/\\]/.test(name) || name === "." || name === "..") throw gapError(source, element, "wrong name of the sparse points", "sparseX_filename", "a file beside the XML", name);
  const text = await readFile(name);
  const values = readSparsePoints(text, name, dimensions, points);
  const claimed = (element.attributes.get("sparseX_md5sum") ?? "").trim();
  const found = claimed === "" ? "" : md5(new TextEncoder().encode(text));
  if (claimed !== found) throw new InputError("the file of sparse points is not the one that this XML was written with: its MD5 sum differs", { file: name, key: "sparseX_md5sum", expected: claimed, got: found });
  return values;
}

/** Sparse points that stand in <sparseX> themselves, whole or in slices, as older files have them. */
function readWithin(source: GapSource, element: XmlElement, dimensions: number, points: number): Float64Array {
  const rows = childrenOf(element, "sparseX").map((row) => {
    knownChildren(source, row, ["sparseX_slice"]);
    const slices = childrenOf(row, "sparseX_slice");
    const found = (slices.length > 0 ? slices : [row]).flatMap(({ text }) => numbersOf(text));
    if (found.length !== dimensions || !found.every(Number.isFinite)) {
      throw gapError(source, row, "wrong sparse point", null, `${dimensions} numbers, or sparseX_filename in <gpCoordinates>`, `${found.filter(Number.isFinite).length} numbers`);
    }
    return { found, at: (countOf(source, row, "i", 1, points) - 1) * dimensions };
  });
  const values = new Float64Array(dimensions * points);
  for (const { found, at } of rows) values.set(found, at);
  return values;
}

/** @throws InputError naming what is missing, wrong or not supported; what `readFile` throws passes. */
export async function readCoordinates(source: GapSource, element: XmlElement, readFile: ReadFile): Promise<GapCoordinates> {
  knownChildren(source, element, ["theta", "descriptor", "permutation", "sparseX"]);
  const descriptor = new Descriptor(source, onlyChild(source, element, "descriptor"));
  if (descriptor.kind !== "soap" && descriptor.kind !== "distance_2b") {
    throw descriptor.error("descriptor not supported", null, "soap or distance_2b", descriptor.kind);
  }
  const dimensions = countOf(source, element, "dimensions", 1);
  if (!logicalOf(source, element, "sparsified", true)) throw gapError(source, element, "a full Gaussian process is not supported", "sparsified", "T", "F");
  const permutations = countOf(source, element, "n_permutations", 1);
  if (permutations !== 1) throw gapError(source, element, "kernels with permutations are not supported", "n_permutations", "1", String(permutations));
  const points = countOf(source, element, "n_sparseX", 1);
  const kernel = kernelOf(source, element, dimensions);
  const { alpha, sparseCutoff } = readCoefficients(source, element, points);
  const sparsePoints = element.attributes.has("sparseX_filename")
    ? await readBeside(source, element, readFile, dimensions, points)
    : readWithin(source, element, dimensions, points);
  return {
    element, descriptor, dimensions, kernel, sparsePoints, alpha, sparseCutoff,
    delta: numberOf(source, element, "signal_variance"), offset: numberOf(source, element, "signal_mean", 0),
  };
}

function readCoefficients(source: GapSource, element: XmlElement, points: number): Pick<GapCoordinates, "alpha" | "sparseCutoff"> {
  const rows = childrenOf(element, "sparseX");
  if (rows.length !== points) throw gapError(source, element, "sparse points and n_sparseX do not agree", "n_sparseX", `${points} elements <sparseX>`, String(rows.length));
  const [alpha, sparseCutoff] = [new Float64Array(points).fill(NaN), new Float64Array(points)];
  for (const row of rows) {
    const i = countOf(source, row, "i", 1, points) - 1;
    if (!Number.isNaN(alpha[i])) throw gapError(source, row, "a sparse point is given twice", "i", "every number once", String(i + 1));
    alpha[i] = numberOf(source, row, "alpha");
    sparseCutoff[i] = numberOf(source, row, "sparseCutoff", 1);
  }
  return { alpha, sparseCutoff };
}
