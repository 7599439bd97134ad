// Points for a parity plot, few enough to draw and none of the outliers lost.
import type { Parity, ParityPoint, SetName } from "./results.js";

/** Points drawn of one set at most; an SVG with ten times as many answers slowly. */
const MOST_POINTS = 2000;
/** Share of the drawn points that goes to the largest errors. */
const SHARE_OF_WORST = 0.2;

/** All points, or the ones with the largest errors and an even choice of the others, in their order. */
export function thinPoints(points: readonly ParityPoint[], most = MOST_POINTS): ParityPoint[] {
  if (points.length <= most) return [...points];
  const error = (index: number): number => Math.abs(points[index]!.predicted - points[index]!.reference);
  const byError = points.map((_, index) => index).sort((a, b) => error(b) - error(a));
  const kept = new Set(byError.slice(0, Math.round(SHARE_OF_WORST * most)));
  const rest = points.map((_, index) => index).filter((index) => !kept.has(index));
  const wanted = most - kept.size;
  for (let k = 0; k < wanted; k++) kept.add(rest[Math.floor((k * rest.length) / wanted)]!);
  return points.filter((_, index) => kept.has(index));
}

/** The points of both sets in one list, with the number that there were. */
export function collectParity(sets: Readonly<Record<SetName, readonly ParityPoint[]>>): Parity {
  return {
    points: [...thinPoints(sets.train), ...thinPoints(sets.test)],
    total: { train: sets.train.length, test: sets.test.length },
  };
}
