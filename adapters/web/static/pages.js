// A link to a message that stands on another page of a long discussion leads to that page.
(() => {
  "use strict";
  const lead = () => {
    const found = /^#m(\d{1,19})$/.exec(location.hash);
    if (!found || document.getElementById(location.hash.slice(1))) return;
    const there = new URL(location.href);
    if (there.searchParams.get("at") === found[1]) return; // it was taken away
    there.search = `?at=${found[1]}`;
    location.replace(there);
  };
  window.addEventListener("hashchange", lead);
  lead();
})();
