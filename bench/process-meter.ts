// What the operating system tells of this process; null in a browser, which does not know.

const node = typeof process !== "undefined" && process.versions?.node ? process : null;

/** Processor time of the whole process, worker threads included, in seconds. */
export function processorSeconds(): number | null {
  if (!node) return null;
  const { user, system } = node.cpuUsage();
  return (user + system) / 1e6;
}

/** Peak resident memory, worker threads included, in MB (10⁶ bytes). */
export function peakMemory(): number | null {
  return node && (node.resourceUsage().maxRSS * 1024) / 1e6;
}
