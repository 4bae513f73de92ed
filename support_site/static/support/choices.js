// Keys for a page of things to decide one after another: j and k choose one, and the other keys press the buttons of the chosen one that
// name them (data-key). After a decision, the one that follows is chosen. Keys do nothing that a click could not do.
(() => {
  "use strict";
  const FIELD = "input:not([type=hidden]), textarea, select, [contenteditable=true]";
  const KEPT = `choices ${location.pathname}`;
  const choices = () => [...document.querySelectorAll("[data-choice]")];
  const chosen = () => document.querySelector("[data-choice][aria-current]") || choices()[0];

  const choose = (choice, { focus = false } = {}) => {
    choices().forEach((one) => one.removeAttribute("aria-current"));
    if (!choice) return;
    choice.setAttribute("aria-current", "true");
    if (!focus) return;
    choice.tabIndex = -1;
    choice.focus({ preventScroll: true });
    choice.scrollIntoView({ block: "nearest" });
  };

  const step = (by) => {
    const all = choices();
    choose(all[Math.min(Math.max(all.indexOf(chosen()) + by, 0), all.length - 1)], { focus: true });
    return all.length > 0;
  };

  const press = (key) => {
    const element = chosen()?.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!element || element.disabled) return false;
    if (element.matches("summary")) {
      element.parentElement.open = true;
      element.parentElement.querySelector(FIELD)?.focus();
    } else element.click();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.target.matches(FIELD)) {
      if (event.key === "Escape") choose(chosen(), { focus: true });
      return;
    }
    const done = event.key === "j" ? step(1) : event.key === "k" ? step(-1) : /^[a-z]$/.test(event.key) && press(event.key);
    if (done) event.preventDefault();
  });

  // Going on with the mouse or the tab key chooses, too.
  document.addEventListener("focusin", (event) => choose(event.target.closest("[data-choice]") || chosen()));

  document.addEventListener("submit", (event) => {
    const all = choices(), at = all.indexOf(event.target.closest("[data-choice]"));
    if (at >= 0) sessionStorage.setItem(KEPT, JSON.stringify([all[at], all[at + 1], all[at - 1]].map((one) => one?.id)));
  });

  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "[]");
  sessionStorage.removeItem(KEPT);
  const next = kept.map((id) => id && document.getElementById(id)).find(Boolean);
  // A field that asks for a reason keeps the focus.
  choose(next, { focus: Boolean(next) && !document.querySelector("[autofocus]") });
  if (!next) choose(choices()[0]);
})();
