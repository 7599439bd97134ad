/** Ticks of an axis: multiples of 1, 2 or 5 · 10ᵏ, or, on a logarithmic axis, powers of ten, with their double and fivefold on a short one. */
export interface Axis {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly log?: boolean;
}

export interface Tick {
  readonly value: number;
  readonly text: string;
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 10ᵏ, with 1 for k = 0. */
function powerOfTen(exponent: number): string {
  if (exponent === 0) return "1";
  const digits = [...String(Math.abs(exponent))].map((digit) => superscripts[Number(digit)]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

/** Smallest of 1, 2, 5, 10, 20, … · 10ᵏ that is not below `value`. */
function niceStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= value * (1 - 1e-9))!;
}

/** 1, 2 and 5 · 10ᵏ inside [min, max], for less than two decades. */
function shortLogTicks(min: number, max: number): Tick[] {
  const ticks: Tick[] = [];
  for (let exponent = Math.floor(Math.log10(min)); exponent <= Math.log10(max); exponent++) {
    for (const factor of [1, 2, 5]) {
      const value = Number(`${factor}e${exponent}`);
      if (value < min * (1 - 1e-9) || value > max * (1 + 1e-9)) continue;
      const plain = Math.abs(exponent) <= 3;
      ticks.push({ value, text: plain ? String(value) : factor === 1 ? powerOfTen(exponent) : `${factor}·${powerOfTen(exponent)}` });
    }
  }
  return ticks;
}

/** Ticks inside [min, max], about `count` of them. */
export function axisTicks({ min, max, log }: Axis, count: number): Tick[] {
  if (log && max < 99 * min) return shortLogTicks(min, max);
  const [from, to] = log ? [Math.log10(min), Math.log10(max)] : [min, max];
  const step = log ? Math.max(1, Math.ceil((to - from) / count)) : niceStep((to - from) / count);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const value = (first + index) * step;
    return log ? { value: 10 ** value, text: powerOfTen(value) } : { value, text: value.toFixed(digits).replace("-", "−") };
  });
}

/** Where a value stands on the axis, from 0 at `min` to 1 at `max`. */
export function axisPosition({ min, max, log }: Axis, value: number): number {
  return log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
}

/** Powers of ten around the positive values, or 1 decade when there are none. */
export function decadesAround(values: readonly number[]): { readonly min: number; readonly max: number } {
  const logs = values.filter((value) => value > 0).map((value) => Math.log10(value));
  if (logs.length === 0) return { min: 0.1, max: 1 };
  const [low, high] = [Math.floor(Math.min(...logs) + 1e-9), Math.ceil(Math.max(...logs) - 1e-9)];
  // 10 ** −5 is not 1e-5 in every engine.
  return { min: Number(`1e${low}`), max: Number(`1e${Math.max(high, low + 1)}`) };
}

/** At most `count` whole numbers from 0 to `last`, both ends among them. */
export function spread(last: number, count: number): number[] {
  const size = Math.min(count, last + 1);
  return [...new Set(Array.from({ length: size }, (_, index) => Math.round((last * index) / Math.max(size - 1, 1))))];
}

/** A round range around the values, on a logarithmic axis from 1, 2 or 5 to 1, 2 or 5. */
export function logRange(values: readonly number[]): { readonly min: number; readonly max: number; readonly log: true } {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const rounds = (value: number): number[] => {
    const exponent = Math.floor(Math.log10(value));
    return [exponent, exponent + 1].flatMap((power) => [1, 2, 5].map((factor) => Number(`${factor}e${power}`)));
  };
  const min = Math.max(...rounds(low).filter((round) => round <= low));
  return { min, max: Math.min(...rounds(high).filter((round) => round >= high && round > min)), log: true };
}
