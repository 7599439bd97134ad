import { InputError, parseModel, type Backend, type JobOptions, type Potential } from "../index.js";
import { readText } from "./files.js";
import type { RepeatableSource } from "./scan.js";

/** @throws InputError without a model, or where it has no committee. */
export async function readCommittee(path: string | undefined): Promise<Potential> {
  const expected = "a model of `lather fit --set committee.members=8`";
  if (path === undefined) throw new InputError("uncertainties are those of a model", { key: "--model", expected, got: "none" });
  const potential = parseModel(await readText(path, "model"), path);
  if (!potential.committee) throw new InputError("the model has no committee to tell uncertainties", { file: path, key: "--model", expected, got: "one without" });
  return potential;
}

/** Structures by the largest expected error of a force component, eV/Å, largest first. */
export async function mostUncertain(
  source: RepeatableSource, count: number, backend: Backend, potential: Potential, atoms: number, { signal, onProgress }: JobOptions,
): Promise<{ indices: number[]; uncertainties: number[] }> {
  const evaluator = await backend.createEvaluator(potential);
  const found: [structure: number, sigma: number][] = [];
  let done = 0;
  try {
    for await (const { structure, prediction } of evaluator.predictStream(source(), { signal, uncertainty: true })) {
      found.push([found.length, prediction.uncertainty!.forces!.reduce((most, sigma) => Math.max(most, sigma), 0)]);
      done += structure.species.length;
      onProgress?.({ stage: "predict", done, total: atoms });
    }
  } finally {
    evaluator.destroy();
  }
  const chosen = found.sort(([i, a], [j, b]) => b - a || i - j).slice(0, count);
  return { indices: chosen.map(([structure]) => structure), uncertainties: chosen.map(([, sigma]) => sigma) };
}
