// The command of bench/main.ts and bench/gpu.ts. Each case runs in a process of its own, so that its peak memory is its own and no case profits from
// code that another one has warmed up.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { enableRelaxedSimd } from "../src/cli/relaxed-simd.js";
import { checkAgreement } from "./agreement.js";
import { allCases, prerequisite } from "./cases.js";
import type { Check } from "./checks.js";
import { compareFiles } from "./compare.js";
import { AbsentData } from "./data.js";
import { fittedZuo, zuoOrUnfitted } from "./fit-case.js";
import { describeAdapter, findAdapter, type GpuAdapter } from "./gpu-adapter.js";
import { describeMachine, type Machine } from "./machine.js";
import { formatReport, isSound } from "./report.js";
import { complete, type BenchReport, type CaseResult, type Measured, type Missing } from "./result.js";
import { cpuSetting, gpuSetting, type Setting } from "./setting.js";

type Kind = Setting["kind"];

/** What a child writes on standard output. */
type Answer =
  | { readonly measured: Measured }
  | { readonly machine: Machine }
  | { readonly adapter: GpuAdapter }
  | { readonly agreement: readonly Check[] }
  | { readonly absent: string }
  | { readonly failed: string };

const NAMES = allCases(fittedZuo).map(({ name, kinds }) => ({ name, kinds }));

function help(program: string, standard: Kind): string {
  const list = (kind: Kind): string => NAMES.filter(({ kinds }) => kinds.includes(kind)).map(({ name }) => name).join(", ");
  return `${program} [--backend cpu|gpu] [--case NAME]… [--threads N]… [--model FILE] [--json]
${program} --compare BEFORE.json AFTER.json
--backend: ${standard} by default. With gpu, threads are those of the CPU's part, and small systems are compared with the CPU backend first.
Cases on the CPU: ${list("cpu")}; on the GPU: ${list("gpu")}; all by default.
Threads: 1 and as many as there are cores by default; with gpu the latter alone.
--model: a model file for the zuo cases on the GPU. Without it the cached fit is taken where it is there, else random weights of the same sizes.
--json: one object on standard output,
  { machine, adapter, agreement, cases: [{ name, backend, threads, ms_per_atom or seconds, gflops, peak_share, peak_rss_mb, passes, … }] }.
Cases whose data are not there are reported as absent. Exit codes: 0, 1 (a case failed, or the GPU disagrees with the CPU), 2 (usage).
`;
}

interface Options {
  readonly backend: Kind;
  readonly case?: readonly string[] | undefined;
  readonly threads?: readonly string[] | undefined;
  readonly model?: string | undefined;
  readonly json?: boolean | undefined;
  readonly help?: boolean | undefined;
  readonly child?: string | undefined;
  readonly compare?: boolean | undefined;
  readonly files: readonly string[];
}

function readOptions(args: readonly string[], standard: Kind): Options {
  const { values, positionals: files } = parseArgs({
    args: [...args],
    options: {
      backend: { type: "string", default: standard }, case: { type: "string", multiple: true }, threads: { type: "string", multiple: true },
      model: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" }, child: { type: "string" },
      compare: { type: "boolean" },
    },
    allowPositionals: true,
  });
  const { backend } = values;
  if (backend !== "cpu" && backend !== "gpu") throw new Error(`--backend: expected cpu or gpu, got ${backend}`);
  for (const name of values.case ?? []) {
    if (!NAMES.some((known) => known.name === name && known.kinds.includes(backend))) throw new Error(`no case "${name}" for the ${backend} backend`);
  }
  for (const count of values.threads ?? []) if (!/^[1-9]\d*$/.test(count)) throw new Error(`--threads: expected 1 or more, got ${count}`);
  if (values.model !== undefined && backend === "cpu") throw new Error("--model: only with --backend gpu; the CPU's cases fit their own");
  if (files.length !== (values.compare ? 2 : 0)) throw new Error(`expected ${values.compare ? "--compare and two reports" : "options alone"}, got ${files.join(" ") || "no file"}`);
  return { ...values, backend, files };
}

