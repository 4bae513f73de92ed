// The page that Chatwoot frames beside a conversation. Chatwoot only says which conversation it shows: the server decides the rest.
(() => {
  "use strict";
  const root = document.querySelector(".s-inside"), { origin, base, account, conversation } = root.dataset;
  const framed = window.parent !== window;

  const named = (data) => {
    try {
      const sent = JSON.parse(data);
      return sent && sent.event === "appContext" && sent.data ? sent.data.conversation : null;
    } catch { return null; }
  };

  window.addEventListener("message", (event) => {
    if (!("follows" in root.dataset) || event.origin !== origin || event.source !== window.parent) return;
    const about = named(event.data);
    if (!about || !Number.isSafeInteger(about.id) || about.id < 1) return;
    const another = about.account_id !== undefined && String(about.account_id) !== account;
    document.getElementById("another-account").hidden = !another;
    if (!another && String(about.id) !== conversation) location.replace(`${base}conversation/${about.id}/`);
  });
  if (framed) window.parent.postMessage("chatwoot-dashboard-app:fetch-info", origin);
  document.querySelectorAll("[data-on-its-own]").forEach((element) => { element.hidden = framed; });
  document.querySelectorAll("[data-in-chatwoot]").forEach((element) => { element.hidden = !framed; });

  // Whatever is not part of the frame opens in a tab: no other page of this site may be framed.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || new URL(link.href).pathname.startsWith(base)) return;
    link.target = "_blank";
    link.rel = "noopener";
  });

  const button = document.querySelector("[data-sign-in]"), trouble = document.getElementById("inside-trouble");
  if (!button) return;
  let opened = null;
  button.addEventListener("click", () => { opened = window.open(button.dataset.signIn, "_blank"); });
  window.addEventListener("message", async (event) => {
    if (event.origin !== location.origin || !opened || event.source !== opened || typeof event.data?.inside !== "string") return;
    const answer = await fetch(button.dataset.enter, { method: "POST", body: new URLSearchParams({ code: event.data.inside }) }).catch(() => null);
    if (answer?.ok) location.replace(`${base}?entered=1`);
    else {
      trouble.textContent = answer ? await answer.text() : trouble.dataset.textNoAnswer;
      trouble.hidden = false;
    }
  });
})();
