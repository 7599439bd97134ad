// The benchmark of the GPU backend as one file for a machine without npm: scripts/bundle-bench.mjs makes it and says how it is run.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runCommand } from "./command.js";

// The bundle brings what data the machine that made it had.
const data = fileURLToPath(new URL("data", import.meta.url));
if (existsSync(data)) process.env["LATHER_DATA"] ??= data;
await runCommand(import.meta.url, "bash .gpu/run.sh dist-bench/bench-gpu.mjs", "gpu");
