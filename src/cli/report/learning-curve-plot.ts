// Learning curves as plots with logarithmic axes: errors against training structures, the standard deviation over the repeats as error bars.
import { latherVersion, type ErrorName, type LearningCurve } from "../../index.js";
import { logRange } from "./axis.js";
import { formatFigure } from "./figure.js";
import { linePlot, type LinePlot, type Series } from "./line-plot.js";
import { formatHtmlTable, formatPage } from "./page.js";

const TITLE = "Learning curve";

/** What is drawn, and the factor from the units of the library. */
const PLOTS: readonly { title: string; label: string; scale: number; errors: readonly (readonly [string, ErrorName])[] }[] = [
  { title: "Energy", label: "error / meV per atom", scale: 1000, errors: [["RMSE", "energy_rmse"], ["MAE", "energy_mae"]] },
  { title: "Forces", label: "error / eV Å⁻¹", scale: 1, errors: [["RMSE", "force_rmse"], ["MAE", "force_mae"]] },
  { title: "Virial", label: "error / meV per atom", scale: 1000, errors: [["RMSE", "virial_rmse"], ["MAE", "virial_mae"]] },
];

/** A curve by its name: several in one plot are told apart by it. */
export interface NamedCurve {
  readonly name: string;
  readonly points: LearningCurve["points"];
}

function seriesOf({ points }: NamedCurve, error: ErrorName, scale: number, name: string): Series {
  const known = points.filter(({ mean }) => mean[error] !== null && mean[error] > 0);
  return {
    name, points: known.map(({ structures, mean }) => [structures, scale * mean[error]!] as const),
    bars: known.map(({ deviation }) => scale * (deviation[error] ?? 0)),
  };
}

/** `logRange`, with room beside a point that would lie on the frame. */
function roomyRange(values: readonly number[]): ReturnType<typeof logRange> {
  const { min, max } = logRange(values);
  const room = 1.15;
  return { min: Math.min(...values) === min ? min / room : min, max: Math.max(...values) === max ? max * room : max, log: true };
}

/** A plot for energies, forces and virials each, as far as they have errors; of one curve RMSE and MAE, of several the RMSE. */
export function learningCurvePlots(curves: readonly NamedCurve[]): LinePlot[] {
  return PLOTS.flatMap(({ title, label, scale, errors }): LinePlot[] => {
    const series = (curves.length === 1
      ? errors.map(([name, error]) => seriesOf(curves[0]!, error, scale, name))
      : curves.map((curve) => seriesOf(curve, errors[0]![1], scale, curve.name))
    ).filter(({ points }) => points.length > 0);
    if (series.length === 0) return [];
    const ends = series.flatMap(({ points, bars }) => points.flatMap(([, y], at) => [y + bars![at]!, ...(y > bars![at]! ? [y - bars![at]!] : []), y]));
    // A deviation nearly as large as the mean would stretch the axis over decades in which nothing is.
    const lowest = Math.min(...series.flatMap(({ points }) => points.map(([, y]) => y))) / 3;
    return [{
      title: curves.length === 1 ? title : `${title}, RMSE`, series, dots: true,
      x: { label: "training structures", ...roomyRange(series.flatMap(({ points }) => points.map(([x]) => x))) },
      y: { label: curves.length === 1 ? label : label.replace("error", "RMSE"), ...logRange(ends.filter((end) => end >= lowest)) },
    }];
  });
}

/** The plots of a curve as one SVG. */
export function formatCurvePicture({ points }: LearningCurve): string {
  return formatFigure({ title: TITLE, columns: 3, plots: learningCurvePlots([{ name: TITLE, points }]) });
}

/** A page that loads nothing, with the plots and their numbers. */
export function formatCurvePage({ points, pool, test }: LearningCurve, rows: readonly (readonly string[])[]): string {
  const plots = learningCurvePlots([{ name: TITLE, points }]).map(linePlot);
  return formatPage(TITLE, [
    `<p>Errors on ${test} test structures of fits to random subsets of ${pool} structures: mean and standard deviation over the subsets of one size. Lather ${latherVersion}.</p>`,
    `<div class="plots">${plots.join("\n")}</div>`,
    formatHtmlTable(rows),
  ].join("\n"));
}
