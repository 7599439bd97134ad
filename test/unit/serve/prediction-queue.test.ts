// Turns on one evaluator: order, width, and callers that leave. The evaluator here is a list of promises that the test fulfils.
import { expect, test } from "vitest";
import type { Evaluator, Prediction } from "../../../src/backend/backend.js";
import { PredictionQueue } from "../../../src/serve/prediction-queue.js";
import { createStructure } from "../../../src/structure/structure.js";

const structure = createStructure({ species: [14], positions: [0, 0, 0] });
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function slowEvaluator() {
  const running: { finish: (energy: number) => void; fail: (error: Error) => void }[] = [];
  const evaluator: Pick<Evaluator, "predict"> = {
    predict: () => new Promise<Prediction[]>((resolve, reject) => {
      running.push({ finish: (energy) => resolve([{ energy, localEnergies: new Float64Array(1), forces: null, virial: null }]), fail: reject });
    }),
  };
  return { running, queue: (width: number) => new PredictionQueue(evaluator as Evaluator, width) };
}

test("no more than the width at a time, first come, first served, also after a failure", async () => {
  const { running, queue: create } = slowEvaluator();
  const queue = create(2);
  const { signal } = new AbortController();
  const order: string[] = [];
  const jobs = ["a", "b", "c", "d"].map((name) => queue.predict([structure], signal).then(([{ energy }]) => order.push(`${name} ${energy}`), (error: Error) => order.push(`${name} ${error.message}`)));
  await soon();
  expect([running.length, queue.waiting]).toEqual([2, 2]);
  running[1]!.fail(new Error("failed"));
  await soon();
  expect([running.length, queue.waiting]).toEqual([3, 1]);
  running[0]!.finish(1);
  await soon();
  running[3]!.finish(4);
  running[2]!.finish(3);
  await Promise.all(jobs);
  expect(order).toEqual(["b failed", "a 1", "d 4", "c 3"]);
  expect(queue.waiting).toBe(0);
});

test("who leaves while waiting is not predicted, and the next one comes", async () => {
  const { running, queue: create } = slowEvaluator();
  const queue = create(1);
  const { signal } = new AbortController();
  const leaving = new AbortController();
  const first = queue.predict([structure], signal);
  const second = queue.predict([structure], leaving.signal);
  const third = queue.predict([structure], signal);
  leaving.abort(new Error("left"));
  await expect(second).rejects.toThrow("left");
  await expect(queue.predict([structure], leaving.signal)).rejects.toThrow("left");
  expect(queue.waiting).toBe(1);
  running[0]!.finish(1);
  await first;
  await soon();
  running[1]!.finish(3);
  expect((await third)[0]!.energy).toBe(3);
  expect(running).toHaveLength(2);
});

test("a place that becomes free goes to who waits, not to who comes at that moment", async () => {
  const { running, queue: create } = slowEvaluator();
  const queue = create(1);
  const { signal } = new AbortController();
  const first = queue.predict([structure], signal);
  const waiting = queue.predict([structure], signal);
  await soon();
  const late = first.then(() => queue.predict([structure], signal));
  running[0]!.finish(1);
  await soon();
  expect([running.length, queue.waiting]).toEqual([2, 1]);
  running[1]!.finish(2);
  await soon();
  running[2]!.finish(3);
  expect((await waiting)[0]!.energy).toBe(2);
  expect((await late)[0]!.energy).toBe(3);
});
