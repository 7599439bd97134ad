// The CPU backend against plain sums over images, on awkward inputs, and on any number of threads.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { InputError } from "../../../src/errors.js";
import { featureLabels } from "../../../src/features/feature-layout.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";
import { referenceDensityCoefficients, referencePowerSpectrum } from "../../reference/density-coefficients.js";
import { relativeDifference } from "../../reference/norms.js";
import { crystal, ethanol, hyperparameters, randomPotential, silicon } from "./systems.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 2 });
});
afterAll(() => backend.destroy());

describe("against plain sums", () => {
  const systems: [string, Structure][] = [
    ["ethanol", ethanol()],
    ["a thin crystal", crystal([6, 14, 8], 6)],
  ];
  for (const [name, structure] of systems) {
    for (const nMax of [1, 3, 6]) {
      test(`${name}, nMax ${nMax}`, async () => {
        const hyper = hyperparameters({ basis: { nMax, accuracy: 1e-12 }, features: { normalize: false } });
        const coefficients = await backend.computeDensityCoefficients([structure], hyper);
        const block = nMax * (hyper.basis.lMax + 1) ** 2;
        const expected = referenceDensityCoefficients(structure, hyper).flatMap((byElement) =>
          coefficients.species.flatMap((z) => [...(byElement.get(z) ?? new Float64Array(block))]),
        );
        expect(relativeDifference(coefficients.values, expected)).toBeLessThan(1e-11);
        // The reference holds the full tensor over (a, n), (b, n'): [channel][channel][l].
        const { values, size, species } = await backend.computeFeatures([structure], hyper);
        const { values: labels } = featureLabels(hyper, species);
        const channels = species.length * nMax;
        const full = referencePowerSpectrum(structure, hyper, species);
        const stored = full.flatMap((tensor) =>
          Array.from({ length: size }, (_, f) => {
            const [za, zb, l, n, k] = labels.subarray(5 * f, 5 * f + 5) as unknown as [number, number, number, number, number];
            const [left, right] = [species.indexOf(za) * nMax + n, species.indexOf(zb) * nMax + k];
            return tensor[(left * channels + right) * (hyper.basis.lMax + 1) + l]! * (left === right ? 1 : Math.SQRT2);
          }),
        );
        expect(relativeDifference(values, stored)).toBeLessThan(1e-11);
        // Scalar products equal those of the full tensor.
        const ours = values.subarray(0, size).reduce((sum, value, f) => sum + value * values[size + f]!, 0);
        const theirs = full[0]!.reduce((sum, value, k) => sum + value * full[1]![k]!, 0);
        expect(Math.abs(ours / theirs - 1)).toBeLessThan(1e-11);
      });
    }
  }

  test("the table adds at most its accuracy", async () => {
    const [coarse, fine] = await Promise.all(
      [1e-8, 1e-12].map((accuracy) => backend.computeFeatures([silicon(1, 0.1)], hyperparameters({ basis: { nMax: 8, lMax: 6, accuracy } }))),
    );
    expect(relativeDifference(coarse!.values, fine!.values)).toBeLessThan(1e-7);
  });
});

describe("reproducibility", () => {
  test("any number of threads and any company give the same bits", async () => {
    const structures = [silicon(3, 0.1), ethanol(), crystal([6, 14, 8], 6), silicon(1, 0.2)];
    const hyper = hyperparameters();
    const species = [1, 6, 8, 14];
    const potential = await randomPotential(backend, crystal([6, 14, 8, 1], 8), hyper, { species });
    const results = [];
    for (const threads of [1, 3]) {
      const own = await createBackend("cpu", { threads });
      const evaluator = await own.createEvaluator(potential);
      const features = await own.computeFeatures(structures, hyper, { species });
      results.push({ together: await evaluator.predict(structures), features });
      if (threads === 1)
        results.push({ together: (await Promise.all(structures.map((structure) => evaluator.predict([structure])))).flat(), features });
      own.destroy();
    }
    for (const { together, features } of results.slice(1)) {
      expect(together).toEqual(results[0]!.together);
      expect(features.values).toEqual(results[0]!.features.values);
    }
  });
});

