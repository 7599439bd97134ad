// The elementary functions against the engine's own, which are good to a unit in the last place but not the same everywhere.
import { expect, test } from "vitest";
import { cosinePi, exponential, exponentialMinusOne, power, sinePi } from "../../../src/basis/elementary.js";

const EPSILON = 2 ** -52;

function expectClose(ours: number, theirs: number, units: number, what: string): void {
  expect(Math.abs(ours - theirs) <= units * EPSILON * Math.abs(theirs), `${what}: ${ours}, not ${theirs}`).toBe(true);
}

test("e^x over its whole range", () => {
  for (let x = -700; x < 700; x += 0.37) expectClose(exponential(x), Math.exp(x), 3, `exp(${x})`);
  expect(exponential(0)).toBe(1);
  expect(exponential(-1000)).toBe(0);
});

test("e^x − 1 keeps its digits near 0", () => {
  for (let x = -3; x < 3; x += 0.0137) expectClose(exponentialMinusOne(x), Math.expm1(x), 4, `expm1(${x})`);
  for (const x of [1e-3, -1e-6, 1e-12]) expectClose(exponentialMinusOne(x), Math.expm1(x), 2, `expm1(${x})`);
});

test("x^y for whole, half and any other y", () => {
  for (const x of [0.013, 0.5, 0.99, 1, 1.7, 42, 1e5]) {
    for (const y of [-7.5, -3, -0.5, 0, 0.5, 1, 2, 4.5, 11, 20.5]) expectClose(power(x, y), x ** y, 24, `${x}^${y}`);
    for (const y of [-2.3, 0.1, 3.7]) expectClose(power(x, y), x ** y, 60, `${x}^${y}`);
  }
  expect([power(0, 0), power(0, 2), power(0, 1.3)]).toEqual([1, 0, 0]);
});

test("cos πx and sin πx", () => {
  for (let x = 0; x <= 1; x += 1 / 512) {
    expect(Math.abs(cosinePi(x) - Math.cos(Math.PI * x))).toBeLessThanOrEqual(2 * EPSILON);
    expect(Math.abs(sinePi(x) - Math.sin(Math.PI * x))).toBeLessThanOrEqual(2 * EPSILON);
  }
  expect([cosinePi(0), cosinePi(0.5), cosinePi(1), sinePi(0), sinePi(0.5), sinePi(1)]).toEqual([1, 0, -1, 0, 1, 0]);
});
