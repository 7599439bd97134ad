import * as v from "valibot";
import { InputError } from "../errors.js";
import { nearestName } from "./nearest-name.js";

type Schema = v.GenericSchema & { readonly entries?: Record<string, Schema>; readonly wrapped?: Schema; readonly value?: Schema; readonly item?: Schema };

/** The schema at a path of keys, through nullable wrappers, the values of records and the items of lists. */
function schemaAt(schema: Schema, path: readonly string[]): Schema | undefined {
  const inner = schema.wrapped ? schemaAt(schema.wrapped, []) : schema;
  const [key, ...rest] = path;
  if (key === undefined || inner === undefined) return inner;
  const next = inner.entries?.[key] ?? inner.value ?? inner.item;
  return next && schemaAt(next, rest);
}

/** Paths of all keys below a schema: "basis", "basis.nMax", … */
function knownPaths(schema: Schema, prefix = ""): string[] {
  return Object.entries(schemaAt(schema, [])?.entries ?? {}).flatMap(([key, entry]) => [`${prefix}${key}`, ...knownPaths(entry, `${prefix}${key}.`)]);
}

function unknownKey(schema: Schema, path: readonly string[], file: string | undefined): InputError {
  const [parents, key] = [path.slice(0, -1), path[path.length - 1]!];
  const siblings = knownPaths(schemaAt(schema, parents) ?? schema).filter((name) => !name.includes(".")).map((name) => [...parents, name].join("."));
  const known = key.length <= 100;
  const nearest = !known ? null : nearestName(key, siblings) ?? nearestName(key, knownPaths(schema));
  const hint = nearest === null ? `the keys here are ${siblings.join(", ")}` : `did you mean "${nearest}"?`;
  return new InputError(`unknown key "${known ? path.join(".") : `${key.slice(0, 100)}…`}": ${hint}`, file === undefined ? {} : { file });
}

/** One InputError for what a schema found: an unknown key first, since a mistyped key also leaves its right name missing. */
function configurationError(schema: Schema, issues: readonly v.BaseIssue<unknown>[], file: string | undefined): InputError {
  const pathOf = (issue: v.BaseIssue<unknown>): string[] => (issue.path ?? []).map(({ key }) => String(key));
  const unknown = issues.find(({ type, expected }) => type === "strict_object" && expected === "never");
  if (unknown) return unknownKey(schema, pathOf(unknown), file);
  const issue = issues[0]!;
  const missing = issue.type === "strict_object" && issue.path?.[issue.path.length - 1]?.origin === "key";
  const where = { ...(file !== undefined && { file }), key: pathOf(issue).join(".") };
  if (missing && issue.input === undefined) return new InputError("missing", where);
  return new InputError(
    "",
    { ...where, expected: issue.message, got: typeof issue.input === "number" ? String(issue.input) : (JSON.stringify(issue.input) ?? "nothing") },
  );
}

/** @throws InputError on unknown keys (with the nearest known name) and on values of another type or out of range. */
export function parseShape<Schema extends v.GenericSchema>(schema: Schema, json: unknown, file?: string): v.InferOutput<Schema> {
  const result = v.safeParse(schema, json);
  if (!result.success) throw configurationError(schema, result.issues, file);
  return result.output;
}
