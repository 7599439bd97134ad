import { InvalidArgumentError, type Command } from "commander";
import { InputError, parseConfigurationText, parseFitConfiguration, type FitConfiguration } from "../index.js";
import { readText } from "./files.js";

export interface ConfigurationOptions {
  readonly config?: string;
  readonly set?: readonly Override[];
}

/** A value for one key of the configuration, by its path ("basis.nMax"). */
export type Override = readonly [path: string, value: unknown];

/** Keys of a path in a configuration, which is not that deep. */
const deepestPath = 16;

/** KEY=VALUE, the value as JSON where it is JSON and as text otherwise. */
function parseOverride(text: string, previous: readonly Override[] = []): readonly Override[] {
  const [, path, value] = /^([^=\s]+)=(.*)$/s.exec(text) ?? [];
  if (path === undefined || value === undefined) throw new InvalidArgumentError("Expected KEY=VALUE, for example basis.nMax=6.");
  const keys = path.split(".").length;
  if (keys > deepestPath) throw new InputError("nested too deeply", { file: "command line", key: path, expected: `at most ${deepestPath} keys`, got: String(keys) });
  return [...previous, [path, jsonOrText(value)]];
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

export function addConfigurationOptions(command: Command): Command {
  return command
    .option("--config <file>", "configuration: JSON, // comments allowed; `lather config` prints one with all defaults")
    .option("--set <key=value>", "one value of the configuration, over the file's; may be repeated", parseOverride);
}

/** A copy of the object with one value replaced; objects on the way are made where there are none. */
function replaced(object: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const known = typeof object === "object" && object !== null ? (object as Record<string, unknown>) : {};
  return { ...known, [key]: replaced(known[key], rest, value) };
}

/** Paths of the values of an object ("cutoff.radius"); what is no object, and an empty one, is a value. */
function pathsOf(value: unknown, path: string): string[] {
  const entries = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  return entries.length === 0 ? [path] : entries.flatMap(([key, inner]) => pathsOf(inner, path === "" ? key : `${path}.${key}`));
}

/**
 * The configuration of a command: defaults, the file over them, the command line over both.
 * @throws InputError naming the file, or the command line.
 */
export async function readConfiguration(options: ConfigurationOptions, more: readonly Override[] = []): Promise<FitConfiguration> {
  return (await readGivenConfiguration(options, more)).configuration;
}

/**
 * The same, and which values are not the defaults' but the file's or the command line's, by their paths.
 * @throws InputError as `readConfiguration`.
 */
export async function readGivenConfiguration(
  options: ConfigurationOptions, more: readonly Override[] = [],
): Promise<{ configuration: FitConfiguration; given: readonly string[] }> {
  let json: unknown = {};
  if (options.config !== undefined) {
    json = parseConfigurationText(await readText(options.config, "configuration"), options.config);
    parseFitConfiguration(json, options.config);
  }
  const overrides = [...(options.set ?? []), ...more];
  // A config_type may hold dots, and then cannot be named by a path; the file can.
  for (const [path, value] of overrides) json = replaced(json, path.split("."), value);
  const configuration = parseFitConfiguration(json, overrides.length > 0 ? "command line" : options.config);
  return { configuration, given: pathsOf(json, "").filter((path) => path !== "") };
}
