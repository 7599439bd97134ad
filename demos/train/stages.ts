// The stages of a training and a simple model of their cost: shares of the time that the embedded set takes with the defaults.
import type { PlannedStage } from "../job-clock.js";

/**
 * A search takes half of its budget at the least, and leaves the rest to the fit.
 * @param test null where a part of the training file is held out
 */
export function stagesOf(train: string, test: string | null, search: boolean): PlannedStage[] {
  return [
    { name: `reading ${train}`, cost: 3 },
    ...(test === null || test === train ? [] : [{ name: `reading ${test}`, cost: 2 }]),
    ...(search ? [{ name: "settings", cost: 130 }] : []),
    { name: "compression", cost: 5 },
    { name: "features", cost: 10 },
    { name: "sparse points", cost: 4 },
    { name: "kernel rows", cost: 64 },
    { name: "prediction (training set)", cost: 8 },
    { name: "prediction (test set)", cost: 4 },
  ];
}
