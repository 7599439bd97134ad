// The benchmark in a browser: the generated cases one after the other, in this tab.
import { checkAgreement } from "./agreement.js";
import { generatedCases, unfitted, type Case } from "./generated-cases.js";
import { describeAdapter, findAdapter } from "./gpu-adapter.js";
import { describeMachine } from "./machine.js";
import { complete, type BenchReport } from "./result.js";
import { cpuSetting, gpuSetting, type Setting } from "./setting.js";

export const CASES: readonly Case[] = generatedCases(unfitted);

/** Lets the page draw; what follows may hold the tab for a while. */
function drawn(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

/** @param begin is told what begins now @throws GpuError when there is no GPU */
export async function runInPage(kind: Setting["kind"], names: readonly string[], begin: (what: string) => void): Promise<BenchReport> {
  const announce = async (what: string): Promise<void> => {
    begin(what);
    await drawn();
  };
  await announce("the limits of the processor");
  const machine = await describeMachine();
  const { threads } = machine;
  const prepare = async (): Promise<Required<Pick<BenchReport, "adapter" | "agreement">>> => {
    await announce("the limits of the GPU");
    const adapter = await describeAdapter();
    await announce("comparison with the CPU backend");
    return { adapter, agreement: await checkAgreement(threads) };
  };
  const gpu = kind === "gpu" && (await prepare());
  const setting = gpu ? gpuSetting(threads, await findAdapter()) : cpuSetting(threads);
  const cases: BenchReport["cases"][number][] = [];
  for (const { name, run } of CASES.filter((known) => names.includes(known.name))) {
    await announce(name);
    try {
      cases.push(complete(await run(setting), machine, gpu ? gpu.adapter : undefined));
    } catch (error) {
      cases.push({ name, threads, failed: error instanceof Error ? error.message : String(error) });
    }
  }
  return { machine, ...gpu, cases };
}
