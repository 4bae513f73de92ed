// Small conveniences. Every page works without them.
(() => {
  "use strict";
  const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

  // The same format as webhooks/display/formats.py, which writes the texts, updated while a page stays open.
  const texts = JSON.parse(document.getElementById("relative-times")?.textContent ?? "null");
  const relative = (at, past) => {
    const seconds = (at - Date.now()) / 1000, size = Math.abs(seconds);
    if (size < 5) return texts.recent;
    const [name, unit] = UNITS.find(([, unit]) => size >= unit), count = Math.floor(size / unit);
    return texts[seconds > 0 ? "ahead" : past][name][count === 1 ? 0 : 1].replace("{count}", count);
  };
  const refresh = () => document.querySelectorAll("time.s-time").forEach((element) => {
    const at = Date.parse(element.dateTime);
    if ("coming" in element.dataset && at < Date.now() + 5000) element.textContent = texts.now;
    else if (Math.abs(at - Date.now()) < 7 * 86400e3) {
      element.textContent = relative(at, "due" in element.dataset ? "late" : "ago");
    }
  });
  if (texts) setInterval(refresh, 10000);

  // Runs start(signal) for the reply on the page, and for each one that the queue's pane shows later. The signal ends its listeners.
  window.eachReply = (start) => {
    let ending;
    const begin = () => { ending?.abort(); ending = new AbortController(); start(ending.signal); };
    begin();
    document.addEventListener("reply:shown", begin);
  };

  // A person's own profile: the zone of the device in front of them.
  document.querySelectorAll("[data-browser-zone]").forEach((button) => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone, menu = document.getElementById(button.dataset.browserZone);
    if (![...menu.options].some((option) => option.value === zone)) return;
    button.hidden = false;
    button.textContent = button.dataset.named.replace("{zone}", zone);
    button.addEventListener("click", () => { menu.value = zone; });
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const words = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = words; }, 1500);
  });

  // Copies the draft when its reader goes to Chatwoot to answer there.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-copy-from]");
    if (link) navigator.clipboard?.writeText(document.querySelector(link.dataset.copyFrom).value);
  });

  // Sends a form once on a double click. The server would refuse the second request anyway.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !event.target.matches("[data-once]")) return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));

  // What leads on to the next customer keeps to the filter that this tab's queue has (queue.js).
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-leads-on]") || form.elements.queue) return;
    let query = "";
    try { query = sessionStorage.getItem("queue") || ""; } catch { /* storage is blocked: the whole queue */ }
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "queue", value: query }));
  });

  // A page that the person is leaving must not reload itself: that would cancel the way out.
  let leaving = 0;
  window.addEventListener("beforeunload", () => { leaving = Date.now(); });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (Date.now() - leaving < 10000) event.preventDefault();
  });

  // Asks before leaving a page with unsaved text.
  window.hasUnsaved = () => {
    const editor = document.querySelector("textarea[data-saved]");
    const kept = editor && [editor.defaultValue, editor.dataset.kept].includes(editor.value);
    return Boolean(editor && !editor.form.dataset.sent && !kept);
  };
  window.addEventListener("beforeunload", (event) => { if (window.hasUnsaved()) event.preventDefault(); });
})();