class Command {
  readonly #options: Options;
  /** The file that is run, and run again as a child. */
  readonly #program: string;

  constructor(options: Options, program: string) {
    this.#options = options;
    this.#program = program;
  }

  async answer(task: string, threads: number): Promise<Answer> {
    if (task === "machine") return { machine: await describeMachine() };
    const { backend, model } = this.#options;
    try {
      if (task === "adapter") return { adapter: await describeAdapter() };
      if (task === "agreement") return { agreement: await checkAgreement(threads) };
      const setting = backend === "cpu" ? cpuSetting(threads) : gpuSetting(threads, await findAdapter());
      const found = allCases(backend === "cpu" ? fittedZuo : zuoOrUnfitted(model)).find(({ name }) => name === task)!;
      return { measured: await found.run(setting) };
    } catch (error) {
      if (error instanceof AbsentData) return { absent: error.message };
      process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
      return { failed: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Runs the program again for one task. */
  #inChild(task: string, threads: number): Promise<Answer> {
    process.stderr.write(`${task}, ${threads} thread${threads === 1 ? "" : "s"} …\n`);
    const { backend, model } = this.#options;
    const args = ["--child", task, "--threads", String(threads), "--backend", backend, ...(model === undefined ? [] : ["--model", model])];
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [this.#program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
      let text = "";
      child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
      child.on("error", reject);
      child.on("close", (code, signal) => {
        if (code === 0) resolve(JSON.parse(text) as Answer);
        else resolve({ failed: `the process ended with ${signal ?? `code ${code}`}` });
      });
    });
  }

  async #ask<Key extends "machine" | "adapter" | "agreement">(key: Key, threads: number): Promise<Extract<Answer, Record<Key, unknown>>[Key]> {
    const result = await this.#inChild(key, threads);
    if (key in result) return (result as Extract<Answer, Record<Key, unknown>>)[key];
    throw new Error(`${key}: ${"failed" in result ? result.failed : "no answer"}`);
  }

  async runAll(): Promise<BenchReport> {
    const { backend, case: wanted, threads } = this.#options;
    const machine = await this.#ask("machine", 1);
    const gpu = backend === "gpu" && { adapter: await this.#ask("adapter", 1), agreement: await this.#ask("agreement", machine.threads) };
    const cases: (CaseResult | Missing)[] = [];
    const counts = threads?.map(Number) ?? (gpu ? [machine.threads] : [...new Set([1, machine.threads])]);
    for (const { name } of NAMES.filter((known) => known.kinds.includes(backend) && (wanted?.includes(known.name) ?? true))) {
      const before = gpu ? null : await prerequisite(name).catch((error: unknown) => {
        // The case itself reports the data that are not there.
        if (error instanceof AbsentData) return null;
        throw error;
      });
      if (before !== null) await this.#inChild(before, machine.threads);
      for (const count of counts) {
        const result = await this.#inChild(name, count);
        if ("measured" in result) cases.push(complete(result.measured, machine, gpu ? gpu.adapter : undefined));
        else cases.push({ name, threads: count, ...(result as { absent: string } | { failed: string }) });
      }
    }
    return { machine, ...gpu, cases };
  }
}

/** @param url of the module that is run; @param standard the backend without --backend */
export async function runCommand(url: string, name: string, standard: Kind): Promise<void> {
  // The kernels that the command takes.
  enableRelaxedSimd();
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2), standard);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${help(name, standard)}`);
    process.exitCode = 2;
    return;
  }
  const command = new Command(options, fileURLToPath(url));
  if (options.help) process.stdout.write(help(name, standard));
  else if (options.child !== undefined) process.stdout.write(JSON.stringify(await command.answer(options.child, Number(options.threads![0]))));
  else {
    try {
      if (options.compare) {
        process.stdout.write(`${await compareFiles(options.files[0]!, options.files[1]!)}\n`);
        return;
      }
      const report = await command.runAll();
      process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : `${formatReport(report)}\n`);
      if (!isSound(report)) process.exitCode = 1;
    } catch (error) {
      process.stderr.write(`${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  }
}
