/** What the gallery says about this page. */
export const meta = {
  title: "Optimal radial basis",
  summary:
    "The radial functions that carry most of your data's variance: their shapes, their eigenvalues, how few of them are enough, " +
    "and what they make of the density around an atom, in three dimensions.",
  order: 3,
};
