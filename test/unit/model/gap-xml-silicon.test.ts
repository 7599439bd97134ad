// A GAP of gap_fit against what QUIP predicts with it, and the way there through the command.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { createBackend } from "../../../src/backend/create-backend.js";
import { parseGapXml } from "../../../src/model/gap-xml.js";
import type { Potential } from "../../../src/model/potential.js";
import { formatModel, parseModel } from "../../../src/model/model-file.js";
import { parseExtxyz } from "../../../src/structure/extxyz.js";
import { describeShared } from "../../shared-data.js";
import { lather, temporaryFolder } from "../cli/run.js";

const sparseName = "gap_si.xml.sparseX.GAP_2026_11_20_0_11_18_27_31";

describeShared("a GAP of silicon as QUIP predicts with it", ["reference/quip/gap_si.xml", `reference/quip/${sparseName}.gz`, "data/zuo2020/Si_test_gap_fit_predictions.xyz"], (xml, sparse, predictions) => {
  const folder = temporaryFolder();
  const read = (): Promise<Potential> => parseGapXml(readFileSync(xml, "utf8"), (name) => {
    expect(name).toBe(sparseName);
    return gunzipSync(readFileSync(sparse)).toString();
  }, xml);

  it("energies and forces are QUIP's to the digits of its file", async () => {
    const potential = await read();
    expect(potential.species).toEqual([14]);
    const backend = await createBackend("cpu", { threads: 2 });
    const evaluator = await backend.createEvaluator(potential);
    const structures = parseExtxyz(readFileSync(predictions, "utf8"));
    const found = await evaluator.predict(structures);
    evaluator.destroy();
    backend.destroy();
    expect(structures.length).toBe(25);
    structures.forEach(({ info, arrays, species }, s) => {
      // The file has 10 digits of energies and 8 of forces: half a unit of the last is 5e-9.
      expect(Math.abs(found[s]!.energy - (info.get("energy") as number)) / species.length).toBeLessThan(1e-9);
      const forces = arrays.get("forces")!.values as Float64Array;
      expect(forces.length).toBe(3 * species.length);
      expect(Math.max(...found[s]!.forces!.map((value, k) => Math.abs(value - forces[k]!)))).toBeLessThan(1e-8);
    });
  }, 120_000);

  it("the command makes a model file of it, sparse points gzipped beside the XML", async () => {
    const out = join(folder, "gap.json");
    const { code, stdout, stderr } = await lather(["import-gap", xml, "--out", out]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("a GAP of Si: soap to 5.4 Å, ζ 4, 1000 sparse points");
    const potential = await read();
    expect(parseModel(readFileSync(out, "utf8"))).toEqual(potential);
    expect(readFileSync(out, "utf8")).toBe(formatModel(potential));
  });
});
