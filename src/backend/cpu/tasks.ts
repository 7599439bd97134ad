// What a CPU worker can be asked for. A task is a list of structures (or ranges of centers) and gives one result for all of them.
import { NumericalError } from "../../errors.js";
import type { WasmKernels } from "../../linalg/wasm-kernels.js";
import { addPairSums, type PairSums } from "../../pairs/pair-sums.js";
import { locating } from "../../structure/origin.js";
import { CovarianceSums, type CovarianceTask } from "./covariance-sums.js";
import { createBatches, createEnvironments, type EnvironmentBatch, type Environments, rankWithinElement, type TaskStructure } from "./environments.js";
import { FeaturePass } from "./feature-pass.js";
import type { FitLabels } from "../backend.js";
import { featureAdjoints } from "./feature-adjoints.js";
import { FitRows, sideBySide, type TermRows } from "./fit-rows.js";
import { KernelPass } from "./kernel-pass.js";
import { weightRows, type KernelRows } from "./kernel-rows.js";
import { OutputForces } from "./output-forces.js";
import { addPairForces, addVirial } from "./pair-force-sums.js";
import type { Plan } from "./plan.js";
import { SpreadSums } from "./spread-sums.js";
import { WhitenedRows, Whitening, weightedTargets, type FitPart } from "./whitened-rows.js";

export type Task =
  | { readonly kind: "coefficients"; readonly structures: readonly TaskStructure[] }
  | { readonly kind: "covariance"; readonly structures: readonly TaskStructure[]; readonly sums: CovarianceTask }
  | { readonly kind: "features"; readonly structures: readonly TaskStructure[] }
  | { readonly kind: "components"; readonly structures: readonly TaskStructure[] }
  | { readonly kind: "adjoints"; readonly structures: readonly TaskStructure[]; readonly gradients: readonly Float64Array[] }
  | { readonly kind: "predict"; readonly structures: readonly TaskStructure[]; readonly forces: boolean; readonly spread?: boolean }
  | {
      readonly kind: "rows";
      readonly structures: readonly TaskStructure[];
      readonly labels: readonly FitLabels[];
      readonly keepRows: boolean;
      /** Whether the next one belongs to another sum. */
      readonly endsSum: boolean;
    }
  | {
      readonly kind: "row sums";
      readonly structures: readonly TaskStructure[];
      readonly rows: readonly KernelRows[];
      readonly labels: readonly FitLabels[];
      readonly keepRows: boolean;
    };

/** Energies of a range of centers, without baseline, and what they contribute to forces and virial. */
export interface RangePrediction {
  readonly localEnergies: Float64Array;
  /** [atom][xyz] of the whole structure. */
  readonly forces: Float64Array | null;
  readonly virial: Float64Array | null;
  /** The directions of a committee, Eq. (80): energies [atom of the range][direction], forces [direction][atom][xyz] of the whole structure. */
  readonly spread?: { readonly energies: Float64Array; readonly forces: Float64Array | null };
}

/** The passes of one term, whose memory is theirs as long as the plan lives. */
interface TermPasses {
  readonly features: FeaturePass;
  readonly kernel: KernelPass | null;
}

/** Runs tasks of one plan; owns the plan's place in the kernels' memory. */
export class TaskRunner {
  readonly #kernels: WasmKernels;
  readonly #terms: readonly TermPasses[];
  readonly #pairs: PairSums | null;
  readonly #whitening: Whitening | null;
  readonly #mark: number;

