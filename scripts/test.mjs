// npm test: build, types, lint, then every vitest project; the last line is "N passed, N failed". Arguments go to vitest:
// npm test -- --project unit test/unit/structure
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { ensureChromium } from "./chromium.mjs";
import { root } from "./entries.mjs";
import { ensureVulkan } from "./vulkan.mjs";

const args = process.argv.slice(2);
// A report that goes to a file or a pipe is read as plain text.
if (!process.stdout.isTTY) process.env.NO_COLOR ??= "1";
let passed = 0;
let failed = 0;

/** Counts one check that is not a vitest test. */
function check(name, isGood) {
  process.stdout.write(`${isGood ? "passed" : "FAILED"}: ${name}\n`);
  if (isGood) passed += 1;
  else failed += 1;
}

function run(program, ...programArgs) {
  return spawnSync(process.execPath, [join(root, program), ...programArgs], { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).status === 0;
}

function finish() {
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

/** Adds vitest's own results from its JSON report. A file that did not load, a skipped test or a bad exit counts as a failure. */
function countVitest(reportFile, exitedWell) {
  let report;
  try {
    report = JSON.parse(readFileSync(reportFile, "utf8"));
  } catch (error) {
    process.stdout.write(`vitest left no report: ${error.message}\n`);
    check("vitest", false);
    return;
  }
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const unloaded = report.testResults.filter(({ status, assertionResults }) => status === "failed" && !assertionResults.some((result) => result.status === "failed"));
  const failedTests = tests.filter(({ status }) => status === "failed").length;
  // A name filter leaves the other tests out on purpose.
  const filtered = args.some((argument) => argument === "-t" || argument.startsWith("--testNamePattern"));
  const skipped = filtered ? [] : tests.filter(({ status }) => status !== "passed" && status !== "failed");
  for (const { name } of unloaded) process.stdout.write(`FAILED: ${name} did not run to its end\n`);
  for (const { fullName } of skipped) process.stdout.write(`FAILED: "${fullName}" was skipped, and a skipped test checks nothing\n`);
  for (const { fullName } of tests) if (fullName.includes("ABSENT: ")) process.stdout.write(`not checked here, ${fullName.trim()}\n`);
  passed += tests.filter(({ status }) => status === "passed").length;
  failed += failedTests + unloaded.length + skipped.length;
  if (!exitedWell && failedTests + unloaded.length + skipped.length === 0) check("vitest (an error outside the tests)", false);
}

const onlyUnit = args.some((argument, i) => argument === "--project=unit" || (argument === "unit" && args[i - 1] === "--project"));
if (!onlyUnit) {
  try {
    process.env.CHROMIUM = ensureChromium();
    ensureVulkan();
  } catch (error) {
    process.stdout.write(`${error.message}; without it: npm test -- --project unit\n`);
    failed += 1;
    finish();
  }
}

let isBuilt = true;
try {
  build();
} catch (error) {
  process.stdout.write(`${error.message}\n`);
  isBuilt = false;
}
check("build", isBuilt);
check("types", run("node_modules/typescript/bin/tsc", "-p", "tsconfig.json"));
check("lint", run("node_modules/oxlint/bin/oxlint", "--config", ".oxlintrc.json", "--deny-warnings"));

const reportFile = join(root, `node_modules/.cache/lather/vitest-${process.pid}.json`);
mkdirSync(join(reportFile, ".."), { recursive: true });
// What is tested on the build cannot be, without one.
if (!isBuilt && !args.some((argument) => argument.startsWith("--project"))) args.push("--project", "unit");
const exitedWell = run("node_modules/vitest/vitest.mjs", "run", "--config", "vitest.config.ts", "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`, ...args);
countVitest(reportFile, exitedWell);
rmSync(reportFile, { force: true });
finish();
