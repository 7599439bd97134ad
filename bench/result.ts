// What a case reports; the fields are those of `npm run bench -- --json`.
import type { ErrorReport, FitConfiguration } from "../src/index.js";
import type { Check } from "./checks.js";
import type { GpuAdapter } from "./gpu-adapter.js";
import type { Machine } from "./machine.js";
import { PROJECTED, SHARE, projectedTime } from "./projection.js";

/** A program of the GPU backend in one repetition. */
export interface PassReport {
  readonly name: string;
  /** Null where the adapter has no timestamps. */
  readonly dispatches: number | null;
  readonly ms: number | null;
  /** Null for a pass that nobody has counted (bench/gpu-operations.ts). */
  readonly operations: number | null;
  readonly bytes: number | null;
}

interface CaseReport {
  readonly name: string;
  readonly backend: "cpu" | "gpu";
  readonly threads: number;
  readonly atoms: number;
  /** From the counted operations and the shortest time. */
  readonly gflops: number;
  /** Counted operations per atom. */
  readonly operations_per_atom: number;
  /** Counted bytes per atom. */
  readonly bytes_per_atom: number;
  /** Peak resident memory of the process that ran this case and nothing else; null in a browser. */
  readonly peak_rss_mb: number | null;
  readonly repetitions: number;
  /** Processor time over wall time, main thread included; null in a browser. */
  readonly busy_cores: number | null;
  /** What was found right before the clock started. */
  readonly checks: readonly Check[];
  /** Of the GPU backend, from repetitions of their own. */
  readonly passes?: readonly PassReport[];
}

/** Shortest and median time per atom. */
export interface RateReport extends CaseReport {
  readonly ms_per_atom: number;
  readonly ms_per_atom_median: number;
  /** Of all atoms, shortest time: a step of dynamics. */
  readonly ms_per_call: number;
  /** Of energies without forces, shortest time. */
  readonly energy_ms_per_atom?: number;
  /** Of a primitive basis with as many channels, where the case has a contracted one; shortest time. */
  readonly primitive_ms_per_atom?: number;
  /** Where the potential came from. */
  readonly model?: string;
  /** In what the system differs from the one that the case is named after. */
  readonly system?: string;
}

/** A whole job. `seconds` is the sum of the stages but for the errors. */
export interface JobReport extends CaseReport {
  readonly seconds: number;
  readonly stages: Readonly<Record<string, number>>;
  /** Rate of the costliest stage alone. */
  readonly stage_gflops: Readonly<Record<string, number>>;
  readonly sparse: number;
  readonly features: number;
  readonly components: number;
  readonly weight_sum: number;
  readonly jitter: number;
  readonly configuration: FitConfiguration;
  readonly train: ErrorReport;
  readonly test: ErrorReport;
}

/** A report before it is set against the machine. */
export type Measured = RateReport | JobReport;

/** A pass against the adapter's measured limits. */
export interface MeasuredPass extends PassReport {
  readonly gflops: number | null;
  readonly gb_per_s: number | null;
  readonly peak_share: number | null;
  readonly copy_share: number | null;
  /** The limit that it is nearer to. */
  readonly limit: "arithmetic" | "memory" | null;
  /** Projected milliseconds by the name of the GPU; on software adapters only. */
  readonly projected_ms?: Readonly<Record<string, number>>;
}

/**
 * `peak_share`: of the machine's own matrix product times the threads, or of the adapter's; `copy_share`: of the rate at which one thread, or the
 * adapter, copies memory.
 */
export type CaseResult = (Omit<RateReport, "passes"> | Omit<JobReport, "passes">) & {
  readonly peak_share: number;
  readonly copy_share: number;
  readonly passes?: readonly MeasuredPass[];
  /** Milliseconds of one call, or of the job, by the name of the GPU: not measured. */
  readonly projection?: { readonly note: string; readonly ms: Readonly<Record<string, number>> };
};

/** A case that could not run here, or that did not give the right result. */
export type Missing = { readonly name: string; readonly threads: number } & ({ readonly absent: string } | { readonly failed: string });

export interface BenchReport {
  readonly machine: Machine;
  /** With the GPU backend only, as is the next. */
  readonly adapter?: GpuAdapter;
  /** The GPU against the CPU backend on small systems. */
  readonly agreement?: readonly Check[];
  readonly cases: readonly (CaseResult | Missing)[];
}

const NOTE =
  `projection, not measured: counted operations and bytes at ${100 * SHARE} % of the peaks (` +
  `${PROJECTED.map(({ name, flops, bytes }) => `${name}: ${flops / 1e12} TFLOP/s, ${bytes / 1e9} GB/s`).join("; ")}); no launches, waiting, transfers or host (nor the ` +
  `float64 sums of a fit there)`;

/** Adds the shares; more threads than cores have no more peak than the cores. */
export function complete(measured: Measured, machine: Machine, adapter?: GpuAdapter): CaseResult {
  const secondsPerAtom = "seconds" in measured ? measured.seconds / measured.atoms : measured.ms_per_atom / 1000;
  const { passes, ...rest } = measured;
  const gpu = measured.backend === "gpu" ? adapter : undefined;
  const peak = gpu ? gpu.product_gflops : machine.gemm_gflops * Math.min(measured.threads, machine.threads);
  return {
    ...rest,
    peak_share: measured.gflops / peak,
    copy_share: measured.bytes_per_atom / secondsPerAtom / ((gpu ?? machine).copy_gb_per_s * 1e9),
    ...(gpu && passes && { passes: passes.map((pass) => completePass(pass, gpu)) }),
    ...(gpu?.software && { projection: { note: NOTE, ms: projectWhole(measured) } }),
  };
}

function byGpu(time: (gpu: (typeof PROJECTED)[number]) => number): Record<string, number> {
  return Object.fromEntries(PROJECTED.map((gpu) => [gpu.name, time(gpu)]));
}

/** The sum over the passes that were counted. */
function projectWhole({ passes = [] }: Measured): Record<string, number> {
  const counted = passes.filter(({ operations }) => operations !== null);
  return byGpu((gpu) => counted.reduce((sum, pass) => sum + projectedTime(pass, gpu), 0));
}

function completePass(pass: PassReport, adapter: GpuAdapter): MeasuredPass {
  const { ms, operations, bytes } = pass;
  const projected = adapter.software && operations !== null ? { projected_ms: byGpu((gpu) => projectedTime(pass, gpu)) } : {};
  if (ms === null || operations === null || bytes === null)
    return { ...pass, gflops: null, gb_per_s: null, peak_share: null, copy_share: null, limit: null, ...projected };
  const [gflops, gb_per_s] = [operations / ms / 1e6, bytes / ms / 1e6];
  const [peak_share, copy_share] = [gflops / adapter.product_gflops, gb_per_s / adapter.copy_gb_per_s];
  return { ...pass, gflops, gb_per_s, peak_share, copy_share, limit: peak_share >= copy_share ? "arithmetic" : "memory", ...projected };
}
