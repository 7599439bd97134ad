// A potential of several parts as a sum of evaluators of one part each, on backends that keep one part resident at a time.
import type { Potential } from "../model/potential.js";
import type { Structure } from "../structure/structure.js";
import type { Evaluator, Prediction, PredictOptions } from "./backend.js";
import { collectPredictions } from "./collect-predictions.js";
import { isPairTerm } from "./pair-terms.js";

/** Structures that all terms predict before the next ones are asked for. */
const PORTION = 64;

class SumEvaluator implements Evaluator {
  readonly #parts: readonly Evaluator[];

  constructor(parts: readonly Evaluator[]) {
    this.#parts = parts;
  }

  predict(structures: readonly Structure[], options: PredictOptions = {}): Promise<Prediction[]> {
    return collectPredictions(this, structures, options);
  }

  async *predictStream(
    structures: Iterable<Structure> | AsyncIterable<Structure>,
    { signal, onProgress, forces = true }: PredictOptions = {},
  ): AsyncGenerator<{ structure: Structure; prediction: Prediction }> {
    let done = 0;
    for await (const portion of inPortions(structures)) {
      const predictions = await Promise.all(this.#parts.map((part) => part.predict(portion, { signal, forces })));
      for (let k = 0; k < portion.length; k++) {
        yield { structure: portion[k]!, prediction: predictions.map((own) => own[k]!).reduce(add) };
        done++;
        onProgress?.({ stage: "prediction", done, total: done });
      }
    }
  }

  destroy(): void {
    for (const part of this.#parts) part.destroy();
  }
}

async function* inPortions(structures: Iterable<Structure> | AsyncIterable<Structure>): AsyncGenerator<Structure[]> {
  let open: Structure[] = [];
  for await (const structure of structures) {
    open.push(structure);
    if (open.length < PORTION) continue;
    yield open;
    open = [];
  }
  if (open.length > 0) yield open;
}

function add(a: Prediction, b: Prediction): Prediction {
  const sum = (x: Float64Array | null, y: Float64Array | null): Float64Array | null => {
    if (!x || !y) return null;
    const both = new Float64Array(x.length);
    for (let k = 0; k < both.length; k++) both[k] = x[k]! + y[k]!;
    return both;
  };
  return {
    energy: a.energy + b.energy, localEnergies: sum(a.localEnergies, b.localEnergies)!, forces: sum(a.forces, b.forces), virial: sum(a.virial, b.virial),
  };
}

/** Parts that are resident by themselves, without a committee: every term alone, all functions of pairs together. The baseline is in the first alone. */
export function residentParts({ species, baseline, terms, pairs = [], provenance }: Potential): Potential[] {
  const ofPairs = terms.filter(isPairTerm);
  const none = new Map<number, number>();
  const parts = terms.filter((term) => !isPairTerm(term)).map((term): Potential => ({ species, baseline: none, terms: [term], provenance }));
  if (parts.length === 0 || pairs.length + ofPairs.length > 0) parts.push({ species, baseline: none, terms: ofPairs, pairs, provenance });
  return parts.map((part, index) => (index === 0 ? { ...part, baseline } : part));
}

/**
 * @param potentials parts of one potential
 * @param create of an evaluator for a part
 */
export async function createSumEvaluator(potentials: readonly Potential[], create: (part: Potential) => Promise<Evaluator>): Promise<Evaluator> {
  const parts: Evaluator[] = [];
  try {
    for (const part of potentials) parts.push(await create(part));
  } catch (error) {
    for (const part of parts) part.destroy();
    throw error;
  }
  return new SumEvaluator(parts);
}
