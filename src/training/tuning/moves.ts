// The settings that a search moves, one at a time: how each is read, written and stepped.
import type { FitConfiguration } from "../configuration.js";

/** A change of one setting up (+1) or down (−1), by a coarse (0) or a fine step (1); null where it would leave its bounds. */
export interface Move {
  readonly key: string;
  readonly unit: string;
  read(configuration: FitConfiguration): number;
  next(configuration: FitConfiguration, direction: 1 | -1, level: number): FitConfiguration | null;
}

interface Setting {
  readonly key: string;
  readonly unit: string;
  readonly least: number;
  readonly most: number;
  read(configuration: FitConfiguration): number;
  write(configuration: FitConfiguration, value: number): FitConfiguration;
}

/** Steps by a factor, rounded to three digits. */
function byFactor(setting: Setting, [coarse, fine]: readonly [number, number]): Move {
  return move(setting, (value, direction, level) => Number((value * (level === 0 ? coarse : fine) ** direction).toPrecision(3)));
}

/** Steps by a number. */
function byStep(setting: Setting, [coarse, fine]: readonly [number, number]): Move {
  return move(setting, (value, direction, level) => value + direction * (level === 0 ? coarse : fine));
}

function move(setting: Setting, step: (value: number, direction: 1 | -1, level: number) => number): Move {
  const { key, unit, read, write, least, most } = setting;
  return {
    key, unit, read,
    next(configuration, direction, level) {
      const value = step(read(configuration), direction, level);
      return value < least || value > most ? null : write(configuration, value);
    },
  };
}

type Scaling = NonNullable<FitConfiguration["density"]["scaling"]>;
const scalingOf = ({ density }: FitConfiguration): Scaling => density.scaling ?? { rate: 1, scale: 1, exponent: 0 };
const withScaling = (configuration: FitConfiguration, change: Partial<Scaling>): FitConfiguration =>
  ({ ...configuration, density: { ...configuration.density, scaling: { ...scalingOf(configuration), ...change } } });
const withCutoff = (configuration: FitConfiguration, change: Partial<FitConfiguration["cutoff"]>): FitConfiguration =>
  ({ ...configuration, cutoff: { ...configuration.cutoff, ...change } });
const withBasis = (configuration: FitConfiguration, change: Partial<FitConfiguration["basis"]>): FitConfiguration =>
  ({ ...configuration, basis: { ...configuration.basis, ...change } });

/** Those that decided most of what was seen on silicon and molecules come first, as a short budget ends early. */
export const moves: readonly Move[] = [
  byFactor({ key: "density.scaling.scale", unit: "Å", least: 0.5, most: 10, read: (c) => scalingOf(c).scale, write: (c, scale) => withScaling(c, { scale }) }, [1.2, 1.08]),
  byStep({ key: "kernel.zeta", unit: "", least: 1, most: 10, read: (c) => c.kernel.zeta, write: (c, zeta) => ({ ...c, kernel: { ...c.kernel, zeta } }) }, [2, 1]),
  byFactor({ key: "cutoff.radius", unit: "Å", least: 2, most: 9, read: (c) => c.cutoff.radius, write: (c, radius) => withCutoff(c, { radius }) }, [1.15, 1.06]),
  byFactor({ key: "density.width", unit: "Å", least: 0.15, most: 1.2, read: (c) => c.density.width, write: (c, width) => ({ ...c, density: { ...c.density, width } }) }, [1.2, 1.08]),
  byStep({ key: "density.scaling.exponent", unit: "", least: 1, most: 10, read: (c) => scalingOf(c).exponent, write: (c, exponent) => withScaling(c, { exponent }) }, [2, 1]),
  byStep({ key: "basis.lMax", unit: "", least: 2, most: 10, read: (c) => c.basis.lMax, write: (c, lMax) => withBasis(c, { lMax }) }, [2, 1]),
  byStep({ key: "basis.nMax", unit: "", least: 3, most: 12, read: (c) => c.basis.nMax, write: (c, nMax) => withBasis(c, { nMax }) }, [2, 1]),
  byFactor({ key: "cutoff.width", unit: "Å", least: 0.2, most: 2, read: (c) => c.cutoff.width, write: (c, width) => withCutoff(c, { width }) }, [1.6, 1.25]),
];
