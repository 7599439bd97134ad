/** What the gallery says about this page. */
export const meta = {
  title: "Train a potential",
  summary: "From an extended-XYZ file with energies and forces to a Gaussian approximation potential, its errors and its model file.",
  order: 1,
};
