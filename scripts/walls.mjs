// Lint rules for the walls of the house: imports go down the storeys (formulas < backend < jobs < faces), and each platform has its rooms.
import { posix, relative } from "node:path";

const FORMULAS = ["structure", "formats", "basis", "angular", "features", "kernel", "pairs", "selection", "measures", "maps", "projections", "linalg", "errors"];
const JOBS = ["training", "dynamics", "properties", "model"];
const BELOW_FACES = [...FORMULAS, "backend", ...JOBS];

/** Rooms of src/ (folder, or base name of a file in src/): the rooms and the packages that each may import. */
const ROOMS = new Map([
  ...FORMULAS.map((room) => [room, { rooms: FORMULAS, packages: [] }]),
  ["structure", { rooms: FORMULAS, packages: ["fzstd"] }],
  // What features are made of knows nothing of features.
  ...["angular", "basis"].map((room) => [room, { rooms: ["structure", "angular", "basis", "linalg", "errors"], packages: [] }]),
  ["backend", { rooms: [...FORMULAS, "backend"], packages: [] }],
  ...JOBS.map((room) => [room, { rooms: BELOW_FACES, packages: ["valibot", "fflate"] }]),
  ["index", { rooms: BELOW_FACES, packages: [] }],
  ["node", { rooms: [...BELOW_FACES, "index", "node"], packages: ["node:", "fflate", "webgpu"] }],
  ["serve", { rooms: [...BELOW_FACES, "serve"], packages: ["node:"] }],
  ["cluster", { rooms: [...BELOW_FACES, "cluster"], packages: ["node:", "bullmq", "ioredis", "valibot"] }],
  ["cli", { rooms: ["cli"], files: ["src/index", "src/node/index", "src/serve/index", "src/cluster/index", "src/node/links", "src/node/standard-streams", "src/viewer/color-map"], packages: ["node:", "commander", "cli-progress", "fflate", "valibot"] }],
  ["viewer", { rooms: ["viewer"], files: ["src/index"], packages: ["three", "wgpu-matrix"] }],
]);

/** Plain declarations of the jobs that the backend's contract names: their types may be imported from below. */
const DECLARATIONS = ["src/model/potential", "src/training/configuration"];

const DEMO_PACKAGES = ["lather", "three", "@observablehq/plot", "comlink"];

/** "src/linalg/gemm" for a file of src/ or demos/; null elsewhere. */
function placeOf({ filename, cwd }) {
  const path = relative(cwd, filename).replaceAll("\\", "/");
  return /^(src|demos)\//.test(path) ? path.replace(/\.(ts|js|mjs)$/, "") : null;
}

function roomOf(place) {
  return place.split("/")[1];
}

function packageMatches(specifier, allowed) {
  return allowed.some((name) => (name.endsWith(":") ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`)));
}

/** The complaint about one import, or null. */
function complaint(place, specifier, typeOnly) {
  const bare = !specifier.startsWith(".");
  if (place.startsWith("demos/")) {
    if (specifier === "lather/node") return "a demo runs in the browser and cannot import lather/node";
    if (bare) return packageMatches(specifier, DEMO_PACKAGES) ? null : `demos/ may import ${DEMO_PACKAGES.join(", ")}, not ${specifier}`;
    const target = posix.join(posix.dirname(place), specifier);
    return target.startsWith("demos/") ? null : `demos/ knows the library by its public names only (lather, lather/viewer), not ${specifier}`;
  }
  const room = roomOf(place);
  const permit = ROOMS.get(room);
  if (permit === undefined) return `src/${room} is on no storey; give it a line in scripts/walls.mjs`;
  if (bare) {
    const known = permit.packages.length > 0 ? permit.packages.join(", ") : "no package";
    return packageMatches(specifier, permit.packages) ? null : `src/${room} may import ${known}, not ${specifier}`;
  }
  const target = posix.join(posix.dirname(place), specifier).replace(/\.(ts|js|mjs)$/, "");
  if (!target.startsWith("src/")) return `the library cannot import from outside src/: ${specifier}`;
  if (permit.rooms.includes(roomOf(target)) || permit.files?.includes(target)) return null;
  if (typeOnly && DECLARATIONS.includes(target)) return null;
  const known = [...permit.rooms, ...(permit.files ?? [])].join(", ");
  return `imports go down the storeys only: src/${room} may import ${known}, not ${target}`;
}

const imports = {
  create(context) {
    const place = placeOf(context);
    if (place === null) return {};
    const check = (node, source, typeOnly) => {
      if (typeof source?.value !== "string") return;
      const message = complaint(place, source.value, typeOnly);
      if (message !== null) context.report({ node, message });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source, node.importKind === "type"),
      ExportAllDeclaration: (node) => check(node, node.source, node.exportKind === "type"),
      ExportNamedDeclaration: (node) => check(node, node.source, node.exportKind === "type"),
      ImportExpression: (node) => check(node, node.source, false),
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal ?? node.argument, true),
    };
  },
};

const platforms = {
  create(context) {
    const place = placeOf(context);
    if (place === null) return {};
    const room = place.startsWith("demos/") ? "demos" : roomOf(place);
    const knowsWebAssembly = room === "backend" || room === "linalg";
    return {
      Identifier(node) {
        if (!knowsWebAssembly && node.name === "WebAssembly") context.report({ node, message: "only src/backend and src/linalg know WebAssembly" });
        if (room !== "backend" && /^GPU[A-Z]/.test(node.name)) context.report({ node, message: `only src/backend knows WebGPU, and ${node.name} belongs to it` });
      },
      MemberExpression(node) {
        const owner = node.object.type === "MemberExpression" ? node.object.property.name : node.object.name;
        if (room !== "backend" && owner === "navigator" && (node.property.name === "gpu" || node.property.value === "gpu")) {
          context.report({ node, message: "only src/backend knows WebGPU: ask createBackend instead of navigator.gpu" });
        }
      },
    };
  },
};

export default { meta: { name: "walls" }, rules: { imports, platforms } };
