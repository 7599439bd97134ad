import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.js";
import { readAllStructures, readStructures, writeAtomically, writeStructures } from "../../../src/node/files.js";
import { formatExtxyz, parseExtxyz } from "../../../src/structure/extxyz.js";
import { contentOf } from "../../reference/content.js";

const TEXT = '2\nLattice="5 0 0 0 5 0 0 0 5" Properties=species:S:1:pos:R:3 energy=-1.5 pbc="T T T"\nSi 0 0 0\nO 0.1 0 0\n';
let root: string;
let folder: string;
let serial = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "lather-files-"));
});
beforeEach(async () => {
  folder = join(root, String(serial++));
  await mkdir(folder);
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function failureOf(promise: Promise<unknown>): Promise<InputError> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
}

describe("reading", () => {
  test("plain and gzip, whatever the name says", async () => {
    await writeFile(join(folder, "a.xyz"), TEXT + TEXT);
    await writeFile(join(folder, "b.xyz"), gzipSync(TEXT + TEXT));
    await writeFile(join(folder, "two-members.xyz.gz"), Buffer.concat([gzipSync(TEXT), gzipSync(TEXT)]));
    for (const name of await readdir(folder)) expect((await readAllStructures(join(folder, name))).map(contentOf)).toStrictEqual(parseExtxyz(TEXT + TEXT).map(contentOf));
  });

  test("one structure at a time; leaving early closes the file", async () => {
    const path = join(folder, "long.xyz");
    await writeFile(path, TEXT.repeat(50_000));
    let count = 0;
    for await (const structure of readStructures(path)) {
      expect(structure.species.length).toBe(2);
      if (++count === 3) break;
    }
    expect(count).toBe(3);
    if (existsSync("/proc/self/fd")) {
      const open = await Promise.all((await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "closed")));
      expect(open).not.toContain(path);
    }
  });

  test("memory does not grow with a compressed file", async () => {
    const path = join(folder, "long.xyz.gz");
    await writeFile(path, gzipSync(TEXT.repeat(150_000), { level: 1 }));
    const before = process.memoryUsage();
    let [held, count] = [Infinity, 0];
    for await (const structure of readStructures(path)) {
      if (++count % 1000 !== 0 || structure.species.length !== 2) continue;
      const now = process.memoryUsage();
      // Between two collections garbage counts as well; what is held never goes.
      if (count > 100_000) held = Math.min(held, now.heapUsed - before.heapUsed + now.arrayBuffers - before.arrayBuffers);
      // A slow reader gives the decompression time to run ahead, if it can.
      if (count % 20_000 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(count).toBe(150_000);
    // 17 MB of text, which would be 100 MB of structures.
    expect(held).toBeLessThan(30e6);
  });

  test("errors name the path", async () => {
    const missing = join(folder, "missing.xyz");
    expect((await failureOf(readAllStructures(missing))).message).toContain(`${missing}: cannot read the file`);
    expect((await failureOf(readAllStructures(missing))).message).toContain("no such file");
    expect((await failureOf(readAllStructures(folder))).message).toContain("it is a folder");
    const empty = join(folder, "empty.xyz");
    await writeFile(empty, "");
    expect((await failureOf(readAllStructures(empty))).message).toContain(`${empty}: no structures`);
    const cut = join(folder, "cut.xyz.gz");
    await writeFile(cut, gzipSync(TEXT.repeat(100)).subarray(0, 60));
    expect((await failureOf(readAllStructures(cut))).message).toContain(`${cut}: compressed file is damaged or truncated`);
    const spoiled = join(folder, "spoiled.xyz");
    await writeFile(spoiled, TEXT.replace("0.1", "x"));
    expect((await failureOf(readAllStructures(spoiled))).message).toContain(`${spoiled}:4`);
  });
});

describe("writing", () => {
  const OLD = "the old file\n";

  test("text and bytes, small and large, in order", async () => {
    const path = join(folder, "out.bin");
    const block = new Uint8Array(100_000).fill(7);
    await writeAtomically(path, async (sink) => {
      await sink.write("Å");
      await sink.write(block);
      // The sink must not hold on to a buffer that its owner goes on using.
      block.fill(8);
      for (let index = 0; index < 10; index++) await sink.write(block);
      await sink.write("end");
    });
    const expected = Buffer.concat([Buffer.from("Å"), Buffer.alloc(100_000, 7), Buffer.alloc(1_000_000, 8), Buffer.from("end")]);
    expect((await readFile(path)).equals(expected)).toBe(true);
    expect(await readdir(folder)).toEqual(["out.bin"]);
  });

  test("replaces a file, keeps its permissions, follows a link", async () => {
    const path = join(folder, "out.txt");
    await writeFile(path, OLD);
    await chmod(path, 0o640);
    await symlink("out.txt", join(folder, "link"));
    await writeAtomically(join(folder, "link"), (sink) => sink.write("new"));
    expect(await readFile(path, "utf8")).toBe("new");
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect((await lstat(join(folder, "link"))).isSymbolicLink()).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(["link", "out.txt"]);
  });

  test("the file appears complete or not at all", async () => {
    const path = join(folder, "out.txt");
    await writeFile(path, OLD);
    await writeAtomically(path, async (sink) => {
      await sink.write("x".repeat(1_000_000));
      expect(await readFile(path, "utf8")).toBe(OLD);
      expect((await readdir(folder)).length).toBe(2);
    });
    expect((await readFile(path, "utf8")).length).toBe(1_000_000);
  });

  test("when the writer throws, its error passes, the old file stays, nothing else does", async () => {
    const path = join(folder, "out.txt");
    await writeFile(path, OLD);
    const failure = new Error("job failed");
    await expect(
      writeAtomically(path, async (sink) => {
        await sink.write("x".repeat(1_000_000));
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(await readFile(path, "utf8")).toBe(OLD);
    expect(await readdir(folder)).toEqual(["out.txt"]);
  });

  test("abort: before, in the middle, and after the last write", async () => {
    const path = join(folder, "out.txt");
    await writeFile(path, OLD);
    const reason = new Error("Ctrl-C");
    await expect(writeAtomically(path, (sink) => sink.write("x"), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    for (const last of [false, true]) {
      const controller = new AbortController();
      const writing = writeAtomically(
        path,
        async (sink) => {
          await sink.write("x".repeat(1_000_000));
          controller.abort(reason);
          if (!last) await sink.write("y");
        },
        { signal: controller.signal },
      );
      await expect(writing).rejects.toBe(reason);
      expect(await readFile(path, "utf8")).toBe(OLD);
      expect(await readdir(folder)).toEqual(["out.txt"]);
    }
  });

  test("what cannot be written is an InputError naming path and reason", async () => {
    const write = (path: string): Promise<InputError> => failureOf(writeAtomically(path, (sink) => sink.write("x")));
    const nowhere = join(folder, "no", "such", "folder", "out.txt");
    expect((await write(nowhere)).message).toContain(nowhere);
    expect((await write(nowhere)).message).toContain("no such file or folder");
    expect((await write(folder)).message).toContain("got a folder");
    await writeFile(join(folder, "file"), OLD);
    expect((await write(join(folder, "file", "out.txt"))).message).toContain("not a folder");
    expect((await write(join(folder, "x".repeat(300)))).message).toContain("too long");
  });

  test("an unwritable folder", async () => {
    // Root may write anywhere, except where the system itself refuses: in /proc of Linux, in /System of macOS.
    const isRoot = process.getuid?.() === 0;
    if (!isRoot) await chmod(folder, 0o500);
    const target = isRoot ? `/${process.platform === "darwin" ? "System" : "proc"}/lather.txt` : join(folder, "out.txt");
    const error = await failureOf(writeAtomically(target, (sink) => sink.write("x")));
    expect(error.message).toContain(`${target}: cannot write the file`);
  });

  test("a device is written in place, never renamed over", async () => {
    await writeAtomically(devNull, (sink) => sink.write("x"));
    expect((await stat(devNull)).isFile()).toBe(false);
    // Linux has a device that is always full.
    for (const device of ["/dev/full"].filter((path) => existsSync(path))) {
      for (const size of [1, 1_000_000]) {
        const error = await failureOf(writeAtomically(device, (sink) => sink.write("x".repeat(size))));
        expect(error.message).toContain(`${device}: cannot write the file`);
        expect(error.message).toContain("the disk is full");
      }
      expect((await stat(device)).isCharacterDevice()).toBe(true);
    }
  });

  describe("a full disk", () => {
    let disk: string;
    let mounted = false;
    beforeAll(async () => {
      disk = join(root, "disk");
      await mkdir(disk);
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "lather-test", disk], { stdio: "pipe" });
        mounted = true;
      } catch (error) {
        process.stderr.write(`no small disk to fill (${String(error).split("\n")[0]}); a refused write stands in for it\n`);
      }
    });
    afterAll(() => {
      if (mounted) execFileSync("umount", [disk]);
    });

    test("in mid-write: the old file survives, the temporary one goes, the error says so, even when the writer hides it", async () => {
      const path = join(disk, "out.txt");
      await writeFile(path, OLD);
      // Where nothing can be mounted, a write that the file handle refuses in the same way stands in for the full disk.
      const refusal = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });
      const refusing = { write: () => Promise.reject(refusal) };
      const variants = [false, true].flatMap((hide) => (mounted ? [{ hide, inject: false }, { hide, inject: true }] : [{ hide, inject: true }]));
      for (const { hide, inject } of variants) {
        const error = await failureOf(
          writeAtomically(path, async (sink) => {
            await sink.write("x".repeat(400_000));
            if (inject) Object.assign(sink, { handle: refusing });
            for (let block = 0; block < 8; block++) {
              try {
                await sink.write("x".repeat(400_000));
              } catch (reason) {
                if (!hide) throw reason;
              }
            }
          }),
        );
        expect(error.message).toContain(`${path}: cannot write the file`);
        expect(error.message).toContain("ENOSPC (the disk is full)");
        expect(await readFile(path, "utf8")).toBe(OLD);
        expect(await readdir(disk)).toEqual(["out.txt"]);
      }
    });

    test("compressed output meets it as well", async () => {
      const path = mounted ? join(disk, "out.xyz.gz") : "/dev/full";
      const noise = (async function* () {
        for (let frame = 0; frame < 400; frame++) {
          const lines = Array.from({ length: 100 }, () => `H ${Math.random()} ${Math.random()} ${Math.random()}`);
          yield parseExtxyz(`100\n\n${lines.join("\n")}\n`)[0]!;
        }
      })();
      const error = await failureOf(writeStructures(path, noise));
      expect(error.message).toContain("the disk is full");
      expect(error.message).toContain(`${path}: cannot write the file`);
      expect(error.message).toContain("ENOSPC");
      expect((await readdir(disk)).filter((name) => name !== "out.txt")).toEqual([]);
    });
  });
});

describe("writeStructures", () => {
  const structures = parseExtxyz(TEXT.repeat(3));

  test("plain and, by its name, compressed; from lists and from streams", async () => {
    await writeStructures(join(folder, "a.xyz"), structures);
    expect(await readFile(join(folder, "a.xyz"), "utf8")).toBe(structures.map(formatExtxyz).join(""));
    await writeStructures(join(folder, "b.xyz.gz"), readStructures(join(folder, "a.xyz")));
    expect(gunzipSync(await readFile(join(folder, "b.xyz.gz"))).toString()).toBe(structures.map(formatExtxyz).join(""));
    expect((await readAllStructures(join(folder, "b.xyz.gz"))).map(contentOf)).toStrictEqual(structures.map(contentOf));
  });

  test("a source that fails leaves nothing behind", async () => {
    for (const name of ["a.xyz", "a.xyz.gz"]) {
      const failing = (async function* () {
        yield structures[0]!;
        throw new InputError("bad frame");
      })();
      await expect(writeStructures(join(folder, name), failing)).rejects.toThrow("bad frame");
    }
    expect(await readdir(folder)).toEqual([]);
  });

  test("abort in the middle leaves nothing behind", async () => {
    for (const name of ["a.xyz", "a.xyz.gz"]) {
      const controller = new AbortController();
      const endless = (async function* () {
        for (let count = 0; ; count++) {
          if (count === 100) controller.abort(new Error("Ctrl-C"));
          yield structures[0]!;
        }
      })();
      await expect(writeStructures(join(folder, name), endless, { signal: controller.signal })).rejects.toThrow("Ctrl-C");
    }
    expect(await readdir(folder)).toEqual([]);
  });
});
