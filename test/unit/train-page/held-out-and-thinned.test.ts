import { describe, expect, test } from "vitest";
import { collectParity, thinPoints } from "../../../demos/parity-points.js";
import { holdOut } from "../../../demos/train/split.js";

describe("held-out structures", () => {
  const atoms = Array.from({ length: 101 }, (_, index) => (index === 40 ? 1 : 8 + index));

  test("a fifth, disjoint, nothing lost, single atoms train", () => {
    const { train, test: held } = holdOut(atoms, 1);
    expect(held.length).toBe(20);
    expect([...train, ...held].sort((a, b) => a - b)).toEqual(atoms.map((_, index) => index));
    expect(train).toContain(40);
  });

  test("the same seed gives the same split, another seed another", () => {
    expect(holdOut(atoms, 1)).toEqual(holdOut(atoms, 1));
    expect(holdOut(atoms, 2).test).not.toEqual(holdOut(atoms, 1).test);
  });

  test("over many seeds every structure is held out about equally often", () => {
    const counts = new Array<number>(11).fill(0);
    for (let seed = 0; seed < 2000; seed++) for (const index of holdOut(new Array<number>(11).fill(2), seed).test) counts[index]!++;
    // 2000 · 2/11 = 364, standard deviation 17.
    for (const count of counts) expect(Math.abs(count - 364)).toBeLessThan(5 * 17);
  });

  test("four structures are too few", () => {
    expect(holdOut([2, 2, 2, 2], 1)).toEqual({ train: [0, 1, 2, 3], test: [] });
  });
});

describe("thinned parity points", () => {
  const points = Array.from({ length: 9000 }, (_, index) => ({
    reference: index, predicted: index + (index % 1000 === 7 ? 50 : Math.sin(index)), set: "train" as const, configType: "default",
  }));

  test("keeps the wanted number, the largest errors, the order, and no point twice", () => {
    const kept = thinPoints(points, 500);
    expect(kept.length).toBe(500);
    expect(kept.filter(({ reference, predicted }) => predicted - reference === 50).length).toBe(9);
    for (let k = 1; k < kept.length; k++) expect(kept[k]!.reference > kept[k - 1]!.reference).toBe(true);
  });

  test("few points stay as they are", () => {
    expect(thinPoints(points.slice(0, 10), 500)).toEqual(points.slice(0, 10));
  });

  test("says how many there were", () => {
    const { points: drawn, total } = collectParity({ train: points, test: [] });
    expect(total).toEqual({ train: 9000, test: 0 });
    expect(drawn.length).toBeLessThan(9000);
  });
});
