// One tap copies a text by Wagtail's own w-clipboard, or the body with its markup, which that cannot. Where the
// browser has no clipboard to write to (an address without https), what is meant is selected and copied the old
// way, or left selected.
(() => {
  const task = document.querySelector(".hub-task");
  const fieldOf = (button) => button.closest(".hub-handed__field");
  const frameOf = (button) => fieldOf(button).querySelector("iframe");

  const byHand = (button) => {
    const node = frameOf(button)?.contentDocument.body ?? fieldOf(button).querySelector("dd");
    node.ownerDocument.defaultView.focus();
    node.ownerDocument.defaultView.getSelection().selectAllChildren(node);
    return node.ownerDocument.execCommand("copy");
  };

  const say = (button, done) => {
    const said = done ? task.dataset.hubCopied : task.dataset.hubSelected;
    task.querySelector("[data-hub-said]").textContent = `${fieldOf(button).querySelector("dt").textContent}：${said}`;
    button.querySelector("span").textContent = said;
  };

  const written = async (items) => {
    const blobs = Object.entries(items).map(([type, text]) => [type, new Blob([text], { type })]);
    try {
      await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
      return true;
    } catch {
      return false;
    }
  };

  task.addEventListener("w-clipboard:copy", async (event) => {
    const button = event.target;
    if (!frameOf(button)) return;
    event.preventDefault();
    const html = frameOf(button).contentDocument.body.innerHTML;
    say(button, (await written({ "text/html": html, "text/plain": button.value })) || byHand(button));
  });
  task.addEventListener("w-clipboard:copied", ({ target }) => say(target, true));
  task.addEventListener("w-clipboard:error", ({ target }) => say(target, byHand(target)));

  // Shown as it will be copied, but with no picture wider than the screen.
  const fit = (frame) => {
    const style = frame.contentDocument.createElement("style");
    style.textContent = "img { max-width: 100%; height: auto; }";
    frame.contentDocument.head.append(style);
  };
  for (const frame of task.querySelectorAll(".hub-handed__body")) {
    if (frame.contentDocument.readyState === "complete") fit(frame);
    frame.addEventListener("load", () => fit(frame));
  }
})();
