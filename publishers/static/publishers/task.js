// One tap copies a text, or the body with its markup. Where the browser has no clipboard to write to
// (an address without https), what is meant is selected and copied the old way, or left selected.
(() => {
  const select = (node) => {
    const selection = node.ownerDocument.defaultView.getSelection();
    selection.removeAllRanges();
    const range = node.ownerDocument.createRange();
    range.selectNodeContents(node);
    selection.addRange(range);
  };

  const byHand = (node) => {
    node.ownerDocument.defaultView.focus();
    select(node);
    return node.ownerDocument.execCommand("copy");
  };

  const written = async (items) => {
    if (!navigator.clipboard || !window.ClipboardItem) return false;
    const blobs = Object.entries(items).map(([type, text]) => [type, new Blob([text], { type })]);
    try {
      await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
      return true;
    } catch {
      return false;
    }
  };

  const copy = async (button) => {
    const field = button.closest(".hub-handed__field");
    const frame = field.querySelector("iframe");
    const node = frame ? frame.contentDocument.body : field.querySelector("[data-hub-value]");
    const items = frame
      ? { "text/html": node.innerHTML, "text/plain": field.querySelector("[data-hub-plain]").value }
      : { "text/plain": node.textContent };
    const done = (await written(items)) || byHand(node);
    const task = button.closest(".hub-task");
    const said = done ? task.dataset.hubCopied : task.dataset.hubSelected;
    const name = field.querySelector("dt").textContent;
    task.querySelector("[data-hub-said]").textContent = `${name}：${said}`;
    button.querySelector("span").textContent = said;
    button.classList.toggle("hub-copied", done);
  };

  // Shown as it will be copied, but with no picture wider than the screen.
  const fit = (frame) => {
    const style = frame.contentDocument.createElement("style");
    style.textContent = "img { max-width: 100%; height: auto; }";
    frame.contentDocument.head.append(style);
  };
  for (const frame of document.querySelectorAll(".hub-handed__body")) {
    if (frame.contentDocument.readyState === "complete") fit(frame);
    frame.addEventListener("load", () => fit(frame));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-hub-copy]");
    if (button) copy(button);
  });
})();
