// lather predict with a model of a property.
import {
  annotateStructure, InputError, predictProperty, predictPropertyGradients, propertyErrors, propertySizes, readProperty, type AtomArray, type InfoValue, type PropertyErrors, type PropertyModel, type Structure,
} from "../index.js";
import { readAllStructures } from "../node/index.js";
import { peakMemory, writeJson, type CommandIo } from "./command-io.js";
import { formatBackend, withBackend, type BackendOptions, type SpeciesOption } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { countAtoms } from "./scan.js";
import { Stopwatch } from "./stopwatch.js";
import { formatSignificant } from "./table.js";
import { writeFrames } from "./write-frames.js";
import { WarningList } from "./warnings.js";

interface Options extends BackendOptions, SpeciesOption {
  readonly out: string;
  readonly gradients?: boolean;
  readonly json?: boolean;
}

/** [number][atom][xyz] as a column, [atom][number][xyz]. */
function asColumn(gradients: Float64Array, size: number): AtomArray {
  const atoms = gradients.length / (3 * size);
  const values = Float64Array.from(gradients, (_, k) => gradients[(Math.floor(k / 3) % size) * 3 * atoms + Math.floor(k / (3 * size)) * 3 + (k % 3)]!);
  return { kind: "R", width: 3 * size, values };
}

function annotated(structure: Structure, { kind, perAtom }: PropertyModel, name: string, values: Float64Array, gradients: Float64Array | undefined): Structure {
  const info: [string, InfoValue][] = perAtom ? [] : [[name, values.length === 1 ? values[0]! : [...values]]];
  const arrays: [string, AtomArray][] = perAtom ? [[name, { kind: "R", width: propertySizes[kind], values }]] : [];
  if (gradients) arrays.push([`${name}_gradient`, asColumn(gradients, propertySizes[kind])]);
  return annotateStructure(structure, { info, arrays });
}

/** Errors against the values of the input; null where it has none, or some of another form. */
function errorsOf(structures: readonly Structure[], { name, kind, perAtom }: PropertyModel, predictions: readonly Float64Array[]): PropertyErrors | null {
  if (!structures.some(({ info, arrays }) => info.has(name) || arrays.has(name))) return null;
  try {
    const property = readProperty(structures, name, kind);
    return property.perAtom === perAtom ? propertyErrors(property, predictions) : null;
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

export async function predictPropertyOf(model: PropertyModel, modelPath: string, path: string, options: Options, io: CommandIo): Promise<void> {
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  const warnings = new WarningList(io);
  const structures = await stopwatch.time("read", () => readAllStructures(path, { species: options.species, onWarning: warnings.add }));
  io.signal.throwIfAborted();
  const taken = structures.some(({ info, arrays }) => info.has(model.name) || arrays.has(model.name));
  const name = taken ? `lather_${model.name}` : model.name;
  try {
    await withBackend(options, countAtoms(structures), async (backend, used) => {
      const job = { signal: io.signal, onProgress: progress.report };
      const predictions = await stopwatch.time("predict", () => predictProperty(backend, model, structures, job));
      const gradients = options.gradients ? await stopwatch.time("gradients", () => predictPropertyGradients(backend, model, structures, job)) : null;
      progress.finish();
      const errors = errorsOf(structures, model, predictions);
      await stopwatch.time("write", () => writeFrames(options.out, structures.map((structure, s) => annotated(structure, model, name, predictions[s]!, gradients?.[s])), io, model.hyperparameters.cutoff.radius));
      const atoms = countAtoms(structures);
      if (options.json) {
        writeJson(io, {
          ...used, warnings: warnings.all, seconds: stopwatch.seconds, peak_rss_mb: peakMemory(), structures: structures.length, atoms, model: modelPath, written: [name, ...(gradients ? [`${name}_gradient`] : [])], errors, out: options.out,
        });
        return;
      }
      io.stdout.write(`${options.out}: ${structures.length} structures, ${atoms} atoms with ${name}${gradients ? ` and ${name}_gradient` : ""}\n`);
      if (errors) {
        const share = errors.property_relative_rmse === null ? "" : `, ${formatSignificant(100 * errors.property_relative_rmse)} % of the spread`;
        io.stdout.write(`RMSE ${formatSignificant(errors.property_rmse)}${share}, against ${model.name} of the input\n`);
      }
      io.stdout.write(`${formatBackend(used, options)}: ${stopwatch.seconds["total"]} s\n`);
    });
  } finally {
    progress.finish();
  }
}
