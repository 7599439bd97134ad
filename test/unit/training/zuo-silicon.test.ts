// A small fit to real data: silicon of Zuo et al. (2020). The published GAP has 2.9 meV/atom and 0.07 eV/Å with more sparse points.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createBackend, findLabelKeys, fitPotential, measureErrors, parseConfigurationText, parseFitConfiguration, readLabels } from "../../../src/index.js";
import { readAllStructures } from "../../../src/node/index.js";
import type { LabeledStructure } from "../../../src/structure/structure.js";
import { describeShared } from "../../shared-data.js";

async function readLabeled(file: string): Promise<LabeledStructure[]> {
  const structures = await readAllStructures(file);
  const keys = findLabelKeys(structures, { virial: false });
  return structures.map((structure, index) => ({ structure, labels: readLabels(structure, keys, { file, structure: index }) }));
}

describeShared("silicon of Zuo et al.", ["data/zuo2020/Si_train.xyz", "data/zuo2020/Si_test.xyz"], (trainFile, testFile) => {
  test("a third of the sparse points and fewer angular functions still reach the published forces", { timeout: 180_000 }, async () => {
    const settings = parseConfigurationText(readFileSync("bench/configs/zuo2020-si.json", "utf8")) as Record<string, object>;
    const configuration = parseFitConfiguration({ ...settings, basis: { nMax: 8, lMax: 5 }, sparse: { count: 330, method: "leverage" } });
    const backend = await createBackend("cpu");
    const { potential, diagnostics } = await fitPotential(backend, await readLabeled(trainFile!), configuration);
    const { errors } = await measureErrors(backend, potential, await readLabeled(testFile!));
    backend.destroy();
    expect(diagnostics).toMatchObject({ environments: 13233, rows: 214 + 39699 });
    expect(errors.energy_mae!).toBeLessThan(0.004);
    expect(errors.force_mae!).toBeLessThan(0.073);
  });
});
