// Settings chosen by the data, in the worker: the search, what it says of itself, and what is done where there are too few data for one.
import { InputError, tuneFit, type Backend, type FitConfiguration, type JobOptions, type LabeledStructure, type TuningTrial } from "lather";
import type { SearchReport, SearchRequest } from "./training-job.js";

/** Trials below which a longer budget is worth a word. */
const FEW_TRIALS = 10;

/** A configuration for these data, and how it came about. */
export async function searchSettings(
  backend: Backend, data: readonly LabeledStructure[], given: FitConfiguration, { budget, fixed }: SearchRequest, job: JobOptions, onBest: (words: string) => void,
): Promise<{ configuration: FitConfiguration; report: SearchReport }> {
  const begin = performance.now();
  // Between trials the page goes by its clock where the budget is a time.
  const report = (done: number): void => job.onProgress?.({ stage: "settings", done: Math.min(99, done), total: 100 });
  report(0);
  let best = "";
  const onTrial = ({ index, summary, best: better }: TuningTrial): void => {
    if (better) best = summary;
    if ("trials" in budget) report((100 * (index + 1)) / budget.trials);
    if (best !== "") onBest(`best so far: ${best} after ${counted(index + 1)}`);
  };
  try {
    const { configuration, reasons, trials } = await tuneFit(backend, data, { signal: job.signal, budget, given, fixed, onTrial });
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    const more = trials < FEW_TRIALS && "seconds" in budget ? " A larger budget tries more." : "";
    const words = `${counted(trials)} in ${seconds} s, four parts of the training set held out in turn; the best: ${best} (mean absolute errors).${more}`;
    return { configuration, report: { words, reasons: [...reasons, ...keptWords(fixed)] } };
  } catch (error) {
    // Labels are there, but too few to hold out parts of them: a fit needs less.
    if (!(error instanceof InputError && error.message.startsWith("too few labelled structures"))) throw error;
    return { configuration: given, report: { words: "Too few labelled structures to choose settings by: these are the defaults, and what the form gives.", reasons: keptWords(fixed) } };
  }
}

function counted(trials: number): string {
  return `${trials} ${trials === 1 ? "trial" : "trials"}`;
}

function keptWords(fixed: readonly string[]): string[] {
  return fixed.length > 0 ? [`${fixed.join(", ")}: as the form gives ${fixed.length === 1 ? "it" : "them"}`] : [];
}
