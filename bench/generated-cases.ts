// The cases whose systems are made of numbers alone: they run in Node and in a browser.
import { runEnergyForces, type Prepare } from "./energy-force-cases.js";
import { runFeatures } from "./feature-cases.js";
import type { Measured } from "./result.js";
import type { Setting } from "./setting.js";
import { diamondSilicon, movingSteps, tableHyperparameters, unfittedPotential, unfittedZuo } from "./systems.js";

export interface Case {
  readonly name: string;
  /** Backends that it is for. */
  readonly kinds: readonly Setting["kind"][];
  run(setting: Setting): Promise<Measured>;
}

const BOTH = ["cpu", "gpu"] as const;

/** A potential of the zuo2020 fit's sizes, where there is no fitted one. */
export const unfitted: Prepare = async (cpu) => ({ potential: await unfittedZuo(cpu), model: "random weights, sizes of the zuo2020 Si fit" });

/** Steps of the simulation; every one has other neighbors. */
const STEPS = 16;

/** 100,000 atoms; a software adapter would take minutes for them. */
async function manyAtoms(name: string, zuo: Prepare, setting: Setting): Promise<Measured> {
  if (!setting.software) return runEnergyForces(name, [diamondSilicon([25, 25, 20])], zuo, setting);
  const few = diamondSilicon(6);
  return { ...(await runEnergyForces(name, [few], zuo, setting)), system: `${few.species.length} atoms in place of 100,000 on a software adapter` };
}

/** @param zuo where the potential of the zuo2020 cases comes from */
export function generatedCases(zuo: Prepare): Case[] {
  return [
    { name: "features-si512", kinds: BOTH, run: (setting) => runFeatures("features-si512", [diamondSilicon()], tableHyperparameters(5), setting) },
    {
      name: "energy-forces-si512-m500", kinds: BOTH,
      run: (setting) =>
        runEnergyForces("energy-forces-si512-m500", [diamondSilicon()], async (cpu) => ({
          potential: await unfittedPotential(cpu, tableHyperparameters(5), 500, 2), model: "random weights",
        }), setting),
    },
    { name: "energy-forces-si512-zuo", kinds: BOTH, run: (setting) => runEnergyForces("energy-forces-si512-zuo", [diamondSilicon()], zuo, setting) },
    {
      name: "step-si1000-zuo", kinds: ["gpu"],
      run: (setting) => runEnergyForces("step-si1000-zuo", movingSteps(diamondSilicon(5), setting.software ? 2 : STEPS), zuo, setting),
    },
    { name: "energy-forces-si100k-zuo", kinds: ["gpu"], run: (setting) => manyAtoms("energy-forces-si100k-zuo", zuo, setting) },
  ];
}
