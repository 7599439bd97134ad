// Mean and spread of the errors of several fits.
import { errorNames, type ErrorName, type ErrorStatistics } from "./measure-errors.js";

/** A number for each error, in its units; null where fewer fits than needed have it. */
export type ErrorValues = Readonly<Record<ErrorName, number | null>>;

function valuesOf(reports: readonly ErrorStatistics[], name: ErrorName): number[] {
  return reports.map((report) => report[name]).filter((value) => value !== null);
}

function forEach(of: (name: ErrorName) => number | null): ErrorValues {
  return Object.fromEntries(errorNames.map((name) => [name, of(name)])) as Record<ErrorName, number | null>;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function meanErrors(reports: readonly ErrorStatistics[]): ErrorValues {
  return forEach((name) => {
    const values = valuesOf(reports, name);
    return values.length === 0 ? null : mean(values);
  });
}

/** Standard deviation of a sample, over n − 1; null of fewer than two. */
export function errorDeviations(reports: readonly ErrorStatistics[]): ErrorValues {
  return forEach((name) => {
    const values = valuesOf(reports, name);
    if (values.length < 2) return null;
    const center = mean(values);
    return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1));
  });
}

/** Standard error of the mean, s/√n; null of fewer than two. */
export function standardErrors(reports: readonly ErrorStatistics[]): ErrorValues {
  const deviations = errorDeviations(reports);
  return forEach((name) => {
    const deviation = deviations[name];
    return deviation === null ? null : deviation / Math.sqrt(valuesOf(reports, name).length);
  });
}
