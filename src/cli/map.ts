import { Option, type Command } from "commander";
import {
  createMap, formatMap, InputError, NumericalError, parseMap, placeOnMap, symbolOf, type Backend, type JobOptions, type MapMethod,
  type MapPlaces, type MapUnit, type Structure, type StructureMap,
} from "../index.js";
import { readAllStructures, writeAtomically } from "../node/index.js";
import { peakMemory, reportingBeside, writeJson, type CommandIo } from "./command-io.js";
import { addConfigurationOptions, readConfiguration, type ConfigurationOptions } from "./configuration-option.js";
import { checkFiles, readText } from "./files.js";
import { madeFeatures } from "./made-features.js";
import { addBackendOptions, addSpeciesOption, formatBackend, seedNumber, share, wholeNumber, withBackend, type BackendOptions, type SpeciesOption } from "./options.js";
import { ProgressDisplay } from "./progress.js";
import { paddedRange, scatterPlot } from "./report/scatter-plot.js";
import { countAtoms } from "./scan.js";
import { Stopwatch } from "./stopwatch.js";
import { formatSignificant } from "./table.js";
import { warnOnce } from "./warnings.js";

interface Options extends BackendOptions, SpeciesOption, ConfigurationOptions {
  readonly method: MapMethod;
  readonly by: MapUnit;
  readonly property?: string;
  readonly perAtom?: boolean;
  readonly mixing?: number;
  readonly zeta?: number;
  readonly components: number;
  readonly points?: number;
  readonly seed: number;
  readonly on?: string;
  readonly out: string;
  readonly json?: boolean;
}

/** lather map: structures or environments as points of a plane. */
export function addMapCommand(program: Command, io: CommandIo): void {
  const command = program
    .command("map")
    .summary("draw a map of structures or environments")
    .description("Places structures or their environments on a map of a few dimensions by their features, or on a map that is there.")
    .argument("<structures>", "structure file: extended XYZ, VASP, LAMMPS, …; plain or gzipped")
    .addOption(new Option("--method <name>", "principal components or covariates, of the features or of a kernel").choices(["pca", "kpca", "pcovr", "kpcovr"]).default("pca"))
    .addOption(new Option("--by <unit>", "what a point stands for").choices(["structure", "environment"]).default("structure"))
    .option("--property <name>", "a number of structures or atoms: the target of pcovr and kpcovr, a color for the others")
    .option("--per-atom", "divide the number of a structure by its atoms")
    .option("--mixing <alpha>", "of pcovr and kpcovr, from 0 (regression) to 1 (variance) (default: 0.5)", share)
    .option("--zeta <n>", "exponent of the kernel of kpca and kpcovr (default: kernel.zeta of the configuration)", wholeNumber)
    .option("--components <n>", "dimensions of the map", wholeNumber, 2)
    .option("--points <n>", "points of the kernel (default: all of up to 1000 rows, else 500)", wholeNumber)
    .option("--seed <n>", "seed of the choice of points", seedNumber, 1)
    .option("--on <map.json>", "place the structures on this map, which an earlier run wrote, instead of making one")
    .requiredOption("--out <file>", "map to write: .json (map and places), .csv (places) or .svg (picture)");
  addConfigurationOptions(command);
  addSpeciesOption(command);
  addBackendOptions(command)
    .option("--json", "report as one JSON object on standard output")
    .addHelpText("after", `
A structure stands where the mean of its features does. THEORY.md has the maps as Eqs. (88) to (90): mixing 1 of pcovr is pca, mixing 0
is the ridge regression of the property. Environments take the number of their structure where the property is one of structures.
A .json file holds all that is needed to place other structures (--on), and in "places" the coordinates for other programs.

Examples:
  lather map train.xyz --property energy --per-atom --out train.svg
  lather map train.xyz --method kpcovr --property energy --per-atom --out map.json
  lather map new.xyz --on map.json --out new.csv`)
    .action((path: string, options: Options) => runMap(path, options, io));
}

type Form = "json" | "csv" | "svg";

function formOf(path: string): Form {
  const ending = /\.(json|csv|svg)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending) return ending as Form;
  throw new InputError("a map of unknown form", { file: path, key: "--out", expected: "a name that ends in .json, .csv or .svg", got: path });
}

function columnOf(scores: Float64Array, components: number, c: number): Float64Array {
  return Float64Array.from({ length: scores.length / components }, (_, row) => scores[row * components + c]!);
}

function formatCsv({ scores, structures, atoms, centers, values, predicted }: MapPlaces, { map, by, property }: StructureMap): string {
  const { components } = map;
  const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const name = property ?? "property";
  const head = [
    "structure", ...(by === "environment" ? ["atom", "element"] : []), ...Array.from({ length: components }, (_, c) => `t${c + 1}`),
    ...(values ? [quoted(name)] : []), ...(predicted ? [quoted(`predicted_${name}`)] : []),
  ];
  const cell = (value: number): string => (Number.isFinite(value) ? String(value) : "");
  const rows = Array.from(structures, (structure, row) => [
    String(structure), ...(by === "environment" ? [String(atoms[row]), symbolOf(centers[row]!)] : []),
    ...Array.from(scores.subarray(row * components, (row + 1) * components), cell), ...(values ? [cell(values[row]!)] : []), ...(predicted ? [cell(predicted[row]!)] : []),
  ].join(","));
  return `${[head.join(","), ...rows].join("\n")}\n`;
}

