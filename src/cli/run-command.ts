// The command `lather`: argument words in, exit code out. Everything that it reads, writes or is stopped by comes in through `io`, so that
// tests run it as the shell does.
import { Command, CommanderError } from "commander";
import { CapacityError, GpuError, InputError, latherVersion, NumericalError } from "../index.js";
import { addBasisCommand } from "./basis.js";
import { exitCodes, StoppedRun, type CommandIo } from "./command-io.js";
import { addConfigCommand } from "./config.js";
import { addFeaturesCommand } from "./features.js";
import { addFitCommand } from "./fit.js";
import { addMdCommand } from "./md.js";
import { addMeasureCommand } from "./measure.js";
import { addPredictCommand } from "./predict.js";
import { addSelectCommand } from "./select.js";
import { addSelectFeaturesCommand } from "./select-features.js";

function createProgram(io: CommandIo): Command {
  const program = new Command("lather")
    .description("Trains Gaussian-process potentials on atomic structures and predicts with them.")
    .version(latherVersion)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .addHelpText("after", `
Structures are extended XYZ files, plain or gzipped. \`lather fit --help\` and so on explain each command.

Exit codes: 0 done, 1 the job failed, 2 wrong usage or input, 130 stopped by Ctrl-C (then nothing has been written).`);
  addFitCommand(program, io);
  addPredictCommand(program, io);
  addMdCommand(program, io);
  addFeaturesCommand(program, io);
  addSelectCommand(program, io);
  addSelectFeaturesCommand(program, io);
  addBasisCommand(program, io);
  addMeasureCommand(program, io);
  addConfigCommand(program, io);
  for (const command of program.commands) command.showHelpAfterError(`(lather ${command.name()} --help shows the options)`);
  return program;
}

/** A disk that is full or broken is nothing that was wrong with the input. */
const brokenMachine = /^(ENOSPC|EDQUOT|EIO|EFBIG|EMFILE)\b/;

/** Says what went wrong, in a form for people, and gives the exit code. */
function explain(error: unknown, io: CommandIo): number {
  if (io.signal.aborted) {
    io.stderr.write(`lather: ${error instanceof StoppedRun ? error.message : "stopped; nothing was written"}\n`);
    return exitCodes.interrupted;
  }
  // Commander has already said what it had to say.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof InputError) {
    io.stderr.write(`lather: ${message}\n`);
    return brokenMachine.test(error.details.got ?? "") ? exitCodes.failed : exitCodes.usage;
  }
  const known = [NumericalError, CapacityError, GpuError].some((kind) => error instanceof kind) || (error instanceof Error && "code" in error);
  // What nobody foresaw is a fault of the program, and its report needs the place.
  io.stderr.write(known ? `lather: ${message}\n` : `lather: internal error: ${(error instanceof Error && error.stack) || message}\n`);
  // The message is the library's, which knows no options.
  if (error instanceof GpuError) io.stderr.write("(--backend cpu computes without a GPU)\n");
  return exitCodes.failed;
}

/** Runs `lather` with the words behind its name; never throws and never ends the process. */
export async function runCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  try {
    await createProgram(io).parseAsync([...argv], { from: "user" });
    return exitCodes.done;
  } catch (error) {
    return explain(error, io);
  }
}
