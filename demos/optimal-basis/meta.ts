/** What the gallery says about this page. */
export const meta = {
  title: "Optimal radial basis",
  summary: "The radial functions that carry most of your data's variance: their shapes, their eigenvalues, and how few of them are enough.",
  order: 2,
};
