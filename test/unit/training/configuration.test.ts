import { describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.js";
import { defaultFitConfiguration } from "../../../src/training/configuration.js";
import { parseFitConfiguration, parseHyperparameters } from "../../../src/training/configuration-schema.js";
import { formatConfiguration, parseConfigurationText } from "../../../src/training/configuration-text.js";
import { editDistance, nearestName } from "../../../src/training/nearest-name.js";

function messageOf(job: () => unknown): string {
  try {
    job();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error("expected an InputError");
}

describe("defaults", () => {
  test("fill in what was left out, at every depth", () => {
    expect(parseFitConfiguration({})).toEqual(defaultFitConfiguration);
    const configuration = parseFitConfiguration(
      { basis: { nMax: 4 }, kernel: { zeta: 2 }, noise: { byConfigType: { liquid: { forces: 0.2 } } }, cutoff: undefined },
    );
    expect(configuration).toEqual({
      ...defaultFitConfiguration,
      basis: { ...defaultFitConfiguration.basis, nMax: 4 },
      kernel: { zeta: 2, delta: 1 },
      noise: { ...defaultFitConfiguration.noise, byConfigType: { liquid: { forces: 0.2 } } },
    });
  });

  test("a complete configuration stays as it is", () => {
    const given = parseFitConfiguration({
      compression: null, sparse: { count: { H: 20, O: 10 }, method: "leverage" }, density: { scaling: { rate: 1, scale: 2, exponent: 4 } },
      keys: { energy: "dft_energy", forces: false }, baseline: { kind: "given", energies: { H: -13.6, O: -432 } },
    });
    expect(given.compression).toBe(null);
    expect(given.sparse.count).toEqual({ H: 20, O: 10 });
    expect(parseFitConfiguration(given)).toEqual(given);
  });

  test("a step cutoff has no width unless one is asked for", () => {
    expect(parseFitConfiguration({ cutoff: { function: "step" } }).cutoff).toEqual({ radius: 5, width: 0, function: "step" });
    expect(messageOf(() => parseFitConfiguration({ cutoff: { function: "step", width: 1 } }))).toContain("cutoff.width");
  });

  test("the defaults are not shared with a caller who changes the result", () => {
    const first = parseFitConfiguration({}) as { basis: { nMax: number } };
    first.basis.nMax = 1;
    expect(parseFitConfiguration({}).basis.nMax).toBe(8);
  });
});

describe("terms", () => {
  test("take over what they leave out, but no choice of another kind of features or basis", () => {
    const { terms, ...flat } = parseFitConfiguration({
      cutoff: { radius: 6 }, features: { kind: "multispectrum", order: 4 }, kernel: { zeta: 2 },
      terms: [{ kernel: { delta: 3 } }, { cutoff: { radius: 3 }, features: { kind: "radial-spectrum", normalize: false }, basis: { kind: "chebyshev" } }],
    });
    const { cutoff, density, basis, features, optimalBasis, pseudoElements, compression, sparse } = flat;
    expect(terms).toEqual([
      { cutoff, density, basis, features, optimalBasis, pseudoElements, compression, sparse, kernel: { zeta: 2, delta: 3 } },
      {
        cutoff: { ...cutoff, radius: 3 }, density, basis: { ...basis, kind: "chebyshev" }, features: { kind: "radial-spectrum", normalize: false },
        optimalBasis, pseudoElements, compression, sparse, kernel: { zeta: 2, delta: 1 },
      },
    ]);
    expect(parseFitConfiguration({ ...flat, terms }).terms).toEqual(terms);
  });

  test.each([
    [[], '"terms"', "one term or more"],
    [[3], '"terms.0"', "an object"],
    [[{ kernel: { zta: 1 } }], "terms.0.kernel.zta", '"terms.0.kernel.zeta"'],
    [[{}, { cutoff: { radius: -1 } }], '"terms.1.cutoff.radius"', "got -1"],
    [[{ noise: { forces: 1 } }], '"terms.0.noise"', 'did you mean "noise"?'],
    [[{ features: { kind: "multispectrum", lambda: 2 } }], '"terms.0.features.lambda"', '"lambda-soap"'],
  ])("%j are refused by name", (terms, ...parts) => {
    const message = messageOf(() => parseFitConfiguration({ terms }));
    for (const part of parts) expect(message).toContain(part);
  });
});

describe("unknown keys are errors with the nearest known name", () => {
  test.each([
    [{ basis: { nmax: 8 } }, 'unknown key "basis.nmax": did you mean "basis.nMax"?'],
    [{ n_max: 8 }, 'unknown key "n_max": did you mean "basis.nMax"?'],
    [{ cutof: { radius: 5 } }, 'unknown key "cutof": did you mean "cutoff"?'],
    [{ cutoff: { raduis: 5 } }, 'unknown key "cutoff.raduis": did you mean "cutoff.radius"?'],
    [{ compression: { treshold: 1e-6 } }, 'unknown key "compression.treshold": did you mean "compression.threshold"?'],
    [{ density: { scaling: { rates: 1, scale: 2, exponent: 4 } } }, 'unknown key "density.scaling.rates": did you mean "density.scaling.rate"?'],
    [
      { noise: { byConfigType: { liquid: { force: 1 } } } },
      'unknown key "noise.byConfigType.liquid.force": did you mean "noise.byConfigType.liquid.forces"?',
    ],
    [{ solver: { pineapple: 1 } }, 'unknown key "solver.pineapple": the keys here are solver.method, solver.jitter'],
    [{ constructor: 1 }, 'unknown key "constructor"'],
    [JSON.parse('{"__proto__": {"nMax": 1}}'), 'unknown key "__proto__"'],
  ])("%j", (json, message) => {
    expect(messageOf(() => parseFitConfiguration(json))).toContain(message);
    expect(messageOf(() => parseFitConfiguration(json, "my.json"))).toContain(`my.json: ${message}`);
  });
});

describe("values of another type or out of range name path, expected and got", () => {
  test.each([
    [{ basis: { nMax: "8" } }, '"basis.nMax"', 'got "8"'],
    [{ basis: { nMax: 0 } }, '"basis.nMax"', "got 0"],
    [{ cutoff: { radius: 0 } }, '"cutoff.radius"', "got 0"],
    [{ cutoff: { radius: Number.NaN } }, '"cutoff.radius"', "got NaN"],
    [{ cutoff: null }, '"cutoff"', "got null"],
    [{ cutoff: [] }, '"cutoff"', "got []"],
    [{ cutoff: { function: "cosin" } }, 'one of "cosine", "step", "polynomial"', 'got "cosin"'],
    [{ density: { width: 0 } }, '"density.width"', "got 0"],
    [{ density: { scaling: { rate: "1" } } }, '"density.scaling.rate"', 'got "1"'],
    [{ features: { normalize: 1 } }, '"features.normalize"', "got 1"],
    [{ kernel: { zeta: 0 } }, '"kernel.zeta"', "got 0"],
    [{ kernel: { zeta: 0.5 } }, '"kernel.zeta"', "got 0.5"],
    [{ compression: { threshold: 1 } }, '"compression.threshold"', "got 1"],
    [{ compression: { maxComponents: 0 } }, '"compression.maxComponents"', "got 0"],
    [{ sparse: { count: 0 } }, '"sparse.count"', "got 0"],
    [{ sparse: { count: -5 } }, '"sparse.count"', "got -5"],
    [{ sparse: { count: { Si: 0 } } }, '"sparse.count.Si"', "got 0"],
    [{ sparse: { count: { silicon: 5 } } }, "element symbol", 'got "silicon"'],
    [{ sparse: { seed: 1.5 } }, '"sparse.seed"', "got 1.5"],
    [{ noise: { energy: 0 } }, "σ = 0 would mean exact data", "got 0"],
    [{ noise: { byConfigType: { liquid: { virial: -1 } } } }, '"noise.byConfigType.liquid.virial"', "got -1"],
    [{ baseline: { kind: "given" } }, "baseline", "disagree"],
    [{ baseline: { energies: { Si: -158 } } }, "baseline", "disagree"],
    [{ keys: { energy: false } }, '"keys.energy"', "got false"],
    [{ keys: { forces: 3 } }, '"keys.forces"', "got 3"],
    [{ solver: { jitter: -1e-9 } }, '"solver.jitter"', "got -1e-9"],
    [[], "not a configuration", "got []"],
    [null, "not a configuration", "got null"],
  ])("%j", (json, ...parts) => {
    const message = messageOf(() => parseFitConfiguration(json, "my.json"));
    for (const part of ["my.json", ...parts]) expect(message).toContain(part);
  });
});

test("hyperparameters come from a file of their own or from the configuration of a fit", () => {
  expect(parseHyperparameters({ basis: { lMax: 3 }, sparse: { count: 5 } })).toEqual({
    cutoff: defaultFitConfiguration.cutoff,
    density: defaultFitConfiguration.density,
    basis: { ...defaultFitConfiguration.basis, lMax: 3 },
    features: defaultFitConfiguration.features,
  });
  expect(messageOf(() => parseHyperparameters({ lMx: 3 }))).toContain('did you mean "basis.lMax"?');
});

describe("an optimal basis", () => {
  const plain = { basis: { kind: "dvr", nMax: 12, lMax: 4 }, optimalBasis: { channels: 4, mixed: true, centerDependent: true, gamma: 0.5 } };

  test("is the same in both spellings, and comes out as one", () => {
    const parsed = parseFitConfiguration(plain);
    expect(parsed.optimalBasis).toEqual({ channels: 4, threshold: null, mixed: true, centerDependent: true, gamma: 0.5 });
    const form = { channels: 4, mixed: true, centerDependent: true, gamma: 0.5 };
    expect(parseFitConfiguration({ basis: { kind: "optimal", primitive: { kind: "dvr", nMax: 12, lMax: 4 }, ...form } })).toEqual(parsed);
    // Sizes may stand beside the primitive basis, where --set puts them.
    const beside = { kind: "optimal", primitive: { kind: "dvr", nMax: 3 }, lMax: 4, nMax: 12, ...form };
    expect(parseFitConfiguration({ basis: beside, optimalBasis: null })).toEqual(parsed);
    expect(parseFitConfiguration(parseConfigurationText(formatConfiguration(parsed)))).toEqual(parsed);
    expect(parseFitConfiguration({ optimalBasis: { threshold: 1e-4 } }).optimalBasis).toEqual({
      channels: null, threshold: 1e-4, mixed: false, centerDependent: false, gamma: 1,
    });
  });

  test.each([
    [{ basis: { kind: "optimal", channels: 4 } }, '"basis.primitive": an optimal basis of nothing'],
    [{ basis: { kind: "optimal", primitive: { kind: "optimal" }, channels: 4 } }, '"basis.primitive": an optimal basis of nothing'],
    [{ basis: { kind: "optimal", primitive: { kind: "gto" }, channels: 4 }, optimalBasis: { channels: 3 } }, '"optimalBasis": two optimal bases'],
    [{ basis: { kind: "optimal", primitive: { kind: "gto" }, chanels: 4 } }, 'did you mean "optimalBasis.channels"?'],
    [{ basis: { kind: "optimal", primitive: { kind: "gto", nmax: 4 } } }, 'did you mean "basis.nMax"?'],
    [{ optimalBasis: { channels: 4, gamma: 1.5 } }, '"optimalBasis.gamma": expected a number from 0 to 1, got 1.5'],
    [{ optimalBasis: { channels: 4, centerDependent: 1 } }, '"optimalBasis.centerDependent"'],
  ])("%j", (json, part) => {
    expect(messageOf(() => parseFitConfiguration(json, "my.json"))).toContain("my.json");
    expect(messageOf(() => parseFitConfiguration(json, "my.json"))).toContain(part);
  });

  test("is explained by the printed configuration", () => {
    const line = formatConfiguration().split("\n").find((text) => text.includes('"optimalBasis"'));
    for (const word of ["channels", "threshold", "mixed", "centerDependent", "gamma", '"kind": "optimal"']) expect(line).toContain(word);
  });

  test("is no set of hyperparameters before it is made", () => {
    expect(messageOf(() => parseHyperparameters(plain, "my.json"))).toMatch(/^my\.json, "optimalBasis": an optimal basis is made from data/);
  });
});

describe("configuration text", () => {
  test("the printed configuration reads back, and every value is explained", () => {
    const given = parseFitConfiguration(
      { sparse: { count: { Si: 30 } }, density: { scaling: { rate: 1, scale: 2, exponent: 4 } }, compression: null },
    );
    expect(parseFitConfiguration(parseConfigurationText(formatConfiguration(given)))).toEqual(given);
    const lines = formatConfiguration().split("\n");
    expect(parseConfigurationText(lines.join("\n"))).toEqual(defaultFitConfiguration);
    for (const line of lines.filter((text) => /^ {4,}"\w+": [^{]/.test(text))) expect(line).toMatch(/\/\/ \S/);
  });

  test("comments are no part of strings", () => {
    expect(parseConfigurationText('{"a": "http://x", // one\n "b": "\\"//\\"" } // two')).toEqual({ a: "http://x", b: '"//"' });
  });

  test("text that is not JSON is refused with its line", () => {
    expect(messageOf(() => parseConfigurationText('{\n  "a": 1,\n}\n', "my.json"))).toMatch(/^my\.json:3: not a configuration file/);
    expect(messageOf(() => parseConfigurationText('{\n  "a": 1,\n', "my.json"))).toMatch(/^my\.json:2: not a configuration file/);
  });
});

test("nearest names by edit distance", () => {
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("ab", "ba")).toBe(1);
  expect(editDistance("", "abc")).toBe(3);
  expect(nearestName("zeta", [])).toBe(null);
  expect(nearestName("forces", ["noise.energy", "noise.forces"])).toBe("noise.forces");
  expect(nearestName("temperature", ["zeta", "seed"])).toBe(null);
});
