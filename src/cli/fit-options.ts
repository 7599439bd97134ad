// What the commands that fit potentials have in common: the configuration, and options that stand for keys of it.
import { Option, type Command } from "commander";
import type { FitConfiguration } from "../index.js";
import { addConfigurationOptions, readGivenConfiguration, type ConfigurationOptions, type Override } from "./configuration-option.js";
import { wholeNumber } from "./options.js";

export interface FitOptions extends ConfigurationOptions {
  readonly sparse?: number;
  readonly sparseMethod?: string;
  readonly energyKey?: string;
  readonly forcesKey?: string;
  readonly virialKey?: string;
}

export function addFitOptions(command: Command): Command {
  return addConfigurationOptions(command)
    .option("--sparse <n>", "sparse points in all (sparse.count)", wholeNumber)
    .addOption(new Option("--sparse-method <name>", "how they are chosen (sparse.method)").choices(["fps", "cur", "leverage", "random", "unit-vectors"]))
    .option("--energy-key <name>", "name of the energy in the files (keys.energy); found when not given")
    .option("--forces-key <name>", "name of the forces (keys.forces); \"none\" leaves them out of the fit")
    .option("--virial-key <name>", "name of the virial or stress (keys.virial); \"none\" leaves it out of the fit");
}

/** The configuration with the options over it, and which values are not the defaults'. @throws InputError as `readConfiguration`. */
export function readFitConfiguration(options: FitOptions): Promise<{ configuration: FitConfiguration; given: readonly string[] }> {
  const { sparse, sparseMethod, energyKey, forcesKey, virialKey } = options;
  const orNone = (name: string | undefined): string | false | undefined => (name === "none" ? false : name);
  const all: Override[] = [
    ["sparse.count", sparse], ["sparse.method", sparseMethod],
    ["keys.energy", energyKey], ["keys.forces", orNone(forcesKey)], ["keys.virial", orNone(virialKey)],
  ];
  return readGivenConfiguration(options, all.filter(([, value]) => value !== undefined));
}
