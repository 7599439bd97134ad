// Two reports side by side, case by case: what a change did, if both come from one machine in one sitting.
import { readFile } from "node:fs/promises";
import { align, significant } from "./columns.js";
import { isResult, timeOf } from "./report.js";
import type { BenchReport, CaseResult } from "./result.js";

/** A difference that repeated runs on one machine show anyway. */
const NOISE = 0.05;

async function readReport(path: string): Promise<BenchReport> {
  const report = JSON.parse(await readFile(path, "utf8")) as Partial<BenchReport>;
  if (!Array.isArray(report.cases) || report.machine === undefined) throw new Error(`${path}: expected a report of npm run bench -- --json`);
  return report as BenchReport;
}

const keyOf = ({ name, backend, threads }: CaseResult): string => `${name}, ${backend}, ${threads}`;

function verdict(ratio: number): string {
  if (Math.abs(ratio - 1) <= NOISE) return "same";
  return ratio < 1 ? `${(1 / ratio).toFixed(2)}× faster` : `${ratio.toFixed(2)}× slower`;
}

/** Shortest and median times and peak memories of the cases that both reports have, and the names of those that one alone has. */
export function compareReports(before: BenchReport, after: BenchReport): string {
  const first = new Map(before.cases.filter(isResult).map((result) => [keyOf(result), result]));
  const second = new Map(after.cases.filter(isResult).map((result) => [keyOf(result), result]));
  const rows = [...first].flatMap(([key, old]) => {
    const now = second.get(key);
    if (now === undefined) return [];
    const unit = "seconds" in old ? "s" : "ms/atom";
    const medians = "seconds" in old || "seconds" in now ? "" : verdict(now.ms_per_atom_median / old.ms_per_atom_median);
    const memory = (result: CaseResult): string => result.peak_rss_mb?.toFixed(0) ?? "";
    return [[key, `${significant(timeOf(old))} ${unit}`, `${significant(timeOf(now))} ${unit}`, verdict(timeOf(now) / timeOf(old)), medians, memory(old), memory(now)]];
  });
  const alone = (here: ReadonlyMap<string, CaseResult>, there: ReadonlyMap<string, CaseResult>, which: string): string[] =>
    [...here.keys()].filter((key) => !there.has(key)).map((key) => `${key}: only in the ${which} report`);
  const machines = before.machine.cpu === after.machine.cpu && before.machine.node === after.machine.node
    ? [] : [`Not one machine: ${before.machine.cpu}, Node ${before.machine.node}; ${after.machine.cpu}, Node ${after.machine.node}.`];
  return [
    ...align([["case, backend, threads", "before", "after", "shortest", "median", "MB before", "after"], ...rows]),
    ...alone(first, second, "first"), ...alone(second, first, "second"), ...machines,
    `"same" is within ${100 * NOISE} %.`,
  ].join("\n");
}

/** @throws Error naming the file that is no report. */
export async function compareFiles(before: string, after: string): Promise<string> {
  return compareReports(await readReport(before), await readReport(after));
}
