// Shows what the chosen way needs; without this, everything is shown with the ways that need it.
(() => {
  const show = () => {
    const chosen = document.querySelector(".hub-ways input:checked");
    document.querySelectorAll("[data-hub-ways]").forEach((group) => {
      group.hidden = Boolean(chosen) && !group.dataset.hubWays.split(" ").includes(chosen.value);
    });
  };

  document.addEventListener("change", (event) => {
    if (event.target.closest(".hub-ways")) show();
  });
  show();
})();
