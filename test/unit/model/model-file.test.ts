import { describe, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { InputError, NumericalError } from "../../../src/errors.js";
import { decodeBase64, decodeFloat64, encodeBase64, encodeFloat64 } from "../../../src/model/base64.js";
import { crc32 } from "../../../src/model/crc32.js";
import { formatModel, parseModel } from "../../../src/model/model-file.js";
import type { CenterModel, Potential } from "../../../src/model/potential.js";
import { latherVersion } from "../../../src/model/version.js";
import { createScreenedCoulomb, universalScreening, type ScreenedCoulomb } from "../../../src/pairs/screened-coulomb.js";
import { defaultFitConfiguration } from "../../../src/training/configuration.js";

/** Two elements, nMax 2, lMax 1: 2·(3 + 4 + 3) = 20 features; one center model with a projection to 3 components, one without. */
function makePotential(): Potential {
  const { cutoff, density, features } = defaultFitConfiguration;
  let state = 1;
  const fill = (count: number): Float64Array => Float64Array.from(
    { length: count }, () => ((state = (state * 16807) % 2147483647) / 2147483647 - 0.5) * 10 ** ((state % 40) - 20),
  );
  const weights = fill(5);
  weights.set([-0, Number.MIN_VALUE, Number.MAX_VALUE, 1 / 3]);
  return {
    species: [1, 8],
    baseline: new Map([[8, -432.1], [1, -13.6 / 3]]),
    terms: [
      {
        hyperparameters: { cutoff, density, basis: { kind: "gto", nMax: 2, lMax: 1, accuracy: 1e-8 }, features },
        zeta: 2,
        centers: [
          { species: 1, projection: fill(60), size: 3, sparsePoints: fill(15), weights },
          { species: 8, projection: null, size: 20, sparsePoints: fill(40), weights: fill(2) },
        ],
      },
      {
        hyperparameters: { cutoff, density, basis: { kind: "gto", nMax: 2, lMax: 0, accuracy: 1e-8 }, features: { kind: "radial-spectrum", normalize: false } },
        zeta: 1,
        centers: [{ species: 1, projection: null, size: 4, sparsePoints: fill(8), weights: fill(2) }],
      },
    ],
    provenance: { train: "Wasser – Zündel.xyz", energy_mae: 0.1 + 0.2 },
  };
}

function messageOf(job: () => unknown): string {
  try {
    job();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error("expected an InputError");
}

interface FileJson {
  version: number;
  readonly potential: {
    readonly species: number[];
    readonly baseline: unknown[];
    terms: {
      readonly hyperparameters: { readonly cutoff: Record<string, number>; readonly basis: Record<string, number> };
      centers: Record<string, unknown>[];
      [key: string]: unknown;
    }[];
    [key: string]: unknown;
  };
}

/** Changes the parsed file and gives it a right checksum again, as a foreign writer would. */
function forge(text: string, change: (json: FileJson) => void): string {
  const { checksum: _, ...json } = JSON.parse(text);
  change(json);
  const sum = crc32(new TextEncoder().encode(JSON.stringify(json))).toString(16).padStart(8, "0");
  return JSON.stringify({ ...json, checksum: `crc32:${sum}` });
}

const bits = (values: Float64Array): BigUint64Array => new BigUint64Array(values.buffer, values.byteOffset, values.length);

describe("model file", () => {
  test("gives back every bit", () => {
    const potential = makePotential();
    const back = parseModel(formatModel(potential), "M.json");
    expect(back).toEqual(potential);
    back.terms.flatMap(({ centers }) => centers).forEach((center, i) => {
      const { projection, sparsePoints, weights } = potential.terms.flatMap(({ centers }) => centers)[i]!;
      expect(bits(center.weights)).toEqual(bits(weights));
      expect(bits(center.sparsePoints)).toEqual(bits(sparsePoints));
      if (projection) expect(bits(center.projection!)).toEqual(bits(projection));
    });
  });

  test("carries contractions with a matrix for each element of the centers, and those of older files, which name no centers", () => {
    const potential = makePotential();
    const [term] = potential.terms;
    const { basis } = term!.hyperparameters;
    const older = { mixed: false, channels: 2, species: [1, 8], matrix: Array.from({ length: 2 * 2 * 2 * 2 }, (_, k) => k / 3) };
    const newer = { ...older, centers: [1, 8], matrix: [...older.matrix, ...older.matrix.map((value) => value + 1)] };
    for (const contraction of [older, newer, { ...older, centers: null }]) {
      const contracted = { ...potential, terms: [{ ...term!, hyperparameters: { ...term!.hyperparameters, basis: { ...basis, contraction } } }] };
      expect(parseModel(formatModel(contracted))).toEqual(contracted);
    }
  });

  test("is the same text for the same potential, whatever the order of its baseline", () => {
    const potential = makePotential();
    const text = formatModel(potential);
    expect(formatModel({ ...potential, baseline: new Map([...potential.baseline].reverse()) })).toBe(text);
    expect(formatModel(parseModel(text))).toBe(text);
  });

  test("keeps no keys of a fit's configuration among the hyperparameters", () => {
    const potential = makePotential();
    const terms = potential.terms.map((term) => ({ ...term, hyperparameters: { ...defaultFitConfiguration, ...term.hyperparameters } }));
    expect(formatModel({ ...potential, terms })).toBe(formatModel(potential));
  });

  test("survives other white space", () => {
    const text = formatModel(makePotential());
    expect(parseModel(JSON.stringify(JSON.parse(text), null, 2))).toEqual(parseModel(text));
  });

  test("10 MB are written and read in about a second", () => {
    const potential = makePotential();
    const points = 62_500;
    const center = {
      ...potential.terms[0]!.centers[1]!, sparsePoints: new Float64Array(20 * points).map((_, i) => Math.sin(i)), weights: new Float64Array(points),
    };
    const start = performance.now();
    const back = parseModel(formatModel({ ...potential, terms: [{ ...potential.terms[0]!, centers: [center] }] }));
    const seconds = (performance.now() - start) / 1000;
    expect(Buffer.from(back.terms[0]!.centers[0]!.sparsePoints.buffer).equals(Buffer.from(center.sparsePoints.buffer))).toBe(true);
    // Forty times what it takes, for machines under load; a quadratic reader takes minutes.
    expect(seconds).toBeLessThan(20);
  });
});

test("a file of version 1, which had one term, is read as that one", () => {
  const potential = makePotential();
  const single = { ...potential, terms: [potential.terms[0]!] };
  const first = forge(formatModel(single), (json) => {
    const { terms: [term], ...rest } = json.potential;
    json.version = 1;
    Object.assign(json, { potential: { ...rest, ...term } });
  });
  expect(parseModel(first, "M.json")).toEqual(single);
});

describe("a model file is refused by name", () => {
  const text = formatModel(makePotential());

  test.each([
    ["an empty file", "", "an empty file"],
    ["a truncated one", text.slice(0, text.length / 2), "truncated or damaged"],
    ["another text", "2\nLattice=\"5 0 0 0 5 0 0 0 5\"\nSi 0 0 0\n", "not a Lather model"],
    ["foreign JSON", '{"format": "torch", "weights": []}', "not a Lather model"],
    ["a JSON list", "[1, 2]", "not a Lather model"],
    ["JSON null", "null", "not a Lather model"],
  ])("%s", (_, content, part) => {
    const message = messageOf(() => parseModel(content, "M.json"));
    expect(message).toContain("M.json");
    expect(message).toContain(part);
  });

  test("a newer version, before its checksum is looked at", () => {
    const newer = JSON.stringify({ ...JSON.parse(text), version: 7, lather: "3.1.4" });
    expect(messageOf(() => parseModel(newer, "M.json"))).toMatch(/M\.json: written by a newer Lather \(3\.1\.4\): version 7.*this one reads 3/);
    expect(messageOf(() => parseModel(JSON.stringify({ ...JSON.parse(text), version: "1" })))).toContain("unknown version");
  });

  test("any single changed letter", () => {
    const start = text.indexOf('"potential"');
    for (let at = start; at < text.length - 2; at += 89) {
      const letter = text[at] === "A" ? "B" : "A";
      const message = messageOf(() => parseModel(text.slice(0, at) + letter + text.slice(at + 1), "M.json"));
      expect(message).toMatch(/damaged|truncated/);
    }
  });

  test.each<[string, (json: FileJson) => void, string]>([
    ["a weight missing", (json) => (json.potential.terms[0]!.centers[0]!["weights"] = encodeFloat64(new Float64Array(4))), "centers.0.sparsePoints"],
    [
      "a projection of another size", (json) => (json.potential.terms[0]!.centers[0]!["projection"] = encodeFloat64(new Float64Array(59))),
      "centers.0.projection",
    ],
    ["features of another basis", (json) => (json.potential.terms[0]!.hyperparameters.basis["nMax"] = 3), "centers.0.projection"],
    ["all features, of another number", (json) => (json.potential.terms[0]!.centers[1]!["size"] = 10), "centers.1.size"],
    ["a center of an unresolved element", (json) => (json.potential.terms[0]!.centers[1]!["species"] = 14), "centers.1.species"],
    ["no baseline of an element", (json) => json.potential.baseline.pop(), "baseline"],
    ["elements out of order", (json) => json.potential.species.reverse(), "species"],
    ["no terms", (json) => (json.potential.terms = []), "terms"],
    ["no centers", (json) => (json.potential.terms[0]!.centers = []), "centers"],
    ["a NaN", (json) => (json.potential.terms[0]!.centers[0]!["weights"] = encodeFloat64(new Float64Array(5).fill(Number.NaN))), "potential.terms.0.centers.0.weights"],
    ["not base64", (json) => (json.potential.terms[0]!.centers[0]!["weights"] = "!!!!"), "potential.terms.0.centers.0.weights"],
    ["a missing hyperparameter", (json) => Reflect.deleteProperty(json.potential.terms[0]!.hyperparameters.cutoff, "width"), "cutoff.width"],
    ["an unknown key", (json) => (json.potential["colour"] = 1), "colour"],
    ["no potential", (json) => Reflect.deleteProperty(json, "potential"), "potential"],
    ["a hyperparameter out of range", (json) => (json.potential.terms[0]!.hyperparameters.cutoff["radius"] = -1), "cutoff.radius"],
  ])("%s", (_, change, part) => {
    const message = messageOf(() => parseModel(forge(text, change), "M.json"));
    expect(message).toContain("M.json");
    expect(message).toContain(part);
  });

  test("a potential that is not finite or does not fit together is not written", () => {
    const potential = makePotential();
    const [term] = potential.terms;
    const [first, second] = term!.centers as [CenterModel, CenterModel];
    const withCenters = (...centers: CenterModel[]): Potential => ({ ...potential, terms: [{ ...term!, centers }] });
    expect(() => formatModel(withCenters({ ...first, weights: first.weights.map(() => Number.NaN) }, second))).toThrow(NumericalError);
    expect(() => formatModel({ ...potential, baseline: new Map([[1, Infinity], [8, 0]]) })).toThrow(NumericalError);
    expect(() => formatModel(withCenters({ ...first, size: 4 }, second))).toThrow(InputError);
  });
});

describe("base64 against Node's", () => {
  test.each([0, 1, 2, 3, 4, 5, 255, 256])("%i bytes", (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + 11) & 255);
    expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
    expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
  });

  test("what is no base64 is null", () => {
    for (const text of ["A", "AAA", "A=AA", "AA\nA", "====", "AAé"]) expect(decodeBase64(text)).toBe(null);
    expect(decodeFloat64(encodeBase64(new Uint8Array(9)))).toBe(null);
  });

  test("float64 are little-endian", () => {
    expect(encodeFloat64(Float64Array.of(1))).toBe(Buffer.from([0, 0, 0, 0, 0, 0, 0xf0, 0x3f]).toString("base64"));
  });
});

