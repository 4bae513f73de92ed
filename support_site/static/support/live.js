// Refreshes a part of a page regularly, and says so if that fails.
// The site answers X-Fragment with that part alone. Its first element has an id and, in data-at, the time of its data.
// news has the texts, in its reader's language (live_texts.html).
(() => {
  "use strict";
  const EVERY_MS = 15000, TOO_LONG_MS = 10000;
  const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
  const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

  // hiddenEvery: also refresh while the tab is in the background, at most this often. Without it, only a visible page asks.
  window.keepLive = ({ live, news, put, hiddenEvery }) => {
    const mark = `id="${live.firstElementChild.id}"`;
    let busy = false, last = Date.now();

    const say = (trouble) => {
      const fresh = clock(live.firstElementChild.dataset.at);
      news.textContent = fill(trouble ? news.dataset.late : news.dataset.fresh, { trouble, time: fresh });
      news.classList.toggle("s-late", Boolean(trouble));
    };

    const refresh = async () => {
      if (busy || (document.hidden && !(hiddenEvery && Date.now() - last >= hiddenEvery))) return;
      busy = true;
      last = Date.now();
      try {
        const answer = await fetch(live.dataset.url || location.href, { headers: { "X-Fragment": "1" }, signal: AbortSignal.timeout(TOO_LONG_MS) });
        const words = await answer.text();
        if (answer.redirected) say(news.dataset.signedOut);
        else if (!answer.ok || !words.includes(mark)) say(fill(news.dataset.refused, { status: answer.status }));
        else { put(words); say(""); }
      } catch {
        say(news.dataset.silent);
      } finally { busy = false; }
    };

    setInterval(refresh, EVERY_MS);
    window.addEventListener("focus", refresh);
    document.addEventListener("visibilitychange", refresh);
    say("");
  };

  // For pages where only the keyboard focus must survive a refresh.
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
