// Autosave for the draft's editor: on the server after each pause in typing, and in this tab while the server does not respond.
window.eachReply((signal) => {
  "use strict";
  const PAUSE_MS = 700;
  const desk = document.querySelector("[data-draft]"), form = document.getElementById("decision");
  if (!desk) return;
  const slot = `draft:${desk.dataset.draft}`;

  const stored = () => {
    try { return JSON.parse(sessionStorage.getItem(slot)); } catch { return null; }
  };
  const store = (value) => {
    try { value ? sessionStorage.setItem(slot, JSON.stringify(value)) : sessionStorage.removeItem(slot); } catch { /* a full or closed storage */ }
  };

  // The draft was decided in the meantime: show the unsent text of this tab, rather twice than not at all.
  const outcome = document.querySelector("#outcome > .s-body");
  if (!form) {
    const mine = stored(), shown = [...document.querySelectorAll("textarea")].some((area) => mine && area.value === mine.text);
    if (mine && !mine.submitted && !shown && outcome) {
      const field = document.createElement("div"), label = document.createElement("label"), area = document.createElement("textarea");
      field.className = "s-field";
      label.textContent = desk.dataset.textUnsent;
      label.htmlFor = area.id = "of-this-tab";
      area.className = "s-input";
      area.rows = 8;
      area.readOnly = true;
      area.value = mine.text;
      field.append(label, area);
      outcome.append(field);
    }
    store(null);
    return;
  }

  const editor = form.elements.text, note = form.elements.note, status = document.getElementById("autosaved");
  const holder = document.getElementById("holder");
  const say = (text, bad = false) => {
    status.textContent = text;
    status.classList.toggle("s-error", bad);
  };

  const before = stored();
  if (before && before.text !== editor.value && before.text !== JSON.parse(document.getElementById("saved-text").textContent)) {
    editor.value = before.text;
    if (note && before.note) note.value = before.note;
    say(desk.dataset.textRestored);
    setTimeout(() => editor.dispatchEvent(new Event("input", { bubbles: true })));
  } else store(null);

  const typed = () => JSON.stringify([editor.value, note && note.value, ...[...form.querySelectorAll(".s-grade input:checked")].map((one) => one.name + one.value)]);
  let kept = typed(), soon, under_way;

  const lapsed = () => {
    const link = document.createElement("a");
    link.href = `/admin/login/?next=${encodeURIComponent(location.pathname + location.search)}`;
    link.target = "_blank";
    link.textContent = desk.dataset.textSignIn;
    const [before, after] = desk.dataset.textSignedOut.split("{link}");
    say(before, true);
    status.append(link, after);
  };

  // The cookie holds the token of the latest sign-in, in any tab.
  const token = () => (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1] || form.elements.csrfmiddlewaretoken.value;

  const keep = async () => {
    const now = typed();
    if (now === kept || under_way) return;
    under_way = new AbortController();
    try {
      const body = new FormData(form);
      body.set("csrfmiddlewaretoken", token());
      body.delete("files");
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, signal: under_way.signal, headers: { "X-CSRFToken": token() } });
      if (answer.redirected || answer.status === 403) { lapsed(); return; }
      const found = await answer.json();
      if (!answer.ok) { say(found.detail || desk.dataset.textNotSaved, true); return; }
      kept = now;
      form.elements.csrfmiddlewaretoken.value = found.csrf;
      editor.dataset.kept = editor.value;
      if (typed() === now) store(null);
      say(desk.dataset.textSaved.replace("{time}", found.saved));
      holder.textContent = found.holder ? desk.dataset.textClaimed.replace("{name}", () => found.holder) : "";
    } catch (error) {
      if (error.name !== "AbortError") say(desk.dataset.textNoAnswer, true);
    } finally {
      under_way = null;
      if (typed() !== kept) later(status.classList.contains("s-error") ? 5000 : PAUSE_MS);
    }
  };
  const later = (wait) => { clearTimeout(soon); if (!signal.aborted) soon = setTimeout(keep, wait); };

  const changed = () => {
    if (form.dataset.sent) return;
    store({ text: editor.value, note: note && note.value });
    later(PAUSE_MS);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);

  form.addEventListener("submit", () => {
    clearTimeout(soon);
    if (under_way) under_way.abort();
    // If the person has to sign in first, the page opens again without the text: keep it here.
    store({ text: editor.value, note: note && note.value, submitted: true });
  });
  document.getElementById("restored")?.addEventListener("submit", () => store(null));

  // The tab is closed, the phone goes to sleep, or the pane shows another reply.
  const leave = () => {
    if (form.dataset.sent || typed() === kept) return;
    const body = new FormData(form);
    body.set("csrfmiddlewaretoken", token());
    body.delete("files");
    navigator.sendBeacon(form.dataset.autosave, body);
  };
  window.addEventListener("pagehide", leave, { signal });
  document.addEventListener("reply:leaving", () => { leave(); clearTimeout(soon); }, { signal });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); }, { signal });

  const readers = document.getElementById("readers");
  document.body.addEventListener("readers", (event) => {
    if (!readers || readers.textContent === event.detail.text) return;
    readers.textContent = event.detail.text;
    readers.hidden = !event.detail.text;
  }, { signal });

  // Without a session, a poll would swap in the sign-in page.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.xhr.responseURL.includes("/login/")) return;
    event.detail.shouldSwap = false;
    lapsed();
  }, { signal });

  const toggle = document.getElementById("rubric-toggle"), rubric = document.getElementById("rubric");
  toggle?.addEventListener("click", () => {
    rubric.hidden = !rubric.hidden;
    toggle.setAttribute("aria-expanded", String(!rubric.hidden));
  });
});
