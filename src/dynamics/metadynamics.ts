/**
 * Well-tempered metadynamics (Barducci, Bussi and Parrinello, doi:10.1103/PhysRevLett.100.020603): every so many steps a hill is added to the bias
 *   V(s) = Σ_h w_h exp(−Σ_k (s_k − s_hk)²/2σ_k²),   w_h = W exp(−V(s_h)/k_B ΔT),   ΔT = (γ − 1) T,
 * and in the limit of long times the free energy is F(s) = −γ/(γ − 1) V(s) + const.
 */
import { exponential } from "../basis/elementary.js";
import { InputError } from "../errors.js";
import type { CollectiveValue, CollectiveVariable } from "./collective-variables.js";
import type { Bias, ForceEvaluation } from "./motion.js";
import { checkRange } from "./option-checks.js";
import { BOLTZMANN } from "./units.js";

export interface Hill {
  /** Step of the simulation at which it was added. */
  readonly step: number;
  /** s_h, [variable], in their units. */
  readonly center: readonly number[];
  /** w_h in eV. */
  readonly height: number;
}

export interface BiasedVariable {
  readonly variable: CollectiveVariable;
  /** σ of the hills, in the unit of the variable. */
  readonly sigma: number;
}

export interface MetadynamicsOptions {
  /** One or more. */
  readonly variables: readonly BiasedVariable[];
  /** W in eV. */
  readonly height: number;
  /** γ above 1; Infinity for hills of one height. */
  readonly biasFactor: number;
  /** Steps between two hills. */
  readonly every: number;
  /** K, that of the thermostat. */
  readonly temperature: number;
  /** Where to go on, in the order in which they were added; none by default. */
  readonly hills?: readonly Hill[];
  /** Called with every new hill. */
  readonly onHill?: (hill: Hill) => void | Promise<void>;
}

/** A bias for `SimulationOptions.bias`. Its hills are part of what a restart needs. */
export class Metadynamics implements Bias {
  readonly #options: MetadynamicsOptions;
  readonly #hills: Hill[];
  #values: readonly number[] | null = null;

  /** @throws InputError on options out of range, or hills of another number of variables. */
  constructor(options: MetadynamicsOptions) {
    const { variables, height, biasFactor, every, temperature, hills = [] } = options;
    if (variables.length === 0) throw new InputError("metadynamics needs a collective variable", { key: "variables", expected: "one or more", got: "none" });
    for (const { sigma } of variables) checkRange("sigma", sigma, sigma > 0, "a width above 0, about a third of the variable's fluctuation in a minimum");
    checkRange("height", height, height > 0, "an energy in eV above 0, about k_B T/2");
    if (biasFactor !== Infinity) checkRange("biasFactor", biasFactor, biasFactor > 1, "a number above 1, about the barrier over k_B T");
    checkRange("every", every, Number.isSafeInteger(every) && every >= 1, "a whole number of steps, 1 or more");
    checkRange("temperature", temperature, temperature > 0, "the temperature of the thermostat in K, above 0");
    const foreign = hills.find(({ center }) => center.length !== variables.length);
    if (foreign) throw new InputError("the hills have other variables", { key: "hills", expected: `${variables.length} numbers`, got: `${foreign.center.length}` });
    this.#options = options;
    this.#hills = [...hills];
  }

  get hills(): readonly Hill[] {
    return this.#hills;
  }

  /** s at the last evaluation, [variable]; null before the first. */
  get values(): readonly number[] | null {
    return this.#values;
  }

  /** V at `s`, [variable], in eV, and ∂V/∂s, [variable]. */
  biasAt(s: readonly number[]): { energy: number; slopes: number[] } {
    const { variables } = this.#options;
    const slopes = s.map(() => 0);
    let energy = 0;
    for (const { center, height } of this.#hills) {
      let exponent = 0;
      for (let k = 0; k < s.length; k++) exponent -= ((s[k] - center[k]) / variables[k].sigma) ** 2 / 2;
      const hill = height * exponential(exponent);
      energy += hill;
      for (let k = 0; k < s.length; k++) slopes[k] -= (hill * (s[k] - center[k])) / (variables[k].sigma * variables[k].sigma);
    }
    return { energy, slopes };
  }

  /** F = −γ/(γ − 1) V at points of [variable], in eV, up to a constant that is the same for all; [point]. */
  freeEnergy(points: readonly (readonly number[])[]): Float64Array {
    const { biasFactor } = this.#options;
    const scale = biasFactor === Infinity ? 1 : biasFactor / (biasFactor - 1);
    return Float64Array.from(points, (s) => -scale * this.biasAt(s).energy);
  }

  /** @throws whatever the collective variables throw. */
  async evaluate(positions: Float64Array, cell: Float64Array | null): Promise<ForceEvaluation> {
    const parts: CollectiveValue[] = [];
    for (const { variable } of this.#options.variables) parts.push(await variable(positions, cell));
    this.#values = parts.map(({ value }) => value);
    const { energy, slopes } = this.biasAt(this.#values);
    const forces = new Float64Array(positions.length);
    const virial = new Float64Array(9);
    parts.forEach(({ gradient, strain }, part) => {
      for (let k = 0; k < forces.length; k++) forces[k] -= slopes[part] * gradient[k];
      for (let k = 0; k < 9; k++) virial[k] -= slopes[part] * (strain?.[k] ?? 0);
    });
    return { energy, forces, virial: parts.every(({ strain }) => strain !== null) ? virial : null };
  }

  /** Adds a hill where the last evaluation was, when it is time for one. */
  async grow(step: number): Promise<boolean> {
    const { every, height, biasFactor, temperature, onHill } = this.#options;
    if (step % every !== 0 || this.#values === null) return false;
    const depth = biasFactor === Infinity ? 0 : this.biasAt(this.#values).energy / (BOLTZMANN * (biasFactor - 1) * temperature);
    const hill = { step, center: this.#values, height: height * exponential(-depth) };
    this.#hills.push(hill);
    await onHill?.(hill);
    return true;
  }
}
