// Keeps the regions marked data-live true: when something that the page shows changed, the page is fetched again and
// they are swapped. What the reader is writing, where they are and what they opened stays. All works without this.
(() => {
  "use strict";
  const about = document.body.dataset.about;
  const regions = () => document.querySelectorAll("[data-live]");
  if (!about || !window.EventSource || !regions().length) return;
  const MINUTE = 60000;
  const AGAIN = 10000;
  const news = document.getElementById("news");
  let stream = null;
  let busy = false;
  let again = false;
  let fetched = Date.now();

  // The first message in view stays where it is on the screen.
  const anchored = () => {
    for (const each of document.querySelectorAll("[data-live] [id^=m]")) {
      const place = each.getBoundingClientRect();
      if (place.bottom > 0) return { id: each.id, top: place.top };
    }
    return null;
  };
  const restore = (anchor) => {
    const there = anchor && document.getElementById(anchor.id);
    const moved = there ? there.getBoundingClientRect().top - anchor.top : 0;
    if (Math.abs(moved) > 1) window.scrollBy(0, moved);
  };

  // What has the focus is found again by its place in its message.
  const stops = (home) => [...home.querySelectorAll("a, button, summary, input, textarea, select")];
  const focused = (region) => {
    const active = document.activeElement;
    const home = region.contains(active) && active.closest("[id]");
    return home ? { id: home.id, place: stops(home).indexOf(active) } : null;
  };
  const refocus = (was) => {
    const home = was && document.getElementById(was.id);
    if (!home) return;
    (was.place < 0 ? home : stops(home)[was.place])?.focus({ preventScroll: true });
  };

  const writing = (region) =>
    region.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
  const ids = (region) => new Set([...region.querySelectorAll("[id^=m]")].map((each) => each.id));

  const replace = (old, fresh) => {
    if (!fresh || writing(old) || fresh.innerHTML === old.dataset.was) return;
    const was = focused(old);
    const known = ids(old);
    const open = [...old.querySelectorAll("details[open][id]")].map((each) => each.id);
    const next = document.importNode(fresh, true);
    next.dataset.was = fresh.innerHTML;
    old.replaceWith(next);
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    refocus(was);
    if (news && [...ids(next)].some((id) => !known.has(id))) news.textContent = news.dataset.text;
  };

  const swap = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
      if (!answer.ok && answer.status !== 410 && answer.status !== 404) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!answer.ok) { location.reload(); return; }
      fetched = Date.now();
      const low = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 80;
      const anchor = anchored();
      regions().forEach((old) => replace(old, page.getElementById(old.id)));
      if (low && document.querySelector("[data-follow]") && !document.getElementById("answer")) window.scrollTo(0, document.documentElement.scrollHeight);
      else restore(anchor);
    } catch {
      // offline for a moment: the stream comes back by itself
    } finally {
      busy = false;
      if (again) { again = false; setTimeout(swap, 300); }
    }
  };

  // A hidden page lets its connection go, so that many tabs do not use them up; it looks again when it is seen.
  const listen = () => {
    if (stream || document.hidden) return;
    stream = new EventSource("/live?about=" + encodeURIComponent(about));
    stream.addEventListener("open", swap);
    stream.addEventListener("message", swap);
    stream.addEventListener("error", () => {
      if (stream && stream.readyState === EventSource.CLOSED) { stream = null; setTimeout(listen, AGAIN); }
    });
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { stream?.close(); stream = null; } else listen();
  });
  window.addEventListener("pagehide", () => { stream?.close(); stream = null; });
  window.addEventListener("pageshow", listen);
  setInterval(() => { if (!document.hidden && Date.now() - fetched > MINUTE) swap(); }, MINUTE / 2);
  listen();

  // A menu closes by Escape or by a click elsewhere; a command in the list is taken over into the line.
  const openMenus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    openMenus().forEach((each) => { if (!each.contains(event.target)) each.open = false; });
    const line = event.target.closest("[data-line]");
    const text = document.getElementById("text");
    if (!line || !text) return;
    line.closest("details").open = false;
    text.value = line.dataset.line + " ";
    text.focus();
  });
  document.querySelectorAll("[data-line]").forEach((each) => {
    each.tabIndex = 0;
    each.setAttribute("role", "button");
    each.addEventListener("keydown", (event) => { if (event.key === "Enter") each.click(); });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") openMenus().forEach((each) => { each.open = false; each.querySelector("summary").focus(); });
  });

  // Ctrl+Enter or Cmd+Enter sends what is written.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("form.say textarea"))
      event.target.form.requestSubmit();
  });
})();
