// A drawing of Observable Plot as one picture with one name: the names that it gives to groups inside are not allowed there by ARIA.
export function asImage<Drawing extends SVGSVGElement | HTMLElement>(plot: Drawing): Drawing {
  plot.setAttribute("role", "img");
  for (const group of plot.querySelectorAll("[aria-label]")) group.removeAttribute("aria-label");
  return plot;
}
