// Tests of the command, the pages and the package run what a user runs: dist/ and dist-demos/, built from the sources as they are now.
import { build } from "../scripts/build.mjs";

export function setup(): void {
  build();
}
