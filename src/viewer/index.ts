/** three.js views of structures and densities: the entry `lather/viewer`. */
export { createDensityViewer, type DensityView, type DensityViewer } from "./density-viewer.js";
export type { Arrows } from "./arrows.js";
export { createStructureViewer, type StructureView, type StructureViewer, type StructureViewerOptions } from "./structure-viewer.js";
export { defineViewer, type LatherViewerElement } from "./viewer-element.js";