describe("awkward inputs", () => {
  test("an empty structure, a lonely atom, an atom without neighbors of its kind", async () => {
    const hyper = hyperparameters();
    const empty = createStructure({ species: [], positions: [] });
    const lonely = createStructure({ species: [8], positions: [0, 0, 0] });
    const far = createStructure({ species: [8, 6], positions: [0, 0, 0, 50, 0, 0] });
    const potential = await randomPotential(backend, ethanol(), hyper);
    const evaluator = await backend.createEvaluator(potential);
    const [none, one, two] = await evaluator.predict([empty, lonely, far]);
    expect(none).toMatchObject({ energy: 0, localEnergies: new Float64Array(0), forces: new Float64Array(0) });
    expect(one!.forces).toEqual(new Float64Array(3));
    expect(two!.localEnergies[0]).toBe(one!.localEnergies[0]);
    expect(Number.isFinite(two!.energy)).toBe(true);
    evaluator.destroy();
    const features = await backend.computeFeatures([empty, lonely], hyper);
    expect([...features.offsets]).toEqual([0, 0, 1]);
    expect(Math.hypot(...features.values)).toBeCloseTo(1, 12);
  });

  test("an environment without any density has zero features and the baseline energy", async () => {
    const hyper = hyperparameters({ density: { centerWeight: 0 } });
    const lonely = createStructure({ species: [8], positions: [0, 0, 0] });
    const potential = await randomPotential(backend, ethanol(), hyper);
    const evaluator = await backend.createEvaluator(potential);
    const [prediction] = await evaluator.predict([lonely]);
    evaluator.destroy();
    expect(prediction!.energy).toBe(potential.baseline.get(8));
    expect([...(await backend.computeFeatures([lonely], hyper)).values].every((value) => value === 0)).toBe(true);
  });

  test("an unknown element, a bad cutoff, zero channels and a bad number of threads are refused by name", async () => {
    const unknown = createStructure({ species: [6, 79], positions: [0, 0, 0, 2, 0, 0] });
    await expect(backend.computeFeatures([unknown], hyperparameters(), { species: [1, 6] })).rejects.toThrow(/atom 1.*expected H, C, got Au/);
    await expect(backend.computeFeatures([ethanol()], hyperparameters({ cutoff: { radius: 0 } }))).rejects.toThrow(/cutoff\.radius/);
    await expect(backend.computeFeatures([ethanol()], hyperparameters({ basis: { nMax: 0 } }))).rejects.toThrow(/basis\.nMax/);
    await expect(createBackend("cpu", { threads: 0 })).rejects.toThrow(InputError);
  });

  test("two atoms on one site are named, and the workers go on working", async () => {
    const overlap = createStructure({ species: [6, 6], positions: [0, 0, 0, 0, 0, 0] });
    const refused = await backend.computeFeatures([overlap], hyperparameters()).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InputError);
    // What the worker found arrives whole.
    expect(refused).toMatchObject({ what: "atoms 0 and 1 stand on one site", details: { structure: 0, atom: 0, key: "positions" } });
    expect((refused as Error).message).toMatch(/^structure 0, atom 0, "positions": atoms 0 and 1 stand on one site: expected .*, got 0 Å$/);
    await expect(backend.computeFeatures([ethanol()], hyperparameters())).resolves.toBeDefined();
  });
});

describe("long jobs", () => {
  test("report progress up to the end and stop when aborted", async () => {
    const structures = Array.from({ length: 12 }, (_, seed) => silicon(2, 0.1, seed));
    const seen: number[] = [];
    await backend.computeFeatures(structures, hyperparameters(), { onProgress: ({ done, total }) => seen.push(done / total) });
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    const controller = new AbortController();
    const job = backend.computeFeatures(structures, hyperparameters(), {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    });
    await expect(job).rejects.toThrow("enough");
    await expect(backend.computeFeatures([structures[0]!], hyperparameters())).resolves.toBeDefined();
  });

  test("a destroyed backend refuses work", async () => {
    const own = await createBackend("cpu", { threads: 1 });
    own.destroy();
    own.destroy();
    await expect(own.computeFeatures([ethanol()], hyperparameters())).rejects.toThrow("destroyed");
  });
});
