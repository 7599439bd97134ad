import type { Command } from "commander";
import {
  annotateStructure, cutoffOf, InputError, isPropertyModel, parseModel, parsePropertyModel, type AtomArray, type Backend, type InfoValue, type JobOptions, type LabelOverrides, type Potential, type Prediction, type Structure,
} from "../index.js";
import { peakMemory, reportingBeside, writeJson, type CommandIo } from "./command-io.js";
import { checkFiles, readText } from "./files.js";
import { addBackendOptions, addClusterOption, addSpeciesOption, formatBackend, withBackend, type BackendOptions, type SpeciesOption } from "./options.js";
import { predictPropertyOf } from "./predict-property.js";
import { formatComparison, LabelComparison } from "./prediction-errors.js";
import { ProgressDisplay } from "./progress.js";
import { repeatable, scanStructures, type RepeatableSource } from "./scan.js";
import { Stopwatch } from "./stopwatch.js";
import { UncertaintySummary } from "./uncertainty-summary.js";
import { checkFrameOutput, writeFrames } from "./write-frames.js";
import { WarningList } from "./warnings.js";

interface Options extends BackendOptions, SpeciesOption {
  readonly out: string;
  readonly forces: boolean;
  readonly localEnergies?: boolean;
  readonly gradients?: boolean;
  readonly energyKey?: string;
  readonly forcesKey?: string;
  readonly virialKey?: string;
  readonly uncertainty?: boolean;
  readonly json?: boolean;
}

/** Names under which predictions are written. */
export interface PredictionNames {
  readonly energy: string;
  readonly forces: string;
  readonly virial: string;
  readonly localEnergies: string;
}

/** Names of their expected errors, whatever names the predictions have: energy_sigma would be read as that of a label. */
export const SIGMA_NAMES = { energy: "lather_energy_sigma", forces: "lather_forces_sigma", localEnergies: "lather_local_energy_sigma" } as const;

/** lather predict: structures in, the same structures with energies, forces and virials out. */
export function addPredictCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("predict")
    .summary("predict energies, forces and virials, or a property, of structures")
    .description("Predicts energies, forces and virials, or the property that a model is of, and writes the structures with them; everything else in the file stays as it is.")
    .argument("<model>", "model file of `lather fit`")
    .argument("<structures>", "structure file: extended XYZ, VASP, LAMMPS, …; plain or gzipped")
    .requiredOption("--out <file>", "structure file to write, in the format of its name (extended XYZ if it says none)")
    .option("--no-forces", "energies only")
    .option("--local-energies", "write the energy of each atom as well")
    .option("--uncertainty", "write the expected errors as well, of a model with a committee")
    .option("--gradients", "write the derivatives of a property with respect to the positions as well")
    .option("--energy-key <name>", "name of the energy to compare with; as in the fit of the model, or found, when not given; \"none\": no comparison")
    .option("--forces-key <name>", "name of the forces to compare with, or \"none\"")
    .option("--virial-key <name>", "name of the virial or stress to compare with, or \"none\"");
  addSpeciesOption(command);
  addClusterOption(addBackendOptions(command))
    .option("--json", "report as one JSON object on standard output")
    .addHelpText("after", `
Predictions are written as energy (eV), forces (eV/Å), virial (eV, 9 numbers, −dE/dε; periodic structures only) and local_energy (eV).
If any structure of the input has one of these names already, they all are written as lather_energy, lather_forces, lather_virial and
lather_local_energy, and the input's own values stay under their names. Structures are read one after the other, so the file may be of any length.

Where structures have energies, forces or virials, the errors are told as \`lather fit --test\` tells them: MAE and RMSE of energies and virials per
atom and of force components, for all and for each config_type; in --json as "errors", in eV/atom and eV/Å. Names and units are those of the
model's fit, or found where that found them.

--uncertainty adds the expected errors (one σ) by the committee of a model that was fitted with --set committee.members=8: lather_energy_sigma
(eV, of the structure), lather_local_energy_sigma (eV) and lather_forces_sigma (eV/Å, of each component). They always have these names: a fit takes
energy_sigma and forces_sigma for those of labels.
A model of a property (\`lather fit --property\`) writes it under its own name, or with lather_ before it where the input has the name already, and
tells the errors against what the input has; --gradients adds the column NAME_gradient, [component][xyz] of every atom, in its unit per Å.

Example:
  lather predict silicon.json new.xyz --out predicted.xyz`)
    .action((model: string, path: string, options: Options) => runPredict(model, path, options, io));
}

/** The rule of --help: plain names if all are free in the whole file, prefixed names otherwise. */
export function predictionNames(taken: ReadonlySet<string>): PredictionNames {
  const plain = { energy: "energy", forces: "forces", virial: "virial", localEnergies: "local_energy" };
  if (!Object.values(plain).some((name) => taken.has(name))) return plain;
  return { energy: "lather_energy", forces: "lather_forces", virial: "lather_virial", localEnergies: "lather_local_energy" };
}

/** The structure with predictions added; values under the same names, left by an earlier prediction, are replaced. */
export function withPrediction(
  structure: Structure, { energy, forces, virial, localEnergies, uncertainty }: Prediction, names: PredictionNames, local: boolean,
): Structure {
  const info: [string, InfoValue][] = [[names.energy, energy]];
  const arrays: [string, AtomArray][] = [];
  if (virial && structure.pbc.some(Boolean)) info.push([names.virial, [...virial]]);
  if (forces) arrays.push([names.forces, { kind: "R", width: 3, values: forces }]);
  if (local) arrays.push([names.localEnergies, { kind: "R", width: 1, values: localEnergies }]);
  if (uncertainty) {
    info.push([SIGMA_NAMES.energy, uncertainty.energy]);
    arrays.push([SIGMA_NAMES.localEnergies, { kind: "R", width: 1, values: uncertainty.localEnergies }]);
    if (uncertainty.forces) arrays.push([SIGMA_NAMES.forces, { kind: "R", width: 3, values: uncertainty.forces }]);
  }
  return annotateStructure(structure, { info, arrays });
}

