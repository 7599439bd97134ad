// What a case reports; the fields are those of `npm run bench -- --json`.
import type { ErrorReport, FitConfiguration } from "../src/index.js";
import type { Check } from "./checks.js";
import type { Machine } from "./machine.js";

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
  /** Peak resident memory of the process that ran this case and nothing else. */
  readonly peak_rss_mb: number;
  readonly repetitions: number;
  /** Processor time over wall time, main thread included. */
  readonly busy_cores: number;
  /** What was found right before the clock started. */
  readonly checks: readonly Check[];
}

/** Shortest and median time per atom. */
export interface RateReport extends CaseReport {
  readonly ms_per_atom: number;
  readonly ms_per_atom_median: number;
  /** Of energies without forces, shortest time. */
  readonly energy_ms_per_atom?: number;
  /** Of a primitive basis with as many channels, where the case has a contracted one; shortest time. */
  readonly primitive_ms_per_atom?: number;
  /** Where the potential came from. */
  readonly model?: string;
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

/** `peak_share`: of the machine's own matrix product times the threads; `copy_share`: of the rate at which one thread copies memory. */
export type CaseResult = Measured & { readonly peak_share: number; readonly copy_share: number };

/** A case that could not run here, or that did not give the right result. */
export type Missing = { readonly name: string; readonly threads: number } & ({ readonly absent: string } | { readonly failed: string });

export interface BenchReport {
  readonly machine: Machine;
  readonly cases: readonly (CaseResult | Missing)[];
}

/** Adds the shares; more threads than cores have no more peak than the cores. */
export function complete(measured: Measured, machine: Machine): CaseResult {
  const secondsPerAtom = "seconds" in measured ? measured.seconds / measured.atoms : measured.ms_per_atom / 1000;
  return {
    ...measured,
    peak_share: measured.gflops / (machine.gemm_gflops * Math.min(measured.threads, machine.threads)),
    copy_share: measured.bytes_per_atom / secondsPerAtom / (machine.copy_gb_per_s * 1e9),
  };
}
