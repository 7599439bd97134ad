// Rows of the structures of a fit, in order, and what they add to it. While the host makes use of one batch, the GPU computes the next.
// Rows of forces and virials come from the GPU. Those of the energies, few and of large weight, are left to the host's float64: on the silicon of
// zuo2020 (M = 1000) float32 rows, right to 1e-7 of the largest, raised the test errors of energies by 10 to 30 %; forces do not feel 1e-6.
import type { FitStructure, FitTerm, JobOptions } from "../backend.js";
import type { CpuBackend } from "../cpu/cpu-backend.js";
import type { KernelRows } from "../cpu/kernel-rows.js";
import type { FitPart } from "../cpu/whitened-rows.js";
import { environmentBatches, type EnvironmentBatch } from "./environments.js";
import { rowsOf } from "./fit-chunks.js";
import { FitPipeline } from "./fit-pipeline.js";
import type { GpuSession } from "./session.js";

/** Atoms of a batch made of several structures: their rows are on their way to the host together. */
const BATCH_ATOMS = { gpu: 2048, software: 128 };

function batchAtoms({ context: { adapter }, rowLimit }: GpuSession): number {
  return Math.min(rowLimit, adapter.software ? BATCH_ATOMS.software : BATCH_ATOMS.gpu);
}

/** What a fit sums up. */
export interface FitProblem {
  readonly structures: readonly FitStructure[];
  readonly species: readonly number[];
  readonly term: FitTerm;
}

/** The parts of a fit, rows from the GPU, whitened and summed by the CPU backend. */
export async function* fitParts(
  session: GpuSession,
  cpu: CpuBackend,
  { structures, species, term }: FitProblem,
  keepRows: boolean,
  options: JobOptions,
): AsyncGenerator<FitPart> {
  const { context } = session;
  const { hyperparameters, zeta, centers } = term;
  const features = await session.pipeline(hyperparameters, species);
  const limits = { centers: session.rowLimit, rows: mostRows(session, structures) };
  const pipeline = await FitPipeline.create(context, features, species, zeta, centers, limits);
  try {
    const rows = fitRows(session, pipeline, structures, options.signal);
    yield* cpu.fitPartsFrom(rows, structures, species, [term], keepRows, options);
  } finally {
    pipeline.destroy();
  }
}

/** Rows that a batch of these structures has at the most. */
function mostRows(session: GpuSession, structures: readonly FitStructure[]): number {
  // Single atoms have the most: a segment each.
  return structures.reduce((most, { structure }) => Math.max(most, rowsOf(structure.species.length)), batchAtoms(session) * rowsOf(1));
}

/** Rows of every structure, in order; empty where energies alone are labelled. */
async function* fitRows(
  session: GpuSession,
  pipeline: FitPipeline,
  structures: readonly FitStructure[],
  signal: AbortSignal | undefined,
): AsyncGenerator<KernelRows> {
  const limits = { ...pipeline.limits, maxAtoms: batchAtoms(session) };
  let before: Promise<KernelRows[]> | null = null;
  for (const { onGpu, run } of runs(structures)) {
    if (!onGpu) {
      if (before) yield* await before;
      before = null;
      for (const _ of run) yield { virial: new Float64Array(0), forces: new Float32Array(0) };
      continue;
    }
    for await (const batch of environmentBatches(run, limits)) {
      for await (const { rows } of submitted(pipeline, batch, signal)) {
        // Its failure is seen when its turn comes; until then it must not count as unhandled.
        rows.catch(() => undefined);
        if (before) yield* await before;
        before = rows;
      }
    }
  }
  if (before) yield* await before;
}

/** Rows of a batch on their way, in two halves where its pairs do not fit the buffers at once. */
async function* submitted(
  pipeline: FitPipeline,
  batch: EnvironmentBatch,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ readonly rows: Promise<KernelRows[]> }> {
  signal?.throwIfAborted();
  const whole = await pipeline.submit(batch);
  if (whole) yield whole;
  else for (const half of batch.halves()) yield* submitted(pipeline, half, signal);
}

/** Consecutive structures of which all or none have labels of forces or virials. */
function* runs(structures: readonly FitStructure[]): Generator<{ onGpu: boolean; run: FitStructure["structure"][] }> {
  const isForGpu = ({ forces, virial }: FitStructure): boolean => forces !== null || virial !== null;
  for (let first = 0; first < structures.length;) {
    const onGpu = isForGpu(structures[first]!);
    let end = first + 1;
    while (end < structures.length && isForGpu(structures[end]!) === onGpu) end++;
    yield { onGpu, run: structures.slice(first, end).map(({ structure }) => structure) };
    first = end;
  }
}
