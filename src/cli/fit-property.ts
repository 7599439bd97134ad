// lather fit --property NAME: a scalar or tensor of structures or atoms instead of energies and forces.
import { basename } from "node:path";
import {
  fitProperty, formatPropertyModel, InputError, latherVersion, predictProperty, propertyErrors, readProperty, symbolOf, type DataWarning, type FitConfiguration,
  type PropertyData, type PropertyErrors, type PropertyKind, type Structure,
} from "../index.js";
import { readStructures, writeAtomically } from "../node/index.js";
import { peakMemory, reportingBeside, writeJson, type CommandIo } from "./command-io.js";
import { readConfiguration, type ConfigurationOptions } from "./configuration-option.js";
import { checkFiles } from "./files.js";
import { formatBackend, withBackend, type BackendOptions, type SpeciesOption } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { countAtoms } from "./scan.js";
import { Stopwatch } from "./stopwatch.js";
import { formatSignificant, formatTable } from "./table.js";
import { printWarnings } from "./warnings.js";

export interface PropertyOptions extends BackendOptions, SpeciesOption, ConfigurationOptions {
  readonly train: readonly string[];
  readonly test?: readonly string[];
  readonly model: string;
  readonly sparse?: number;
  readonly sparseMethod?: string;
  readonly property: string;
  readonly propertyKind?: PropertyKind;
  readonly mean?: boolean;
  readonly json?: boolean;
}

/** Structures of files and the property in them. */
interface PropertySet {
  readonly files: readonly string[];
  readonly structures: readonly Structure[];
  readonly property: PropertyData;
  readonly warnings: readonly DataWarning[];
}

async function readSet(files: readonly string[], options: PropertyOptions, kind: PropertyKind | undefined, signal: AbortSignal): Promise<PropertySet> {
  const structures: Structure[] = [];
  const warnings: DataWarning[] = [];
  for (const file of files) {
    for await (const structure of readStructures(file, { species: options.species, onWarning: (warning) => void warnings.push(warning) })) {
      signal.throwIfAborted();
      structures.push(structure);
    }
  }
  const property = readNamed(structures, options.property, kind, files);
  const missing = property.values.reduce((sum, value) => sum + Number(value === null), 0);
  if (missing > 0) {
    const text = `${missing} of ${structures.length} structures have no ${property.name} and are not used`;
    warnings.push({ code: "property-missing", file: files.join(", "), key: property.name, text });
  }
  return { files, structures, property, warnings };
}

/** `readProperty`, with the names of the files in messages that concern no single structure. */
function readNamed(structures: readonly Structure[], name: string, kind: PropertyKind | undefined, files: readonly string[]): PropertyData {
  try {
    return readProperty(structures, name, kind);
  } catch (error) {
    if (!(error instanceof InputError) || error.details.structure !== undefined) throw error;
    throw new InputError(error.what, { file: files.join(", "), ...error.details });
  }
}

function describe({ files, structures, property }: PropertySet): Record<string, unknown> {
  const elements = [...new Set(structures.flatMap(({ species }) => [...species]))].sort((a, b) => a - b).map((z) => symbolOf(z));
  const labelled = property.values.reduce((sum, value) => sum + Number(value !== null), 0);
  return { files, structures: structures.length, atoms: countAtoms(structures), elements, labelled };
}

function errorRow(name: string, { count, property_rmse, property_mae, property_relative_rmse }: PropertyErrors): string[] {
  const share = property_relative_rmse === null ? "–" : `${formatSignificant(100 * property_relative_rmse)} %`;
  return [name, String(count), formatSignificant(property_mae), formatSignificant(property_rmse), share];
}

export async function runPropertyFit(options: PropertyOptions, terminal: CommandIo): Promise<void> {
  const io = reportingBeside(terminal, [options.model]);
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  const overrides = ([["sparse.count", options.sparse], ["sparse.method", options.sparseMethod]] as const).filter(([, value]) => value !== undefined);
  const configuration: FitConfiguration = await readConfiguration(options, overrides);
  await checkFiles({ inputs: { "--train": options.train, "--test": options.test, "--config": options.config }, outputs: { "--model": options.model } });
  const train = await stopwatch.time("read", () => readSet(options.train, options, options.propertyKind, io.signal));
  const test = options.test && (await stopwatch.time("read", () => readSet(options.test!, options, train.property.kind, io.signal)));
  const ofData = [...train.warnings, ...(test?.warnings ?? [])];
  printWarnings(ofData, io);
  try {
    await withBackend(options, countAtoms(train.structures) + (test ? countAtoms(test.structures) : 0), async (backend, used) => {
      const job = { signal: io.signal, onProgress: progress.report };
      const fit = await stopwatch.time("fit", () => fitProperty(backend, train.structures, train.property, configuration, { ...job, mean: options.mean === true }));
      const measure = ({ structures, property }: PropertySet): Promise<PropertyErrors> =>
        stopwatch.time("errors", async () => propertyErrors(property, await predictProperty(backend, fit.model, structures, job)));
      const trainErrors = await measure(train);
      const testErrors = test ? await measure(test) : null;
      progress.finish();
      printWarnings(fit.warnings, io);
      const provenance = {
        lather: latherVersion, train: train.files.map((file) => basename(file)).join(", "), configuration: JSON.stringify(configuration),
        train_property_rmse: trainErrors.property_rmse, ...(testErrors && { test_property_rmse: testErrors.property_rmse }),
      };
      const text = formatPropertyModel({ ...fit.model, provenance });
      await stopwatch.time("write", () => writeAtomically(options.model, (sink) => sink.write(text), io));
      const { name, kind, perAtom, mean } = fit.model;
      if (options.json) {
        writeJson(io, {
          ...used, warnings: [...ofData, ...fit.warnings], seconds: stopwatch.seconds, peak_rss_mb: peakMemory(),
          property: { name, kind, per: perAtom ? "atom" : "structure", mean }, parts: fit.parts, sparse_by_element: fit.sparse,
          data: { train: describe(train), test: test ? describe(test) : null }, configuration, model: options.model, model_bytes: Buffer.byteLength(text),
          train: trainErrors, test: testErrors,
        });
        return;
      }
      const rows = [["", "values", "MAE", "RMSE", "share of the spread"], errorRow("training", trainErrors), ...(testErrors ? [errorRow("test", testErrors)] : [])];
      const parts = fit.parts.map(({ path, components, noise }) => [
        `λ = ${path.at(-1) ?? 0}${path.length > 1 ? ` (by ${path.join(", ")})` : ""}`,
        Object.entries(components).map(([element, count]) => `${count} for ${element}`).join(", "), `${formatSignificant(100 * noise)} %`,
      ]);
      io.stdout.write([
        `${name}: a ${kind} of each ${perAtom ? "atom" : mean ? "structure, the mean over its atoms" : "structure, the sum over its atoms"}`,
        `Sparse points: ${Object.entries(fit.sparse).map(([element, count]) => `${count} for ${element}`).join(", ")}`,
        `\nParts\n${formatTable([["", "features kept", "noise found"], ...parts])}`,
        `\nErrors, in the units of the file\n${formatTable(rows)}`,
        `\n${options.model} (${(Buffer.byteLength(text) / 1e6).toFixed(1)} MB)\n${formatBackend(used, options)}: ${stopwatch.seconds["total"]} s\n`,
      ].join("\n"));
    });
  } finally {
    progress.finish();
  }
}
