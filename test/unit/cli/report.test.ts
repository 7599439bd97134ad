import { describe, expect, test } from "vitest";
import { formatErrors } from "../../../src/cli/error-table.js";
import { formatDuration, ProgressDisplay } from "../../../src/cli/progress.js";
import { predictionNames, withPrediction } from "../../../src/cli/predict.js";
import { formatSignificant, formatTable } from "../../../src/cli/table.js";
import { createStructure } from "../../../src/structure/structure.js";

const statistics = (structures: number, scale: number) => ({
  structures, atoms: 8 * structures, energy_mae: 0.0029 * scale, energy_rmse: 0.0038 * scale,
  force_mae: 0.0717 * scale, force_rmse: 0.1153 * scale, virial_mae: null, virial_rmse: null,
});

describe("error table", () => {
  test("is aligned, in meV per atom and eV/Å, without columns that nothing is known of", () => {
    const lines = formatErrors(
      { ...statistics(30, 1), by_config_type: { AIMD: statistics(10, 1), "very long name": { ...statistics(20, 10), force_mae: null } } },
    ).split("\n");
    expect(new Set(lines.slice(0, 1).concat(lines.slice(2)).map((line) => line.length)).size).toBe(1);
    expect(lines[0]!.trim().split(/ {2,}/)).toEqual(["config_type", "structures", "atoms", "energy MAE", "energy RMSE", "force MAE", "force RMSE"]);
    expect(lines[1]!.trim().split(/\s+/)).toEqual(["meV/atom", "meV/atom", "eV/Å", "eV/Å"]);
    expect(lines[2]!.trim().split(/\s+/)).toEqual(["AIMD", "10", "80", "2.90", "3.80", "0.0717", "0.115"]);
    expect(lines[3]!.trim().split(/ {2,}/)).toEqual(["very long name", "20", "160", "29.0", "38.0", "–", "1.15"]);
    expect(lines[4]!.trim().split(/\s+/)).toEqual(["all", "30", "240", "2.90", "3.80", "0.0717", "0.115"]);
  });

  test("one configuration type is one line, under its name", () => {
    const lines = formatErrors({ ...statistics(3, 1), by_config_type: { default: statistics(3, 1) } }).split("\n");
    expect(lines.length).toBe(3);
    expect(lines[2]).toContain("default");
  });
});

test("numbers keep three digits and no needless exponent", () => {
  expect(
    [0.071684, 2.61, 1234.5, 123456.7, 0, null, 3e-5].map((value) => formatSignificant(value)),
  ).toEqual(["0.0717", "2.61", "1235", "123457", "0.00", "–", "0.0000300"]);
  expect(formatTable([["a", "bb"], ["ccc", "d"]], "")).toBe("a    bb\nccc   d");
});

describe("names of predictions", () => {
  const structure = createStructure({ species: [14], positions: [0, 0, 0], cell: [3, 0, 0, 0, 3, 0, 0, 0, 3], info: new Map([["dft_energy", -5]]) });
  const prediction = { energy: -1, localEnergies: Float64Array.of(-1), forces: Float64Array.of(1, 2, 3), virial: new Float64Array(9).fill(0.5) };

  test("are plain where the input uses none of them, prefixed otherwise, all together", () => {
    expect(predictionNames(new Set(["dft_energy", "force"])).energy).toBe("energy");
    for (const taken of ["energy", "forces", "virial", "local_energy"]) {
      expect(predictionNames(new Set([taken]))).toEqual(
        { energy: "lather_energy", forces: "lather_forces", virial: "lather_virial", localEnergies: "lather_local_energy" },
      );
    }
  });

  test("predictions stand beside what the structure says", () => {
    const { info, arrays } = withPrediction(structure, prediction, predictionNames(new Set()), false);
    expect([...info]).toEqual([["dft_energy", -5], ["energy", -1], ["virial", [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]]]);
    expect([...arrays]).toEqual([["forces", { kind: "R", width: 3, values: prediction.forces }]]);
    expect(structure.info.size).toBe(1);
  });

  test("a structure without periodic axes has no virial; local energies come when asked for", () => {
    const { info, arrays } = withPrediction(
      { ...structure, pbc: [false, false, false] }, { ...prediction, forces: null }, predictionNames(new Set()), true,
    );
    expect([...info.keys()]).toEqual(["dft_energy", "energy"]);
    expect([...arrays]).toEqual([["local_energy", { kind: "R", width: 1, values: prediction.localEnergies }]]);
  });
});

test("progress without a terminal is one line per stage, not one per step", () => {
  let text = "";
  const display = new ProgressDisplay({ write: (line: string) => (text += line) });
  for (let done = 0; done <= 1000; done++) display.report({ stage: "features", done, total: 1000 });
  for (let done = 0; done <= 10; done++) display.report({ stage: "rows", done, total: 10 });
  display.finish();
  display.finish();
  expect(text).toBe("features\nrows\n");
});

test("the time left is told with the stage, in few digits", () => {
  let text = "";
  const display = new ProgressDisplay({ write: (line: string) => (text += line) });
  display.report({ stage: "fold 2 of 5", done: 20, total: 100, secondsLeft: 80.4 });
  display.report({ stage: "fold 3 of 5", done: 40, total: 100, secondsLeft: 0.2 });
  expect(text).toBe("fold 2 of 5, about 1 min 20 s left\nfold 3 of 5, about 0 s left\n");
  expect([59.6, 599, 660, 3590, 7500].map(formatDuration)).toEqual(["1 min 0 s", "9 min 59 s", "11 min", "1 h 0 min", "2 h 5 min"]);
});

test("progress on a terminal is a bar that is gone at the end", () => {
  let text = "";
  const stream = { isTTY: true, columns: 100, write: (part: string) => ((text += part), true) };
  const display = new ProgressDisplay(stream);
  display.report({ stage: "features", done: 0, total: 10 });
  display.report({ stage: "features", done: 5, total: 10 });
  display.finish();
  expect(text).toContain("features [");
  expect(text).toContain("10");
});
