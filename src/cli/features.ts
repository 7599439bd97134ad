import type { Command } from "commander";
import { featureLabels, formatNpz, parseHyperparameters, withMultispectrum, withOptimalBasis, withPseudoElements } from "../index.js";
import { readAllStructures, writeAtomically } from "../node/index.js";
import { peakMemory, reportingBeside, writeJson, type CommandIo } from "./command-io.js";
import { addConfigurationOptions, readConfiguration, type ConfigurationOptions } from "./configuration-option.js";
import { checkFiles } from "./files.js";
import { addBackendOptions, addClusterOption, addSpeciesOption, formatBackend, withBackend, type BackendOptions, type SpeciesOption } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { countAtoms } from "./scan.js";
import { Stopwatch } from "./stopwatch.js";
import { warnOnce } from "./warnings.js";

interface Options extends BackendOptions, SpeciesOption, ConfigurationOptions {
  readonly out: string;
  readonly settings?: string;
  readonly json?: boolean;
}

/** lather features: structures in, feature vectors of all environments out. */
export function addFeaturesCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("features")
    .summary("compute the feature vectors of all environments")
    .description("Computes the feature vector of every atom of the structures and writes an .npz file for numpy.load.")
    .argument("<structures>", "structure file: extended XYZ, VASP, LAMMPS, …; plain or gzipped")
    .requiredOption("--out <file>", ".npz file to write")
    .option("--settings <file>", "write the settings of the features, with all that was made from the structures, as a configuration");
  addConfigurationOptions(command);
  addSpeciesOption(command);
  addClusterOption(addBackendOptions(command))
    .option("--json", "report as one JSON object on standard output")
    .addHelpText("after", `
Arrays of the .npz file:
  features  float64 [atom][feature], atoms in the order of the file
  offsets   int32 [structure + 1], first atom of each structure
  centers   uint8 [atom], atomic numbers
  species   int32 [element], atomic numbers that the features resolve, ascending
  labels    int32 [feature][name], what each feature is made of; the names by kind (Z: element, 0 where the basis mixes them):
            power-spectrum, radial-spectrum: Z1 Z2 l n1 n2    bispectrum: Z1 l1 n1 Z2 l2 n2 Z3 l3 n3
            lambda-soap: Z1 l1 n1 Z2 l2 n2 mu                 multispectrum: order parity channel
Of the configuration, cutoff, density, basis and features count; the keys of a fit may be there too. An optimal basis, pseudo-elements and the
matrices of a multispectrum that the configuration asks for are made from the structures given; --settings writes them, so that other structures
get the same.

Examples:
  lather features molecules.xyz --out molecules.npz --set cutoff.radius=4 --set basis.lMax=4
  lather features train.xyz --out train.npz --set features.kind=multispectrum --settings made.json
  lather features test.xyz --out test.npz --config made.json`)
    .action((path: string, options: Options) => runFeatures(path, options, io));
}

async function runFeatures(path: string, options: Options, terminal: CommandIo): Promise<void> {
  const io = reportingBeside(terminal, [options.out, ...(options.settings === undefined ? [] : [options.settings])]);
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  const configuration = await readConfiguration(options);
  await checkFiles({ inputs: { structures: path, "--config": options.config }, outputs: { "--out": options.out, "--settings": options.settings } });
  const structures = await stopwatch.time("read", () => readAllStructures(path, { species: options.species, onWarning: warnOnce(io) }));
  io.signal.throwIfAborted();
  try {
    await withBackend(options, countAtoms(structures), async (backend, used) => {
      const job = { signal: io.signal, onProgress: progress.report };
      const compressed = await withPseudoElements(backend, structures, configuration);
      const contracted = compressed.optimalBasis
        ? await stopwatch.time("optimal basis", () => withOptimalBasis(backend, structures, compressed, job))
        : compressed;
      const ready = await stopwatch.time("multispectrum", () => withMultispectrum(backend, structures, contracted, job));
      const hyperparameters = parseHyperparameters(ready);
      const { values, size, offsets, centers, species } = await stopwatch.time(
        "features", () => backend.computeFeatures(structures, hyperparameters, job),
      );
      progress.finish();
      const labels = featureLabels(hyperparameters, species);
      const { settings } = options;
      if (settings !== undefined) await writeAtomically(settings, (sink) => sink.write(`${JSON.stringify(hyperparameters)}\n`), io);
      await stopwatch.time("write", () => {
        const bytes = formatNpz({
          features: { data: values, shape: [centers.length, size] },
          offsets: { data: offsets, shape: [offsets.length] },
          centers: { data: centers, shape: [centers.length] },
          species: { data: Int32Array.from(species), shape: [species.length] },
          labels: { data: labels.values, shape: [size, labels.names.length] },
        });
        return writeAtomically(options.out, (sink) => sink.write(bytes), io);
      });
      const { seconds } = stopwatch;
      if (options.json) {
        writeJson(io, {
          ...used, seconds, peak_rss_mb: peakMemory(),
          structures: structures.length, atoms: centers.length, features: size, labels: labels.names, species, out: options.out,
        });
      } else {
        io.stdout.write(`${options.out}: ${size} features of ${centers.length} atoms in ${structures.length} structures\n`);
        io.stdout.write(`${formatBackend(used, options)}: ${seconds["total"]} s\n`);
      }
    }, (text) => void io.stderr.write(text));
  } finally {
    progress.finish();
  }
}
