import type { Command } from "commander";
import {
  createEnergyModel, InputError, NumericalError, nudgedElasticBand, parseModel, relax, type ElasticBand, type EnergyModel, type Structure,
} from "../index.js";
import { readStructures } from "../node/index.js";
import { reportingBeside, writeJson, type CommandIo } from "./command-io.js";
import { checkFiles, readText } from "./files.js";
import { fixedAtomsOf } from "./move-mask.js";
import { addBackendOptions, addSpeciesOption, formatBackend, positiveNumber, wholeNumber, withBackend, type BackendOptions, type SpeciesOption } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { Stopwatch } from "./stopwatch.js";
import { formatTable } from "./table.js";
import { printWarnings, warnOnce } from "./warnings.js";
import { checkFrameOutput, writeFrames } from "./write-frames.js";

interface Options extends BackendOptions, SpeciesOption {
  readonly out: string;
  readonly images: number;
  readonly fmax: number;
  readonly spring: number;
  readonly steps: number;
  readonly climb: boolean;
  readonly relax: boolean;
  readonly json?: boolean;
}

/** lather neb: two minima in, the path of least energy between them out. */
export function addNebCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("neb")
    .summary("find the path and the barrier between two structures")
    .description("Finds the path of least energy between the first structures of two files, and its saddle point, by a nudged elastic band with a model of `lather fit`.")
    .argument("<model>", "model file of `lather fit`")
    .argument("<start>", "structure file")
    .argument("<end>", "structure file: the same atoms in the same order and the same cell")
    .requiredOption("--out <file>", "structure file to write, the images from start to end")
    .option("--images <n>", "images between the ends", wholeNumber, 7)
    .option("--fmax <eV/Å>", "converged when no force is larger, springs included", positiveNumber, 0.05)
    .option("--spring <eV/Å²>", "stiffness of the springs between images", positiveNumber, 5)
    .option("--steps <n>", "most steps of the band, and of each end's relaxation", wholeNumber, 1000)
    .option("--no-climb", "leave the highest image where the springs hold it")
    .option("--no-relax", "take the ends as they are");
  addSpeciesOption(command);
  addBackendOptions(command)
    .option("--json", "report as one JSON object on standard output")
    .addHelpText("after", `
Images have energy (eV), forces (eV/Å), image (from 0) and path_length (Å from the start, in the space of all atoms). Atoms go the shortest way, through
the walls of the cell where that is shorter. Atoms for which a column move_mask of the start says F stay where they are.

Example:
  lather neb silicon.json start.xyz end.xyz --images 7 --out band.xyz`)
    .action((model: string, start: string, end: string, options: Options) => runNeb(model, [start, end], options, io));
}

/** Both ends, relaxed. */
async function relaxEnds(model: EnergyModel, ends: readonly Structure[], fixedAtoms: readonly number[], { fmax, steps }: Options, signal: AbortSignal): Promise<Structure[]> {
  const relaxed: Structure[] = [];
  for (const [k, end] of ends.entries()) {
    // Ends that do not fit together are the band's to name.
    if (end.species.length !== ends[0].species.length) return [...ends];
    const result = await relax(model, end, { maximalForce: fmax / 2, maxSteps: steps, fixedAtoms, signal });
    if (!result.converged) throw new NumericalError(`the ${k === 0 ? "start" : "end"} does not relax`, { ...end.origin, expected: "a structure near a minimum, or more --steps", got: `a force of ${result.maximalForce.toPrecision(3)} eV/Å after ${result.steps} steps` });
    relaxed.push(result.structure);
  }
  return relaxed;
}

function framesOf({ images, energies, forces, distances }: ElasticBand): Structure[] {
  return images.map((image, n) => ({
    ...image,
    info: new Map([["energy", energies[n]], ["image", n], ["path_length", distances[n]]]),
    arrays: new Map([...[...image.arrays].filter(([name]) => name === "move_mask"), ["forces", { kind: "R", width: 3, values: forces[n] }]]),
  }));
}

async function firstOf(path: string, { species }: Options, io: CommandIo): Promise<Structure> {
  const reader = readStructures(path, { species, onWarning: warnOnce(io) });
  const { value } = await reader.next();
  await reader.return();
  if (!value) throw new InputError("the file has no structure", { file: path, expected: "one structure or more", got: "none" });
  return value;
}

async function runNeb(modelPath: string, paths: readonly [string, string], options: Options, terminal: CommandIo): Promise<void> {
  const { out, images, fmax, spring, steps, climb } = options;
  const io = reportingBeside(terminal, [out]);
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  checkFrameOutput(out, { computed: true });
  await checkFiles({ inputs: { model: modelPath, start: paths[0], end: paths[1] }, outputs: { "--out": out } });
  const potential = parseModel(await readText(modelPath, "model"), modelPath);
  const ends = [await firstOf(paths[0], options, io), await firstOf(paths[1], options, io)];
  const fixedAtoms = fixedAtomsOf(ends[0]);
  try {
    await withBackend(options, images * ends[0].species.length, async (backend, used) => {
      const { model, destroy } = await createEnergyModel(backend, potential);
      try {
        const [start, end] = options.relax ? await stopwatch.time("ends", () => relaxEnds(model, ends, fixedAtoms, options, io.signal)) : ends;
        const band = await stopwatch.time("band", () => nudgedElasticBand(model, start, end, {
          images, springConstant: spring, climbing: climb, maximalForce: fmax, maxSteps: steps, fixedAtoms, removeTranslation: true, signal: io.signal, onProgress: progress.report,
        }));
        progress.finish();
        await writeFrames(out, framesOf(band), io);
        report(band, { used, options, seconds: stopwatch.seconds }, io);
      } finally {
        destroy();
      }
    });
  } finally {
    progress.finish();
  }
}

function report(
  band: ElasticBand, { used, options, seconds }: { used: Parameters<typeof formatBackend>[0]; options: Options; seconds: Readonly<Record<string, number>> }, io: CommandIo,
): void {
  const { barrier, reverseBarrier, saddle, converged, maximalForce, steps, energies, distances } = band;
  const { out } = options;
  if (!converged) {
    const text = `the band is not converged: a force of ${maximalForce.toPrecision(3)} eV/Å after ${steps} steps; take more --steps, more --images, or ends nearer to each other`;
    printWarnings([{ code: "not-converged", file: out, text }], io);
  }
  if (options.json) {
    writeJson(io, {
      ...used, seconds, converged, steps, maximal_force: maximalForce, barrier, reverse_barrier: reverseBarrier, saddle,
      energies: [...energies], path_lengths: [...distances], out,
    });
    return;
  }
  const rows = [...energies].map((energy, n) => [String(n), distances[n].toFixed(3), (energy - energies[0]).toFixed(4), n === saddle ? "saddle" : ""]);
  io.stdout.write(`${formatTable([["image", "path/Å", "energy/eV", ""], ...rows])}\n`);
  io.stdout.write(`${out}: barrier ${barrier.toFixed(4)} eV, back ${reverseBarrier.toFixed(4)} eV, after ${steps} steps\n`);
  io.stdout.write(`${formatBackend(used, options)}: ${seconds["band"]} s\n`);
}
