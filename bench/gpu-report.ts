// What the report says of a GPU: the adapter and its limits, and for each case its passes against them.
import { holds, type Check } from "./checks.js";
import { align, significant } from "./columns.js";
import type { GpuAdapter } from "./gpu-adapter.js";
import { PROJECTED } from "./projection.js";
import type { CaseResult, MeasuredPass } from "./result.js";

export function adapterLines(adapter: GpuAdapter, agreement: readonly Check[] | undefined): string[] {
  const { vendor, architecture, device, description, software, timestamps, max_buffer_mb } = adapter;
  const { product_gflops, product_size, copy_gb_per_s, copy_mb } = adapter;
  const name = [description, device, `${vendor} ${architecture}`].map((part) => part.trim()).filter((part) => part !== "").join(", ");
  return [
    `GPU: ${name || "unnamed adapter"}${software ? "; SOFTWARE, no figure for any GPU" : ""}; largest buffer ${significant(max_buffer_mb)} MB`,
    `its limits, measured here: ${significant(product_gflops)} GFLOP/s (float32 product, ${product_size}³), ` +
      `${significant(copy_gb_per_s)} GB/s (copy of ${significant(copy_mb)} MB by a shader, read + written)`,
    ...(timestamps ? [] : ["no timestamps on this adapter: times of whole jobs only"]),
    ...(agreement ? agreementLines(agreement) : []),
  ];
}

function agreementLines(agreement: readonly Check[]): string[] {
  const good = agreement.filter(holds);
  const closest = Math.max(0, ...good.map(({ error, tolerance }) => (tolerance === 0 ? 0 : error / tolerance)));
  return [
    `${good.length} of ${agreement.length} comparisons with the CPU backend on small systems hold, up to ${significant(closest)} of the tolerance`,
    ...agreement
      .filter((check) => !holds(check))
      .map(({ what, error, tolerance }) => `WRONG on this GPU: ${what} off by ${error}, allowed ${tolerance}`),
  ];
}

function percent(share: number | null): string {
  return share === null ? "" : `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
}

function number(value: number | null): string {
  return value === null ? "" : significant(value);
}

/** Head and rows of the passes of a case; null without any. */
export function passTable({ passes, atoms }: CaseResult): string[][] | null {
  if (passes === undefined) return null;
  const projected = passes.some(({ projected_ms }) => projected_ms !== undefined);
  const total = totalTime(passes);
  const perAtom = (value: number | null): string => (value === null ? "" : significant(value / atoms));
  const ns = (ms: number | undefined): string => (ms === undefined ? "" : significant((1e6 * ms) / atoms));
  const row = (pass: MeasuredPass): string[] => [
    pass.name, String(pass.dispatches ?? ""), number(pass.ms), percent(pass.ms === null ? null : pass.ms / total),
    perAtom(pass.operations), perAtom(pass.bytes), number(pass.gflops), number(pass.gb_per_s), percent(pass.peak_share), percent(pass.copy_share),
    pass.limit ?? "",
    ...(projected ? PROJECTED.map(({ name }) => ns(pass.projected_ms?.[name])) : []),
  ];
  const head = [
    "pass", "dispatches", "ms", "of all", "operations/atom", "bytes/atom", "GFLOP/s", "GB/s", "of the product", "of the copy", "nearer to",
    ...(projected ? PROJECTED.map(({ name }) => `${name}, ns/atom*`) : []),
  ];
  return [head, ...passes.map(row)];
}

function totalTime(passes: readonly MeasuredPass[]): number {
  return passes.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
}

/** What the host and the transfers leave, and the projection of the whole. */
export function passNotes(result: CaseResult): string[] {
  return [...restLines(result, totalTime(result.passes ?? [])), ...projectionLines(result)];
}

export function passLines(result: CaseResult): string[] {
  return [...align(passTable(result) ?? []), ...passNotes(result)].map((line) => `  ${line}`);
}

/** The whole call is one without timestamps between its passes. */
function restLines(result: CaseResult, total: number): string[] {
  if (total === 0) return [];
  if ("seconds" in result) return [`passes ${significant(total / 1000)} s of ${significant(result.seconds)} s`];
  const whole = `the whole call ${significant(result.ms_per_call)} ms`;
  return [`passes ${significant(total)} ms, ${whole} (neighbor lists, transfers, waiting and sums are the rest)`];
}

function projectionLines({ projection, atoms, ...result }: CaseResult): string[] {
  if (!projection) return [];
  const times = PROJECTED.map(({ name }) => {
    const ms = projection.ms[name]!;
    if ("seconds" in result) return `${name} ${significant(ms / 1000)} s`;
    return `${name} ${significant((1000 * ms) / atoms)} µs/atom, ${significant(ms)} ms a call`;
  });
  return [`* ${times.join("; ")}: ${projection.note}`];
}
