// Ticks of a linear axis: round values whose labels have room, and as many digits as tell them apart.
export interface Ticks {
  readonly values: readonly number[];
  readonly labels: readonly string[];
}

function label(value: number, digits: number, scientific: boolean): string {
  const text = scientific ? value.toExponential(digits) : value.toFixed(digits);
  // Rounded to zero from below it would be "-0.0".
  return (Number(text) === 0 ? text.replace("-", "") : text).replace(/-/g, "−");
}

function ticks(low: number, high: number, most: number): Ticks {
  const rough = (high - low) / most;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * decade).find((candidate) => candidate >= rough * (1 - 1e-9)) ?? 10 * decade;
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  const values = Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step);
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const exponent = Math.floor(Math.log10(step) + 1e-9);
  const scientific = largest < 1e-3 || largest >= 1e6;
  const digits = scientific ? Math.max(0, Math.floor(Math.log10(largest)) - exponent) : Math.max(0, -exponent);
  return { values, labels: values.map((value) => label(value, Math.min(digits, 20), scientific)) };
}

/**
 * Round ticks within [low, high], about one every 50 pixels or fewer: as many as have `gap` pixels between their labels, at least one.
 * @param length of the axis in pixels
 * @param extent pixels that a label takes along the axis
 */
export function fittingTicks([low, high]: readonly [number, number], length: number, extent: (label: string) => number, gap = 14): Ticks {
  for (let most = Math.max(2, Math.round(length / 50)); most > 1; most--) {
    const found = ticks(low, high, most);
    const pitch = found.values.length > 1 ? (length * (found.values[1]! - found.values[0]!)) / (high - low) : length;
    if (found.labels.every((text) => extent(text) + gap <= pitch)) return found;
  }
  const { values, labels } = ticks(low, high, 1);
  const middle = Math.floor(values.length / 2);
  return { values: values.slice(middle, middle + 1), labels: labels.slice(middle, middle + 1) };
}
