// The command as a process: signals in the middle of long steps, pipes wherever files do, full devices, little memory.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { formatNpz } from "../../../src/model/npz.js";
import { createRandom } from "../../../src/selection/random.js";
import { formatExtxyz, parseExtxyz } from "../../../src/structure/extxyz.js";
import { crystal, silicon } from "../backend/systems.js";
import { withExecutable } from "./executable.js";
import { lather, temporaryFolder } from "./run.js";

const command = withExecutable();
const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
const [structures, model, wide, many] = [file("in.xyz"), file("m.json"), file("wide.npz"), file("many.xyz")];
const settings = ["--set", "basis.nMax=3", "--set", "basis.lMax=2", "--set", "cutoff.radius=3", "--threads", "1"];

/** Runs a line of shell with the command as "$L". */
function shell(line: string): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync("bash", ["-c", line], { cwd: folder, env: { ...process.env, L: `${process.execPath} ${command.path}` }, encoding: "utf8" });
  return { status, stdout, stderr };
}

beforeAll(async () => {
  writeFileSync(structures, [1, 2, 3].map((seed) => formatExtxyz({ ...crystal([14], 4, seed), info: new Map([["energy", -seed]]) })).join(""));
  const { code, stderr } = await lather(["fit", "--train", structures, "--model", model, ...settings, "--sparse", "4"]);
  if (code !== 0) throw new Error(stderr);
  // One eigenvalue problem of 1200 features takes many seconds in which nothing else runs in its thread.
  const random = createRandom(3);
  writeFileSync(wide, formatNpz({ features: { data: Float64Array.from({ length: 2500 * 1200 }, () => random.normal()), shape: [2500, 1200] } }));
  writeFileSync(many, Array.from({ length: 4000 }, (_, seed) => formatExtxyz(silicon(1, 0.1, seed + 1))).join(""));
});

const parts = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".part"));