/** Characters that have room above the picture. */
const longestTitle = 64;

const names: Readonly<Record<MapMethod, string>> = { pca: "PCA", kpca: "kernel PCA", pcovr: "PCovR", kpcovr: "kernel PCovR" };

function formatSvg({ scores, centers, values }: MapPlaces, { map, by, property, perAtom }: StructureMap, path: string): string {
  const { components, method, mixing, shares } = map;
  if (components < 2) throw new InputError("a picture needs two dimensions", { key: "--components", expected: "2 or more", got: String(components) });
  const columns = [0, 1].map((c) => columnOf(scores, components, c));
  const axis = (c: number): { label: string; min: number; max: number } => ({
    label: `component ${c + 1} (${formatSignificant(100 * shares[c]!)} %${mixing === 1 ? " of the variance" : ""})`, ...paddedRange(columns[c]!),
  });
  const points = Float64Array.from({ length: 2 * columns[0]!.length }, (_, k) => columns[k % 2]![Math.floor(k / 2)]!);
  const elements = [...new Set(centers)].sort((a, b) => a - b);
  const kinds = by === "environment" && elements.length > 1 ? { kinds: elements.map(symbolOf), of: Array.from(centers, (z) => elements.indexOf(z)) } : null;
  const label = `${property}${perAtom ? " per atom" : ""}`;
  const what = `${names[method]}${mixing === 1 ? "" : ` (mixing ${mixing})`} of ${columns[0]!.length} ${by}s`;
  const file = path.replace(/^.*[\\/]/, "");
  const title = what.length + file.length <= longestTitle ? `${what} of ${file}` : what;
  return scatterPlot({
    title, x: axis(0), y: axis(1), points, color: values ? { label, values } : kinds,
  });
}

/** Does a job; an error that knows no place is one of this file. */
async function ofFile<Result>(file: string, job: () => Promise<Result>): Promise<Result> {
  try {
    return await job();
  } catch (error) {
    if (!(error instanceof InputError || error instanceof NumericalError) || error.details.file !== undefined) throw error;
    throw new (error instanceof InputError ? InputError : NumericalError)(error.what, { ...error.details, file });
  }
}

/** A map of these structures, or the one that `--on` names. */
async function mapOf(backend: Backend, structures: readonly Structure[], options: Options, job: JobOptions): Promise<{ map: StructureMap; places: MapPlaces }> {
  if (options.on !== undefined) {
    const map = parseMap(await readText(options.on, "map"), options.on);
    return { map, places: await placeOnMap(backend, structures, map, job) };
  }
  const configuration = await readConfiguration(options);
  const hyperparameters = await madeFeatures(backend, structures, configuration, job);
  const { method, by, components, mixing, points, seed, property, perAtom } = options;
  return createMap(backend, structures, hyperparameters, {
    method, by, components, mixing, zeta: options.zeta ?? configuration.kernel.zeta, points, seed, property, perAtom, ...job,
  });
}

async function runMap(path: string, options: Options, terminal: CommandIo): Promise<void> {
  const { out, on, method, property } = options;
  const io = reportingBeside(terminal, [out]);
  const form = formOf(out);
  if (on === undefined && method.endsWith("covr") && property === undefined) {
    throw new InputError(`${method} needs a property`, { key: "--property", expected: "the name of a number in the file", got: "none" });
  }
  const stopwatch = new Stopwatch();
  const progress = new ProgressDisplay(io.stderr);
  await checkFiles({ inputs: { structures: path, "--config": options.config, "--on": on }, outputs: { "--out": out } });
  const structures = await stopwatch.time("read", () => readAllStructures(path, { species: options.species, onWarning: warnOnce(io) }));
  io.signal.throwIfAborted();
  try {
    await withBackend(options, countAtoms(structures), async (backend, used) => {
      const job = { signal: io.signal, onProgress: progress.report };
      const { map, places } = await stopwatch.time("map", () => ofFile(path, () => mapOf(backend, structures, options, job)));
      progress.finish();
      const text = form === "json" ? formatMap(map, places) : form === "csv" ? formatCsv(places, map) : formatSvg(places, map, path);
      await stopwatch.time("write", () => writeAtomically(out, (sink) => sink.write(new TextEncoder().encode(text)), io));
      const { seconds } = stopwatch;
      const rows = places.structures.length;
      const { components, shares, regression, kernel, size, mixing } = map.map;
      if (options.json) {
        writeJson(io, {
          ...used, method: map.map.method, by: map.by, structures: structures.length, rows, features: size, components, points: kernel && kernel.points.length / size,
          zeta: kernel?.zeta ?? null, mixing, shares: [...shares], explained: regression?.explained ?? null, property: map.property, on: on ?? null, out, seconds, peak_rss_mb: peakMemory(),
        });
        return;
      }
      const percent = (value: number): string => `${formatSignificant(100 * value)} %`;
      io.stdout.write(`${out}: ${rows} ${map.by}s on ${on === undefined ? "a map" : `the map ${on}`} by ${names[map.map.method]}; its components have ${[...shares].map(percent).join(", ")}\n`);
      if (regression) io.stdout.write(`of ${map.property}, the map explains ${percent(regression.explained)} in what it was made from\n`);
      io.stdout.write(`${formatBackend(used, options)}: ${seconds["total"]} s\n`);
    });
  } finally {
    progress.finish();
  }
}
