// Plots of a sweep of fits: errors and times against the number of radial functions, one line per basis.
import { logRange } from "../../src/cli/report/axis.js";
import type { Series, LinePlot } from "../../src/cli/report/line-plot.js";
import type { FitPoint } from "./fit-sweep.js";

function seriesOf(points: readonly FitPoint[], value: (point: FitPoint) => number): Series[] {
  return [...new Set(points.map(({ basis }) => basis))].map((name) => ({
    name, points: points.filter(({ basis }) => basis === name).map((point) => [point.q, value(point)] as const),
  }));
}

/** Energy and force errors, and the times where they were measured. */
export function fitPlots(points: readonly FitPoint[]): LinePlot[] {
  const sizes = points.map(({ q }) => q);
  const plot = (title: string, label: string, value: (point: FitPoint) => number): LinePlot => {
    const series = seriesOf(points, value);
    return {
      title, series, dots: true, legendWidth: 165,
      x: { label: "radial functions per density and l", min: Math.min(...sizes) - 0.5, max: Math.max(...sizes) + 0.5 },
      y: { label, ...logRange(series.flatMap((line) => line.points.map(([, y]) => y))) },
    };
  };
  return [
    plot("Energy, test structures", "MAE / meV per atom", ({ test }) => 1000 * test.energy_mae!),
    ...(points[0]!.test.force_mae === null ? [] : [plot("Forces, test structures", "MAE / eV Å⁻¹", ({ test }) => test.force_mae!)]),
    ...(points[0]!.ms_per_atom === undefined ? [] : [
      plot("Energy and forces, Si512", "ms per atom", ({ ms_per_atom }) => ms_per_atom!),
      plot("The same, features not compressed", "ms per atom", ({ ms_per_atom_uncompressed }) => ms_per_atom_uncompressed!),
      plot("Fit", "seconds", ({ fit_seconds }) => fit_seconds),
    ]),
  ];
}
