// Time that is left over a series of fits, on a clock that is set by hand.
import { expect, test } from "vitest";
import type { Progress } from "../../../src/backend/backend.js";
import { expectedSeconds, FitSeries } from "../../../src/training/time-left.js";

test.each<[string, [number, number][], number, number | null]>([
  ["nothing done tells nothing", [], 5, null],
  ["one fit tells a rate", [[10, 2]], 30, 6],
  ["fits of one size tell their mean", [[10, 2], [10, 4]], 10, 3],
  ["a constant and a rate", [[10, 3], [20, 5], [40, 9]], 100, 21],
  ["no constant below 0", [[10, 1], [20, 4]], 40, (10 + 80) / 500 * 40],
  ["no rate below 0", [[10, 3], [20, 1]], 40, 2],
  ["no work, no rate", [[0, 2]], 7, 2],
])("%s", (_, done, work, expected) => {
  const seconds = expectedSeconds(done.map(([own, time]) => ({ work: own, seconds: time })), work);
  if (expected === null) expect(seconds).toBeNull();
  else expect(Math.abs(seconds! - expected)).toBeLessThan(1e-12);
});

test("the whole counts down", async () => {
  let clock = 100;
  const heard: Progress[] = [];
  const series = new FitSeries([10, 20, 10], { onProgress: (progress) => heard.push(progress) }, () => clock);
  const fit = (seconds: number) => async ({ onProgress }: { onProgress?: ((progress: Progress) => void) | undefined }): Promise<string> => {
    clock += seconds / 2;
    onProgress?.({ stage: "rows", done: 1, total: 2 });
    clock += seconds / 2;
    return "done";
  };
  expect(await series.next("first", fit(4))).toBe("done");
  await series.next("second", fit(8));
  await series.next("third", fit(40));
  expect(heard).toEqual([
    { stage: "first", done: 0, total: 40 }, { stage: "first", done: 0, total: 40 },
    { stage: "second", done: 10, total: 40, secondsLeft: 12 }, { stage: "second", done: 20, total: 40, secondsLeft: 8 },
    // A fit that takes longer than expected is not done before it is.
    { stage: "third", done: 30, total: 40, secondsLeft: 4 }, { stage: "third", done: 40, total: 40, secondsLeft: 0 }, { stage: "third", done: 40, total: 40, secondsLeft: 0 },
  ]);
});

test("the first fit is judged by the pace of its rows", async () => {
  let clock = 0;
  const heard: Progress[] = [];
  const series = new FitSeries([10, 20], { onProgress: (progress) => heard.push(progress) }, () => clock);
  await series.next("first", async ({ onProgress }) => {
    for (const [time, stage, done] of [[2, "features", 50], [4, "kernel rows", 10], [5, "kernel rows", 30], [7, "kernel rows", 100], [8, "errors", 1]] as const) {
      clock = time;
      onProgress?.({ stage, done, total: 100 });
    }
  });
  // At 5 s: 20 of 100 in 1 s leave 3.5 s, and the fit of twice the work 17 s.
  expect(heard.map(({ done, secondsLeft }) => [done, secondsLeft])).toEqual([[0, undefined], [0, undefined], [0, undefined], [6, 3.5 + 17], [10, 14], [10, 14]]);
});

test("an error ends the series, and an abort before the next fit", async () => {
  const controller = new AbortController();
  const series = new FitSeries([1, 1], { signal: controller.signal });
  await expect(series.next("first", () => Promise.reject(new Error("singular")))).rejects.toThrow("singular");
  controller.abort(new Error("enough"));
  await expect(series.next("first", () => Promise.resolve(1))).rejects.toThrow("enough");
});
