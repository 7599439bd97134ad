// `lather fit --auto`: settings found for the data; the best so far stands in a configuration file at any moment.
import { InvalidArgumentError, type Command } from "commander";
import { formatConfiguration, InputError, tuneFit, type Backend, type FitConfiguration, type TuningBudget, type TuningTrial } from "../index.js";
import { writeAtomically } from "../node/index.js";
import type { CommandIo } from "./command-io.js";
import type { Dataset } from "./dataset.js";
import { seedNumber } from "./options.js";
import type { ProgressDisplay } from "./progress.js";

export interface AutoOptions {
  readonly auto?: boolean;
  readonly budget?: TuningBudget;
  readonly seed?: number;
  readonly model: string;
}

/** What --json says of the search. */
export interface TuningReport {
  readonly trials: number;
  readonly seconds: number;
  readonly reasons: readonly string[];
  /** The file that reproduces the fit with `--config`. */
  readonly configuration_file: string;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 };

/** "5min", "30s", "1.5h", "40trials". */
function parseBudget(text: string): TuningBudget {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(s|min|h|trials?)?$/.exec(text.trim()) ?? [];
  const value = Number(number);
  if (number === undefined || !(value > 0)) throw new InvalidArgumentError("Expected a time or a number of trials, for example 5min, 30s, 2h or 40trials.");
  return unit?.startsWith("trial") ? { trials: Math.ceil(value) } : { seconds: value * UNITS[unit ?? "s"]! };
}

export function addAutoOptions(command: Command): Command {
  return command
    .option("--auto", "choose the settings by the data; what --config and --set give stays as it is")
    .option("--budget <time>", "time of --auto with the fit: 30s, 5min, 1h, or 40trials, which is the same on every machine (default: 5min)", parseBudget)
    .option("--seed <n>", "which structures --auto tries the settings on", seedNumber);
}

/** "silicon.json" → "silicon.config.json". */
export function configurationFileOf(model: string): string {
  return `${model.replace(/\.json$/i, "")}.config.json`;
}

/** @throws InputError for an option that is of --auto, without it. */
export function checkAutoOptions({ auto, budget, seed }: AutoOptions): void {
  const alone = auto ? undefined : budget !== undefined ? "--budget" : seed !== undefined ? "--seed" : undefined;
  if (alone !== undefined) throw new InputError("an option without --auto", { key: alone, expected: "--auto beside it", got: "none" });
}

/** Chooses a configuration and tells of every improvement on standard error. */
export async function chooseConfiguration(
  backend: Backend, train: Dataset, given: FitConfiguration, fixed: readonly string[], options: AutoOptions, io: CommandIo, progress: ProgressDisplay,
): Promise<{ configuration: FitConfiguration; report: TuningReport }> {
  const file = configurationFileOf(options.model);
  const begin = performance.now();
  const write = (configuration: FitConfiguration): Promise<void> => writeAtomically(file, (sink) => sink.write(formatConfiguration(configuration)), io);
  const onTrial = async (trial: TuningTrial): Promise<void> => {
    if (!trial.best) return;
    progress.say(`  ${`${Math.round((performance.now() - begin) / 1000)} s`.padStart(6)}  ${trial.summary}  ${trial.change}`);
    await write(trial.configuration);
  };
  const { budget, seed } = options;
  const { configuration, reasons, trials } = await tuneFit(backend, train.data, {
    given, fixed, onTrial, signal: io.signal, onProgress: progress.report, ...(budget && { budget }), ...(seed !== undefined && { seed }),
  });
  await write(configuration);
  return { configuration, report: { trials, seconds: Math.round((performance.now() - begin) / 100) / 10, reasons, configuration_file: file } };
}
