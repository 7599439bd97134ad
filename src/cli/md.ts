import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { InvalidArgumentError, Option, type Command } from "commander";
import {
  createSimulation, formatExtxyz, formatRestart, InputError, parseModel, parseRestart, type Ensemble, type Restart, type Simulation, type Thermodynamics,
} from "../index.js";
import { GrowingFile, readStructures, writeAtomically } from "../node/index.js";
import { StoppedRun, writeJson, type CommandIo } from "./command-io.js";
import { checkFiles, readText } from "./files.js";
import { addMetadynamicsOptions, metadynamicsHelp, prepareMetadynamics, type MetadynamicsFiles, type MetadynamicsRun } from "./md-metadynamics.js";
import { addBackendOptions, finiteNumber, formatBackend, seedNumber, wholeNumber, withBackend, type BackendOptions } from "./options.js";
import { TooUncertain, UncertaintyWatch } from "./uncertainty-watch.js";
import { warnOnce } from "./warnings.js";

interface Options extends BackendOptions, MetadynamicsFiles {
  readonly ensemble: Ensemble["kind"];
  readonly thermostat: "langevin" | "rescaling";
  readonly thermostatTime: number;
  readonly barostatTime: number;
  readonly cell: "isotropic" | "full";
  readonly compressibility: number;
  readonly temperature: readonly [number, number];
  readonly pressure: number;
  readonly timestep: number;
  readonly steps: number;
  readonly every: number;
  readonly seed: number;
  readonly out: string;
  readonly thermo?: string;
  readonly restart?: string;
  readonly block: number;
  readonly stopUncertainty?: number;
  readonly json?: boolean;
}

const columns = "step,time_fs,temperature_K,potential_eV,kinetic_eV,total_eV,conserved_eV,pressure_GPa,volume_A3";

function positive(text: string): number {
  const value = finiteNumber(text);
  if (value <= 0) throw new InvalidArgumentError("Expected a number above 0.");
  return value;
}

function temperatureRange(text: string): [number, number] {
  const [from, to = from, ...more] = text.split(":").map(finiteNumber);
  if (more.length > 0) throw new InvalidArgumentError("Expected a temperature, or two with a colon between.");
  return [from, to];
}

/** lather md: molecular dynamics with a model, with a restart that loses nothing but the last block. */
export function addMdCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("md")
    .summary("run molecular dynamics with a model")
    .description("Molecular dynamics of the first structure of a file, with a model of `lather fit`.")
    .argument("<model>", "model file of `lather fit`")
    .argument("<structure>", "extended XYZ file, plain or gzipped")
    .addOption(new Option("--ensemble <kind>", "what stays constant").choices(["nve", "nvt", "npt"]).default("nve"))
    .addOption(new Option("--thermostat <kind>", "for nvt and npt").choices(["langevin", "rescaling"]).default("langevin"))
    .option("--thermostat-time <fs>", "relaxation time of the thermostat, 1/friction", finiteNumber, 100)
    .option("--barostat-time <fs>", "relaxation time of the barostat", finiteNumber, 1000)
    .addOption(new Option("--cell <kind>", "for npt: \"isotropic\" changes the volume, \"full\" lengths and angles, too (solids)").choices(["isotropic", "full"]).default("isotropic"))
    .option("--compressibility <1/GPa>", "estimate of the compressibility, for npt", finiteNumber, 0.01)
    .option("--temperature <K>", "temperature, or \"300:1500\" for a ramp over all steps", temperatureRange, [300, 300] as [number, number])
    .option("--pressure <GPa>", "pressure, for npt", finiteNumber, 0)
    .option("--timestep <fs>", "time of one step", finiteNumber, 1)
    .option("--steps <n>", "number of steps, those before a restart included", wholeNumber, 1000)
    .option("--every <n>", "steps between two frames", wholeNumber, 100)
    .option("--seed <n>", "seed of velocities and noise", seedNumber, 0)
    .requiredOption("--out <file>", "trajectory to write, extended XYZ, gzipped when its name ends in .gz")
    .option("--thermo <file>", "thermodynamic data to write, CSV, a row with every frame")
    .option("--restart <file>", "goes on from this file if it is there; writes it every --block steps and when stopped")
    .option("--block <n>", "steps between two writings of the restart file", wholeNumber, 1000)
    .option("--stop-uncertainty <eV/Å>", "stop at the first frame after the start in which the expected error of a force component is larger", positive);
  addBackendOptions(addMetadynamicsOptions(command))
    .option("--json", "report as one JSON object on standard output")
    .addHelpText("after", `
Frames have positions (Å, never wrapped), velocities (Å/fs), forces (eV/Å), step, time (fs) and energy (eV). They are appended as they come, to
a gzipped file block by block. The restart file says how much of them belongs to its state: a run that goes on cuts the rest off, and ends with
the files of one that never stopped (gzipped ones with their contents).
With --stop-uncertainty and a model with a committee (\`lather fit --set committee.members=8\`) frames have lather_energy_sigma (eV) and
lather_forces_sigma (eV/Å) as well, and the run ends with the frame that goes beyond it: one to label and to fit again. Only frames (--every) are
looked at, each at the cost of a few steps.
${metadynamicsHelp}
Example:
  lather md silicon.json start.xyz --ensemble nvt --temperature 1000 --steps 10000 --out md.xyz --thermo md.csv --restart md.restart`)
    .action((model: string, path: string, options: Options) => runMd(model, path, options, io));
}

