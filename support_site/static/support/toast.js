// An approval can be undone for a few seconds. This shows the toast for it on every admin page.
(() => {
  "use strict";
  const SLOT = "undo-until", EVERY_MS = 2000;

  const until = () => {
    try { return Number(localStorage.getItem(SLOT)) || 0; } catch { return 0; }
  };

  // Beside the queue, undoing leads back there.
  const pane = () => {
    const live = document.getElementById("queue-live");
    return live ? `&pane=${encodeURIComponent(live.dataset.url.split("?")[1] || "")}` : "";
  };

  const look = async (box, here) => {
    if (Date.now() > until()) { box.replaceChildren(); return; }
    const answer = await fetch(`/admin/knowledge/draft/undoable/?except=${here}${pane()}`).catch(() => null);
    if (answer?.status === 200 && !answer.redirected) {
      const words = await answer.text();
      if (!box.contains(document.activeElement)) box.innerHTML = words;
    } else box.replaceChildren();
    setTimeout(look, EVERY_MS, box, here);
  };

  document.addEventListener("DOMContentLoaded", () => {
    const approved = document.querySelector("[data-undo-until]");
    if (approved) {
      try { localStorage.setItem(SLOT, String(Math.max(until(), Date.parse(approved.dataset.undoUntil)))); } catch { /* storage is blocked: no toast */ }
    }
    if (Date.now() > until()) return;
    const box = document.createElement("div");
    box.className = "s-toasts";
    box.setAttribute("aria-live", "polite");
    document.body.append(box);
    look(box, document.querySelector("[data-draft]")?.dataset.draft || 0);
  });
})();

// On a phone the tabs of a group scroll: begin where one is.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelector(".s-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
});
