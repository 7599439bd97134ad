// The browser of the tests: a Chrome or Chromium that is on the machine, or Debian's, installed with apt-get where that is allowed.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];

/** Where installers put it, by platform; on Linux the search path comes first and then the usual folders. */
function usualPlaces() {
  const { env, platform } = process;
  if (platform === "darwin") {
    const bundles = ["Google Chrome", "Chromium", "Microsoft Edge"];
    return bundles.flatMap((name) => ["", env.HOME ?? ""].map((home) => `${home}/Applications/${name}.app/Contents/MacOS/${name}`));
  }
  if (platform === "win32") {
    const folders = [env.PROGRAMFILES, env["PROGRAMFILES(X86)"], env.LOCALAPPDATA].filter((folder) => folder !== undefined);
    const programs = ["Google/Chrome/Application/chrome.exe", "Chromium/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe"];
    return programs.flatMap((program) => folders.map((folder) => join(folder, program)));
  }
  const folders = [...(env.PATH ?? "").split(delimiter), "/usr/bin", "/usr/local/bin", "/snap/bin"].filter((folder) => folder !== "");
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
}

/** Path of the browser, or null. CHROMIUM or CHROME_PATH overrides the search; an Error when it names a file that is not there. */
export function findChromium() {
  for (const variable of ["CHROMIUM", "CHROME_PATH"]) {
    const path = process.env[variable];
    if (!path) continue;
    if (!existsSync(path)) throw new Error(`${variable} is set to ${path}, which does not exist`);
    return path;
  }
  return usualPlaces().find((path) => existsSync(path)) ?? null;
}

/** The browser's path; installs Debian's when there is none and this is root with apt-get. The Error says in one line what to install. */
export function ensureChromium() {
  const found = findChromium();
  if (found !== null) return found;
  const isRoot = process.getuid?.() === 0;
  const hasApt = existsSync("/usr/bin/apt-get");
  if (isRoot && hasApt) {
    process.stderr.write("No Chrome or Chromium found: installing Debian's chromium with apt-get.\n");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    // Standard output is kept for the tests' report.
    const options = { env, stdio: ["ignore", 2, 2] };
    spawnSync("apt-get", ["update", "-q"], options);
    spawnSync("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium"], options);
    const installed = findChromium();
    if (installed !== null) return installed;
  }
  const advice = hasApt ? "install it with: apt-get install chromium" : "install Google Chrome or Chromium";
  throw new Error(`the browser tests need Chrome or Chromium: ${advice} (or set CHROMIUM to its path)`);
}

/** Flags of every start. The networking ones keep Chromium from calling home, which on a closed network costs time and fills the log. */
export function chromiumFlags() {
  const flags = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    // Docker's 64 MB /dev/shm is too small for a tab with a few hundred megabytes of arrays.
    "--disable-dev-shm-usage",
  ];
  // Chromium refuses to start its sandbox as root.
  return process.getuid?.() === 0 ? ["--no-sandbox", ...flags] : flags;
}

/** WebGPU without a GPU: Chromium's software adapter, which a page gets on request only. */
export const WEBGPU_FLAGS = ["--enable-unsafe-webgpu"];

/** What Playwright needs to know to start the browser, with further flags; without a path where there is no browser. @param {readonly string[]} flags */
export function chromiumOptions(flags = []) {
  const executablePath = findChromium();
  return { ...(executablePath !== null && { executablePath }), headless: true, args: [...chromiumFlags(), ...flags] };
}

/** A headless browser driven by Playwright, with further flags; `close()` it. @param {readonly string[]} flags */
export async function launchChromium(flags = []) {
  const { chromium } = await import("playwright-core");
  ensureChromium();
  return chromium.launch(chromiumOptions(flags));
}
