// The open queue: updates that keep the scroll position, cursor and selection; the keys j, k, x; drafts for rows that come near.
(() => {
  "use strict";
  const FIELD = "input:not([type=checkbox]), textarea, select";
  const page = document.getElementById("queue"), live = document.getElementById("queue-live");
  const news = document.getElementById("queue-news"), bulk = document.getElementById("selected");
  if (!page || !live) return;
  try { sessionStorage.setItem("queue", location.search.slice(1)); } catch { /* storage is blocked: Next takes the whole queue */ }

  const rows = () => [...live.querySelectorAll("ol.s-queue > li")];
  const link = (row) => row?.querySelector("a[href]");
  const box = (row) => row?.querySelector("input[type=checkbox]");
  let cursor = null, place = 0;

  const counted = () => {
    const number = live.querySelectorAll("input[name=id]:checked").length;
    document.getElementById("selected-count").textContent = number ? `${number} selected` : "";
    bulk.hidden = !number;
  };

  const look_at = (row) => {
    rows().forEach((one) => one.classList.toggle("s-cursor", one === row));
    cursor = row?.dataset.id ?? null;
    place = rows().indexOf(row);
  };

  // The row at the top of the window stays there when rows arrive above it.
  const anchor = () => {
    const row = rows().find((one) => one.getBoundingClientRect().bottom > 0);
    return row && { id: row.id, top: row.getBoundingClientRect().top };
  };

  const put = (html) => {
    const picked = new Set([...live.querySelectorAll("input[name=id]:checked")].map((one) => one.value));
    const active = live.contains(document.activeElement) ? document.activeElement : null;
    const in_row = active?.closest("li[data-id]"), on_box = active?.matches("input");
    const address = active && !in_row && active.getAttribute("href"), button = active && !in_row && active.id;
    const kept = window.scrollY > 0 ? anchor() : null;
    live.innerHTML = html;
    rows().forEach((row) => { box(row).checked = picked.has(box(row).value); });
    const now_there = rows();
    const row = now_there.find((one) => one.dataset.id === cursor) ?? (cursor && now_there[Math.min(place, now_there.length - 1)]);
    if (row) look_at(row);
    if (in_row && row) (on_box ? box(row) : link(row)).focus({ preventScroll: true });
    else if (button) document.getElementById(button)?.focus({ preventScroll: true });
    else if (address) live.querySelector(`a[href="${CSS.escape(address)}"]`)?.focus({ preventScroll: true });
    const moved = kept && document.getElementById(kept.id);
    if (moved) window.scrollBy(0, moved.getBoundingClientRect().top - kept.top);
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

  const step = (by) => {
    const all = rows(), at = all.findIndex((row) => row.dataset.id === cursor);
    const row = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    if (!row) return;
    look_at(row);
    link(row).focus();
    row.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.target.matches(FIELD)) return;
    if (document.getElementById("keys")?.open) return;
    const row = rows().find((one) => one.dataset.id === cursor);
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "x" && row) box(row).click();
    else return;
    event.preventDefault();
  });
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
      reason.setCustomValidity("Say why no reply is needed.");
      reason.reportValidity();
      reason.addEventListener("input", () => reason.setCustomValidity(""), { once: true });
    }
  });

  window.keepLive({ live, news, put });
  counted();
  watch();
})();
