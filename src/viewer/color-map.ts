/**
 * A sequential color map whose order survives color-blindness and gray printing: in Oklab (Björn Ottosson, 2020) lightness rises
 * linearly from 0.33 to 0.92 while the hue turns from violet (290°) through teal to yellow (105°),
 * C = 0.135 − 0.052 sin πt, a = C cos h, b = C sin h.
 */

/** sRGB components in [0, 1]. */
export type Rgb = readonly [number, number, number];

function gammaEncode(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}

function oklabToSrgb(lightness: number, a: number, b: number): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    gammaEncode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    gammaEncode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    gammaEncode(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** Color at position `t` in [0, 1] (beyond: the color of the nearer end). */
export function sequentialColor(t: number): Rgb {
  const x = Math.min(1, Math.max(0, t));
  const hue = ((290 - 185 * x) * Math.PI) / 180;
  const chroma = 0.135 - 0.052 * Math.sin(Math.PI * x);
  return oklabToSrgb(0.33 + 0.59 * x, chroma * Math.cos(hue), chroma * Math.sin(hue));
}

/** CSS color of an sRGB triple. */
export function cssColor([red, green, blue]: Rgb): string {
  return `rgb(${[red, green, blue].map((component) => Math.round(255 * component)).join(" ")})`;
}

/** The map as a CSS gradient from left to right. */
export function sequentialGradient(): string {
  const stops = Array.from({ length: 13 }, (_, k) => cssColor(sequentialColor(k / 12)));
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

/** Round tick values within [low, high], steps of 1, 2 or 5 · 10^k, about `count` of them. */
export function roundTicks(low: number, high: number, count = 4): number[] {
  if (!(high > low) || !Number.isFinite(high - low)) return [low];
  const rough = (high - low) / count;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * decade).find((candidate) => candidate >= rough * (1 - 1e-9)) ?? 10 * decade;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toFixed(digits)));
}
