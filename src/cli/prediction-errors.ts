// Errors of predictions against labels that the structures have, found as a fit finds them; a file without labels is none the worse.
import {
  checkErrors, checkLabels, describeLabels, ErrorTally, findLabelKeys, InputError, inspectData, LabelSurvey, labelStructures, parseFitConfiguration, readLabels, symbolOf,
  type DataWarning, type ErrorReport, type FitDiagnostics, type LabelKeys, type LabelOverrides, type LabelReport, type Potential, type Prediction, type Structure,
} from "../index.js";
import { formatErrors } from "./error-table.js";
import { BASELINES, baselineLine } from "./fit-report.js";

type Property = "energy" | "forces" | "virial";
const PROPERTIES: readonly Property[] = ["energy", "forces", "virial"];

/** Atoms up to which the structures of a file are kept, so that their labels are inspected as those of a fit are; a longer file streams by. */
const INSPECTED_ATOMS = 500_000;

/** keys of the fit that made the model, where the model remembers them; the names asked for on the command line go before these. */
export function rememberedKeys({ provenance }: Potential): LabelOverrides {
  const text = provenance["configuration"];
  if (typeof text !== "string") return {};
  try {
    return parseFitConfiguration(JSON.parse(text) as unknown).keys;
  } catch (error) {
    // Provenance is a note, of whatever program wrote the model: nothing depends on it.
    if (error instanceof InputError || error instanceof SyntaxError) return {};
    throw error;
  }
}

function isBaselineKind(value: unknown): value is keyof typeof BASELINES {
  return typeof value === "string" && Object.hasOwn(BASELINES, value);
}

/** What is said of the labels of a prediction. */
export interface ComparisonReport {
  /** Energies that the model starts from, eV per atom by element symbol, and where they are from; null where it does not say. */
  readonly baseline: { readonly kind: FitDiagnostics["baseline"]["kind"] | null; readonly energies: Readonly<Record<string, number>> };
  /** Names of labels and what became of them, as in the report of a fit; null where the file is not labelled or too long to be kept. */
  readonly labels: readonly LabelReport[] | null;
  /** Energies and virials in eV/atom, forces in eV/Å; null without labels. */
  readonly errors: ErrorReport | null;
}

/**
 * Watches a first pass over the structures (`see`), decides which labels count (`begin`), and compares the predictions of a second pass (`compare`).
 * A fault in the labels is a warning and leaves the errors out, unless the labels were asked for by name.
 */
export class LabelComparison {
  readonly #potential: Potential;
  readonly #survey: LabelSurvey;
  readonly #overrides: LabelOverrides;
  readonly #asked: Pick<LabelOverrides, Property>;
  readonly #warn: (warning: DataWarning) => void;
  readonly #inspectedAtoms: number;
  #kept: Structure[] | null = [];
  #atoms = 0;
  #keys: LabelKeys | null = null;
  #labels: readonly LabelReport[] | null = null;
  #tally = new ErrorTally();

  /**
   * @param asked names and omissions of the command line
   * @param inspectedAtoms up to which the structures are kept
   */
  constructor(potential: Potential, asked: Pick<LabelOverrides, Property>, warn: (warning: DataWarning) => void, inspectedAtoms = INSPECTED_ATOMS) {
    this.#inspectedAtoms = inspectedAtoms;
    this.#potential = potential;
    this.#asked = asked;
    this.#overrides = { ...rememberedKeys(potential), ...asked };
    this.#survey = new LabelSurvey(this.#overrides);
    this.#warn = warn;
  }

  readonly see = (structure: Structure): void => {
    this.#survey.add(structure);
    this.#atoms += structure.species.length;
    if (this.#atoms > this.#inspectedAtoms) this.#kept = null;
    this.#kept?.push(structure);
  };

  /** @throws InputError when labels that were asked for by name are not there, or cannot be read. */
  begin(file: string): void {
    this.#guarded(file, () => {
      const overrides = this.#withoutAbsent(file);
      const keys = this.#survey.keys();
      if (PROPERTIES.every((property) => keys[property].length === 0)) return;
      if (this.#kept === null) {
        const text = `${file} has more than ${this.#inspectedAtoms} atoms: its errors are measured, but its labels are not inspected as those of a fit are`;
        this.#warn({ code: "not-inspected", file, text });
      } else {
        const { data, labels, warnings } = labelStructures(this.#kept, overrides);
        checkLabels(data);
        this.#labels = labels;
        for (const warning of [...warnings, ...inspectData(data)]) this.#warn(warning);
      }
      this.#keys = keys;
    });
    this.#kept = null;
  }

  compare(structure: Structure, prediction: Prediction, file: string): void {
    const keys = this.#keys;
    if (keys === null) return;
    this.#guarded(file, () => {
      const labeled = { structure, labels: readLabels(structure, keys) };
      checkLabels([labeled]);
      this.#tally.add(labeled, prediction);
    });
  }

  /** @throws NumericalError when the errors are not finite. */
  report(): ComparisonReport {
    const { baseline, provenance } = this.#potential;
    const tally = this.#tally.report;
    // Names may be there and hold nothing but nan.
    const errors = this.#keys === null || [tally.energy_mae, tally.force_mae, tally.virial_mae].every((error) => error === null) ? null : tally;
    if (errors) checkErrors(errors);
    return {
      baseline: { kind: isBaselineKind(provenance["baseline"]) ? provenance["baseline"] : null, energies: Object.fromEntries([...baseline].map(([z, energy]) => [symbolOf(z), energy])) },
      labels: this.#keys === null ? null : this.#labels, errors,
    };
  }

  /** Names that the model remembers and this file lacks leave their property out: another name may be of another method. */
  #withoutAbsent(file: string): LabelOverrides {
    const overrides: { -readonly [name in keyof LabelOverrides]: LabelOverrides[name] } = { ...this.#overrides };
    for (const property of PROPERTIES) {
      const key = overrides[property];
      if (typeof key !== "string" || typeof this.#asked[property] === "string" || this.#survey.has(property, key)) continue;
      overrides[property] = false;
      this.#survey.leaveOut(property);
      const others = findLabelKeys(this.#kept ?? [])[property].map((source) => `"${source.key}"`);
      if (others.length === 0) continue;
      const text = `${file}: the model was fitted to "${key}", which no structure has; errors against ${others.join(", ")} are measured with --${property}-key`;
      this.#warn({ code: "labels-unused", file, key, text });
    }
    return overrides;
  }

  #guarded(file: string, job: () => void): void {
    try {
      job();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const located = error.details.file === undefined ? new InputError(error.what, { file, ...error.details }) : error;
      if (Object.values(this.#asked).some((value) => typeof value === "string")) throw located;
      this.#keys = null;
      this.#warn({ code: "labels-unusable", file, text: `no errors are measured: ${located.message}` });
    }
  }
}

/** The report for people; empty without labels. */
export function formatComparison({ baseline, labels, errors }: ComparisonReport, file: string): string {
  if (errors === null) return "";
  const names = (labels ?? []).flatMap((report) => describeLabels(report).map((line) => `  ${line}\n`));
  return `\nErrors against the labels of ${file}\n${names.join("")}  baseline of the model: ${baselineLine(baseline)}\n${formatErrors(errors)}\n`;
}
