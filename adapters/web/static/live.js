// Keeps the regions marked data-live true: when something changed, the page is fetched again and they are swapped.
// The page works without this script.
(() => {
  "use strict";
  if (!window.EventSource || !document.querySelector("[data-live]")) return;
  let seen = null;
  let busy = false;
  let again = false;

  const writing = (region) => region.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");

  const swap = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.querySelectorAll("[data-live]").forEach((old) => {
        const fresh = page.getElementById(old.id);
        if (!fresh || writing(old) || fresh.innerHTML === old.innerHTML) return;
        const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
        const low = window.innerHeight + window.scrollY >= document.body.scrollHeight - 80;
        old.replaceWith(document.importNode(fresh, true));
        if (focused) document.getElementById(focused)?.focus();
        if (low && old.hasAttribute("data-follow")) window.scrollTo(0, document.body.scrollHeight);
      });
    } catch {
      // offline for a moment: the stream comes back by itself
    } finally {
      busy = false;
      if (again) { again = false; setTimeout(swap, 500); }
    }
  };

  const stream = new EventSource("/live");
  stream.onmessage = (event) => {
    if (seen !== null && seen !== event.data) swap();
    seen = event.data;
  };
  setInterval(() => { if (!document.hidden) swap(); }, 60000);
})();
