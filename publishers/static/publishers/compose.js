// Composing an edition. Dragging is Wagtail's own w-orderable; the order goes with the form when it is sent.
(() => {
  const ITEM = '[data-w-orderable-target="item"]';

  const say = (item) => {
    const line = document.querySelector("[data-hub-said]");
    const items = [...item.parentElement.querySelectorAll(ITEM)];
    line.textContent = line.dataset.moved
      .replace("{title}", item.dataset.wOrderableItemLabel)
      .replace("{place}", items.indexOf(item) + 1)
      .replace("{count}", items.length);
  };

  // w-orderable would store each move by itself; here nothing is stored before the edition is sent.
  document.addEventListener("w-orderable:ready", ({ target }) => {
    const orderable = window.wagtail.app.getControllerForElementAndIdentifier(target, "w-orderable");
    orderable.submit = ({ id }) => say(target.querySelector(`[data-w-orderable-item-id="${id}"]`));
  });

  // After a button or an arrow key has moved an article.
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-hub-move]")) say(target.closest(ITEM));
  });
  document.addEventListener("keydown", ({ key, target }) => {
    if (["ArrowUp", "ArrowDown"].includes(key) && target.matches(".hub-tool--grip")) say(target.closest(ITEM));
  });

  // Adding, removing and searching change their parts of the page; what she typed elsewhere stays.
  // Wagtail's w-swap sends a form without the button that was pressed and changes one part of the page only.
  document.addEventListener("submit", async (event) => {
    const [form, button] = [event.target, event.submitter];
    if (!form.matches("[data-hub-compose]") || button.name === "send") return;
    event.preventDefault();
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form, button) });
    if (!answer.ok) throw new Error(`The desk answered ${answer.status}.`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    form.querySelectorAll("[data-hub-part]").forEach((part) => {
      part.innerHTML = page.getElementById(part.id).innerHTML;
    });
    form.querySelector("[data-hub-said]").focus({ preventScroll: true });
  });
})();
