// lather md as a shell runs it: the files it writes, a run that is stopped or killed and goes on, and starts that cannot succeed.
import { readFileSync, truncateSync, writeFileSync, appendFileSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { computeStillingerWeber } from "../../../src/dynamics/stillinger-weber.js";
import { readAllStructures } from "../../../src/node/index.js";
import { formatExtxyz, parseExtxyz } from "../../../src/structure/extxyz.js";
import { createStructure } from "../../../src/structure/structure.js";
import { lather, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const [model, start] = [at("model.json"), at("start.xyz")];
const sites = [[0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0], [1, 1, 1], [1, 3, 3], [3, 1, 3], [3, 3, 1]].flat();
const silicon = createStructure({ species: new Array<number>(8).fill(14), positions: sites.map((x) => (x * 5.431) / 4), cell: [5.431, 0, 0, 0, 5.431, 0, 0, 0, 5.431] });

beforeAll(async () => {
  const frames = Array.from({ length: 6 }, (_, frame) => {
    const structure = { ...silicon, positions: silicon.positions.map((x, k) => x + 0.1 * Math.sin(3 * k + 17 * frame)) };
    const { energy, forces, virial } = computeStillingerWeber(structure);
    return { ...structure, info: new Map<string, number | number[]>([["energy", energy], ["virial", [...virial]]]), arrays: new Map([["forces", { kind: "R" as const, width: 3, values: forces }]]) };
  });
  writeFileSync(at("train.xyz"), frames.map(formatExtxyz).join(""));
  writeFileSync(start, formatExtxyz(silicon));
  const fitted = await lather(["fit", "--train", at("train.xyz"), "--model", model, "--sparse", "20", "--set", "basis.nMax=4", "--set", "basis.lMax=3", "--set", "cutoff.radius=4"]);
  if (fitted.code !== 0) throw new Error(fitted.stderr);
});

const words = (name: string, ...more: string[]): string[] => [
  "md", model, start, "--ensemble", "npt", "--thermostat", "rescaling", "--temperature", "200:400", "--steps", "30", "--every", "4", "--block", "10",
  "--out", at(`${name}.xyz`), "--thermo", at(`${name}.csv`), "--restart", at(`${name}.restart`), "--threads", "2", ...more,
];
const files = (name: string): string[] => ["xyz", "csv", "restart"].map((kind) => readFileSync(at(`${name}.${kind}`), "utf8"));

test("writes frames, thermodynamic data and a report", async () => {
  const { code, stdout, stderr } = await lather(words("whole", "--json"));
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ backend: "cpu", step: 30 });
  const frames = parseExtxyz(files("whole")[0]);
  expect(frames.map(({ info }) => info.get("step"))).toEqual([0, 4, 8, 12, 16, 20, 24, 28]);
  const [head, ...rows] = files("whole")[1].trim().split("\n");
  expect(head).toBe("step,time_fs,temperature_K,potential_eV,kinetic_eV,total_eV,conserved_eV,pressure_GPa,volume_A3");
  rows.forEach((row, k) => {
    const [step, time, temperature, potential, kinetic, total, conserved, pressure, volume] = row.split(",").map(Number);
    expect([step, time]).toEqual([4 * k, 4 * k]);
    expect(potential).toBe(frames[k].info.get("energy"));
    expect(total).toBe(potential + kinetic);
    expect(kinetic).toBeCloseTo((21 / 2) * 8.617333262e-5 * temperature, 8);
    expect(volume).toBeCloseTo(frames[k].cell![0] ** 3, 8);
    for (const value of [conserved, pressure]) expect(Number.isFinite(value)).toBe(true);
  });
});

