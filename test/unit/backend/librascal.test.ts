// The CPU backend against numbers of librascal: coefficients, spectra, their gradients, kernels, energies, forces and stress.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBatches, createEnvironments } from "../../../src/backend/cpu/environments.js";
import { computeFeatureGradients } from "../../../src/backend/cpu/feature-gradients.js";
import { FeaturePass } from "../../../src/backend/cpu/feature-pass.js";
import { createFeaturePlan } from "../../../src/backend/cpu/plan.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { featureLabels } from "../../../src/features/feature-layout.js";
import { WasmKernels } from "../../../src/linalg/wasm-kernels.js";
import { cellVolume } from "../../../src/structure/structure.js";
import { relativeDifference } from "../../reference/norms.js";
import { describeShared } from "../../shared-data.js";
import {
  hyperparametersOf,
  librascalColumns,
  librascalConstant,
  readReference,
  structureOf,
  type LibrascalHypers,
  type ReferenceStructure,
} from "./reference-files.js";

interface Run {
  readonly kind: "SphericalExpansion" | "PowerSpectrum" | "RadialSpectrum";
  readonly basis: string;
  readonly normalize: boolean;
  readonly hypers: LibrascalHypers;
  /** [structure][atom][feature] */
  readonly features: number[][][];
}

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

for (const name of ["si8", "molecules"]) {
  describeShared(`librascal features, ${name}`, [`reference/librascal_${name}.json.gz`], (path) => {
    const { meta, structures, runs } = readReference<{ meta: { species: number[] }; structures: ReferenceStructure[]; runs: Run[] }>(path);
    for (const run of runs) {
      test(`${run.kind} ${run.basis}${run.normalize ? " normalized" : ""}`, async () => {
        const hyperparameters = hyperparametersOf(run.hypers, run.basis, run.kind, run.normalize);
        const inputs = structures.map(structureOf);
        const theirs = run.features.flat(2);
        if (run.kind === "SphericalExpansion") {
          const { values } = await backend.computeDensityCoefficients(inputs, hyperparameters, { species: meta.species });
          expect(
            relativeDifference(
              values.map((value) => value / librascalConstant(run.basis)),
              theirs,
            ),
          ).toBeLessThan(1e-10);
          return;
        }
        const { values, size } = await backend.computeFeatures(inputs, hyperparameters, { species: meta.species });
        const degree = run.kind === "PowerSpectrum" ? 2 : 1;
        const constant = run.normalize ? 1 : librascalConstant(run.basis) ** degree;
        if (run.kind === "RadialSpectrum") {
          expect(
            relativeDifference(
              values.map((value) => value / constant),
              theirs,
            ),
          ).toBeLessThan(1e-10);
          return;
        }
        const columns = librascalColumns(featureLabels(hyperparameters, meta.species).values, meta.species, run.hypers.max_radial, run.hypers.max_angular);
        const rows = run.features.flat();
        const expected = rows.flatMap((row) => columns.map(({ column, factor }) => row[column]! * factor));
        expect(values.length).toBe(rows.length * size);
        expect(
          relativeDifference(
            values.map((value) => value / constant),
            expected,
          ),
        ).toBeLessThan(1e-10);
      });
    }
  });
}

interface GradientCase {
  readonly name: string;
  readonly basis: string;
  readonly kind: "PowerSpectrum" | "RadialSpectrum";
  readonly normalize: boolean;
  readonly hypers: LibrascalHypers;
  readonly species: number[];
  readonly structure: ReferenceStructure;
  /** [center][atom][xyz][feature] */
  readonly gradients: number[][][][];
}

