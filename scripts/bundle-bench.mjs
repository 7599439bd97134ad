// The benchmark of the GPU backend as a folder for a bare machine with a GPU, without npm or network: node scripts/bundle-bench.mjs
//   makes dist-bench/bench-gpu.mjs, all in one file but the package `webgpu`, and dist-bench/data/, the shared data that are here.
// Beside it .gpu/, Node with that package:     bash ../shared/gpu/pack.sh
// There, with both folders side by side:       bash .gpu/run.sh dist-bench/bench-gpu.mjs --json
// and --model FILE with a fitted model, its path seen from dist-bench/.
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { root } from "./entries.mjs";

/** What the cases read (bench/data.ts, bench/fit-case.ts). */
const DATA = ["molecules/qm9_subset_600.xyz", "zuo2020/Si_train.xyz", "zuo2020/Si_test.xyz"];

const out = join(root, "dist-bench");
const source = process.env.LATHER_DATA ?? join(root, "../shared/data");
await build({
  entryPoints: [join(root, "bench/gpu.ts")], outfile: join(out, "bench-gpu.mjs"),
  bundle: true, format: "esm", platform: "node", target: "node20", external: ["webgpu"], logLevel: "warning",
});
rmSync(join(out, "data"), { recursive: true, force: true });
for (const file of DATA) {
  if (!existsSync(join(source, file))) {
    process.stderr.write(`${join(source, file)} is not here: the cases that read it will be absent there\n`);
    continue;
  }
  mkdirSync(dirname(join(out, "data", file)), { recursive: true });
  cpSync(join(source, file), join(out, "data", file));
}
process.stdout.write("dist-bench/ is ready; bash .gpu/run.sh dist-bench/bench-gpu.mjs --json\n");
