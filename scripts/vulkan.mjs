// What the GPU tests need on Linux: the Vulkan loader, and a driver. Where nobody has chosen one, Chromium's software driver serves.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const DRIVERS = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome"].map((folder) => `${folder}/vk_swiftshader_icd.json`);

/** Description file of Chromium's software driver, or null. */
export function softwareDriver() {
  return DRIVERS.find((file) => existsSync(file)) ?? null;
}

function hasLoader() {
  const { stdout } = spawnSync("/sbin/ldconfig", ["-p"], { encoding: "utf8" });
  return (stdout ?? "").includes("libvulkan.so.1");
}

/** Installs the loader where that is allowed; the Error says in one line what to install. */
export function ensureVulkan() {
  if (process.platform !== "linux" || hasLoader()) return;
  const hasApt = existsSync("/usr/bin/apt-get");
  if (process.getuid?.() === 0 && hasApt) {
    process.stderr.write("No Vulkan loader found: installing Debian's libvulkan1 with apt-get.\n");
    const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, stdio: ["ignore", 2, 2] };
    spawnSync("apt-get", ["update", "-q"], options);
    spawnSync("apt-get", ["install", "-y", "-q", "--no-install-recommends", "libvulkan1"], options);
    if (hasLoader()) return;
  }
  throw new Error(`the GPU tests need the Vulkan loader libvulkan.so.1${hasApt ? ": install it with: apt-get install libvulkan1" : ""}`);
}
