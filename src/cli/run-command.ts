// The command `lather`: argument words in, exit code out. Everything that it reads, writes or is stopped by comes in through `io`, so that
// tests run it as the shell does.
import { Command, CommanderError } from "commander";
import { latherVersion } from "../index.js";
import { addBasisCommand } from "./basis.js";
import { StoppedRun, type CommandIo } from "./command-io.js";
import { addCompareCommand } from "./compare.js";
import { addConfigCommand } from "./config.js";
import { exitCodes, Stopped } from "./exit-codes.js";
import { explain } from "./explain.js";
import { addExportGapCommand } from "./export-gap.js";
import { addFeaturesCommand } from "./features.js";
import { addFitCommand } from "./fit.js";
import { addImportGapCommand } from "./import-gap.js";
import { addKernelCommand } from "./kernel.js";
import { addLearningCurveCommand } from "./learning-curve.js";
import { addMapCommand } from "./map.js";
import { addMdCommand } from "./md.js";
import { addMeasureCommand } from "./measure.js";
import { addNebCommand } from "./neb.js";
import { addPredictCommand } from "./predict.js";
import { printable } from "./printable.js";
import { addPropertiesCommand } from "./properties.js";
import { addRelaxCommand } from "./relax.js";
import { addSelectCommand } from "./select.js";
import { addSelectFeaturesCommand } from "./select-features.js";
import { addServeCommand } from "./serve.js";
import { addValidateCommand } from "./validate.js";
import { addWorkerCommand } from "./worker.js";

function createProgram(io: CommandIo): Command {
  const program = new Command("lather")
    .description("Trains Gaussian-process potentials on atomic structures and predicts with them.")
    .version(latherVersion)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .addHelpText("after", `
Structures are files of extended XYZ, VASP or LAMMPS, plain or gzipped. \`lather fit --help\` and so on explain each command.

Exit codes: 0 done, 1 the job failed, 2 wrong usage or input, 130 stopped by Ctrl-C
(then nothing has been written), 143 by SIGTERM.`);
  addFitCommand(program, io);
  addPredictCommand(program, io);
  addValidateCommand(program, io);
  addLearningCurveCommand(program, io);
  addMdCommand(program, io);
  addRelaxCommand(program, io);
  addNebCommand(program, io);
  addPropertiesCommand(program, io);
  addServeCommand(program, io);
  addImportGapCommand(program, io);
  addExportGapCommand(program, io);
  addWorkerCommand(program, io);
  addFeaturesCommand(program, io);
  addSelectCommand(program, io);
  addSelectFeaturesCommand(program, io);
  addBasisCommand(program, io);
  addMeasureCommand(program, io);
  addCompareCommand(program, io);
  addKernelCommand(program, io);
  addMapCommand(program, io);
  addConfigCommand(program, io);
  for (const command of program.commands) command.showHelpAfterError(`(lather ${command.name()} --help shows the options)`);
  return program;
}

/** `io` with text that a terminal prints and does not obey, whatever the files of a user hold. */
function printing({ stdout, stderr, ...io }: CommandIo): CommandIo {
  const safely = (stream: CommandIo["stdout"]) => ({ write: (text: string) => stream.write(printable(text)) });
  return { ...io, stdout: safely(stdout), stderr: { ...safely(stderr), isTTY: stderr.isTTY, terminal: stderr as NodeJS.WritableStream } };
}

/** Runs `lather` with the words behind its name; never throws and never ends the process. */
export async function runCommand(argv: readonly string[], terminal: CommandIo): Promise<number> {
  const io = printing(terminal);
  try {
    await createProgram(io).parseAsync([...argv], { from: "user" });
    return exitCodes.done;
  } catch (error) {
    if (io.signal.aborted) {
      io.stderr.write(`lather: ${error instanceof StoppedRun ? error.message : "stopped; nothing was written"}\n`);
      return io.signal.reason instanceof Stopped ? io.signal.reason.exitCode : exitCodes.interrupted;
    }
    // Commander has already said what it had to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    const { text, exitCode } = explain(error);
    io.stderr.write(text);
    return exitCode;
  }
}
