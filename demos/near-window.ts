// Waits with what costs time to draw, and may never be looked at, until it comes near the window.
export function whenNear(element: Element): Promise<void> {
  return new Promise((resolve) => {
    const watch = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      watch.disconnect();
      resolve();
    }, { rootMargin: "200px" });
    watch.observe(element);
  });
}
