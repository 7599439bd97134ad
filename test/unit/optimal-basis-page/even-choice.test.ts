// The even choice from a stream: all of a short one, the middles of equal parts of a longer one, and nothing held that is not needed.
import { expect, test } from "vitest";
import { EvenChoice } from "../../../demos/optimal-basis/structures.js";
import { createStructure, type Structure } from "../../../src/structure/structure.js";

/** A structure that knows its number. */
function numbered(k: number): Structure {
  return createStructure({ species: [1], positions: [k, 0, 0] });
}

function choose(total: number, count: number): { numbers: number[]; frames: number[]; total: number } {
  const choice = new EvenChoice(count);
  for (let k = 0; k < total; k++) choice.add(numbered(k));
  const chosen = choice.choose();
  return { numbers: chosen.structures.map(({ positions }) => positions[0]!), frames: [...chosen.frames], total: chosen.total };
}

test("takes all where there are no more than asked for", () => {
  expect(choose(5, 40)).toEqual({ numbers: [0, 1, 2, 3, 4], frames: [0, 1, 2, 3, 4], total: 5 });
  expect(choose(0, 40)).toEqual({ numbers: [], frames: [], total: 0 });
});

test("takes the middles of equal parts of a file that is held as a whole", () => {
  expect(choose(130, 6).numbers).toEqual([10, 32, 54, 75, 97, 119]);
});

test.each([[1001, 1], [20_000, 40], [20_000, 900], [9_999, 3000]])("of %d structures takes %d evenly, each by its own number", (total, count) => {
  const chosen = choose(total, count);
  expect(chosen.total).toBe(total);
  expect(chosen.numbers).toEqual(chosen.frames);
  expect(chosen.frames.length).toBe(count);
  const gaps = chosen.frames.slice(1).map((frame, k) => frame - chosen.frames[k]!);
  // The stream is thinned by powers of two: neighbors of the choice are off by one step of that at most.
  for (const gap of gaps) expect(gap > 0 && Math.abs(gap - total / count) <= total / 1000 + total / count).toBe(true);
  expect(chosen.frames[0]! <= total / count && chosen.frames[count - 1]! >= total - 2 * (total / count)).toBe(true);
});
