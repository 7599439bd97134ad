// `npm start`: trains on the embedded silicon data (or on --train A.xyz --test B.xyz), prints the report, then serves the pages.
// Everything else on the command line goes to `lather fit`.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./entries.mjs";
import { servePages } from "./serve.mjs";

const args = process.argv.slice(2);
const once = args.includes("--once");
const given = args.filter((argument) => argument !== "--once");
const own = given.includes("--train");
if (!existsSync(join(root, "dist/cli.js"))) {
  process.stderr.write("npm start: there is no dist/cli.js; run `npm ci` first\n");
  process.exit(1);
}
const embedded = ["--train", join(root, "public/silicon-sw-train.xyz.gz"), "--test", join(root, "public/silicon-sw-test.xyz.gz")];
if (!own) process.stdout.write("Training on the embedded data: silicon labelled by the Stillinger–Weber potential (see public/README.md).\n\n");
const model = given.includes("--model") ? [] : ["--model", "model.lather.json"];
const { status, signal } = spawnSync(process.execPath, [join(root, "dist/cli.js"), "fit", ...(own ? [] : embedded), ...model, ...given], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? (signal === "SIGINT" ? 130 : 1));
if (!once) {
  const { url } = await servePages();
  process.stdout.write(`\nThe same in the browser: ${url}train/   (all pages: ${url})\nCtrl-C ends the server.\n`);
}