test("CRC-32 of the check string of its definition, and of every length about a step", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0))).toBe(0);
  for (let length = 1; length < 20; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 91 + length);
    let remainder = 0xffffffff;
    for (const byte of bytes) {
      remainder ^= byte;
      for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
    }
    expect(crc32(bytes)).toBe(~remainder >>> 0);
  }
});

test("the version is that of package.json", () => {
  expect(latherVersion).toBe(JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")).version);
});

describe("cores in a model file", () => {
  const potential = (): Potential => ({
    ...makePotential(), pairs: [createScreenedCoulomb(universalScreening, [1, 8], { inner: null, outer: null }, ""), createScreenedCoulomb({ coefficients: [1], exponents: [1 / 3], length: 0.1 + 0.2 }, [1, 8], { inner: 0, outer: 2 / 3 }, "")],
  });

  test("come back with every bit, beside other terms and alone; the same potential gives the same text", () => {
    for (const own of [potential(), { ...potential(), terms: [] }]) {
      const text = formatModel(own);
      expect(parseModel(text)).toEqual(own);
      expect(formatModel(parseModel(text))).toBe(text);
    }
    expect(parseModel(formatModel({ ...makePotential(), pairs: [] }))).toEqual(makePotential());
    expect(messageOf(() => formatModel({ ...makePotential(), terms: [], pairs: [] }))).toContain("one term or more");
  });

  type PairJson = { kind: string; screening: Record<string, unknown> & { coefficients: unknown[]; exponents: unknown[] }; pairs: { species: number[]; inner: unknown; outer: unknown }[] };
  const damages: [string, (core: PairJson) => void, string][] = [
    ["a radius that is no number", ({ pairs }) => (pairs[1]!.outer = "1"), '"potential.pairs.0.pairs.1.outer": expected a length in Å, got "1"'],
    ["a radius that is missing", ({ pairs }) => delete (pairs[1] as { outer?: unknown }).outer, '"potential.pairs.0.pairs.1.outer": missing'],
    ["radii in the wrong order", ({ pairs }) => (pairs[2]!.inner = 5), '"pairs.0.pairs.2.outer": switching radii of a core between O and O out of range'],
    ["a radius below 0", ({ pairs }) => (pairs[0]!.inner = -0.1), '"pairs.0.pairs.0.inner"'],
    ["a pair too few", ({ pairs }) => pairs.pop(), '"pairs.0.pairs": pairs of a core: expected H–H, H–O, O–O, got H–H, H–O'],
    ["a pair of another element", ({ pairs }) => (pairs[2]!.species = [8, 9]), "got H–H, H–O, O–F"],
    ["pairs of three", ({ pairs }) => pairs[2]!.species.push(8), "potential.pairs.0.pairs.2.species"],
    ["coefficients that do not sum up to 1", ({ screening }) => (screening.coefficients[0] = 0.5), '"pairs.0.screening.coefficients": screening out of range: expected numbers whose sum is 1'],
    ["an exponent that is null, as JSON writes NaN", ({ screening }) => (screening.exponents[0] = null), '"potential.pairs.0.screening.exponents.0": expected a number, got null'],
    ["an exponent below 0", ({ screening }) => (screening.exponents[1] = -1), '"pairs.0.screening.exponents.1"'],
    ["a length of nothing", ({ screening }) => (screening["length"] = 0), '"pairs.0.screening.length"'],
    ["another kind", (core) => (core.kind = "morse"), '"potential.pairs.0.kind": expected "screened-coulomb" or "tabulated", got "morse"'],
    ["a key too many", ({ screening }) => (screening["scale"] = 2), 'unknown key "potential.pairs.0.screening.scale"'],
  ];
  test.each(damages)("%s is refused, with the file's name", (_, damage, message) => {
    const found = messageOf(() => parseModel(forge(formatModel(potential()), (json) => damage((json.potential["pairs"] as PairJson[])[0]!)), "M.json"));
    expect(found).toContain(message);
    expect(found).toContain("M.json");
  });

  test("numbers that are refused when read are refused when written", () => {
    const core = potential().pairs![0]! as ScreenedCoulomb;
    const written = (change: object): (() => string) => () => formatModel({ ...potential(), pairs: [{ ...core, ...change }] });
    expect(messageOf(written({ screening: { ...core.screening, exponents: [1, 2, 3, NaN] } }))).toContain('"pairs.0.screening.exponents.3"');
    expect(messageOf(written({ screening: { ...core.screening, coefficients: [NaN, 1, 0, 0] } }))).toContain('"pairs.0.screening.coefficients.0"');
    expect(messageOf(written({ pairs: core.pairs.slice(1) }))).toContain('"pairs.0.pairs"');
    expect(messageOf(written({ pairs: core.pairs.map((pair) => ({ ...pair, outer: Infinity })) }))).toContain('"pairs.0.pairs.0.outer"');
  });
});