test("stopped in the middle and gone on, it writes the same bytes", async () => {
  const controller = new AbortController();
  const running = lather(words("stopped"), controller.signal);
  // Some step after the first frame is on the disk.
  for (;;) {
    try {
      if (readFileSync(at("stopped.csv"), "utf8").split("\n").length > 4) break;
    } catch {
      // Not there yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  controller.abort(new Error("terminated"));
  const { code, stderr } = await running;
  expect(code).toBe(130);
  expect(stderr).toMatch(/stopped after step \d+; the trajectory is written so far/);
  expect(JSON.parse(files("stopped")[2]).state.step).toBeLessThan(30);
  const resumed = await lather(words("stopped"));
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(files("stopped")).toEqual(files("whole").map(String));
});

test("killed, it cuts off what was written after its last block", async () => {
  const { code } = await lather(words("killed", "--steps", "10", "--temperature", "300"));
  expect(code).toBe(0);
  copyFileSync(at("killed.xyz"), at("kept.xyz"));
  appendFileSync(at("killed.xyz"), "8\nLattice=\"half a fr");
  appendFileSync(at("killed.csv"), "12,12,");
  const resumed = await lather(words("killed", "--steps", "20", "--temperature", "300"));
  expect(resumed.code, resumed.stderr).toBe(0);
  await lather(words("straight", "--steps", "20", "--temperature", "300"));
  expect(files("killed")).toEqual(files("straight"));
});

test("a gzipped trajectory is gone on with: stopped and killed, its contents are those of the plain one", async () => {
  const gzipped = (name: string, ...more: string[]): string[] => words(name, "--out", at(`${name}.xyz.gz`), "--thermo", at(`${name}.csv.gz`), "--temperature", "300", ...more);
  const text = (name: string): string => gunzipSync(readFileSync(at(name))).toString();
  // Ended after its first block, and killed in the middle of writing the second.
  expect((await lather(gzipped("packed", "--steps", "10"))).code).toBe(0);
  appendFileSync(at("packed.xyz.gz"), readFileSync(at("packed.xyz.gz")).subarray(0, 100));
  const controller = new AbortController();
  const stopping = lather(gzipped("packed", "--steps", "20"), controller.signal);
  setTimeout(() => controller.abort(new Error("terminated")), 100);
  expect([0, 130]).toContain((await stopping).code);
  const resumed = await lather(gzipped("packed", "--steps", "20"));
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(text("packed.xyz.gz")).toBe(files("straight")[0]);
  expect(text("packed.csv.gz")).toBe(files("straight")[1]);
  const frames = await readAllStructures(at("packed.xyz.gz"));
  expect(frames.map(({ info }) => info.get("step"))).toEqual([0, 4, 8, 12, 16, 20]);
  // Without a restart file, too.
  const alone = ["md", model, start, "--steps", "10", "--every", "2", "--block", "4"];
  expect((await lather([...alone, "--out", at("alone.xyz.gz")])).code).toBe(0);
  expect((await lather([...alone, "--out", at("alone.xyz")])).code).toBe(0);
  expect(text("alone.xyz.gz")).toBe(readFileSync(at("alone.xyz"), "utf8"));
  const other = await lather([...alone, "--out", at("alone.npz")]);
  expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/a name that ends in \.xyz or \.xyz\.gz/)]);
});

test("a full cell changes its shape, and is gone on with to the bit", async () => {
  const run = async (name: string, ...more: string[]): Promise<void> => {
    const { code, stderr } = await lather(words(name, "--temperature", "300", "--cell", "full", ...more));
    expect(code, stderr).toBe(0);
  };
  await run("full", "--steps", "20");
  await run("parts", "--steps", "10");
  await run("parts", "--steps", "20");
  expect(files("parts")).toEqual(files("full"));
  const cell = parseExtxyz(files("full")[0]).at(-1)!.cell!;
  expect(cell[1]).not.toBe(0);
  const other = await lather(words("full", "--temperature", "300", "--steps", "30"));
  expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/"cell": the run was begun in another way: expected full, got none/)]);
});

const settings = {
  variables: [{ kind: "distance", atoms: [0, 4], sigma: 0.05, name: "bond" }, { kind: "coordination", centers: [0], neighbors: "Si", radius: 2.8, sigma: 0.1 }],
  height: 0.02, biasFactor: 6, every: 4,
};

test("metadynamics writes hills and a free energy, and is gone on with to the bit", async () => {
  writeFileSync(at("metadynamics.json"), JSON.stringify(settings));
  const run = async (name: string, ...more: string[]): Promise<void> => {
    const hills = ["--metadynamics", at("metadynamics.json"), "--hills", at(`${name}.hills`), "--free-energy", at(`${name}.free`)];
    const { code, stderr } = await lather(words(name, "--temperature", "300", ...hills, ...more));
    expect(code, stderr).toBe(0);
  };
  await run("meta", "--steps", "20");
  await run("paused", "--steps", "10");
  appendFileSync(at("paused.hills"), "12,2.");
  await run("paused", "--steps", "20");
  expect(files("paused")).toEqual(files("meta"));
  for (const kind of ["hills", "free"]) expect(readFileSync(at(`paused.${kind}`), "utf8")).toBe(readFileSync(at(`meta.${kind}`), "utf8"));
  const [head, ...hills] = readFileSync(at("meta.hills"), "utf8").trim().split("\n");
  expect(head).toBe("step,bond,coordination2,height_eV");
  expect(hills.map((line) => Number(line.split(",")[0]))).toEqual([4, 8, 12, 16, 20]);
  const [columns, , row] = files("meta")[1].split("\n");
  expect(columns).toMatch(/volume_A3,bias_eV,bond,coordination2$/);
  expect(row.split(",").slice(-3)).toEqual(["0.02", ...hills[0].split(",").slice(1, 3)]);
  const { positions } = parseExtxyz(files("meta")[0])[1];
  expect(Number(hills[0].split(",")[1])).toBeCloseTo(Math.hypot(...[0, 1, 2].map((k) => positions[12 + k] - positions[k])), 10);
  const table = readFileSync(at("meta.free"), "utf8").trim().split("\n").slice(1).map((line) => Number(line.split(",")[2]));
  expect([table.length, Math.min(...table)]).toEqual([61 * 61, 0]);
  expect(Math.max(...table)).toBeGreaterThan(0.05);
});

