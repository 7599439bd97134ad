import { annotateStructure, createBackend, parseModel } from "lather";
import { defineViewer } from "lather/viewer";

const viewer = document.querySelector("lather-viewer");
const read = new Promise((resolve) => viewer.addEventListener("load", resolve, { once: true }));
defineViewer();
const model = parseModel(await (await fetch("silicon-model.json")).text());
const backend = await createBackend("cpu");
const evaluator = await backend.createEvaluator(model);
await read;
const predictions = await evaluator.predict(viewer.structures);
backend.destroy();
viewer.structures = viewer.structures.map((structure, k) => {
  const { localEnergies, forces } = predictions[k];
  return annotateStructure(structure, { arrays: [["local_energy", { kind: "R", width: 1, values: localEnergies }], ["forces", { kind: "R", width: 3, values: forces }]] });
});
viewer.setAttribute("color", "local_energy");
viewer.setAttribute("arrows", "forces");
document.querySelector("#outcome").textContent = `${predictions.map(({ energy }) => `${energy.toFixed(3)} eV`).join(", ")}; Page Up and Page Down change the structure.`;