describeShared("librascal feature gradients", ["reference/librascal_gradients.json.gz"], (path) => {
  const { cases } = readReference<{ cases: GradientCase[] }>(path);
  for (const item of cases) {
    test(`${item.name} ${item.kind} ${item.basis}${item.normalize ? " normalized" : ""}`, async () => {
      const hyperparameters = hyperparametersOf(item.hypers, item.basis, item.kind, item.normalize);
      const structure = structureOf(item.structure);
      const plan = createFeaturePlan(hyperparameters, item.species);
      const kernels = await WasmKernels.create();
      const features = new FeaturePass(kernels, plan);
      const atoms = structure.species.length;
      const environments = createEnvironments({ ...structure, first: 0, end: atoms }, plan);
      features.load(environments);
      const { values: labels } = featureLabels({ ...hyperparameters, basis: { ...hyperparameters.basis, lMax: plan.lMax } }, item.species);
      // librascal's Gauss–Legendre rule gives the middle point of an odd number of points a quarter of its weight (√w: half the channel).
      const { max_radial: nMax, max_angular: lMax } = item.hypers;
      const halved = (n: number): number => (item.basis === "DVR" && nMax % 2 === 1 && n === (nMax - 1) / 2 ? 2 : 1);
      const columns =
        item.kind === "PowerSpectrum"
          ? librascalColumns(labels, item.species, nMax, lMax).map(({ column, factor }, f) => ({
              column,
              factor: factor * halved(labels[5 * f + 3]!) * halved(labels[5 * f + 4]!),
            }))
          : Array.from({ length: plan.layout.size }, (_, column) => ({ column, factor: 1 }));
      const constant = item.normalize ? 1 : librascalConstant(item.basis) ** (item.kind === "PowerSpectrum" ? 2 : 1);
      const [ours, theirs]: [number[], number[]] = [[], []];
      for (const batch of createBatches(environments, plan)) {
        features.forward(batch);
        const rows = features.reserve(3 * atoms * features.stride);
        batch.members.forEach((center, member) => {
          // Slot 0 is the center, the others follow.
          const order = [center, ...Array.from({ length: atoms }, (_, atom) => atom).filter((atom) => atom !== center)];
          computeFeatureGradients(features, member, { slotOf: (atom) => order.indexOf(atom), atoms, virial: false, rows });
          order.forEach((atom, slot) => {
            for (let axis = 0; axis < 3; axis++) {
              const row = new Float64Array(plan.layout.size);
              for (const { packed, full, size } of features.runs)
                row.set(kernels.float64(rows + ((3 * slot + axis) * features.stride + packed) * 8, size), full);
              ours.push(...row.map((value) => value / constant));
              theirs.push(...columns.map(({ column, factor }) => item.gradients[center]![atom]![axis]![column]! * factor));
            }
          });
        });
      }
      expect(relativeDifference(ours, theirs)).toBeLessThan(1e-8);
    });
  }
});

interface KernelCase {
  readonly zeta: number;
  readonly normalize: boolean;
  readonly hypers: LibrascalHypers;
  readonly sparse_atoms: number[];
  readonly KMM: number[][];
  readonly KNM: number[][];
  readonly weights: number[];
  readonly energy: number;
  readonly forces: number[][];
  readonly stress_voigt_xx_yy_zz_yz_xz_xy: number[];
}

describeShared("librascal GAP of Si8", ["reference/librascal_kernel_si8.json.gz"], (path) => {
  const { structure: input, cases } = readReference<{ structure: ReferenceStructure; cases: KernelCase[] }>(path);
  const structure = structureOf(input);
  for (const item of cases) {
    test(`kernel, energy, forces and stress, ζ = ${item.zeta}${item.normalize ? ", normalized" : ""}`, async () => {
      const hyperparameters = hyperparametersOf(item.hypers, "GTO", "PowerSpectrum", item.normalize);
      const { values, size } = await backend.computeFeatures([structure], hyperparameters);
      const sparsePoints = Float64Array.from(item.sparse_atoms.flatMap((atom) => [...values.subarray(atom * size, (atom + 1) * size)]));
      // k is homogeneous of degree 2ζ in the features, which are quadratic in the constant.
      const constant = item.normalize ? 1 : librascalConstant("GTO") ** (4 * item.zeta);
      const count = item.sparse_atoms.length;
      const kernel = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0) ** item.zeta / constant;
      const point = (m: number): Float64Array => sparsePoints.subarray(m * size, (m + 1) * size);
      const kernelMM = Array.from({ length: count ** 2 }, (_, k) => kernel(point(Math.floor(k / count)), point(k % count)));
      expect(relativeDifference(kernelMM, item.KMM.flat())).toBeLessThan(1e-9);
      const weights = Float64Array.from(item.weights);
      const evaluator = await backend.createEvaluator({
        species: [14],
        baseline: new Map(),
        provenance: {},
        terms: [{
          hyperparameters, zeta: item.zeta,
          centers: [{ species: 14, projection: null, size, sparsePoints, weights: weights.map((weight) => weight / constant) }],
        }],
      });
      const [prediction] = await evaluator.predict([structure]);
      evaluator.destroy();
      const { energy, forces, virial } = prediction!;
      expect(Math.abs(energy / item.energy - 1)).toBeLessThan(1e-9);
      expect(relativeDifference(forces!, item.forces.flat())).toBeLessThan(1e-9);
      const volume = Math.abs(cellVolume(structure.cell!));
      const stress = [0, 4, 8, 5, 2, 1].map((k) => -virial![k]! / volume);
      expect(relativeDifference(stress, item.stress_voigt_xx_yy_zz_yz_xz_xy)).toBeLessThan(1e-9);
    });
  }
});
