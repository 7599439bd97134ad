// The whole job's share and the time left, on clocks made by hand.
import { describe, expect, test } from "vitest";
import { createJobClock, leftInWords } from "../../../demos/job-clock.js";

const PLAN = [{ name: "reading a.xyz", cost: 10 }, { name: "features", cost: 30 }, { name: "prediction (training set)", cost: 40 }, { name: "prediction (test set)", cost: 20 }];
const report = (stage: string, done: number, total: number) => ({ stage, done, total });

describe("the share of a job", () => {
  test("is that of the stages gone by and of the one in progress, by their costs", () => {
    const clock = createJobClock(PLAN, 0);
    expect(clock.advance(report("reading a.xyz", 1, 2), 100)).toBeCloseTo(0.05, 12);
    expect(clock.advance(report("features", 0, 3), 200)).toBeCloseTo(0.1, 12);
    expect(clock.advance(report("prediction (training set)", 3, 4), 300)).toBeCloseTo(0.7, 12);
    expect(clock.advance(report("prediction (test set)", 5, 5), 400)).toBeCloseTo(1, 12);
  });

  test("never falls: not when a stage comes again, nor when one comes that nobody expected", () => {
    const clock = createJobClock(PLAN, 0);
    expect(clock.advance(report("features", 3, 3), 100)).toBeCloseTo(0.4, 12);
    expect(clock.advance(report("features", 0, 3), 200)).toBeCloseTo(0.4, 12);
    expect(clock.advance(report("something else", 1, 2), 300)).toBeCloseTo(0.4, 12);
    expect(clock.advance(report("reading a.xyz", 1, 2), 400)).toBeCloseTo(0.4, 12);
  });
});

describe("the time left", () => {
  test("is at the pace so far, and unknown at first", () => {
    const clock = createJobClock(PLAN, 1000);
    clock.advance(report("reading a.xyz", 1, 2), 1100);
    expect(clock.left(1200)).toBe(null);
    clock.advance(report("features", 1, 2), 6000);
    // A quarter of it took five seconds.
    expect(clock.left(6000)).toBeCloseTo(15000, 6);
    clock.advance(report("prediction (test set)", 1, 1), 9000);
    expect(clock.left(9000)).toBe(null);
  });

  test("uses the times of the last job", () => {
    const first = createJobClock(PLAN, 0);
    first.advance(report("reading a.xyz", 1, 1), 0);
    first.advance(report("features", 1, 1), 1000);
    first.advance(report("prediction (training set)", 1, 1), 2000);
    const plan = first.measured(10_000);
    expect(plan.map(({ cost }) => cost)).toEqual([1000, 1000, 8000, 1]);
    expect(createJobClock(plan, 0).advance(report("features", 1, 1), 0)).toBeCloseTo(2000 / 10_001, 12);
  });

  test.each([[null, ""], [900, "about 1 s left"], [59_001, "about 1 min left"], [61_000, "about 2 min left"], [3_700_000, "about 1 h 2 min left"]])("%s ms", (ms, words) => {
    expect(leftInWords(ms)).toBe(words);
  });
});
