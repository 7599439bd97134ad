// What became of the labels of a set: counts by name, file by file, and warnings for labels that no structure lost on purpose.
import type { DataWarning } from "../errors.js";
import type { LabelProperty } from "./label-names.js";
import { PROPERTIES, type KeyCount, type LabelKeys, type PassedOver } from "./label-survey.js";
import type { LabelReading } from "./labels.js";
import type { Structure } from "./structure.js";

/** One name of a label in one file. The structures that have it are `used` + `unused`. */
export interface LabelCount extends KeyCount {
  readonly property: LabelProperty;
  /** Of the numbers in the file; null for a name that is not read from. */
  readonly unit: string | null;
  readonly perAtom: boolean;
  readonly stress: boolean;
  readonly used: number;
  readonly unused: number;
  /** Of the unused ones: nan, so that there is no label. */
  readonly missing: number;
  /** Of the unused ones: a stress without a cell. */
  readonly withoutCell: number;
  /** Of the used ones: some components are nan. */
  readonly partly: number;
  /** Why the name is not read from; null where it is. */
  readonly reason: PassedOver | null;
}

/** Names of labels in a file, best first, and other numbers there. */
export interface LabelReport {
  readonly file: string | null;
  readonly structures: number;
  readonly names: readonly LabelCount[];
  readonly others: readonly KeyCount[];
}

type Counts = { -readonly [key in keyof LabelCount]: LabelCount[key] };

function has(structure: Structure, property: LabelProperty, key: string): boolean {
  return (property === "forces" ? structure.arrays : structure.info).has(key);
}

function countNames(structures: readonly Structure[], readings: readonly LabelReading[], keys: LabelKeys): LabelCount[] {
  const none = { structures: 0, used: 0, unused: 0, missing: 0, withoutCell: 0, partly: 0 };
  const counts = new Map<string, Counts>();
  const at = (property: LabelProperty, key: string): Counts => counts.get(`${property} ${key}`)!;
  for (const property of PROPERTIES) {
    for (const { key, unit, perAtom, stress } of keys[property]) {
      counts.set(`${property} ${key}`, { key, property, unit, perAtom, stress, ...none, reason: null });
    }
  }
  for (const { key, property, reason } of keys.candidates) {
    counts.set(`${property} ${key}`, { key, property, unit: null, perAtom: false, stress: false, ...none, reason });
  }
  structures.forEach((structure, index) => {
    for (const { source, fate } of readings[index]!.fates) {
      const own = at(source.property, source.key);
      own.structures++;
      if (fate === "used" || fate === "partly") own.used++;
      else own.unused++;
      if (fate === "partly") own.partly++;
      if (fate === "missing") own.missing++;
      if (fate.startsWith("no cell")) own.withoutCell++;
    }
    for (const { key, property } of keys.candidates) {
      if (!has(structure, property, key)) continue;
      const own = at(property, key);
      own.structures++;
      own.unused++;
    }
  });
  return [...counts.values()].filter((own) => own.structures > 0);
}

const UNIT_OF: Readonly<Record<LabelProperty, string>> = { energy: "energies", forces: "forces", virial: "virials" };

/** Why labels of structures that have no other ones are not used, and what to do about it. */
function sentence(property: LabelProperty, reason: PassedOver | "no cell", keys: LabelKeys): string {
  const taken = keys[property].map(({ key }) => `"${key}"`).join(", ");
  const setting = `keys.${property} decides by hand`;
  switch (reason) {
    case "prediction":
      return `the name looks like that of a model's output; ${setting}`;
    case "kind":
      return `it is another kind of energy than ${taken}; ${setting}`;
    case "level":
      return `it is of another level of theory than ${taken}; ${setting}`;
    case "differs":
      return `where structures have ${taken} as well the numbers differ, so that it looks like a prediction; ${setting}`;
    case "not asked for":
      return `${taken} was asked for`;
    case "no cell":
      return "a stress needs a cell";
    case "left out":
      return `${property} is left out`;
  }
}

