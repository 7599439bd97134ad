// The cases by name, in the order in which they run: the fit leaves the model that the zuo cases load.
import { CONTRACTION_CASES } from "./contraction-case.js";
import { mol200 } from "./data.js";
import type { Prepare } from "./energy-force-cases.js";
import { runFeatures } from "./feature-cases.js";
import { runZuoFit, zuoModelCached } from "./fit-case.js";
import { generatedCases, type Case } from "./generated-cases.js";
import type { Measured } from "./result.js";
import type { Setting } from "./setting.js";
import { tableHyperparameters } from "./systems.js";

/** A tenth of them on a software adapter, which would take minutes for all. */
async function molecules(name: string, setting: Setting): Promise<Measured> {
  const all = await mol200();
  if (!setting.software) return runFeatures(name, all, tableHyperparameters(4), setting);
  const report = await runFeatures(name, all.slice(0, 20), tableHyperparameters(4), setting);
  return { ...report, system: "20 molecules in place of 200 on a software adapter" };
}

/** @param zuo where the potential of the zuo2020 cases comes from */
export function allCases(zuo: Prepare): Case[] {
  const fromFiles: Case[] = [
    { name: "features-mol200", kinds: ["cpu", "gpu"], run: (setting) => molecules("features-mol200", setting) },
    ...CONTRACTION_CASES,
    { name: "fit-zuo-si", kinds: ["cpu", "gpu"], run: (setting) => runZuoFit("fit-zuo-si", setting) },
  ];
  const cases = [...generatedCases(zuo), ...fromFiles];
  const order = ["features-si512", "features-mol200", ...CONTRACTION_CASES.map(({ name }) => name), "energy-forces-si512-m500", "fit-zuo-si"];
  const place = ({ name }: Case): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return cases.sort((a, b) => place(a) - place(b));
}

/** A case that has to run once before another on the CPU; null when nothing has. The GPU takes another model of the same size instead. */
export async function prerequisite(name: string): Promise<string | null> {
  return name === "energy-forces-si512-zuo" && !(await zuoModelCached()) ? "fit-zuo-si" : null;
}
