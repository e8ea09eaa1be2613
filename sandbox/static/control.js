// What changes by itself is read anew every two seconds; what is being written in stays as it is.
const live = () => document.querySelectorAll("[data-live]");
setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of live()) {
    const found = fresh.getElementById(part.id);
    if (found && found.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.replaceWith(found);
  }
}, 2000);
