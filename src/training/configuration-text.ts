// Configuration files: JSON in which // begins a comment that ends with the line.
import * as v from "valibot";
import { InputError } from "../errors.js";
import type { Hyperparameters } from "../features/hyperparameters.js";
import { defaultFitConfiguration, type FitConfiguration } from "./configuration.js";
import { configurationSchema, parseFitConfiguration } from "./configuration-schema.js";
import { parseJsonText } from "./json-text.js";

/**
 * The value of a configuration text.
 * @throws InputError with line and column where it is not JSON.
 */
export function parseConfigurationText(text: string, file?: string): unknown {
  try {
    return parseJsonText(text, { comments: true, ...(file !== undefined && { file }) });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const reason = error.message;
    // Engines name the place differently or not at all; a text that ends too early is at fault in its last line.
    const position = Number(/position (\d+)/.exec(reason)?.[1] ?? Infinity);
    const line = text.slice(0, Math.min(position, text.trimEnd().length)).split("\n").length;
    throw new InputError(`not a configuration file (JSON, comments after //): ${reason}`, { ...(file !== undefined && { file }), line });
  }
}

type Described = v.GenericSchema & { readonly entries?: Record<string, Described>; readonly wrapped?: Described };

/** Lines of one object; comments stand behind single values and above groups. */
function formatGroup(schema: Described, value: Readonly<Record<string, unknown>>, indent: string): string[] {
  const entries = Object.entries((schema.entries ? schema : schema.wrapped)?.entries ?? {}).filter(([key]) => value[key] !== undefined);
  return entries.flatMap(([key, entry], index) => {
    const comment = v.getDescription(entry) ?? "";
    const comma = index < entries.length - 1 ? "," : "";
    const inner = value[key];
    const isGroup = typeof inner === "object" && inner !== null && (entry.entries ?? entry.wrapped?.entries) !== undefined;
    if (!isGroup) {
      const line = `${indent}${JSON.stringify(key)}: ${JSON.stringify(inner)}${comma}`;
      return [comment === "" ? line : `${line.padEnd(34)}// ${comment}`];
    }
    return [
      `${indent}// ${comment}`, `${indent}${JSON.stringify(key)}: {`, ...formatGroup(entry, inner as Record<string, unknown>, `${indent}  `),
      `${indent}}${comma}`,
    ];
  });
}

/** A configuration as commented text, which `parseConfigurationText` reads; the defaults when none is given. */
export function formatConfiguration(configuration: FitConfiguration = defaultFitConfiguration): string {
  return `{\n${formatGroup(configurationSchema, configuration as unknown as Record<string, unknown>, "  ").join("\n")}\n}\n`;
}

/**
 * The file of an optimal basis: a configuration whose basis has its contraction, as JSON with every list of numbers on one line. A fit with it takes the
 * functions as they are and builds no other ones. @throws InputError as `parseFitConfiguration`.
 */
export function formatBasisConfiguration(configuration: Hyperparameters & Partial<FitConfiguration>): string {
  const whole = parseFitConfiguration({ ...configuration, optimalBasis: null });
  // A string of JSON holds no line break, so that this finds lists alone.
  const oneLine = (_: string, items: string): string => `[${items.trim().replace(/\s*\n\s*/g, " ")}]`;
  return `${JSON.stringify(whole, null, 2).replace(/\[\n([^[\]]*)\]/g, oneLine)}\n`;
}