function ensembleOf({ ensemble, thermostat: kind, thermostatTime, barostatTime, compressibility, cell }: Options): Ensemble {
  if (cell === "full" && ensemble !== "npt") throw new InputError("the cell changes at constant pressure only", { key: "--cell", expected: "--ensemble npt with --cell full", got: `--ensemble ${ensemble}` });
  if (ensemble === "nve") return { kind: "nve" };
  const thermostat = kind === "langevin" ? ({ kind, friction: 1 / thermostatTime } as const) : ({ kind, relaxation: thermostatTime } as const);
  return ensemble === "nvt" ? { kind: "nvt", thermostat } : { kind: "npt", thermostat, barostat: { cell, compressibility, relaxation: barostatTime } };
}

/** What changes the motion or the files: a restart must not mix two of them. Steps may grow where they are not the length of a ramp. */
function settingsOf(options: Options, model: string, structure: string, run: MetadynamicsRun | null): Record<string, string> {
  const { thermostatTime, barostatTime, compressibility, temperature, pressure, timestep, every, seed, ensemble, thermostat, cell, steps, thermo } = options;
  const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
  return Object.fromEntries(Object.entries({
    model: sha(model), structure: sha(structure), ensemble, thermostat, "thermostat-time": thermostatTime, "barostat-time": barostatTime, compressibility,
    temperature: temperature.join(":"), pressure, timestep, every, seed, ...(temperature[0] !== temperature[1] && { steps }), ...(cell === "full" && { cell }), ...(run && { metadynamics: sha(run.text) }), ...(thermo !== undefined && { thermo: "yes" }),
  }).map(([key, value]) => [key, String(value)]));
}

function checkSettings(before: Restart["settings"], now: Restart["settings"], file: string): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
    if (before[key] !== now[key]) throw new InputError("the run was begun in another way", { file, key, expected: before[key] ?? "none", got: now[key] ?? "none" });
  }
}

function csvRow({ step, time, temperature, potential, kinetic, total, conserved, pressure, volume, bias }: Thermodynamics, run: MetadynamicsRun | null): string {
  return `${[step, time, temperature, potential, kinetic, total, conserved, pressure ?? "", volume ?? "", ...(run ? [bias, ...run.values()] : [])].join(",")}\n`;
}

