// The example of the README, as a newcomer would paste it.
import { readFileSync } from "node:fs";

/** The first ```ts block after the heading "## Example". An Error when there is none. */
export function readmeExample(readmePath: string): string {
  const lines = readFileSync(readmePath, "utf8").split(/\r?\n/);
  const heading = lines.findIndex((line) => /^## Example\b/.test(line));
  const start = lines.findIndex((line, i) => heading >= 0 && i > heading && line === "```ts");
  const end = lines.findIndex((line, i) => start >= 0 && i > start && line === "```");
  if (end < 0) throw new Error(`${readmePath}: expected a \`\`\`ts block after the heading "## Example"`);
  return `${lines.slice(start + 1, end).join("\n")}\n`;
}
