// Where the time goes within the kernels: every export of the WebAssembly module behind a clock, and the operations of each call by its arguments.
import type { KernelExports } from "../src/linalg/kernel-exports.js";
import type { WasmKernels } from "../src/linalg/wasm-kernels.js";
import {
  coefficientGradientOperations, expansionOperations, pairForceOperations, spectrumAdjointOperations, spectrumOperations,
} from "./operations.js";

export interface Meter {
  calls: number;
  milliseconds: number;
  operations: number;
}

type Count = (...args: number[]) => number;

/** Operations of one call by its arguments. The padding of nMax to nStride is not counted where the call does not tell nMax. */
function counts(nMax: number, lMax: number): Partial<Record<keyof KernelExports, Count>> {
  const size = { nMax, lMax };
  const D = (lMax + 1) ** 2;
  const one = { pairs: 0, elements: 1, atoms: 1 };
  return {
    gemm: (_a, _b, m, n, k) => 2 * m! * n! * k!,
    gemmPacked: (_a, m, n, k) => 2 * m! * n! * k!,
    syrk: (n, k) => n! * (n! + 1) * k!,
    trsmRightLowerTransposed: (m, n) => m! * n! * n!,
    densityCoefficients: (...args) => expansionOperations(size, { ...one, pairs: args[8]! }),
    densityCoefficientsGradient: () => coefficientGradientOperations(size),
    powerSpectrum: (...args) => (args[5] ? spectrumOperations(size, one, false) : (lMax + 1) * nMax ** 2 * (2 * (lMax + 1) + 1)),
    powerSpectrumAdjoint: (...args) => (args[5] ? spectrumAdjointOperations(size, one, false) : (lMax + 1) * nMax ** 2 + 4 * nMax ** 2 * D),
    powerSpectrumGradient: () => 2 * nMax ** 2 * D + (lMax + 1) * nMax ** 2,
    pairForces: (...args) => pairForceOperations(size, { ...one, pairs: args[8]! }),
    pairForcesOfOutputs: (...args) => 8 * pairForceOperations(size, { ...one, pairs: args[8]! }),
    kernelEnergies: (rows, points, zeta) => rows! * points! * (zeta! + 2),
    kernelRow: (rows, points, zeta) => rows! * points! * (zeta! + 2),
    addScaled: (count) => 3 * count!,
    dot: (count) => 2 * count!,
    axpy: (count) => 2 * count!,
    scaleBy: (count) => count!,
  };
}

/** Milliseconds that two readings of the clock around nothing seem to take; taken off every call. The least of many averages: others may be busy. */
function clockCost(): number {
  let least = Infinity;
  for (let attempt = 0; attempt < 200; attempt++) {
    let sum = 0;
    for (let k = 0; k < 1000; k++) {
      const start = performance.now();
      sum += performance.now() - start;
    }
    least = Math.min(least, sum / 1000);
  }
  return least;
}

/** Puts a clock around every function that the kernels export, before anyone takes the exports; the meters count from their last reset. */
export function instrument(kernels: WasmKernels, nMax: number, lMax: number): Map<string, Meter> {
  const meters = new Map<string, Meter>();
  const known = counts(nMax, lMax);
  const cost = clockCost();
  const behind = Object.fromEntries(
    Object.entries(kernels.exports).map(([name, value]: [string, unknown]) => {
      if (typeof value !== "function") return [name, value];
      const call = value as Count;
      const operations = known[name as keyof KernelExports] ?? (() => 0);
      const meter: Meter = { calls: 0, milliseconds: 0, operations: 0 };
      meters.set(name, meter);
      return [name, (...args: number[]): number => {
        const start = performance.now();
        const result = call(...args);
        meter.milliseconds += performance.now() - start - cost;
        meter.calls++;
        meter.operations += operations(...args);
        return result;
      }];
    }),
  );
  Object.defineProperty(kernels, "exports", { value: behind as unknown as KernelExports });
  return meters;
}
