import type { Command } from "commander";
import { formatConfiguration } from "../index.js";
import { writeJson, type CommandIo } from "./command-io.js";
import { addConfigurationOptions, readConfiguration, type ConfigurationOptions } from "./configuration-option.js";

/** lather config: prints a configuration with all its keys explained. */
export function addConfigCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("config")
    .summary("print the configuration of a fit, every key explained")
    .description(
      "Prints the configuration that `lather fit` and `lather features` use, with a comment on every key. The output is itself a configuration file.",
    );
  addConfigurationOptions(command)
    .option("--json", "without comments")
    .addHelpText("after", `
Example: start from the defaults, change what you like, fit.
  lather config > my.json
  lather fit --train train.xyz --config my.json --model silicon.json`)
    .action(async (options: ConfigurationOptions & { json?: boolean }) => {
      const configuration = await readConfiguration(options);
      if (options.json) writeJson(io, configuration);
      else io.stdout.write(formatConfiguration(configuration));
    });
}
