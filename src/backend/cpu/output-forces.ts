// Forces of several outputs at once, Eq. (21): the reverse pass of each goes through the features, the geometry of the pairs is gone through once for
// eight of them.
import type { FeaturePass } from "./feature-pass.js";

const F64 = 8;
/** Outputs that the kernels take at once, and numbers of their force on one atom. */
const LANES = 8;
const WIDTH = 3 * LANES;

export class OutputForces {
  readonly #features: FeaturePass;
  readonly #atoms: number;
  readonly #outputs: number;
  readonly #groups: number;
  /** [group][atom][lane][xyz] */
  readonly #sums: number;

  /** Reserves the sums of a structure in the kernels' memory, to stay there until the caller releases it. */
  constructor(features: FeaturePass, atoms: number, outputs: number) {
    this.#features = features;
    this.#atoms = atoms;
    this.#outputs = outputs;
    this.#groups = Math.ceil(outputs / LANES);
    const length = this.#groups * atoms * WIDTH;
    this.#sums = features.reserve(length);
    features.kernels.float64(this.#sums, length).fill(0);
  }

  /**
   * Adds what the batch's environments contribute.
   * @param gradient ∂/∂p̂ of every output, [output][member][stride]; overwritten
   * @param receive called with the pair forces of the first output, [j][WIDTH] with the force in front, for the virial
   */
  add(gradient: number, receive: (pair: number, count: number, forces: Float64Array) => void): void {
    const features = this.#features;
    const { kernels, batch, stride, blockSize } = features;
    const { members, present, environments } = batch;
    const { members: step } = features.symmetrization;
    const { exports } = kernels;
    const size = present.length * blockSize;
    const gap = step * size * F64;
    const adjoints = features.reserve(LANES * this.#groups * step * size);
    const together = features.reserve(LANES * blockSize);
    const scratch = features.reserve(exports.outputScratch(features.plan.nStride, features.plan.lMax));
    const forces = features.reserve(WIDTH * features.longest());
    for (let begin = 0; begin < members.length; begin += step) {
      const count = Math.min(step, members.length - begin);
      // Lanes beyond the outputs stay zero.
      kernels.float64(adjoints, LANES * this.#groups * step * size).fill(0);
      for (let output = 0; output < this.#outputs; output++) {
        const rows = gradient + output * members.length * stride * F64;
        for (let member = begin; member < begin + count; member++) features.throughNorm(member, rows + member * stride * F64);
        features.symmetrization.adjoint(begin, count, rows + begin * stride * F64, adjoints + output * gap);
      }
      for (let member = begin; member < begin + count; member++) {
        const atom = environments.first + members[member]!;
        for (let k = 0; k < present.length; k++) {
          for (let group = 0; group < this.#groups; group++) {
            exports.interleaveOutputs(blockSize, adjoints + group * LANES * gap + ((member - begin) * size + k * blockSize) * F64, gap, together);
            const sums = this.#sums + group * this.#atoms * WIDTH * F64;
            for (const { element, first, count: length } of features.groups(member, k)) {
              if (length === 0) continue;
              features.pairForcesOfOutputs(element, first, length, together, scratch, forces);
              exports.addForcesOfOutputs(length, features.neighborsAt(first), forces, atom, sums);
              if (group === 0) receive(first, length, kernels.float64(forces, WIDTH * length));
            }
          }
        }
      }
    }
  }

  /** [output][atom][xyz] */
  result(): Float64Array {
    const sums = this.#features.kernels.float64(this.#sums, this.#groups * this.#atoms * WIDTH);
    const out = new Float64Array(this.#outputs * 3 * this.#atoms);
    for (let output = 0, to = 0; output < this.#outputs; output++) {
      const from = Math.floor(output / LANES) * this.#atoms * WIDTH + 3 * (output % LANES);
      for (let atom = 0; atom < this.#atoms; atom++) for (let axis = 0; axis < 3; axis++, to++) out[to] = sums[from + atom * WIDTH + axis]!;
    }
    return out;
  }
}
