/** What the gallery says about this page. */
export const meta = {
  title: "Predict with a model",
  summary: "A model file and a file of structures: what the model is, its energies and forces atom by atom, and its errors where there are labels.",
  order: 2,
};
