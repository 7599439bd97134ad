import { basename } from "node:path";
import { describeLabels, type Committee, type DataWarning, type ErrorReport, type FitConfiguration, type FitDiagnostics } from "../index.js";
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
  readonly model: string;
  readonly model_bytes: number;
  readonly train: ErrorReport;
  readonly test: ErrorReport | null;
}

function dataRows(name: string, data: DataReport): string[][] {
  const files = data.files.map((file) => basename(file)).join(", ");
  const several = data.labels.length > 1;
  return [
    [name, `${files}: ${data.structures} structures, ${data.atoms} atoms (${data.elements.join(", ")})`],
    ...data.labels.flatMap((labels) => [
      ...(several && labels.file !== null ? [["", `${basename(labels.file)}:`]] : []), ...describeLabels(labels).map((line) => ["", line]),
    ]),
  ];
}

const SCOPES: Readonly<Record<string, string>> = {
  all: "noise", "config type": "noise.byConfigType", frame: "σ of the structure", atom: "σ of the atom", component: "σ of the component", weighted: "a weight besides",
};

/** "energies 12 by σ of the structure; forces 288 by σ of the atom". */
function noiseLine(noise: FitReport["noise"]): string {
  const kinds = [["energies", noise.energy], ["force components", noise.forces], ["virial components", noise.virial]] as const;
  const of = (counts: Readonly<Partial<Record<string, number>>>): string =>
    Object.entries(counts).map(([scope, rows]) => `${rows} with ${SCOPES[scope]}`).join(", ");
  return kinds.filter(([, counts]) => Object.keys(counts).length > 0).map(([kind, counts]) => `${kind}: ${of(counts)}`).join("; ");
}

/** { kind: "gto", nMax: 8 } as "gto, nMax 8"; what is null or empty is left out. */
function inWords(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value ?? "none");
  if (Array.isArray(value)) return value.length > 8 ? `${value.length} ${typeof value[0] === "number" ? "numbers" : "entries"}` : value.map((inner) => (typeof inner === "object" ? `(${inWords(inner)})` : String(inner))).join(" ");
  const entries = Object.entries(value).filter(([, inner]) => inner !== null && !(typeof inner === "object" && Object.keys(inner).length === 0));
  const text = (inner: unknown): string => (typeof inner === "object" ? `(${inWords(inner)})` : String(inner));
  return entries.map(([key, inner]) => (key === "kind" ? text(inner) : `${key} ${text(inner)}`)).join(", ");
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([name]) => name!.length));
  return [title, ...rows.map(([name, text]) => `  ${name!.padEnd(width)}  ${text!}`), ""].join("\n");
}

function perElement(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([element, count]) => `${count} for ${element}`).join(", ");
}

const BASELINES = { isolated: "isolated atoms", "least-squares": "least squares", given: "given" };

function baselineLine({ kind, energies }: FitReport["baseline"]): string {
  return `${BASELINES[kind]}: ${Object.entries(energies).map(([element, energy]) => `${element} ${energy.toFixed(4)} eV`).join(", ")}`;
}

/** "8 members; errors are 1.20 times their spread in energies (25 labels), 0.95 in forces (4725 labels), measured on the test data". */
export function committeeLine({ members, calibration }: Committee): string {
  if (!calibration) return `${members} members; their spread is not calibrated`;
  const kinds = [["energies", calibration.energy], ["forces", calibration.forces]] as const;
  const parts = kinds.flatMap(([kind, of]) => (of ? [`${formatSignificant(of.scale)} times their spread in ${kind} (${of.labels} labels)`] : []));
  const where = calibration.from === "test" ? "on the test data" : "on the training structures that members left out";
  return `${members} members; errors are ${parts.join(", ")}, measured ${where}`;
}

/** What every term says for itself stands under its number; without terms, the configuration. */
function ofTerms({ terms, ...configuration }: FitConfiguration): Record<string, unknown> {
  if (!terms) return configuration;
  const shared = Object.entries(configuration).filter(([group]) => !(group in terms[0]!));
  return { ...Object.fromEntries(terms.map((term, index) => [`term ${index + 1}`, term])), ...Object.fromEntries(shared) };
}

/** The report for people; `backend` is what it says of the backend. */
export function formatFitReport(report: FitReport, backend: string): string {
  const { train, test } = report.data;
  const stages = Object.entries(report.seconds).map(([stage, value]) => [stage.replaceAll("_", " "), value.toFixed(2)]);
  return [
    section("Data", [...dataRows("train", train), ...(test ? dataRows("test", test) : [])]),
    section("Settings", [
      // The names of the labels are told with the data, and what became of the baseline below.
      ...Object.entries(ofTerms(report.configuration)).filter(([group]) => group !== "keys" && group !== "baseline").map(([group, value]) => [group, inWords(value)]),
      ["baseline", baselineLine(report.baseline)],
      ["feature vector", `${report.features} numbers, compressed to ${perElement(report.components)}`],
      ["sparse points", perElement(report.sparse_by_element)],
      ["equations", `${report.rows} rows from ${report.environments} environments; jitter ${formatSignificant(report.jitter)}`],
      ["σ of the rows", noiseLine(report.noise)],
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
