/** three.js views of structures: the entry `lather/viewer`. */
export { createStructureViewer, type StructureView, type StructureViewer, type StructureViewerOptions } from "./structure-viewer.js";
export { cssColor, roundTicks, sequentialColor, sequentialGradient, type Rgb } from "./color-map.js";
export { findBonds, type Bonds } from "./bonds.js";
