// A part of a page that keeps itself fresh: asked for again, put in its place, and said where that fails.
// The site answers X-Fragment with the part alone; its first element has an id and, in data-at, as of when it is.
(() => {
  "use strict";
  const EVERY_MS = 15000, TOO_LONG_MS = 10000;
  const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });

  window.keepLive = ({ live, news, put }) => {
    const mark = `id="${live.firstElementChild.id}"`;
    let busy = false;

    const say = (trouble) => {
      const fresh = clock(live.firstElementChild.dataset.at);
      news.textContent = trouble ? `${trouble} Showing rows as of ${fresh}; trying again.` : `Updated ${fresh}, refreshes every ${EVERY_MS / 1000} s.`;
      news.classList.toggle("s-late", Boolean(trouble));
    };

    const refresh = async () => {
      if (busy || document.hidden) return;
      busy = true;
      try {
        const answer = await fetch(location.href, { headers: { "X-Fragment": "1" }, signal: AbortSignal.timeout(TOO_LONG_MS) });
        const words = await answer.text();
        if (answer.redirected) say("You are signed out: sign in again.");
        else if (!answer.ok || !words.includes(mark)) say(`Not refreshed: the site answered ${answer.status}.`);
        else { put(words); say(""); }
      } catch {
        say("Not refreshed: the site does not answer.");
      } finally { busy = false; }
    };

    setInterval(refresh, EVERY_MS);
    window.addEventListener("focus", refresh);
    document.addEventListener("visibilitychange", refresh);
    say("");
  };

  // A page that has nothing to keep but where its reader is.
  const live = document.querySelector("[data-live]");
  if (live) window.keepLive({
    live, news: document.getElementById(live.dataset.news),
    put: (words) => {
      const active = live.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      live.innerHTML = words;
      if (active) live.querySelector(`a[href="${CSS.escape(active)}"]`)?.focus({ preventScroll: true });
    },
  });
})();
