// The board looks again by itself while something is at work and nobody is reading another window; how, its w-swap knows.
setInterval(() => {
  if (!document.hidden) window.dispatchEvent(new Event("hub-board:look"));
}, 5000);
