// A GAP of QUIP on the GPU in float32, against QUIP: its coefficients, up to 10³ eV and of both signs, cost digits.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { createBackend } from "../../src/backend/create-backend.js";
import { parseGapXml } from "../../src/model/gap-xml.js";
import { parseExtxyz } from "../../src/structure/extxyz.js";
import { describeShared } from "../shared-data.js";

const sparse = "reference/quip/gap_si.xml.sparseX.GAP_2026_11_20_0_11_18_27_31.gz";

describeShared("a GAP of silicon on the GPU", ["reference/quip/gap_si.xml", sparse, "data/zuo2020/Si_test_gap_fit_predictions.xyz"], (xml, points, predictions) => {
  it("energies to 5e-6 eV per atom, forces to 1e-3 eV/Å", async () => {
    const potential = await parseGapXml(readFileSync(xml, "utf8"), () => gunzipSync(readFileSync(points)).toString());
    const structure = parseExtxyz(readFileSync(predictions, "utf8")).reduce((least, other) => (other.species.length < least.species.length ? other : least));
    const backend = await createBackend("gpu");
    const evaluator = await backend.createEvaluator(potential);
    const [found] = await evaluator.predict([structure]);
    evaluator.destroy();
    backend.destroy();
    expect(Math.abs(found!.energy - (structure.info.get("energy") as number)) / structure.species.length).toBeLessThan(5e-6);
    const forces = structure.arrays.get("forces")!.values as Float64Array;
    expect(Math.max(...found!.forces!.map((value, k) => Math.abs(value - forces[k]!)))).toBeLessThan(1e-3);
  });
});
