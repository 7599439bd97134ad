// Potentials written as GAPs come back as themselves through the reader, which is held against QUIP.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createBackend } from "../../../src/backend/create-backend.js";
import { formatGapXml } from "../../../src/model/gap-xml-write.js";
import { parseGapXml } from "../../../src/model/gap-xml.js";
import { formatModel } from "../../../src/model/model-file.js";
import type { Potential } from "../../../src/model/potential.js";
import { createScreenedCoulomb, universalScreening } from "../../../src/pairs/screened-coulomb.js";
import { createStructure } from "../../../src/structure/structure.js";
import { describeShared } from "../../shared-data.js";
import { crystal, hyperparameters, randomPotential } from "../backend/systems.js";
import { lather, temporaryFolder } from "../cli/run.js";
import { readGap } from "./gap-files.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend("cpu", { threads: 1 });
});
afterAll(() => backend.destroy());

const gap = (change: Parameters<typeof hyperparameters>[0] = {}) => hyperparameters({ ...change, basis: { kind: "shifted-gaussians", accuracy: 1e-11, ...change.basis } });
const structure = crystal([6, 14], 6);
const core = createScreenedCoulomb(universalScreening, [6, 14], { inner: 0.6, outer: 2.2 }, "");

async function same(potential: Potential, structures = [structure]): Promise<void> {
  const other = await readGap(formatGapXml(potential));
  expect(other.species).toEqual(potential.species);
  const [one, two] = [await backend.createEvaluator(potential), await backend.createEvaluator(other)];
  const [expected, found] = [await one.predict(structures), await two.predict(structures)];
  one.destroy();
  two.destroy();
  structures.forEach((_, s) => {
    expected[s]!.localEnergies.forEach((energy, i) => expect(Math.abs(found[s]!.localEnergies[i]! - energy)).toBeLessThan(1e-6));
    expected[s]!.forces!.forEach((force, k) => expect(Math.abs(found[s]!.forces![k]! - force)).toBeLessThan(1e-5));
  });
}

describe("a potential as a GAP predicts the same:", () => {
  test("two elements, components, radial scaling", async () => {
    await same(await randomPotential(backend, structure, gap({ density: { scaling: { rate: 1, scale: 2, exponent: 4 } } }), { components: 7, zeta: 3 }));
  });
  test("an element of weight 0, two terms, a core down to half an ångström", async () => {
    const first = await randomPotential(backend, structure, gap({ density: { weights: { C: 0 } }, cutoff: { radius: 3 } }), { zeta: 2 });
    const second = await randomPotential(backend, structure, gap({ density: { centerWeight: 0.5 } }), { zeta: 4 });
    const dimers = [[6, 6, 0.6], [6, 14, 0.5], [14, 14, 1.1]].map(([a, b, r]) => createStructure({ species: [a!, b!], positions: [0, 0, 0, 0, 0, r!] }));
    // Carbon alone has no features where carbon weighs nothing.
    const silicon = { ...first.terms[0]!, centers: first.terms[0]!.centers.filter(({ species }) => species === 14) };
    await same({ ...first, terms: [silicon, ...second.terms], pairs: [core] }, [structure, ...dimers]);
  });
});

test("what a GAP cannot say is named", async () => {
  const fine = await randomPotential(backend, structure, gap(), {});
  const term = fine.terms[0]!;
  const refused = (change: object): (() => unknown) => () => formatGapXml({ ...fine, terms: [{ ...term, hyperparameters: { ...term.hyperparameters, ...change } }] });
  expect(refused({ basis: { ...term.hyperparameters.basis, kind: "gto" } })).toThrow('"terms.0.hyperparameters.basis.kind": a GAP of QUIP has no such term: expected "shifted-gaussians", got gto');
  expect(refused({ features: { kind: "power-spectrum", normalize: false } })).toThrow('"terms.0.hyperparameters.features.normalize"');
  expect(refused({ cutoff: { radius: 4, width: 1, function: "polynomial" } })).toThrow('"terms.0.hyperparameters.cutoff.function"');
  expect(refused({ density: { ...term.hyperparameters.density, weights: { Si: 0.5 } } })).toThrow("expected 0 or 1, got 0.5 of element 14");
  expect(() => formatGapXml({ ...fine, terms: [], pairs: [core] })).toThrow("expected a power spectrum with sparse points");
});

describeShared("the GAP of silicon", ["reference/quip/gap_si.xml", "reference/quip/gap_si.xml.sparseX.GAP_2026_11_20_0_11_18_27_31.gz"], (xml, sparse) => {
  const folder = temporaryFolder();
  it("comes back in every bit, through the commands too", async () => {
    const { provenance: _, ...potential } = await parseGapXml(readFileSync(xml, "utf8"), () => gunzipSync(readFileSync(sparse)).toString());
    const { provenance, ...other } = await readGap(formatGapXml({ ...potential, provenance: {} }));
    expect(other).toEqual(potential);
    const model = join(folder, "model.json");
    writeFileSync(model, formatModel({ ...potential, provenance }));
    const out = join(folder, "out.xml");
    const exported = await lather(["export-gap", model, "--out", out]);
    expect([exported.code, exported.stderr, exported.stdout]).toEqual([0, "", `${out}\n${out}.sparseX.GAP_lather1\n`]);
    const again = join(folder, "again.json");
    expect((await lather(["import-gap", out, "--out", again])).code).toBe(0);
    expect(readFileSync(again, "utf8")).toBe(readFileSync(model, "utf8"));
  });
});
