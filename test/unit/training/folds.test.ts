// Folds: every structure once, groups whole, blocks in order, and what is not possible refused by name.
import { expect, test } from "vitest";
import { InputError } from "../../../src/errors.js";
import { createStructure, type InfoValue, type LabeledStructure } from "../../../src/structure/structure.js";
import { assignFolds, checkElements, permutation, type FoldOptions } from "../../../src/training/folds.js";

const labeled = (info: Record<string, InfoValue> = {}, species = [14]): LabeledStructure => ({
  structure: { ...createStructure({ species, positions: species.flatMap((_, k) => [3 * k, 0, 0]), info: new Map(Object.entries(info)) }), origin: { file: "a.xyz", structure: 7 } },
  labels: { energy: 0, forces: null, virial: null, configType: String(info["config_type"] ?? "default") },
});
const data = Array.from({ length: 23 }, (_, k) => labeled({ config_type: "abcdefgh"[k % 7]!, run: k < 20 ? Math.floor(k / 4) : [9, 9] }));
const membersOf = (options: FoldOptions): number[][] => assignFolds(data, options).map(({ members }) => [...members]);
const all = data.map((_, index) => index);
const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

test.each<FoldOptions>([{}, { folds: 2 }, { folds: 23 }, { folds: "all" }, { by: "blocks" }, { by: "blocks", folds: 7 }, { by: "config_type", folds: 3 }, { by: "run" }, { by: "run", folds: "all" }])(
  "%j: every structure is in one fold, ascending there", (options) => {
    const folds = membersOf(options);
    expect(sorted(folds.flat())).toEqual(all);
    for (const fold of folds) expect(fold).toEqual(sorted(fold));
  },
);

test("random and contiguous folds differ by one structure at most; the seed decides, alone", () => {
  for (const by of ["random", "blocks"]) for (const folds of [2, 3, 5, 22]) {
    const sizes = membersOf({ by, folds }).map(({ length }) => length);
    expect([sizes.length, Math.max(...sizes) - Math.min(...sizes)]).toEqual([folds, Number(23 % folds > 0)]);
  }
  expect(membersOf({ seed: 5 })).toEqual(membersOf({ seed: 5 }));
  expect(membersOf({ seed: 5 })).not.toEqual(membersOf({ seed: 6 }));
  expect(membersOf({ by: "blocks", folds: 3 })).toEqual([all.slice(0, 7), all.slice(7, 15), all.slice(15)]);
});

test("a permutation takes every place with the same probability", () => {
  const counts = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
  for (let seed = 0; seed < 4000; seed++) permutation(4, seed).forEach((value, at) => counts[at]![value]!++);
  // Five standard deviations of a binomial distribution of 4000 and 1/4.
  for (const count of counts.flat()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(4000 * 0.25 * 0.75));
});

test("groups stay whole, are named, and fill the folds evenly", () => {
  const folds = assignFolds(data, { by: "config_type", folds: 3 });
  for (const { members, groups } of folds) expect(new Set([...members].map((index) => data[index]!.labels.configType))).toEqual(new Set(groups));
  expect(folds.flatMap(({ groups }) => groups!).sort()).toEqual([..."abcdefg"]);
  const sizes = folds.map(({ members }) => members.length);
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(4);
  expect(assignFolds(data, { by: "run" }).flatMap(({ groups }) => groups!).sort()).toEqual(["0", "1", "2", "3", "4", "[9,9]"]);
  expect(assignFolds(data, { by: "run", folds: "all" })).toHaveLength(6);
});

test("only the structures that are named are shared out", () => {
  const chosen = [1, 2, 5, 7, 11, 13];
  expect(sorted(assignFolds(data, { folds: 3 }, chosen).flatMap(({ members }) => [...members]))).toEqual(chosen);
});

test.each<[FoldOptions, string]>([
  [{ folds: 1 }, '"folds": this number of folds is not possible: expected 2 to 23, the number of structures, got 1'],
  [{ folds: 24 }, "expected 2 to 23, the number of structures, got 24"],
  [{ folds: 2.5 }, "got 2.5"],
  [{ by: "config_type", folds: 8 }, "expected 2 to 7, the number of groups by config_type, got 8"],
  [{ by: "phase" }, 'a.xyz, structure 7, "phase": the structure has no entry by which to group it: expected "random", "blocks", "config_type" or a key of every comment line (here "config_type", "run"), got none'],
  [{ seed: -1 }, '"seed"'],
])("%j is refused: %s", (options, message) => {
  expect(() => assignFolds(data, options)).toThrow(InputError);
  expect(() => assignFolds(data, options)).toThrow(message);
});

test("one group is no cross-validation", () => {
  expect(() => assignFolds(data.slice(0, 1), { by: "config_type" })).toThrow("expected 2 groups by config_type at least, got 1");
});

test("an element that training lacks is named", () => {
  checkElements([labeled({}, [14, 8])], [labeled({}, [8])], "lacking", "folds");
  expect(() => checkElements([labeled({}, [14, 8])], [labeled({}, [8, 9])], "lacking", "folds")).toThrow(
    'a.xyz, structure 7, "folds": lacking: expected O, Si, got F',
  );
});
