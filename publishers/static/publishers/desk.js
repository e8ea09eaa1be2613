// The board looks again by itself while something is at work and nobody is reading another window.
(() => {
  const EVERY_MS = 5000;

  const refresh = async () => {
    const mark = document.querySelector("[data-hub-refresh]");
    const results = document.getElementById("listing-results");
    if (!mark || !results || document.hidden || results.contains(document.activeElement)) return;
    const answer = await fetch(mark.dataset.hubRefresh + window.location.search);
    if (answer.ok) results.innerHTML = await answer.text();
  };

  window.setInterval(refresh, EVERY_MS);
})();
