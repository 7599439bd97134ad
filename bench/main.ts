// npm run bench [-- --json] [-- --case NAME]… [-- --threads N]…: times the cases of bench/cases.ts. Each runs in a process of its own, so that its
// peak memory is its own and no case profits from code that another one has warmed up. `npm run --silent` leaves standard output to the report.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CASES, prerequisite } from "./cases.js";
import { describeMachine, type Machine } from "./machine.js";
import { formatReport } from "./report.js";
import { complete, type BenchReport, type CaseResult, type Measured, type Missing } from "./result.js";
import { AbsentData } from "./systems.js";

const HELP = `npm run --silent bench -- [--case NAME]… [--threads N]… [--json]
Cases: ${CASES.map(({ name }) => name).join(", ")}; all by default.
Threads: 1 and as many as there are cores by default.
--json: one object on standard output, { machine, cases: [{ name, backend, threads, ms_per_atom or seconds, gflops, peak_share, peak_rss_mb, … }] }.
Cases whose data are not there are reported as absent. Exit codes: 0, 1 (a case failed), 2 (usage).
`;

/** What a child writes on standard output. */
type Answer = { readonly measured: Measured } | { readonly machine: Machine } | { readonly absent: string } | { readonly failed: string };

const options = (() => {
  try {
    const { values } = parseArgs({
      options: {
        case: { type: "string", multiple: true }, threads: { type: "string", multiple: true }, json: { type: "boolean" },
        help: { type: "boolean", short: "h" }, child: { type: "string" },
      },
    });
    for (const name of values.case ?? []) if (!CASES.some((known) => known.name === name)) throw new Error(`no case "${name}"`);
    for (const count of values.threads ?? []) if (!/^[1-9]\d*$/.test(count)) throw new Error(`--threads: expected 1 or more, got ${count}`);
    return values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${HELP}`);
    process.exit(2);
  }
})();

async function answer(task: string, threads: number): Promise<Answer> {
  if (task === "machine") return { machine: await describeMachine() };
  try {
    return { measured: await CASES.find(({ name }) => name === task)!.run(threads) };
  } catch (error) {
    if (error instanceof AbsentData) return { absent: error.message };
    process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

/** Runs this program again for one task. */
function inChild(task: string, threads: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const args = [fileURLToPath(import.meta.url), "--child", task, "--threads", String(threads)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(JSON.parse(text) as Answer);
      else resolve({ failed: `the process ended with ${signal ?? `code ${code}`}` });
    });
  });
}

async function runCase(name: string, threads: number, machine: Machine): Promise<CaseResult | Missing> {
  process.stderr.write(`${name}, ${threads} thread${threads === 1 ? "" : "s"} …\n`);
  const result = await inChild(name, threads);
  if ("measured" in result) return complete(result.measured, machine);
  return { name, threads, ...(result as { absent: string } | { failed: string }) };
}

async function runAll(): Promise<BenchReport> {
  process.stderr.write("machine …\n");
  const peak = await inChild("machine", 1);
  if (!("machine" in peak)) throw new Error("failed" in peak ? peak.failed : "the machine could not be measured");
  const { machine } = peak;
  const cases: (CaseResult | Missing)[] = [];
  const counts = options.threads?.map(Number) ?? [...new Set([1, machine.threads])];
  for (const { name } of CASES.filter((known) => options.case?.includes(known.name) ?? true)) {
    const before = await prerequisite(name).catch((error: unknown) => {
      // The case itself reports the data that are not there.
      if (error instanceof AbsentData) return null;
      throw error;
    });
    if (before !== null) await runCase(before, machine.threads, machine);
    for (const threads of counts) cases.push(await runCase(name, threads, machine));
  }
  return { machine, cases };
}

if (options.help) process.stdout.write(HELP);
else if (options.child !== undefined) process.stdout.write(JSON.stringify(await answer(options.child, Number(options.threads![0]))));
else {
  const report = await runAll();
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : `${formatReport(report)}\n`);
  if (report.cases.some((entry) => "failed" in entry)) process.exitCode = 1;
}
