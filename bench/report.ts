// The report for people: one line per case and number of threads, the peers beneath.
import { holds } from "./checks.js";
import { align, significant } from "./columns.js";
import { adapterLines, passLines } from "./gpu-report.js";
import { PEERS } from "./peers.js";
import type { BenchReport, CaseResult, JobReport, Missing, RateReport } from "./result.js";

function threadCount(threads: number): string {
  return threads === 1 ? "1 thread" : `${threads} threads`;
}

/** ms per atom, or seconds. */
export function timeOf(result: CaseResult): number {
  return "seconds" in result ? result.seconds : result.ms_per_atom;
}

export function isResult(entry: CaseResult | Missing): entry is CaseResult {
  return "gflops" in entry;
}

export function isMissing(entry: CaseResult | Missing): entry is Missing {
  return !isResult(entry);
}

/** Whether nothing failed and the GPU, where there is one, is right. */
export function isSound({ cases, agreement = [] }: BenchReport): boolean {
  return agreement.every(holds) && !cases.some((entry) => "failed" in entry);
}

function caseRow(result: CaseResult, one: CaseResult | undefined): string[] {
  const unit = "seconds" in result ? "s" : "ms/atom";
  const median = "seconds" in result ? "" : significant(result.ms_per_atom_median);
  const speedUp = one && result.threads > 1 ? `${(timeOf(one) / timeOf(result)).toFixed(2)}×` : "";
  return [
    result.name, String(result.threads), `${significant(timeOf(result))} ${unit}`, median, speedUp, significant(result.gflops),
    `${(100 * result.peak_share).toFixed(0)} %`, result.busy_cores?.toFixed(2) ?? "", result.peak_rss_mb?.toFixed(0) ?? "",
  ];
}

function errors(name: string, { energy_mae, force_mae }: JobReport["test"]): string {
  return `${name} MAE ${(1000 * (energy_mae ?? NaN)).toFixed(2)} meV/atom, ${(force_mae ?? NaN).toFixed(4)} eV/Å`;
}

function jobLines(result: JobReport): string[] {
  const { stages, sparse, components, features, configuration: { density: { scaling }, sparse: { method } } } = result;
  const radial = scaling ? `radial scaling ${scaling.rate}/(${scaling.rate} + (r/${scaling.scale} Å)^${scaling.exponent})` : "no radial scaling";
  const rate = result.stage_gflops["kernel rows"];
  return [
    `  ${threadCount(result.threads)}: ${Object.entries(stages).map(([stage, seconds]) => `${stage} ${seconds.toFixed(2)} s`).join(", ")}`,
    `    ${errors("test", result.test)}; ${errors("train", result.train)}`,
    `    ${sparse} sparse points (${method}), ${components} of ${features} features, ${radial}, Σ|x| ${result.weight_sum.toExponential(1)} eV` +
      (rate === undefined ? "" : `; kernel rows at ${rate.toFixed(1)} GFLOP/s`),
  ];
}

function rateLines(result: RateReport): string[] {
  const energy = result.energy_ms_per_atom === undefined ? [] : [`energy alone ${significant(result.energy_ms_per_atom)} ms/atom`];
  const primitive = result.primitive_ms_per_atom;
  const overhead = primitive === undefined ? [] : [
    `a primitive basis of as many channels ${significant(primitive)} ms/atom, this one ${(result.ms_per_atom / primitive).toFixed(3)} of that`,
  ];
  const facts = [...energy, ...overhead, ...[result.model, result.system].filter((fact) => fact !== undefined)];
  return facts.length === 0 ? [] : [`  ${threadCount(result.threads)}: ${facts.join("; ")}`];
}

function peerLines(name: string, results: readonly CaseResult[]): string[] {
  return (PEERS[name] ?? []).flatMap((peer) => {
    const ours = results.find(({ threads, backend }) => backend === "cpu" && threads === peer.threads);
    const theirs = peer.seconds ?? peer.ms_per_atom!;
    const unit = peer.seconds === undefined ? "ms/atom" : "s";
    const memory = peer.peak_rss_mb === undefined ? "" : `, ${peer.peak_rss_mb} MB`;
    const ratio = ours ? `; ours takes ${(timeOf(ours) / theirs).toFixed(2)} of it` : "";
    return [`  ${peer.what}, ${threadCount(peer.threads)}: ${theirs} ${unit}${memory}${ratio}`];
  });
}

/** Head and rows of all cases that ran. */
export function caseTable(cases: BenchReport["cases"]): string[][] {
  const results = cases.filter(isResult);
  return [
    ["case", "threads", "shortest", "median", "speed-up", "GFLOP/s", "of peak", "busy cores", "peak MB"],
    ...results.map((result) => caseRow(result, results.find(({ name, threads }) => name === result.name && threads === 1))),
  ];
}

/** The machine and its limits. */
export function machineLines({ machine, adapter, agreement }: BenchReport): string[] {
  const memory = machine.memory_gb === null ? [] : [`${machine.memory_gb} GB`];
  const node = machine.node === null ? [] : [`Node ${machine.node}`];
  return [
    [machine.cpu, `${machine.threads} threads`, ...memory, ...node, machine.platform].join(", "),
    `peak, measured here with 1 thread: ${machine.gemm_gflops.toFixed(1)} GFLOP/s (float64 SIMD matrix product, 512³), ` +
      `${machine.copy_gb_per_s.toFixed(1)} GB/s (memory copy, read + written)`,
    ...(adapter ? adapterLines(adapter, agreement) : []),
  ];
}

/** What a case says beside its times; indented where it belongs to one number of threads. */
export function caseNotes(result: CaseResult): string[] {
  return "seconds" in result ? jobLines(result) : rateLines(result);
}

export function missingLine(entry: Missing): string {
  return `${entry.name}, ${threadCount(entry.threads)}: ${"absent" in entry ? `ABSENT (${entry.absent})` : `FAILED (${entry.failed})`}`;
}

export function formatReport(report: BenchReport): string {
  const { cases } = report;
  const results = cases.filter(isResult);
  const names = [...new Set(results.map(({ name }) => name))];
  const details = names.flatMap((name) => {
    const own = results.filter((result) => result.name === name);
    const all = [...own.flatMap(caseNotes), ...own.flatMap(passLines), ...peerLines(name, own)];
    return all.length === 0 ? [] : [name, ...all];
  });
  return [
    ...machineLines(report),
    "",
    ...align(caseTable(cases)),
    ...cases.filter(isMissing).map(missingLine),
    "",
    ...details,
    "",
    "Operations are counted by formula (bench/operations.ts), without padding; the peak is that of as many cores as threads" +
      (report.adapter ? ", or the GPU's own; bytes of a pass (bench/gpu-operations.ts): every number once." : "."),
    "The peers were timed on another machine of the same type: take the ratios as good to 10–50 %.",
  ].join("\n");
}
