// The model file: one JSON text, {"format": "lather-model", "version": 2, or 3 with a committee, "checksum": "crc32:…", "lather": …, "potential": … or "property": …}.
// Arrays are base64 of little-endian float64, so that a model comes back with every bit. The checksum is that of the same object without the
// checksum, written by JSON.stringify; it survives a change of white space and nothing else.
import * as v from "valibot";
import { InputError } from "../errors.js";
import { parseJsonText } from "../training/json-text.js";
import { decodeFloat64 } from "./base64.js";
import { crc32 } from "./crc32.js";
import { latherVersion } from "./version.js";

const format = "lather-model";
/** The newest one. */
const version = 3;

export const atomicNumber = v.pipe(v.number("an atomic number"), v.check((z) => Number.isInteger(z) && z >= 1 && z <= 118, "an atomic number"));
export const finite = (expected: string) => v.pipe(v.number(expected), v.check((value) => Number.isFinite(value), expected));
export const size = v.pipe(v.number("a whole number"), v.check((count) => Number.isSafeInteger(count) && count >= 0, "a whole number"));
export const numbers = v.pipe(
  v.string("base64 of float64 numbers"),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const values = decodeFloat64(dataset.value);
    if (values?.every((value) => Number.isFinite(value))) return values;
    addIssue({ message: "base64 of finite little-endian float64 numbers", input: dataset.value.slice(0, 20) });
    return NEVER;
  }),
);

export const provenance = v.record(v.string(), v.union([v.string(), finite("a number")], "a text or a number"), "an object");

export function ascending(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value > values[i - 1]!);
}

function checksum(content: object): string {
  return `crc32:${crc32(new TextEncoder().encode(JSON.stringify(content))).toString(16).padStart(8, "0")}`;
}

/**
 * The text of a file with this content.
 * @param of the oldest version that knows all that is in it, so that older programs read what they can
 */
export function wrapModel(content: object, of: 2 | 3 = 2): string {
  const body = { lather: latherVersion, ...content };
  return `${JSON.stringify({ format, version: of, checksum: checksum({ format, version: of, ...body }), ...body })}\n`;
}

function parseObject(text: string, where: { file?: string }): Record<string, unknown> {
  let json: unknown;
  try {
    json = parseJsonText(text, where);
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (text.slice(0, 4096).includes("<GAP_params")) {
      throw new InputError("a GAP of QUIP, not a Lather model", { ...where, expected: "what `lather import-gap` makes of it (in code `parseGapXml`)", got: "XML" });
    }
    const begun = text.slice(0, 200).includes(`"${format}"`);
    const got = text.trim() === "" ? "an empty file" : `${text.length} characters that are not JSON`;
    const what = begun ? "the model file is truncated or damaged" : "not a Lather model";
    throw new InputError(what, { ...where, expected: "one complete JSON object, as `lather fit` writes it", got });
  }
  const object = typeof json === "object" && json !== null ? (json as Record<string, unknown>) : null;
  if (object?.["format"] === format) return object;
  const got = object ? `JSON with the keys ${Object.keys(object).slice(0, 5).join(", ") || "none"}` : `JSON: ${text.slice(0, 30)}`;
  throw new InputError("not a Lather model", { ...where, expected: `JSON with "format": "${format}"`, got });
}

/**
 * The content of a model file whose version and checksum are right.
 * @throws InputError when the text is truncated, foreign, written by a newer Lather, or damaged.
 */
export function unwrapModel(text: string, file?: string): Record<string, unknown> {
  const where = file === undefined ? {} : { file };
  const json = parseObject(text, where);
  const { checksum: claimed, ...content } = json;
  if (typeof json["version"] === "number" && json["version"] > version) {
    throw new InputError(
      `written by a newer Lather (${String(json["lather"])}): version ${json["version"]} of the model file, this one reads ${version}`, where,
    );
  }
  if (![1, 2, version].includes(json["version"] as number)) throw new InputError(
    "unknown version of the model file", { ...where, expected: `1 to ${version}`, got: JSON.stringify(json["version"]) ?? "none" }
  );
  const found = checksum(content);
  if (claimed !== found) throw new InputError(
    "the model file is damaged or was edited: its checksum does not match", { ...where, expected: String(claimed), got: found }
  );
  return content;
}