test.each<[string, unknown, string[], RegExp]>([
  ["no file for the hills", settings, ["--ensemble", "nvt"], /"--hills": metadynamics needs a file for its hills/],
  ["no thermostat", settings, ["--hills", at("bad.hills")], /"--ensemble": metadynamics needs a constant temperature: expected --ensemble nvt or npt/],
  ["a ramp", settings, ["--hills", at("bad.hills"), "--ensemble", "nvt", "--temperature", "300:400"], /"--temperature".*at one temperature, got 300:400/],
  ["an atom that is not there", { ...settings, variables: [{ kind: "distance", atoms: [0, 8], sigma: 0.1 }] }, ["--hills", at("bad.hills"), "--ensemble", "nvt"], /"atoms": there is no such atom: expected 0 to 7, got 8/],
  ["an element that is not there", { ...settings, variables: [{ ...settings.variables[1], neighbors: "O" }] }, ["--hills", at("bad.hills"), "--ensemble", "nvt"], /"neighbors": a coordination number needs atoms/],
  ["an unknown kind", { ...settings, variables: [{ kind: "angle" }] }, ["--hills", at("bad.hills"), "--ensemble", "nvt"], /bad\.json, "variables\.0\.kind".*"distance" \| "coordination"/],
  ["a setting that is missing", { ...settings, height: undefined }, ["--hills", at("bad.hills"), "--ensemble", "nvt"], /bad\.json, "height"/],
])("metadynamics with %s says what to change", async (_, value, more, message) => {
  writeFileSync(at("bad.json"), JSON.stringify(value));
  const { code, stderr } = await lather(["md", model, start, "--out", at("bad-out.xyz"), "--steps", "10", "--metadynamics", at("bad.json"), ...more]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
});

test("a restart in another way, or with another trajectory, is refused", async () => {
  const other = await lather(words("whole", "--timestep", "2"));
  expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/"timestep": the run was begun in another way: expected 1, got 2/)]);
  truncateSync(at("killed.xyz"), 100);
  const cut = await lather(words("killed", "--steps", "40", "--temperature", "300"));
  expect([cut.code, cut.stderr]).toEqual([2, expect.stringMatching(/killed\.xyz.*not the one that was being written/)]);
  writeFileSync(at("killed.restart"), "{}");
  const broken = await lather(words("killed", "--steps", "40", "--temperature", "300"));
  expect([broken.code, broken.stderr]).toEqual([2, expect.stringMatching(/not a restart file/)]);
});

test.each([
  ["no cell for NPT", { ...silicon, cell: null, pbc: [false, false, false] as const }, ["--ensemble", "npt"], 2, /periodic along all three axes/],
  ["element unknown to the model", { ...silicon, species: Uint8Array.from(silicon.species, (z, k) => (k === 2 ? 32 : z)) }, [], 2, /bad\.xyz:1, .*atom 2: the model does not know this element: expected Si/],
  ["timestep that is far too long", silicon, ["--timestep", "100"], 2, /"timestep": the timestep is too long: expected at most 6.2 fs/],
  ["timestep that is long, with a warning, and then fails", silicon, ["--timestep", "19", "--temperature", "9000"], 1, /warning: the timestep of 19 fs is long[^]*take a shorter timestep than 19 fs/],
  ["full cell without a barostat", silicon, ["--cell", "full", "--ensemble", "nvt"], 2, /"--cell".*expected --ensemble npt with --cell full/],
  ["overlapping atoms", { ...silicon, positions: silicon.positions.map((x, k) => (k >= 12 && k < 15 ? 0.5 : x)) }, [], 2, /bad\.xyz:1, .*atom 0: atoms overlap.*relax the structure first/],
])("%s ends with what to change", async (_, structure, more, expectedCode, message) => {
  writeFileSync(at("bad.xyz"), formatExtxyz(structure));
  const { code, stderr } = await lather(["md", model, at("bad.xyz"), "--out", at("bad-out.xyz"), "--steps", "200", ...more]);
  expect([code, stderr]).toEqual([expectedCode, expect.stringMatching(message)]);
});
