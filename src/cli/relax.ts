import { Option, type Command } from "commander";
import {
  createEnergyModel, parseModel, relax, type AtomArray, type CellRelaxation, type EnergyModel, type InfoValue, type Relaxation, type RelaxationOptions, type Structure,
} from "../index.js";
import { reportingBeside, writeJson, type CommandIo } from "./command-io.js";
import { checkFiles, readText } from "./files.js";
import { fixedAtomsOf } from "./move-mask.js";
import { addBackendOptions, addSpeciesOption, finiteNumber, formatBackend, positiveNumber, wholeNumber, withBackend, type BackendOptions, type SpeciesOption } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { repeatable, scanStructures, type RepeatableSource } from "./scan.js";
import { Stopwatch } from "./stopwatch.js";
import { printWarnings, warnOnce } from "./warnings.js";
import { checkFrameOutput, writeFrames } from "./write-frames.js";

interface Options extends BackendOptions, SpeciesOption {
  readonly out: string;
  readonly method: "fire" | "lbfgs";
  readonly fmax: number;
  readonly smax: number;
  readonly cell: CellRelaxation;
  readonly pressure: number;
  readonly steps: number;
  readonly json?: boolean;
}

/** lather relax: structures in, the minima of the energy or the enthalpy next to them out. */
export function addRelaxCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("relax")
    .summary("relax structures with a model")
    .description("Relaxes every structure of a file, its atoms and where asked its cell, with a model of `lather fit`.")
    .argument("<model>", "model file of `lather fit`")
    .argument("<structures>", "structure file: extended XYZ, VASP, LAMMPS, …; plain or gzipped")
    .requiredOption("--out <file>", "structure file to write, in the format of its name (extended XYZ if it says none)")
    .addOption(new Option("--method <kind>", "minimizer").choices(["lbfgs", "fire"]).default("lbfgs"))
    .option("--fmax <eV/Å>", "converged when no force is larger", positiveNumber, 0.01)
    .option("--smax <GPa>", "converged when no stress + pressure is larger, where the cell changes", positiveNumber, 0.01)
    .addOption(new Option("--cell <kind>", "what of the cell changes").choices(["fixed", "volume", "full"]).default("fixed"))
    .option("--pressure <GPa>", "pressure on a cell that changes", finiteNumber, 0)
    .option("--steps <n>", "most steps for a structure", wholeNumber, 1000);
  addSpeciesOption(command);
  addBackendOptions(command)
    .option("--json", "report as one JSON object on standard output")
    .addHelpText("after", `
Relaxed structures have energy (eV), forces (eV/Å), virial (eV, −dE/dε; periodic structures only), relax_steps and relax_converged, and of the input
config_type and move_mask; other entries and columns are left out, since they belong to the structure before. Atoms for which a column move_mask
says F stay where they are, as ASE writes its FixAtoms; in a cell that changes they keep their fractional coordinates.

Example:
  lather relax silicon.json start.xyz --cell full --out relaxed.xyz`)
    .action((model: string, path: string, options: Options) => runRelax(model, path, options, io));
}

/** The relaxed structure with what is now true of it. */
function relaxedFrame({ structure, energy, forces, virial, steps, converged }: Relaxation): Structure {
  const info = new Map<string, InfoValue>([...structure.info].filter(([key]) => key === "config_type"));
  const arrays = new Map<string, AtomArray>([...structure.arrays].filter(([name]) => name === "move_mask"));
  info.set("energy", energy).set("relax_steps", steps).set("relax_converged", converged);
  if (virial && structure.pbc.some(Boolean)) info.set("virial", [...virial]);
  arrays.set("forces", { kind: "R", width: 3, values: forces });
  return { ...structure, info, arrays };
}

interface Totals {
  structures: number;
  converged: number;
  steps: number;
}

async function* relaxAll(
  model: EnergyModel, source: RepeatableSource, options: Pick<RelaxationOptions, "method" | "maximalForce" | "maximalStress" | "cell" | "pressure" | "maxSteps"> & { signal: AbortSignal },
  { totals, onStep }: { totals: Totals; onStep: (step: number) => void },
): AsyncGenerator<Structure> {
  for await (const structure of source()) {
    const result = await relax(model, structure, { ...options, fixedAtoms: fixedAtomsOf(structure), onProgress: ({ done }) => onStep(done) });
    totals.structures++;
    totals.converged += result.converged ? 1 : 0;
    totals.steps += result.steps;
    yield relaxedFrame(result);
  }
}

async function runRelax(modelPath: string, path: string, options: Options, terminal: CommandIo): Promise<void> {
  const { out, method, fmax, smax, cell, pressure, steps } = options;
  const io = reportingBeside(terminal, [out]);
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  checkFrameOutput(out, { computed: true });
  await checkFiles({ inputs: { model: modelPath, structures: path }, outputs: { "--out": out } });
  const potential = parseModel(await stopwatch.time("model", () => readText(modelPath, "model")), modelPath);
  const source = await repeatable(path, { species: options.species, onWarning: warnOnce(io) });
  let largest = 0;
  const { structures } = await stopwatch.time("read", () => scanStructures(source, io.signal, ({ species }) => (largest = Math.max(largest, species.length))));
  const totals: Totals = { structures: 0, converged: 0, steps: 0 };
  try {
    await withBackend(options, largest, async (backend, used) => {
      const { model, destroy } = await createEnergyModel(backend, potential);
      try {
        const onStep = (step: number): void => progress.report({ stage: "relax", done: totals.structures * steps + step, total: structures * steps });
        const relaxation = { method, maximalForce: fmax, maximalStress: smax, cell, pressure, maxSteps: steps, signal: io.signal };
        await stopwatch.time("relax", () => writeFrames(out, relaxAll(model, source, relaxation, { totals, onStep }), io));
      } finally {
        destroy();
      }
      progress.finish();
      const { converged } = totals;
      if (converged < structures) {
        const text = `${structures - converged} of ${structures} structures are not converged (relax_converged=F in ${out}); take more --steps, a larger --fmax, or --method fire`;
        printWarnings([{ code: "not-converged", file: out, text }], io);
      }
      if (options.json) writeJson(io, { ...used, seconds: stopwatch.seconds, structures, converged, steps: totals.steps, model: modelPath, out });
      else io.stdout.write(`${out}: ${converged} of ${structures} structures relaxed in ${totals.steps} steps\n${formatBackend(used, options)}: ${stopwatch.seconds["relax"]} s\n`);
    });
  } finally {
    progress.finish();
  }
}
