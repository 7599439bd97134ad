// A GAP of gap_fit against what QUIP predicts with it, and the way there through the command.
import { copyFileSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { createBackend } from "../../../src/backend/create-backend.js";
import { parseGapXml } from "../../../src/model/gap-xml.js";
import type { Potential } from "../../../src/model/potential.js";
import { readExtxyz } from "../../../src/structure/extxyz.js";
import { describeShared } from "../../shared-data.js";

const sparseName = "gap_si.xml.sparseX.GAP_2026_11_20_0_11_18_27_31";

describeShared("a GAP of silicon as QUIP predicts with it", ["reference/quip/gap_si.xml", `reference/quip/${sparseName}.gz`, "data/zuo2020/Si_test_gap_fit_predictions.xyz"], (xml, sparse, predictions) => {
  const read = (): Promise<Potential> => parseGapXml(readFileSync(xml, "utf8"), (name) => {
    expect(name).toBe(sparseName);
    return gunzipSync(readFileSync(sparse)).toString();
  }, xml);

  it("energies to 1e-6 eV per atom, forces to 1e-5 eV/Å", async () => {
    const potential = await read();
    expect(potential.species).toEqual([14]);
    const backend = await createBackend("cpu", { threads: 2 });
    const evaluator = await backend.createEvaluator(potential);
    let [energies, forces, structures] = [0, 0, 0];
    for await (const structure of readExtxyz([readFileSync(predictions)] as never)) {
      const [prediction] = await evaluator.predict([structure]);
      energies = Math.max(energies, Math.abs(prediction!.energy - (structure.info.get("energy") as number)) / structure.species.length);
      const expected = structure.arrays.get("forces")!.values as Float64Array;
      prediction!.forces!.forEach((value, k) => (forces = Math.max(forces, Math.abs(value - expected[k]!))));
      structures++;
    }
    expect(structures).toBe(25);
    expect(energies).toBeLessThan(1e-6);
    expect(forces).toBeLessThan(1e-5);
    evaluator.destroy();
    backend.destroy();
  }, 120_000);
});
