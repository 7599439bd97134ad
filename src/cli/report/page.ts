// The page around the plots: one HTML file that loads nothing, in light and dark.
import { escapeHtml } from "./line-plot.js";

/** Of plots, in a page or alone. Lines after Okabe and Ito's palette, which all kinds of colour vision tell apart; yellow would vanish on white. */
export const plotStyle = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1b1b; --faint: #d9d9d9; --mark: #767676;
  --line-0: #0072b2; --line-1: #d55e00; --line-2: #009e73; --line-3: #b0578d; --line-4: #b87f00; --line-5: #3a9bdc; --line-6: #1b1b1b; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181b; --ink: #e6e6e6; --faint: #3a3d41; --mark: #9a9a9a;
  --line-0: #4ba3e3; --line-1: #ff8142; --line-2: #2fc99b; --line-3: #e08fbf; --line-4: #e6a51f; --line-5: #9cd3f7; --line-6: #e6e6e6; } }
svg svg { overflow: hidden; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; } svg .title { font-weight: 600; font-size: 13px; }
.grid { stroke: var(--faint); fill: none; } .frame { stroke: var(--mark); fill: none; }
.marker { stroke: var(--mark); stroke-dasharray: 3 3; fill: none; }
.bar { fill: none; stroke-width: 1.2; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
`;

const style = `${plotStyle}
body { margin: 2rem auto; max-width: 84rem; padding: 0 1rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; } p { max-width: 48rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); gap: 1rem; }
.plots svg { width: 100%; height: auto; display: block; }
table { border-collapse: collapse; } th, td { padding: 0.15rem 0.9rem; text-align: right; font-variant-numeric: tabular-nums; }
th { border-bottom: 1px solid var(--mark); } .scroll { overflow-x: auto; }
`;

/** The document; `body` is HTML. */
export function formatPage(title: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${body}
</body>
</html>
`;
}

/** A table of text cells, the first row its head. */
export function formatHtmlTable([head, ...rows]: readonly (readonly string[])[]): string {
  const cells = (name: string, row: readonly string[]): string => `<tr>${row.map((cell) => `<${name}>${escapeHtml(cell)}</${name}>`).join("")}</tr>`;
  const body = rows.map((row) => cells("td", row)).join("");
  return `<div class="scroll"><table><thead>${cells("th", head ?? [])}</thead><tbody>${body}</tbody></table></div>`;
}
