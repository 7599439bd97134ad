// Settings chosen by the data, in the worker: the search, what it says of itself, and what is done where there are too few data for one.
import { InputError, tuneFit, type Backend, type FitConfiguration, type JobOptions, type LabeledStructure, type TuningTrial } from "lather";
import type { SearchReport, SearchRequest } from "./training-job.js";

/** "2.1 meV/atom, 60 meV/Å after 12 trials", once a trial is the best so far. */
export function bestSoFar(listener: (words: string) => void): (trial: TuningTrial) => void {
  let best = "";
  return ({ index, summary, best: better }) => {
    if (better) best = summary;
    if (best !== "") listener(`best so far: ${best} after ${index + 1} ${index === 0 ? "trial" : "trials"}`);
  };
}

/** A configuration for these data, and how it came about. */
export async function searchSettings(
  backend: Backend, data: readonly LabeledStructure[], given: FitConfiguration, { budget, fixed }: SearchRequest,
  job: JobOptions & { readonly onTrial: (trial: TuningTrial) => void },
): Promise<{ configuration: FitConfiguration; report: SearchReport }> {
  const begin = performance.now();
  let best: TuningTrial | null = null;
  const onTrial = (trial: TuningTrial): void => {
    if (trial.best) best = trial;
    job.onTrial(trial);
  };
  // The first trial may take a while, and is of this stage, too.
  job.onProgress?.({ stage: "settings", done: 0, total: 100 });
  try {
    const { configuration, reasons, trials } = await tuneFit(backend, data, { ...job, budget, given, fixed, onTrial });
    const seconds = (performance.now() - begin) / 1000;
    const words = `${trials} ${trials === 1 ? "trial" : "trials"} in ${seconds.toFixed(1)} s, four parts of the training set held out in turn; the best: ${best!.summary} (mean absolute errors).`;
    return { configuration, report: { words, reasons: [...reasons, ...keptWords(fixed)] } };
  } catch (error) {
    // Labels are there, but too few to hold out parts of them: a fit needs less.
    if (!(error instanceof InputError && error.message.startsWith("too few labelled structures"))) throw error;
    return { configuration: given, report: { words: "Too few labelled structures to choose settings by: these are the defaults, and what the form gives.", reasons: keptWords(fixed) } };
  }
}

function keptWords(fixed: readonly string[]): string[] {
  return fixed.length > 0 ? [`${fixed.join(", ")}: as the form gives ${fixed.length === 1 ? "it" : "them"}`] : [];
}