async function runMd(modelPath: string, path: string, options: Options, io: CommandIo): Promise<void> {
  const { out, thermo, restart: restartPath, steps, every, block, timestep, temperature: [from, to] } = options;
  await checkFiles({
    inputs: { model: modelPath, structure: path, "--metadynamics": options.metadynamics },
    outputs: { "--out": out, "--thermo": thermo, "--restart": restartPath, "--hills": options.hills, "--free-energy": options.freeEnergy },
  });
  const model = await readText(modelPath, "model");
  const potential = parseModel(model, modelPath);
  if (options.stopUncertainty !== undefined && !potential.committee) {
    throw new InputError("the model has no committee to tell uncertainties", { file: modelPath, key: "--stop-uncertainty", expected: "a model of `lather fit --set committee.members=8`", got: "one without" });
  }
  const onWarning = warnOnce(io);
  const reader = readStructures(path, { onWarning });
  const structure = (await reader.next()).value!;
  await reader.return();
  // Written as it goes, one frame after the other: no other format can be cut and continued.
  if (!/\.(ext)?xyz(\.gz)?$/i.test(out)) throw new InputError("a trajectory is extended XYZ", { file: out, key: "--out", expected: "a name that ends in .xyz or .xyz.gz", got: out });
  const restart = restartPath !== undefined && (await stat(restartPath).catch(() => null)) ? parseRestart(await readText(restartPath, "restart file"), restartPath) : null;
  const metadynamics = await prepareMetadynamics(options, structure, { ...options, length: restart?.lengths["hills"] });
  const settings = settingsOf(options, model, formatExtxyz(structure), metadynamics);
  if (restart) checkSettings(restart.settings, settings, restartPath!);

  await withBackend(options, structure.species.length, async (backend, used) => {
    const { simulation, destroy } = await createSimulation(backend, potential, structure, {
      ensemble: ensembleOf(options), timestep, temperature: from === to ? from : { from, to, steps }, pressure: options.pressure, seed: options.seed, onWarning,
      ...(restart && { state: restart.state }), ...(metadynamics && { bias: metadynamics.bias }),
    });
    const watch = options.stopUncertainty === undefined ? null : new UncertaintyWatch(await backend.createEvaluator(potential), options.stopUncertainty);
    const trajectory = await GrowingFile.open(out, restart?.lengths["out"]);
    const table = thermo === undefined ? null : await GrowingFile.open(thermo, restart?.lengths["thermo"]);
    try {
      await metadynamics?.open();
      const observe = async (stops = true): Promise<void> => {
        const seen = await watch?.look(simulation.frame);
        await trajectory.append(formatExtxyz(seen?.frame ?? simulation.frame));
        await table?.append(csvRow(simulation.thermodynamics, metadynamics));
        if (stops && seen?.beyond) throw seen.beyond;
      };
      const save = async (): Promise<void> => {
        await trajectory.flush();
        await table?.flush();
        if (restartPath === undefined) return;
        await trajectory.sync();
        await table?.sync();
        await metadynamics?.sync();
        const text = formatRestart({ settings, lengths: { out: trajectory.length, ...(table && { thermo: table.length }), ...(metadynamics && { hills: metadynamics.length }) }, state: simulation.state });
        // Without the signal: this is what is saved when it comes.
        await writeAtomically(restartPath, (sink) => sink.write(text), { onTemporary: io.onTemporary });
      };
      if (!restart) {
        await table?.append(`${[columns, ...(metadynamics?.columns ?? [])].join(",")}\n`);
        // What the run starts from is no reason to end it.
        await observe(false);
        await save();
      }
      const report = await runBlocks(simulation, { steps, every, block, timestep, atoms: structure.species.length }, { observe, save }, io);
      await metadynamics?.writeFreeEnergy(io);
      const { hills = null, freeEnergy = null } = options;
      if (options.json) writeJson(io, { ...used, ...report, out, thermo: thermo ?? null, restart: restartPath ?? null, hills, free_energy: freeEnergy });
      else io.stdout.write(`${report.stopped ? `stopped: ${report.stopped}\n` : ""}${out}: step ${report.step}, ${report.steps_per_second} steps/s, ${report.ns_per_day} ns/day, drift ${report.drift_meV_per_atom_per_ps} meV/atom/ps\n${formatBackend(used, options)}\n`);
    } finally {
      destroy();
      watch?.destroy();
      await trajectory.close();
      await table?.close();
      await metadynamics?.close();
    }
  });
}

interface Report {
  readonly step: number;
  readonly steps_per_second: number;
  readonly ns_per_day: number;
  readonly temperature_K: number;
  readonly drift_meV_per_atom_per_ps: number;
  /** Why it ended before its last step; absent where it did not. */
  readonly stopped?: string;
}

/** Runs block by block; the state is saved after each, and when the signal ends the run. */
async function runBlocks(
  simulation: Simulation, { steps, every, block, timestep, atoms }: { steps: number; every: number; block: number; timestep: number; atoms: number },
  { observe, save }: { observe: () => Promise<void>; save: () => Promise<void> }, io: CommandIo,
): Promise<Report> {
  const [first, begin] = [simulation.thermodynamics, performance.now()];
  const report = (): Report => {
    const { step, conserved, temperature } = simulation.thermodynamics;
    const speed = (step - first.step) / ((performance.now() - begin) / 1000);
    const drift = step > first.step ? (1e6 * (conserved - first.conserved)) / (atoms * (step - first.step) * timestep) : 0;
    const short = (value: number): number => Number(value.toPrecision(4));
    return { step, steps_per_second: short(speed), ns_per_day: short(speed * timestep * 0.0864), temperature_K: short(temperature), drift_meV_per_atom_per_ps: short(drift) };
  };
  let spoken = begin;
  while (simulation.state.step < steps) {
    const { step } = simulation.state;
    try {
      await simulation.run(Math.min(block - (step % block), steps - step), { every, onFrame: () => observe(), signal: io.signal });
    } catch (error) {
      if (error instanceof TooUncertain) {
        await save();
        return { ...report(), stopped: error.message };
      }
      // Any other failure is inside a step, of which nothing may be kept.
      if (error !== io.signal.reason) throw error;
      await save();
      throw new StoppedRun(`stopped after step ${simulation.state.step}; the trajectory is written so far, and --restart goes on if it was given`);
    }
    await save();
    if (performance.now() - spoken < 10_000 && !io.stderr.isTTY) continue;
    spoken = performance.now();
    const now = report();
    io.stderr.write(`md: step ${now.step}/${steps}  ${now.steps_per_second} steps/s  ${now.ns_per_day} ns/day  ${now.temperature_K} K  drift ${now.drift_meV_per_atom_per_ps} meV/atom/ps\n`);
  }
  return report();
}
