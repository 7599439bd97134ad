// The reference of the public names, from their docstrings, as pages in docs-site/: node scripts/docs.mjs
// Fails where a docstring links what is not there, or a public function has no docstring.
import { register } from "node:module";
import { join } from "node:path";
import { root } from "./entries.mjs";

// TypeDoc reads programs through the API of TypeScript 5 or 6; the project's own compiler, 7, has another.
register(`data:text/javascript,${encodeURIComponent(`
  export const resolve = (specifier, context, next) => next(specifier === "typescript" ? "typescript-5" : specifier, context);
`)}`, import.meta.url);
const { Application, LogLevel } = await import("typedoc");

const app = await Application.bootstrap({
  name: "Lather",
  entryPoints: ["index", "node/index", "viewer/index"].map((entry) => join(root, `src/${entry}.ts`)),
  tsconfig: join(root, "tsconfig.build.json"),
  out: join(root, "docs-site"),
  highlightLanguages: ["sh", "ts", "js", "html", "http", "python"],
  readme: join(root, "README.md"),
  projectDocuments: ["guides/*.md", "conventions.md"].map((pattern) => join(root, "docs", pattern)),
  excludeInternal: true,
  excludePrivate: true,
  // A clone may be without a remote.
  disableSources: true,
  disableGit: true,
  logLevel: LogLevel.Warn,
  requiredToBeDocumented: ["Function", "Class"],
  validation: { notDocumented: true, notExported: false, invalidLink: true, rewrittenLink: false, unusedMergeModuleWith: false, invalidPath: false },
  treatValidationWarningsAsErrors: true,
});
const project = await app.convert();
if (!project) process.exit(1);
// As a user imports them.
for (const module of project.children ?? []) module.name = { index: "lather", node: "lather/node", viewer: "lather/viewer" }[module.name] ?? module.name;
app.validate(project);
if (app.logger.hasErrors()) process.exit(1);
await app.generateOutputs(project);
process.stdout.write("docs-site/index.html\n");
