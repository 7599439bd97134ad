// The cases by name, in the order in which they run: the fit leaves the model that the last case loads.
import { CONTRACTION_CASES } from "./contraction-case.js";
import { runEnergyForces } from "./energy-force-cases.js";
import { runFeatures } from "./feature-cases.js";
import { runZuoFit, zuoModelCached, zuoPotential } from "./fit-case.js";
import type { Measured } from "./result.js";
import { diamondSilicon, mol200, tableHyperparameters, unfittedPotential } from "./systems.js";

interface Case {
  readonly name: string;
  run(threads: number): Promise<Measured>;
}

export const CASES: readonly Case[] = [
  { name: "features-si512", run: (threads) => runFeatures("features-si512", [diamondSilicon()], tableHyperparameters(5), threads) },
  { name: "features-mol200", run: async (threads) => runFeatures("features-mol200", await mol200(), tableHyperparameters(4), threads) },
  ...CONTRACTION_CASES,
  {
    name: "energy-forces-si512-m500",
    run: (threads) =>
      runEnergyForces("energy-forces-si512-m500", diamondSilicon(), async (backend) => ({
        potential: await unfittedPotential(backend, tableHyperparameters(5), 500, 2), model: "random weights",
      }), threads),
  },
  { name: "fit-zuo-si", run: (threads) => runZuoFit("fit-zuo-si", threads) },
  { name: "energy-forces-si512-zuo", run: (threads) => runEnergyForces("energy-forces-si512-zuo", diamondSilicon(), zuoPotential, threads) },
];

/** A case that has to run once before another; null when nothing has. */
export async function prerequisite(name: string): Promise<string | null> {
  return name === "energy-forces-si512-zuo" && !(await zuoModelCached()) ? "fit-zuo-si" : null;
}
