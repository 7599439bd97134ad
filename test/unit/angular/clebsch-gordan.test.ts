import { describe, expect, it } from "vitest";
import { complexCoupling, coupling } from "../../../src/angular/clebsch-gordan.js";
import { createRandom } from "../../../src/selection/random.js";
import { explicitHarmonics } from "../../reference/associated-legendre.js";

type Vector = readonly [number, number, number];

/** Y_lm of a direction, by Legendre functions and trigonometry. */
function harmonics(l: number, [x, y, z]: Vector): Float64Array {
  const all = explicitHarmonics(l, Math.atan2(Math.hypot(x, y), z), Math.atan2(y, x));
  return all.slice(l * l, (l + 1) ** 2);
}

function couple(l1: number, l2: number, lambda: number, x: ArrayLike<number>, y: ArrayLike<number>): number[] {
  const { indices, values } = coupling(l1, l2, lambda);
  const out = new Array<number>(2 * lambda + 1).fill(0);
  values.forEach((value, k) => (out[indices[3 * k + 2]!]! += value * x[indices[3 * k]!]! * y[indices[3 * k + 1]!]!));
  return out;
}

const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number => Array.from(x).reduce((sum, value, k) => sum + value * y[k]!, 0);

const source = createRandom(7);
const random = (): number => source.uniform();
const direction = (): Vector => {
  const z = 2 * random() - 1;
  const phi = 2 * Math.PI * random();
  const rho = Math.sqrt(1 - z * z);
  return [rho * Math.cos(phi), rho * Math.sin(phi), z];
};

/** Turned by an angle about an axis (Rodrigues). */
function turned([x, y, z]: Vector, [ax, ay, az]: Vector, angle: number): Vector {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const along = (1 - c) * (ax * x + ay * y + az * z);
  return [c * x + s * (ay * z - az * y) + along * ax, c * y + s * (az * x - ax * z) + along * ay, c * z + s * (ax * y - ay * x) + along * az];
}

const triples: [number, number, number][] = [];
for (let l1 = 0; l1 <= 4; l1++) for (let l2 = 0; l2 <= 4; l2++) for (let lambda = Math.abs(l1 - l2); lambda <= l1 + l2; lambda++) triples.push([l1, l2, lambda]);

describe("Clebsch–Gordan coefficients", () => {
  it.each([
    [1, 0, 1, 0, 2, Math.sqrt(2 / 3)],
    [1, 1, 1, -1, 0, Math.sqrt(1 / 3)],
    [1, 1, 1, -1, 1, Math.sqrt(1 / 2)],
    [2, 0, 2, 0, 4, Math.sqrt(18 / 35)],
    [2, 1, 1, 0, 2, Math.sqrt(1 / 6)],
    [1, 0, 1, 0, 1, 0],
  ])("⟨%i %i %i %i|%i⟩ of the tables", (l1, m1, l2, m2, lambda, value) => expect(complexCoupling(l1, m1, l2, m2, lambda)).toBeCloseTo(value, 14));

  it("vectors: scalar and vector product", () => {
    const [a, b] = [[0.3, -1.2, 0.7], [1.1, 0.4, -0.6]];
    const [y, z, x] = [0, 1, 2];
    const order = ([ax, ay, az]: readonly number[]): number[] => [ay!, az!, ax!];
    expect(couple(1, 1, 0, order(a!), order(b!))[0]).toBeCloseTo(dot(a!, b!) / Math.sqrt(3), 14);
    const product = couple(1, 1, 1, order(a!), order(b!));
    const cross = [a![1]! * b![2]! - a![2]! * b![1]!, a![2]! * b![0]! - a![0]! * b![2]!, a![0]! * b![1]! - a![1]! * b![0]!];
    const sign = Math.sign(product[x]! * cross[0]!);
    for (const [component, axis] of [[x, 0], [y, 1], [z, 2]]) expect(sign * product[component!]!).toBeCloseTo(cross[axis!]! / Math.SQRT2, 14);
  });

  it("a degree with itself gives the plain scalar product at λ = 0", () => {
    for (let l = 0; l <= 8; l++) {
      const x = Array.from({ length: 2 * l + 1 }, random);
      const y = Array.from({ length: 2 * l + 1 }, random);
      expect(couple(l, l, 0, x, y)[0]).toBeCloseTo(dot(x, y) / Math.sqrt(2 * l + 1), 13);
    }
  });

  it("a scalar of three directions does not change when all turn", () => {
    for (const [l1, l2, lambda] of triples) {
      const [u, v, w, axis] = [direction(), direction(), direction(), direction()];
      const invariant = (turn: (vector: Vector) => Vector): number =>
        dot(couple(l1, l2, lambda, harmonics(l1, turn(u)), harmonics(l2, turn(v))), harmonics(lambda, turn(w)));
      const still = invariant((vector) => vector);
      expect(Math.abs(invariant((vector) => turned(vector, axis, 1.234)) - still), `${l1} ${l2} ${lambda}`).toBeLessThan(1e-13);
    }
  });

  it.each([[3, 2], [4, 4], [7, 6]])("(%i, %i): all λ together are orthogonal", (l1, l2) => {
    const size = (2 * l1 + 1) * (2 * l2 + 1);
    const rows: Float64Array[] = [];
    for (let lambda = Math.abs(l1 - l2); lambda <= l1 + l2; lambda++) {
      const { indices, values } = coupling(l1, l2, lambda);
      const own = Array.from({ length: 2 * lambda + 1 }, () => new Float64Array(size));
      values.forEach((value, k) => (own[indices[3 * k + 2]!]![indices[3 * k]! * (2 * l2 + 1) + indices[3 * k + 1]!] = value));
      rows.push(...own);
    }
    expect(rows.length).toBe(size);
    let worst = 0;
    rows.forEach((a, i) => rows.forEach((b, j) => (worst = Math.max(worst, Math.abs(dot(a, b) - (i === j ? 1 : 0))))));
    expect(worst).toBeLessThan(2e-13);
  });
});
