// Two reports side by side: ratios the right way round, cases of one report alone named, another machine named.
import { expect, test } from "vitest";
import { compareReports } from "../../../bench/compare.js";
import type { BenchReport } from "../../../bench/result.js";

function report(cpu: string, cases: readonly (readonly [string, number, number])[]): BenchReport {
  return {
    machine: { cpu, node: "20.20.2" },
    cases: cases.map(([name, shortest, median]) => ({ name, backend: "cpu", threads: 1, ms_per_atom: shortest, ms_per_atom_median: median, gflops: 1, peak_rss_mb: 100 })),
  } as unknown as BenchReport;
}

test("shortest and median, faster and slower", () => {
  const lines = compareReports(report("A", [["a", 2, 3], ["b", 1, 1], ["gone", 1, 1]]), report("B", [["a", 1, 4.5], ["b", 1.04, 1], ["new", 1, 1]])).split("\n");
  expect(lines[1]).toMatch(/^a, cpu, 1 +2\.00 ms\/atom +1\.00 ms\/atom +2\.00× faster +1\.50× slower +100 +100$/);
  expect(lines[2]).toMatch(/^b, cpu, 1 .* same +same/);
  expect(lines.slice(3, 6)).toEqual([
    "gone, cpu, 1: only in the first report", "new, cpu, 1: only in the second report", "Not one machine: A, Node 20.20.2; B, Node 20.20.2.",
  ]);
});
