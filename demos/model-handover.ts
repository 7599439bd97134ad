// A model on its way from this page to the page that predicts, in a new tab; nothing is stored.
/** Opens the page for predictions, which asks for the file when it is ready. */
export function openPrediction(file: File): void {
  const address = new URL("../predict/index.html", document.baseURI);
  const tab = window.open(address.href, "_blank");
  if (!tab) return;
  const answer = ({ source, origin, data }: MessageEvent): void => {
    if (source !== tab || origin !== address.origin || data !== "model?") return;
    tab.postMessage(file, address.origin);
    window.removeEventListener("message", answer);
  };
  window.addEventListener("message", answer);
}

/** Asks the page that opened this one for a model; a page opened by hand is given none. */
export function receiveModel(take: (file: File) => void): void {
  const { opener } = window as { opener: Window | null };
  if (!opener) return;
  window.addEventListener("message", ({ source, origin, data }) => {
    if (source === opener && origin === window.origin && data instanceof File) take(data);
  });
  opener.postMessage("model?", window.origin);
}
