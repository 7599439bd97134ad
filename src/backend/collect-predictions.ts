import type { Structure } from "../structure/structure.js";
import type { Evaluator, PredictOptions, Prediction } from "./backend.js";

/** All predictions of an evaluator's stream, with progress in atoms. */
export async function collectPredictions(
  evaluator: Pick<Evaluator, "predictStream">,
  structures: readonly Structure[],
  { signal, onProgress, forces = true, uncertainty = false }: PredictOptions,
): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  const total = structures.reduce((sum, { species }) => sum + species.length, 0);
  let done = 0;
  for await (const { structure, prediction } of evaluator.predictStream(structures, { signal, forces, uncertainty })) {
    predictions.push(prediction);
    done += structure.species.length;
    onProgress?.({ stage: "prediction", done, total });
  }
  return predictions;
}