describe("a signal ends the command within a second", () => {
  test.each([["SIGTERM", 143], ["SIGINT", 130]] as const)("%s in the middle of a step that lets nothing else run", async (signal, code) => {
    const { child, ended, heard } = command.start(["measure", wide, wide]);
    await heard("measures");
    await setTimeout(300);
    const begin = performance.now();
    child.kill(signal);
    expect(await ended).toMatchObject({ code, stdout: "", stderr: expect.stringContaining("lather: stopped") });
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  test("a second one ends it at once", async () => {
    const { child, ended, heard } = command.start(["measure", wide, wide]);
    await heard("measures");
    await setTimeout(300);
    child.kill("SIGTERM");
    await setTimeout(50);
    const begin = performance.now();
    child.kill("SIGTERM");
    expect((await ended).code).toBe(143);
    expect(performance.now() - begin).toBeLessThan(400);
  });

  test.each([1, 2])("while it writes, %d times: the old file stays and nothing else does", async (times) => {
    writeFileSync(file("out.xyz"), "old");
    const { child, ended, heard } = command.start(["predict", model, many, "--out", file("out.xyz"), "--threads", "1"]);
    await heard("predict");
    while (parts().length === 0) await setTimeout(10);
    for (let time = 0; time < times; time++) child.kill("SIGTERM");
    expect((await ended).code).toBe(143);
    expect(readFileSync(file("out.xyz"), "utf8")).toBe("old");
    expect(parts()).toEqual([]);
  });

  test.each([1, 2])("in the middle of one long structure while the output is open, %d times: its part goes", async (times) => {
    // An image of each atom every 4·10⁻⁶ Å: one task of seconds, which a worker cannot leave.
    writeFileSync(file("long.xyz"), '2\nLattice="5 0 0 5 4e-6 0 0 0 5" Properties=species:S:1:pos:R:3\nSi 0 0 0\nSi 1.36 1.36 1.36\n');
    const { child, ended, heard } = command.start(["predict", model, file("long.xyz"), "--out", file("out.xyz"), "--threads", "1"]);
    while (parts().length === 0) await setTimeout(10);
    // Until the workers are there and in it.
    await setTimeout(600);
    const begin = performance.now();
    for (let time = 0; time < times; time++) {
      child.kill("SIGTERM");
      await setTimeout(20);
    }
    if (times === 1) await heard("in the middle of a step");
    expect((await ended).code).toBe(143);
    expect(performance.now() - begin).toBeLessThan(1000);
    expect(parts()).toEqual([]);
  });

  test("a process that was killed leaves its part, the next one clears it", async () => {
    const { child, ended, heard } = command.start(["predict", model, many, "--out", file("out.xyz"), "--threads", "1"]);
    await heard("predict");
    while (parts().length === 0) await setTimeout(10);
    child.kill("SIGKILL");
    await ended;
    expect(parts().length).toBe(1);
    expect((await command.start(["predict", model, structures, "--out", file("other.xyz")]).ended).code).toBe(0);
    expect(parts()).toEqual([]);
  });
});

describe("pipes work wherever files do", () => {
  const energies = (text: string): unknown[] => parseExtxyz(text).map(({ info }) => info.get("lather_energy"));
  let expected: unknown[] = [];
  beforeAll(() => {
    shell("$L predict m.json in.xyz --out expected.xyz");
    expected = energies(readFileSync(file("expected.xyz"), "utf8"));
  });

  test.each<[string, string]>([
    ["a pipe as structures", "cat in.xyz | $L predict m.json /dev/stdin --out piped.xyz"],
    ["a file on standard input", "$L predict m.json /dev/stdin --out piped.xyz < in.xyz"],
    ["substituted processes, one compressed", "$L predict <(cat m.json) <(gzip -c in.xyz) --out piped.xyz"],
    ["a named pipe", "mkfifo fifo; (cat in.xyz > fifo &); $L predict m.json fifo --out piped.xyz; status=$?; rm fifo; exit $status"],
    ["a pipe as output", "$L predict m.json in.xyz --out /dev/stdout | cat > piped.xyz"],
  ])("%s", (_, line) => {
    const { status, stderr } = shell(`rm -f piped.xyz; set -o pipefail; ${line}`);
    expect(status, stderr).toBe(0);
    expect(expected).toHaveLength(3);
    expect(energies(readFileSync(file("piped.xyz"), "utf8"))).toEqual(expected);
  });

  test("a pipe that is read three times", () => {
    const { status, stderr } = shell(`cat in.xyz | $L select /dev/stdin --count 2 --out s.xyz ${settings.join(" ")}`);
    expect(status, stderr).toBe(0);
    expect(parseExtxyz(readFileSync(file("s.xyz"), "utf8"))).toHaveLength(2);
  });

  test("a socket, as between two Node processes, which no name can open", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [command.path, "predict", model, "/dev/stdin", "--out", "/dev/stdout"], { input: readFileSync(structures) });
    expect(status, stderr.toString()).toBe(0);
    expect(energies(stdout.toString())).toEqual(expected);
  });

  test("where the data go to standard output, the report goes to standard error", () => {
    for (const path of ["/dev/stdout", "/dev/fd/1"]) {
      const { status, stdout, stderr } = shell(`$L predict m.json in.xyz --out ${path} | cat`);
      expect(status).toBe(0);
      expect(energies(stdout)).toEqual(expected);
      expect(stderr).toContain("3 structures, 12 atoms with lather_energy");
    }
  });
});

describe("the end of the machine", () => {
  test("a full device on standard output is a message", () => {
    const { status, stderr } = shell("$L config > /dev/full");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^lather: cannot write to standard output: ENOSPC.*\n$/);
  });

  test("a reader that has seen enough is no fault", () => {
    const { stdout, stderr } = shell("$L config | head -1");
    expect([stdout, stderr]).toEqual(["{\n", ""]);
    expect(shell("set -o pipefail; $L predict m.json many.xyz --out /dev/stdout --threads 1 | head -1")).toEqual({ status: 0, stdout: "8\n", stderr: "predict\n" });
  });

  test("memory that the system refuses is said with the threads", () => {
    const { status, stderr } = shell("ulimit -v 8000000; $L predict m.json in.xyz --out x.xyz --threads 2");
    // Later engines do without the 10 GiB of addresses where they cannot have them.
    if (Number(process.versions.node.split(".")[0]) >= 24) {
      expect(status, stderr).toBe(0);
      expect(existsSync(file("x.xyz"))).toBe(true);
      return;
    }
    expect(status).toBe(1);
    expect(stderr).toMatch(/"threads": no memory for the WebAssembly kernels: .*got \d threads?, /);
    expect(stderr).not.toMatch(/internal error|\n\s+at /);
    expect(existsSync(file("x.xyz"))).toBe(false);
  });
});