/** The structures of a file with their predictions, one after the other. */
async function* predictAll(
  backend: Backend, potential: Potential, source: RepeatableSource, names: PredictionNames, options: Options, job: JobOptions,
  see: (structure: Structure, prediction: Prediction) => void,
): AsyncGenerator<Structure> {
  const evaluator = await backend.createEvaluator(potential);
  try {
    for await (const { structure, prediction } of evaluator.predictStream(source(), { ...job, forces: options.forces, uncertainty: options.uncertainty === true })) {
      see(structure, prediction);
      yield withPrediction(structure, prediction, names, options.localEnergies === true);
    }
  } finally {
    evaluator.destroy();
  }
}

/** Counts atoms for the display; the backend does not know how many there are to come. */
async function* counted(
  structures: AsyncIterable<Structure>, total: number, onProgress: NonNullable<JobOptions["onProgress"]>,
): AsyncGenerator<Structure> {
  let done = 0;
  for await (const structure of structures) {
    yield structure;
    done += structure.species.length;
    onProgress({ stage: "predict", done, total });
  }
}

/** The label options of the command line as keys of a configuration; no energy to compare with is no comparison of energies. */
function askedKeys({ energyKey, forcesKey, virialKey }: Options): Pick<LabelOverrides, "energy" | "forces" | "virial"> {
  const named = { energy: energyKey, forces: forcesKey, virial: virialKey };
  return Object.fromEntries(Object.entries(named).filter(([, name]) => name !== undefined).map(([property, name]) => [property, name === "none" ? false : name]));
}

async function runPredict(modelPath: string, path: string, options: Options, terminal: CommandIo): Promise<void> {
  const io = reportingBeside(terminal, [options.out]);
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  checkFrameOutput(options.out, { computed: true });
  await checkFiles({ inputs: { model: modelPath, structures: path }, outputs: { "--out": options.out } });
  const text = await stopwatch.time("model", () => readText(modelPath, "model"));
  if (isPropertyModel(text) && options.uncertainty) {
    throw new InputError("uncertainties are of energies and forces", { file: modelPath, key: "--uncertainty", expected: "a potential with a committee", got: "a model of a property" });
  }
  if (isPropertyModel(text)) return predictPropertyOf(parsePropertyModel(text, modelPath), modelPath, path, options, io);
  if (options.gradients) {
    throw new InputError("derivatives are of a property", { key: "--gradients", expected: "a model of `lather fit --property`", got: "a potential, whose derivatives are the forces" });
  }
  const potential = parseModel(text, modelPath);
  if (options.uncertainty && !potential.committee) {
    throw new InputError("the model has no committee to tell uncertainties", { file: modelPath, key: "--uncertainty", expected: "a model of `lather fit --set committee.members=8`", got: "one without" });
  }
  const cutoff = cutoffOf(potential);
  const warnings = new WarningList(io);
  const source = await repeatable(path, { species: options.species, onWarning: warnings.add });
  const comparison = new LabelComparison(potential, askedKeys(options), warnings.add);
  const { structures, atoms, names: taken } = await stopwatch.time("read", () => scanStructures(source, io.signal, comparison.see));
  await stopwatch.time("labels", () => comparison.begin(path));
  const names = predictionNames(taken);
  try {
    await withBackend(options, atoms, async (backend, used) => {
      const summary = new UncertaintySummary();
      const see = (structure: Structure, prediction: Prediction): void => {
        comparison.compare(structure, prediction, path);
        summary.add(prediction);
      };
      const predicted = predictAll(backend, potential, source, names, options, { signal: io.signal }, see);
      await stopwatch.time("predict", () => writeFrames(options.out, counted(predicted, atoms, progress.report), io, cutoff));
      progress.finish();
      const { seconds } = stopwatch;
      const compared = comparison.report();
      const written = [
        names.energy, ...(options.forces ? [names.forces, names.virial] : []), ...(options.localEnergies ? [names.localEnergies] : []),
        ...(options.uncertainty ? [SIGMA_NAMES.energy, SIGMA_NAMES.localEnergies, ...(options.forces ? [SIGMA_NAMES.forces] : [])] : []),
      ];
      if (options.json) {
        writeJson(io, {
          ...used, warnings: warnings.all, seconds, peak_rss_mb: peakMemory(),
          structures, atoms, model: modelPath, written, out: options.out, ...(options.uncertainty && { uncertainty: summary.report(potential.committee!) }), ...compared,
        });
      } else {
        const rate = ((1000 * seconds["predict"]!) / Math.max(atoms, 1)).toPrecision(3);
        io.stdout.write(`${options.out}: ${structures} structures, ${atoms} atoms with ${written.join(", ")}\n`);
        if (options.uncertainty) io.stdout.write(summary.text(potential.committee!));
        io.stdout.write(`${formatBackend(used, options)}: ${seconds["predict"]} s, ${rate} ms per atom\n${formatComparison(compared, path)}`);
      }
    }, (text) => void io.stderr.write(text));
  } finally {
    progress.finish();
  }
}
