/** A simulation's state as JSON text, arrays as base64 of little-endian float64, so that every bit comes back. */
import * as v from "valibot";
import { InputError } from "../errors.js";
import { decodeFloat64, encodeFloat64 } from "../model/base64.js";
import type { SimulationState } from "./motion.js";

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const array = v.pipe(v.string(), v.transform(decodeFloat64), v.instance(Float64Array));
const schema = v.object({
  format: v.literal("lather-restart"),
  version: v.literal(1),
  settings: v.record(v.string(), v.string()),
  lengths: v.record(v.string(), whole),
  state: v.object({ step: whole, positions: array, velocities: array, cell: v.nullable(array), exchanged: v.number() }),
});

export interface Restart {
  /** What must be the same when the run goes on, as text by name. */
  readonly settings: Readonly<Record<string, string>>;
  /** Bytes of the files that belong to this state, by purpose. */
  readonly lengths: Readonly<Record<string, number>>;
  readonly state: SimulationState;
}

/** A restart as the text of its file; `parseRestart` gives the same bits. */
export function formatRestart({ settings, lengths, state: { step, positions, velocities, cell, exchanged } }: Restart): string {
  const state = { step, positions: encodeFloat64(positions), velocities: encodeFloat64(velocities), cell: cell && encodeFloat64(cell), exchanged };
  return `${JSON.stringify({ format: "lather-restart", version: 1, settings, lengths, state }, null, 1)}\n`;
}

/** @throws InputError when the text is no restart file. */
export function parseRestart(text: string, file: string): Restart {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Falls through to the same message as any other text.
  }
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new InputError("not a restart file of this version", { file, expected: "a file that lather md wrote with --restart", got: result.issues[0].message });
}