function warnUnused(structures: readonly Structure[], readings: readonly LabelReading[], keys: LabelKeys): DataWarning[] {
  const lost = new Map<string, { property: LabelProperty; key: string; reason: PassedOver | "no cell"; where: Structure["origin"]; index: number; count: number }>();
  const lose = (index: number, property: LabelProperty, key: string, reason: PassedOver | "no cell"): void => {
    const id = `${property} ${key} ${reason}`;
    const known = lost.get(id);
    if (known) known.count++;
    else lost.set(id, { property, key, reason, where: structures[index]!.origin, index, count: 1 });
  };
  structures.forEach((structure, index) => {
    const { labels, fates } = readings[index]!;
    for (const property of PROPERTIES) {
      if (labels[property] !== null) continue;
      const cellless = fates.find(({ source, fate }) => source.property === property && fate === "no cell");
      if (cellless) lose(index, property, cellless.source.key, "no cell");
      const candidate = keys.candidates.find((one) => one.property === property && one.reason !== "left out" && has(structure, property, one.key));
      // Beside a name that was asked for, predictions are nothing to miss.
      if (candidate && !(candidate.reason === "prediction" && keys.candidates.some(({ reason }) => reason === "not asked for"))) {
        lose(index, property, candidate.key, candidate.reason);
      }
    }
  });
  return [...lost.values()].map(({ property, key, reason, where, index, count }) => {
    const frame = where?.structure ?? index;
    const file = where?.file;
    const of = count === 1 ? `structure ${frame}` : `${count} structures, the first of them structure ${frame},`;
    const text = `${file === undefined ? "" : `${file}: `}"${key}" of ${of} is not used, and they have no other ${UNIT_OF[property]}: ${sentence(property, reason, keys)}`;
    return { code: "labels-unused", ...(file !== undefined && { file }), frame, key, text: count === 1 ? text.replace("they have", "it has") : text };
  });
}

/** Counts by name, file by file in the order of the structures, and warnings for labels that are there and not used. */
export function reportLabels(
  structures: readonly Structure[], readings: readonly LabelReading[], keys: LabelKeys,
): { labels: LabelReport[]; warnings: DataWarning[] } {
  const files = new Map<string | null, number[]>();
  structures.forEach(({ origin }, index) => {
    const file = origin?.file ?? null;
    const members = files.get(file);
    if (members) members.push(index);
    else files.set(file, [index]);
  });
  const labels = [...files].map(([file, members]): LabelReport => {
    const own = members.map((index) => structures[index]!);
    const others = keys.others.map(({ key }) => ({ key, structures: own.filter(({ info }) => info.has(key)).length }));
    return {
      file, structures: own.length, names: countNames(own, members.map((index) => readings[index]!), keys),
      others: others.filter((one) => one.structures > 0),
    };
  });
  return { labels, warnings: warnUnused(structures, readings, keys) };
}

const REASONS: Readonly<Record<PassedOver, string>> = {
  prediction: "looks predicted", kind: "another energy", level: "another level of theory", differs: "differs from the name taken",
  "not asked for": "not asked for", "left out": "left out",
};

/** A report in words: a line of what was taken for how many structures, then a line each for what was not there, not used, and other numbers. */
export function describeLabels({ names, others }: Pick<LabelReport, "names" | "others">): string[] {
  const taken = names.filter(({ reason }) => reason === null);
  const sources = PROPERTIES.map((property) => {
    const own = taken.filter((name) => name.property === property).sort((a, b) => b.used - a.used);
    if (own.length === 0) return `no ${property}`;
    return `${property} from ${own.map(({ key, perAtom, stress, unit, used, withoutCell }) => {
      const how = [perAtom ? "per atom" : "", stress ? "stress" : "", unit === null || unit.startsWith("eV") ? "" : `in ${unit}`].filter((word) => word !== "");
      const cells = withoutCell > 0 ? `, ${withoutCell} without a cell` : "";
      return `"${key}"${how.length > 0 ? ` (${how.join(", ")})` : ""}${cells === "" ? ` in ${used}` : `: ${used} used${cells}`}`;
    }).join(" and ")}`;
  });
  const listed = (of: (name: LabelCount) => number): string => names.filter((name) => of(name) > 0).map((name) => `"${name.key}" in ${of(name)}`).join(", ");
  const missing = listed((name) => name.missing);
  const partly = listed((name) => name.partly);
  const passed = names.flatMap(({ key, reason, unused, missing: absent, withoutCell }) => {
    const rest = reason === null ? unused - absent - withoutCell : unused;
    return rest > 0 ? [`"${key}" in ${rest} (${reason === null ? "a better name is there" : REASONS[reason]})`] : [];
  });
  const numbers = others.map(({ key }) => key);
  const shown = numbers.slice(0, 12).join(", ") + (numbers.length > 12 ? ` and ${numbers.length - 12} more` : "");
  return [
    sources.join(", "),
    ...(missing === "" ? [] : [`not there (nan): ${missing}`]),
    ...(partly === "" ? [] : [`some components nan: ${partly}`]),
    ...(passed.length === 0 ? [] : [`not used: ${passed.join(", ")}`]),
    ...(numbers.length === 0 ? [] : [`other numbers: ${shown}`]),
  ];
}