  constructor(kernels: WasmKernels, { terms, pairs, factors }: Plan) {
    this.#kernels = kernels;
    this.#terms = terms.map((term) => {
      const features = new FeaturePass(kernels, term.features);
      return { features, kernel: term.kernel ? new KernelPass(features, term.kernel) : null };
    });
    this.#pairs = pairs ?? null;
    this.#whitening = factors ? new Whitening(kernels, factors) : null;
    this.#mark = kernels.mark();
  }

  run(task: Task): Float64Array | Float64Array[] | RangePrediction[] | FitPart {
    try {
      switch (task.kind) {
        case "coefficients":
          return this.#coefficients(task.structures);
        case "covariance":
          return this.#covariance(task.structures, task.sums);
        case "features":
          return this.#featureRows(task.structures);
        case "components":
          return this.#components(task.structures);
        case "adjoints":
          return task.structures.map((structure, index) => locating(structure, () => featureAdjoints(this.#kernels, this.#features, structure, task.gradients[index]!)));
        case "predict":
          return task.structures.map((structure) => locating(structure, () => task.spread ? this.#predictSpread(structure, task.forces) : this.#predict(structure, task.forces)));
        case "rows":
          return this.#rows(task, (structure, labels) => this.#ownRows(structure, labels));
        case "row sums":
          // The energies' own rows: float32 would be off by what their weights in a fit do not forgive (src/backend/gpu/fit-job.ts).
          return this.#rows(task, (structure, labels, index) =>
            weightRows(this.#ownRows(structure, { ...labels, forces: null, virial: null }), task.rows[index]!, labels),
          );
      }
    } finally {
      this.#kernels.release(this.#mark);
    }
  }

  /** Those of a plan that is about features alone. */
  get #features(): FeaturePass {
    return this.#terms[0]!.features;
  }

  /** @param rowsOf rows of Λ^{−1/2} L K of a structure */
  #rows(
    { structures, labels, keepRows }: Extract<Task, { kind: "rows" | "row sums" }>,
    rowsOf: (structure: TaskStructure, labels: FitLabels, index: number) => Float64Array,
  ): FitPart {
    const whitened = new WhitenedRows(required(this.#whitening), keepRows);
    structures.forEach((structure, index) => {
      const own = labels[index]!;
      whitened.add(rowsOf(structure, own, index), weightedTargets(own));
    });
    return whitened.result();
  }

  /** Rows that this worker computes, for whatever is labelled. */
  #ownRows(structure: TaskStructure, labels: FitLabels): Float64Array {
    if (labels.energy === null && !labels.forces && !labels.virial) return new Float64Array(0);
    const parts = this.#terms.map(({ features, kernel }): TermRows => {
      const mark = this.#kernels.mark();
      const environments = createEnvironments(structure, features.plan);
      features.load(environments);
      const fitRows = new FitRows(features, required(kernel));
      const rows = fitRows.compute(structure.species.length, labels, createBatches(environments, features.plan));
      this.#kernels.release(mark);
      return { rows, columns: required(kernel).columns };
    });
    return sideBySide(parts);
  }

  /** Runs the forward pass over a structure batch by batch and frees the memory in between; `wants` leaves batches out. */
  #forEachBatch(
    features: FeaturePass,
    structure: TaskStructure,
    visit: (batch: EnvironmentBatch, environments: Environments) => void,
    withSpectrum = true,
    wants: (batch: EnvironmentBatch) => boolean = () => true,
  ): void {
    const start = this.#kernels.mark();
    const environments = createEnvironments(structure, features.plan);
    features.load(environments);
    const mark = this.#kernels.mark();
    for (const batch of createBatches(environments, features.plan)) {
      if (!wants(batch)) continue;
      features.forward(batch, withSpectrum);
      visit(batch, environments);
      this.#kernels.release(mark);
    }
    this.#kernels.release(start);
  }

  #centerCount(structures: readonly TaskStructure[]): number {
    return structures.reduce((sum, { first, end }) => sum + end - first, 0);
  }

  #coefficients(structures: readonly TaskStructure[]): Float64Array {
    const { plan, blockSize } = this.#features;
    const { nMax, nStride } = plan;
    const orders = (plan.lMax + 1) ** 2;
    const size = plan.layout.densities * nMax * orders;
    const out = new Float64Array(this.#centerCount(structures) * size);
    let base = 0;
    for (const structure of structures) {
      this.#forEachBatch(this.#features, structure, (batch) => {
        batch.members.forEach((center, member) => {
          batch.present.forEach((s, k) => {
            const block = this.#kernels.float64(this.#features.block(member, k), blockSize);
            const at = (base + center) * size + s * nMax * orders;
            for (let lm = 0; lm < orders; lm++) for (let n = 0; n < nMax; n++) out[at + n * orders + lm] = block[lm * nStride + n]!;
          });
        });
      }, false);
      base += structure.end - structure.first;
    }
    return out;
  }

  #covariance(structures: readonly TaskStructure[], task: CovarianceTask): Float64Array {
    const sums = new CovarianceSums(this.#features, task);
    structures.forEach((structure, index) => this.#forEachBatch(this.#features, structure, () => sums.add(index), false, (batch) => sums.wants(batch, index)));
    return sums.sums;
  }

  #featureRows(structures: readonly TaskStructure[]): Float64Array {
    const size = this.#features.plan.layout.size;
    const out = new Float64Array(this.#centerCount(structures) * size);
    let base = 0;
    for (const structure of structures) {
      this.#forEachBatch(this.#features, structure, (batch) => {
        const { rows, stride, runs } = this.#features;
        batch.members.forEach((center, member) => {
          for (const { packed, full, size: length } of runs) {
            out.set(this.#kernels.float64(rows + (member * stride + packed) * 8, length), (base + center) * size + full);
          }
        });
      });
      base += structure.end - structure.first;
    }
    return out;
  }

  /** z of every center, per center element in the order of the centers. */
  #components(structures: readonly TaskStructure[]): Float64Array[] {
    const kernel = required(this.#terms[0]!.kernel);
    const elements = this.#features.plan.layout.species;
    const sizes = kernel.centers.map((center) => center?.size ?? 0);
    const counts = elements.map((z) =>
      structures.reduce((sum, { species, first, end }) => sum + species.subarray(first, end).filter((other) => other === z).length, 0),
    );
    const out = elements.map((_, s) => new Float64Array(counts[s]! * sizes[s]!));
    const base = elements.map(() => 0);
    for (const structure of structures) {
      let rank: Int32Array | null = null;
      this.#forEachBatch(this.#features, structure, (batch, environments) => {
        rank ??= rankWithinElement(environments, elements.length);
        const center = kernel.center;
        if (!center) return;
        const z = kernel.project(center, this.#features.rows, batch.members.length);
        const values = this.#kernels.float64(z, batch.members.length * center.size);
        const target = out[batch.center]!;
        batch.members.forEach((c, member) => {
          target.set(values.subarray(member * center.size, (member + 1) * center.size), (base[batch.center]! + rank![c]!) * center.size);
        });
      });
      elements.forEach((z, s) => (base[s]! += structure.species.subarray(structure.first, structure.end).filter((other) => other === z).length));
    }
    return out;
  }

  #predict(structure: TaskStructure, withForces: boolean): RangePrediction {
    const localEnergies = new Float64Array(structure.end - structure.first);
    const forces = withForces ? new Float64Array(structure.positions.length) : null;
    const virial = withForces ? new Float64Array(9) : null;
    for (const { features, kernel } of this.#terms) {
      this.#forEachBatch(features, structure, (batch, environments) => {
        const center = required(kernel).center;
        if (!center || center.points === 0) return;
        const { energies, gradient } = required(kernel).energies(center, withForces);
        const values = this.#kernels.float64(energies, batch.members.length);
        batch.members.forEach((c, member) => (localEnergies[c]! += values[member]!));
        if (forces && virial)
          features.backward(gradient, (member, pair, pairForces) =>
            addPairForces(environments, environments.first + batch.members[member]!, pair, pairForces, forces, virial),
          );
      });
    }
    if (this.#pairs) addPairSums(this.#pairs, structure, structure.first, structure.end, localEnergies, forces, virial);
    checkEnergies(localEnergies);
    return { localEnergies, forces, virial };
  }

  /** The same with the directions of a committee. */
  #predictSpread(structure: TaskStructure, withForces: boolean): RangePrediction {
    const [atoms, own] = [structure.species.length, structure.end - structure.first];
    const sums = new SpreadSums(own, atoms, withForces);
    for (const { features, kernel } of this.#terms) {
      const start = this.#kernels.mark();
      const directions = required(kernel).directions;
      const forces = withForces ? new OutputForces(features, atoms, 1 + directions) : null;
      this.#forEachBatch(features, structure, (batch, environments) => {
        const center = required(kernel).center;
        if (!center || center.points === 0) return;
        const found = required(kernel).energies(center, withForces, true);
        const count = batch.members.length;
        sums.addEnergies(batch.members, this.#kernels.float64(found.energies, count), this.#kernels.float64(found.directions, count * directions), directions);
        forces?.add(found.gradient, (pair, length, pairForces) => addVirial(environments, pair, length, pairForces, sums.virial!));
      });
      if (forces) sums.addForces(forces.result());
      this.#kernels.release(start);
    }
    const result = sums.result();
    if (this.#pairs) addPairSums(this.#pairs, structure, structure.first, structure.end, result.localEnergies, result.forces, result.virial);
    checkEnergies(result.localEnergies);
    return result;
  }
}

function checkEnergies(localEnergies: Float64Array): void {
  if (localEnergies.every(Number.isFinite)) return;
  throw new NumericalError("an environment energy is not finite", { expected: "finite coordinates and a sound model" });
}

/** A task never comes with a plan that lacks what it needs. */
function required<T>(part: T | null): T {
  if (part === null) throw new Error("this plan does not serve this task");
  return part;
}
