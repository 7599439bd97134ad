// body-orders: linear fits of ν = 1 … 4 to an energy of one to four neighbors at once, against the number of configurations. Random CH₄: four hydrogens in
// random directions about a carbon atom. With M = Σ_i g_i r̂_i r̂_iᵀ, p = Σ_i g_i r̂_i and g = (2 Å − r)³/Å³ the energy is that of moment tensors,
//   E = tr M + (tr M² + |p|²) + (tr M³ + p·M p) + (tr M⁴ + p·M² p),
// every bracket of ν = 1, 2, 3, 4 over its standard deviation. Two polynomials (THEORY.md Eq. (28)) and l ≤ 2 hold it exactly, so that what is missed is
// missed for want of body order alone (Pozdnyakov et al., doi:10.1103/PhysRevLett.125.166001, Figure 4, with quantum energies).
// node scripts/run.mjs bench/figures/body-orders.ts [--threads 1] [--test 400] [--repeats 3]
import { parseArgs } from "node:util";
import { createBackend, createLinearAlgebra, createStructure, parseFitConfiguration, withMultispectrum, withPseudoElements, type Structure } from "../../src/index.js";
import { logRange } from "../../src/cli/report/axis.js";
import { featureLabels } from "../../src/features/feature-layout.js";
import { createRandom } from "../../src/selection/random.js";
import { solveByCrossValidation } from "../../src/training/cross-validated-ridge.js";
import { publish } from "./publish.js";

const { values: options } = parseArgs({
  options: { threads: { type: "string", default: "1" }, sizes: { type: "string", default: "25,50,100,200,400,800,1600" }, test: { type: "string", default: "400" }, repeats: { type: "string", default: "3" } },
});
const sizes = options.sizes.split(",").map(Number);
const [tests, repeats, largest] = [Number(options.test), Number(options.repeats), Math.max(...sizes)];
const random = createRandom(1);

/** Four directions, no two hydrogens nearer than 0.9 Å, at 0.95 to 1.35 Å. */
function methane(): Structure {
  const hydrogens: number[][] = [];
  while (hydrogens.length < 4) {
    const direction = [random.normal(), random.normal(), random.normal()];
    const scale = (0.95 + 0.4 * random.uniform()) / Math.hypot(...direction);
    const candidate = direction.map((value) => scale * value);
    if (hydrogens.every((other) => Math.hypot(...other.map((value, k) => value - candidate[k]!)) > 0.9)) hydrogens.push(candidate);
  }
  return createStructure({ species: [6, 1, 1, 1, 1], positions: [0, 0, 0, ...hydrogens.flat()] });
}

type Matrix = readonly (readonly number[])[];
const times = (a: Matrix, b: Matrix): Matrix => a.map((row) => b[0]!.map((_, k) => row.reduce((sum, value, j) => sum + value * b[j]![k]!, 0)));
const trace = (a: Matrix): number => a.reduce((sum, row, k) => sum + row[k]!, 0);

/** The brackets of ν = 1 … 4. */
function brackets({ positions }: Structure): number[] {
  let m: Matrix = [[0, 0, 0], [0, 0, 0], [0, 0, 0]];
  let p = [0, 0, 0];
  for (let atom = 1; atom < 5; atom++) {
    const r = [...positions.subarray(3 * atom, 3 * atom + 3)];
    const length = Math.hypot(...r);
    const g = (2 - length) ** 3;
    m = m.map((row, k) => row.map((value, j) => value + (g * r[k]! * r[j]!) / length ** 2));
    p = p.map((value, k) => value + (g * r[k]!) / length);
  }
  const column = p.map((value) => [value]);
  const along = (a: Matrix): number => times([p], times(a, column))[0]![0]!;
  const square = times(m, m);
  return [trace(m), trace(square) + p.reduce((sum, value) => sum + value ** 2, 0), trace(times(square, m)) + along(m), trace(times(square, square)) + along(square)];
}

const structures = Array.from({ length: repeats * largest + tests }, methane);
const terms = structures.map(brackets);
const deviation = (values: readonly number[]): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};
const scales = [0, 1, 2, 3].map((k) => deviation(terms.map((own) => own[k]!)));
const energies = terms.map((own) => own.reduce((sum, value, k) => sum + value / scales[k]!, 0));
const spread = deviation(energies);

// Hydrogen alone makes the density; linear in it, so nothing is normalized.
const given = parseFitConfiguration({
  cutoff: { radius: 2, width: 0.5 }, density: { kind: "delta", centerWeight: 0, scaling: null }, basis: { kind: "polynomial", nMax: 2, lMax: 2, accuracy: 1e-10 },
  features: { kind: "multispectrum", normalize: false, order: 4, threshold: 1e-12, maxComponents: 400, maxProducts: 4000 },
  pseudoElements: { kind: "matrix", matrix: { H: [1], C: [0] } },
});
const backend = await createBackend("cpu", { threads: Number(options.threads) });
const algebra = await createLinearAlgebra();
const made = await withMultispectrum(backend, structures.slice(0, 300), await withPseudoElements(backend, structures.slice(0, 300), given));
const { values, size, centers } = await backend.computeFeatures(structures, made);
backend.destroy();
const carbons = [...centers.keys()].filter((row) => centers[row] === 6);
const { names, values: labels } = featureLabels(made, [1, 6]);
const orders = Array.from({ length: size }, (_, f) => labels[f * names.length + names.indexOf("order")]!);

/** Features of ν and below, each over its root mean square, and the number 1. */
function rowsOf(nu: number): { rows: Float64Array; columns: number } {
  const kept = [...orders.keys()].filter((f) => orders[f]! <= nu);
  const root = kept.map((f) => Math.sqrt(carbons.reduce((sum, row) => sum + values[row * size + f]! ** 2, 0) / carbons.length) || 1);
  return { columns: kept.length + 1, rows: Float64Array.from(carbons.flatMap((row) => [...kept.map((f, k) => values[row * size + f]! / root[k]!), 1])) };
}

const lines = [1, 2, 3, 4].map((nu) => {
  const { rows, columns } = rowsOf(nu);
  const held = rows.subarray(repeats * largest * columns);
  const points = sizes.map((count) => {
    const errors = Array.from({ length: repeats }, (_, repeat) => {
      const first = repeat * largest;
      const { weights } = solveByCrossValidation(algebra, rows.slice(first * columns, (first + count) * columns), columns, Float64Array.from(energies.slice(first, first + count)));
      const found = algebra.multiply(held.slice(), weights, { m: tests, n: 1, k: columns });
      return Math.sqrt(found.reduce((sum, value, k) => sum + (value - energies[repeats * largest + k]!) ** 2, 0) / tests) / spread;
    });
    return [count, 100 * Math.exp(errors.reduce((sum, error) => sum + Math.log(error), 0) / repeats)] as const;
  });
  process.stderr.write(`ν ${nu}, ${columns} features: ${points.map(([count, error]) => `${count} ${error.toPrecision(3)} %`).join(", ")}\n`);
  return { name: `ν = ${nu}`, features: columns, points };
});
await publish({
  name: "body-orders", title: "Energies of one to four neighbors at once, by linear models of ν neighbors", columns: 1,
  plots: [{
    title: "Random CH₄, known energy", dots: true, series: lines,
    x: { label: "training configurations", min: sizes[0]! / 1.3, max: largest * 1.3, log: true }, y: { label: "RMSE / % of the spread", ...logRange(lines.flatMap(({ points }) => points.map(([, error]) => error))) },
  }],
  numbers: { configuration: given, test: tests, repeats, cpu_seconds: Math.round(process.cpuUsage().user / 1e6), lines },
});
