// The window in which a person lets the frame in Chatwoot show their drafts. It answers the frame that opened it, and only if that is ours.
(() => {
  "use strict";
  const code = document.getElementById("inside-code"), form = document.getElementById("inside-allow");
  if (code && window.opener) {
    window.opener.postMessage({ inside: code.dataset.code }, location.origin);
    window.close();
  }
  if (form && !window.opener) {  // the tab of the sign-in itself
    form.hidden = true;
    document.getElementById("inside-alone").hidden = false;
  }
  if (document.getElementById("inside-login"))
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") location.reload(); });
})();
