// The open queue: updates that keep the scroll position, cursor and selection; the keys j, k, x; drafts for rows that come near;
// on a wide screen the reply of the chosen row in the pane. Without this script, a row opens the reply's own page.
(() => {
  "use strict";
  const FIELD = "input:not([type=checkbox]), textarea, select";
  const page = document.getElementById("queue"), live = document.getElementById("queue-live");
  const news = document.getElementById("queue-news"), bulk = document.getElementById("selected");
  if (!page || !live) return;
  const pane = document.getElementById("pane"), split = document.querySelector(".s-split");
  const wide = window.matchMedia("(min-width: 1200px)");
  try { sessionStorage.setItem("queue", live.dataset.url.split("?")[1] || ""); } catch { /* storage is blocked: Next takes the whole queue */ }

  const rows = () => [...live.querySelectorAll("ol.s-queue > li")];
  const link = (row) => row?.querySelector("a[href]");
  const box = (row) => row?.querySelector("input[type=checkbox]");
  const list = () => (wide.matches ? live.querySelector(".s-split-rows") : document.scrollingElement);
  let cursor = null, place = 0;

  const counted = () => {
    const number = live.querySelectorAll("input[name=id]:checked").length;
    document.getElementById("selected-count").textContent = number ? (number === 1 ? page.dataset.textOne : page.dataset.textMany).replace("{n}", number) : "";
    bulk.hidden = !number;
  };

  const look_at = (row) => {
    rows().forEach((one) => one.classList.toggle("s-cursor", one === row));
    cursor = row?.dataset.id ?? null;
    place = rows().indexOf(row);
  };

  // The row at the top of the window stays there when rows arrive above it.
  const anchor = () => {
    const above = wide.matches ? list().getBoundingClientRect().top : 0;
    const row = rows().find((one) => one.getBoundingClientRect().bottom > above);
    return row && { id: row.id, top: row.getBoundingClientRect().top };
  };

  const put = (html) => {
    const picked = new Set([...live.querySelectorAll("input[name=id]:checked")].map((one) => one.value));
    const active = live.contains(document.activeElement) ? document.activeElement : null;
    const in_row = active?.closest("li[data-id]"), on_box = active?.matches("input");
    const address = active && !in_row && active.getAttribute("href"), button = active && !in_row && active.id;
    const kept = list().scrollTop > 0 ? anchor() : null, top = list().scrollTop;
    const menu = document.getElementById("filter-menu");
    if (menu?.open) return;  // the person chooses a filter, or names one
    live.innerHTML = html;
    list().scrollTop = top;
    document.title = document.title.replace(/^\s*\(\d+\)/, `(${live.firstElementChild.dataset.count})`);
    rows().forEach((row) => { box(row).checked = picked.has(box(row).value); });
    const now_there = rows();
    const row = now_there.find((one) => one.dataset.id === cursor) ?? (cursor && now_there[Math.min(place, now_there.length - 1)]);
    if (row) look_at(row);
    if (in_row && row) (on_box ? box(row) : link(row)).focus({ preventScroll: true });
    else if (button) document.getElementById(button)?.focus({ preventScroll: true });
    else if (address) live.querySelector(`a[href="${CSS.escape(address)}"]`)?.focus({ preventScroll: true });
    const moved = kept && document.getElementById(kept.id);
    if (moved) list().scrollTop += moved.getBoundingClientRect().top - kept.top;
    mark();
    counted();
    watch();
  };

  // Rows without a draft that come near the window: request one, once.
  const requested = new Set();
  let nearing = [];
  const request_drafts = async () => {
    const ids = nearing.splice(0, 30).filter((id) => !requested.has(id));
    if (!ids.length) return;
    ids.forEach((id) => requested.add(id));
    const body = new URLSearchParams(ids.map((id) => ["id", id]));
    body.append("csrfmiddlewaretoken", page.querySelector("[name=csrfmiddlewaretoken]").value);
    const answer = await fetch(page.dataset.near, { method: "POST", body }).catch(() => null);
    if (!answer?.ok) ids.forEach((id) => requested.delete(id));
    if (nearing.length) setTimeout(request_drafts, 1000);
  };
  const observer = new IntersectionObserver((seen) => {
    const found = seen.filter((one) => one.isIntersecting).map((one) => one.target.dataset.id);
    if (!found.length) return;
    nearing.push(...found);
    setTimeout(request_drafts, 300);
  }, { rootMargin: "300px 0px" });
  const watch = () => {
    observer.disconnect();
    live.querySelectorAll("li[data-bare]").forEach((row) => { if (!requested.has(row.dataset.id)) observer.observe(row); });
  };

  // The reply in the pane
  const SETTLE_MS = 150;  // while a key is held down, only the row where it stops is loaded
  let loading, soon;

  const mark = () => rows().forEach((row) => {
    if (split.classList.contains("s-open") && row.dataset.id === split.dataset.shown) link(row).setAttribute("aria-current", "true");
    else link(row).removeAttribute("aria-current");
  });

  const show = async (address, { push = true, id = cursor, enter = false } = {}) => {
    clearTimeout(soon);
    const is_draft = document.querySelector("#decision");
    if (!is_draft && window.hasUnsaved() && !window.confirm(page.dataset.textLeave)) return;
    loading?.abort();
    loading = new AbortController();
    const mine = loading;
    pane.setAttribute("aria-busy", "true");
    const answer = await fetch(address, { headers: { "X-Fragment": "pane" }, signal: mine.signal }).catch(() => null);
    const words = answer && await answer.text().catch(() => "");
    if (mine.signal.aborted) return;
    if (!answer?.ok || answer.redirected || !words.includes("s-pane-in")) { location.assign(address); return; }
    document.dispatchEvent(new Event("reply:leaving"));
    if (push) history.pushState({ pane: true }, "", address);
    pane.innerHTML = words;
    pane.removeAttribute("aria-busy");
    split.classList.add("s-open");
    split.dataset.shown = id ?? "";
    document.querySelectorAll(".s-said").forEach((said) => said.remove());
    window.htmx?.process(pane);
    document.dispatchEvent(new Event("reply:shown"));
    mark();
    if (enter) into();
  };

  // The keyboard goes on to the reply: its keys work wherever the focus is not in a field.
  const into = () => { pane.tabIndex = -1; pane.focus({ preventScroll: true }); };

  const choose = (row, { enter = false } = {}) => show(link(row).dataset.pane, { id: row.dataset.id, enter });

  const step = (by) => {
    const all = rows(), at = all.findIndex((row) => row.dataset.id === cursor);
    const row = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    if (!row) return;
    look_at(row);
    link(row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    if (!wide.matches || row.dataset.id === split.dataset.shown) return;
    clearTimeout(soon);
    soon = setTimeout(choose, SETTLE_MS, row);
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.target.matches(FIELD)) return;
    if (document.querySelector("dialog[open]")) return;
    const row = rows().find((one) => one.dataset.id === cursor), in_list = live.contains(document.activeElement);
    if (event.key === "j" || (event.key === "ArrowDown" && in_list)) step(1);
    else if (event.key === "k" || (event.key === "ArrowUp" && in_list)) step(-1);
    else if (event.key === "x" && row && in_list) box(row).click();
    else if (event.key === "Escape" && row && !in_list) link(row).focus();
    else return;
    event.preventDefault();
  });

  live.addEventListener("click", (event) => {
    const row = event.target.closest("a[data-pane]")?.closest("li");
    if (!row || !wide.matches || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    look_at(row);
    if (row.dataset.id === split.dataset.shown) into();
    else choose(row, { enter: true });
  });
  // On a wide screen “Take the next” shows the customer beside the list.
  live.addEventListener("submit", (event) => {
    if (wide.matches && event.target.dataset.inPane) event.target.action = event.target.dataset.inPane;
  });
  window.addEventListener("popstate", () => {
    const asked = new URL(location.href).searchParams;
    if (!asked.has("draft") && !asked.has("conversation")) { location.reload(); return; }
    const row = rows().find((one) => link(one).dataset.pane === location.pathname + location.search);
    if (row) look_at(row);
    show(location.href, { push: false, id: row?.dataset.id });
  });

  // After a refused button the address is that of the button: a reload must not press it again.
  const here = pane.querySelector("[data-here]");
  if (here?.dataset.here && !location.pathname.endsWith("/queue/")) history.replaceState(null, "", here.dataset.here);
  split.dataset.shown = here?.dataset.shown ?? "";
  const first = rows().find((row) => row.dataset.id === split.dataset.shown);
  if (first) {
    look_at(first);
    first.scrollIntoView({ block: "nearest" });
  }

  live.addEventListener("focusin", (event) => { const row = event.target.closest("li[data-id]"); if (row) look_at(row); });
  live.addEventListener("change", counted);
  document.getElementById("select-none").addEventListener("click", () => {
    live.querySelectorAll("input[name=id]:checked").forEach((one) => { one.checked = false; });
    counted();
  });
  // A dismissal needs a reason: the field itself reports it.
  bulk.addEventListener("submit", (event) => {
    const reason = bulk.querySelector("[name=reason]");
    if (event.submitter?.value === "dismiss" && !reason.value.trim()) {
      event.preventDefault();
      delete bulk.dataset.sent;
      reason.setCustomValidity(page.dataset.textWhy);
      reason.reportValidity();
      reason.addEventListener("input", () => reason.setCustomValidity(""), { once: true });
    }
  });

  window.keepLive({ live, news, put, hiddenEvery: 60000 });
  counted();
  watch();
})();
