import { basename } from "node:path";
import { describeConfiguration, describeLabels, describeNoise, type Committee, type DataWarning, type ErrorReport, type FitConfiguration, type FitDiagnostics } from "../index.js";
import type { TuningReport } from "./auto.js";
import type { DataReport } from "./dataset.js";
import { formatErrors } from "./error-table.js";
import type { BackendReport } from "./options.js";
import { formatSignificant, formatTable } from "./table.js";

/** Everything that `lather fit` has to tell; this object is its --json output. */
export interface FitReport extends BackendReport {
  /** What is doubtful; empty where nothing is. */
  readonly warnings: readonly DataWarning[];
  readonly seconds: Readonly<Record<string, number>>;
  readonly peak_rss_mb: number;
  /** Sparse points in all, and per element. */
  readonly sparse: number;
  readonly sparse_by_element: Readonly<Record<string, number>>;
  /** Features of an environment before compression, and components after it per element. */
  readonly features: number;
  readonly components: Readonly<Record<string, number>>;
  readonly baseline: FitDiagnostics["baseline"];
  /** What the repulsive cores took from the labels before the fit; null without cores. */
  readonly core: FitDiagnostics["core"];
  readonly jitter: number;
  /** Σ|x| over all weights, eV. */
  readonly weight_sum: number;
  readonly environments: number;
  readonly rows: number;
  /** How many rows took which σ. */
  readonly noise: FitDiagnostics["noise"];
  /** Members, and what their spread is multiplied by; null without a committee. */
  readonly committee: Committee | null;
  readonly data: { readonly train: DataReport; readonly test: DataReport | null };
  readonly configuration: FitConfiguration;
  /** What --auto did; null without it. */
  readonly tuning: TuningReport | null;
  readonly model: string;
  readonly model_bytes: number;
  readonly train: ErrorReport;
  readonly test: ErrorReport | null;
}

export function dataRows(name: string, data: DataReport): string[][] {
  const files = data.files.map((file) => basename(file)).join(", ");
  const several = data.labels.length > 1;
  return [
    [name, `${files}: ${data.structures} structures, ${data.atoms} atoms (${data.elements.join(", ")})`],
    ...data.labels.flatMap((labels) => [
      ...(several && labels.file !== null ? [["", `${basename(labels.file)}:`]] : []), ...describeLabels(labels).map((line) => ["", line]),
    ]),
  ];
}

export function section(title: string, rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([name]) => name!.length));
  return [title, ...rows.map(([name, text]) => `  ${name!.padEnd(width)}  ${text!}`), ""].join("\n");
}

function perElement(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([element, count]) => `${count} for ${element}`).join(", ");
}

export const BASELINES = { isolated: "isolated atoms", "least-squares": "least squares", given: "given" };

/** "isolated atoms: Si -1.0000 eV"; a model may not say where its baseline is from. */
export function baselineLine({ kind, energies }: { readonly kind: FitDiagnostics["baseline"]["kind"] | null; readonly energies: Readonly<Record<string, number>> }): string {
  const from = kind === null ? "" : `${BASELINES[kind]}: `;
  return `${from}${Object.entries(energies).map(([element, energy]) => `${element} ${energy.toFixed(4)} eV`).join(", ")}`;
}

/** "Si–Si off between 0.888 and 1.776 Å; taken off the labels of 3 structures before the fit: at most 2.1 eV/atom and 14 eV/Å". */
function coreLine({ radii, structures, energy, force }: NonNullable<FitReport["core"]>): string {
  const all = radii.flatMap((pairs) => Object.entries(pairs));
  const shown = all.slice(0, 6).map(([pair, { inner, outer }]) => `${pair} off between ${formatSignificant(inner)} and ${formatSignificant(outer)} Å`);
  const names = `${shown.join(", ")}${all.length > shown.length ? ` and ${all.length - shown.length} pairs more` : ""}`;
  if (structures === 0) return `${names}; no atoms of the training data are so close, and no label is changed`;
  const taken = `at most ${formatSignificant(energy)} eV/atom and ${formatSignificant(force)} eV/Å`;
  return `${names}; taken off the labels of ${structures} structure${structures === 1 ? "" : "s"} before the fit: ${taken}`;
}

/** "8 members; errors are 1.20 times their spread in energies (25 labels), 0.95 in forces (4725 labels), measured on the test data". */
export function committeeLine({ members, calibration }: Committee): string {
  if (!calibration) return `${members} members; their spread is not calibrated`;
  const kinds = [["energies", calibration.energy], ["forces", calibration.forces]] as const;
  const parts = kinds.flatMap(([kind, of]) => (of ? [`${formatSignificant(of.scale)} times their spread in ${kind} (${of.labels} labels)`] : []));
  const where = calibration.from === "test" ? "on the test data" : "on the training structures that members left out";
  return `${members} members; errors are ${parts.join(", ")}, measured ${where}`;
}

/** The report for people; `backend` is what it says of the backend. */
export function formatFitReport(report: FitReport, backend: string): string {
  const { train, test } = report.data;
  const stages = Object.entries(report.seconds).map(([stage, value]) => [stage.replaceAll("_", " "), value.toFixed(2)]);
  return [
    section("Data", [...dataRows("train", train), ...(test ? dataRows("test", test) : [])]),
    ...(report.tuning ? [section("Chosen by the data", [
      ...report.tuning.reasons.map((reason, index) => [String(index + 1), reason]),
      ["", `${report.tuning.trials} trials; --config ${report.tuning.configuration_file} repeats the fit`],
    ])] : []),
    section("Settings", [
      // The names of the labels are told with the data, and what became of the baseline below.
      ...describeConfiguration(report.configuration).filter(([group]) => group !== "keys" && group !== "baseline"),
      ["baseline", baselineLine(report.baseline)],
      ...(report.core ? [["core", coreLine(report.core)]] : []),
      ["feature vector", `${report.features} numbers, compressed to ${perElement(report.components)}`],
      ["sparse points", perElement(report.sparse_by_element)],
      ["equations", `${report.rows} rows from ${report.environments} environments; jitter ${formatSignificant(report.jitter)}`],
      ["σ of the rows", describeNoise(report.noise)],
      ["weights", `Σ|x| = ${formatSignificant(report.weight_sum)} eV`],
    ]),
    ...(report.committee ? [`Committee\n  ${committeeLine(report.committee)}\n`] : []),
    `Backend\n  ${backend}; peak memory ${Math.round(report.peak_rss_mb)} MB\n`,
    `Seconds\n${formatTable(stages)}\n`,
    `Errors on the training data\n${formatErrors(report.train)}\n`,
    ...(report.test ? [`Errors on the test data\n${formatErrors(report.test)}\n`] : []),
    `Model\n  ${report.model} (${(report.model_bytes / 1e6).toFixed(1)} MB)\n`,
  ].join("\n");
}
