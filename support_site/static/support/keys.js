// Keyboard shortcuts for a draft and for a conversation without one, on a page of its own or beside the queue. Keys press buttons of the page, so they do nothing that a click could not do.
(() => {
  "use strict";
  const FIELD = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable=true]";
  const NAMES = ["tone", "accuracy", "policy"];
  const help = () => document.getElementById("keys");  // looked up each time: the queue's pane shows one reply after another

  const entered = new WeakSet();  // editors that somebody has been in

  const radios = (name) => [...document.querySelectorAll(`#decision input[name=${name}]`)];
  const given = (name) => radios(name).find((radio) => radio.checked);
  const usable = (element) => element && !element.disabled && !element.closest("[inert]");

  const grade = (number) => {
    const next = NAMES.find((name) => radios(name).length && !given(name));
    const radio = radios(next || "").find((one) => one.value === number);
    if (!usable(radio)) return false;
    radio.checked = true;
    radio.focus();
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  };

  const clear_last = () => {
    const last = NAMES.filter(given).at(-1);
    if (!last) return false;
    const radio = given(last);
    radio.checked = false;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  };

  const press = (key) => push(`[data-key="${CSS.escape(key)}"]`);

  const push = (selector) => {
    if (!selector) return false;
    const element = [...document.querySelectorAll(selector)].find(usable);
    if (!element) return false;
    const needed = element.dataset.needs && document.querySelector(element.dataset.needs);
    if (needed && !needed.value.trim()) {
      needed.dataset.then = selector;
      needed.focus();
      return true;
    }
    if (element.matches("summary")) {
      element.parentElement.open = true;
      document.querySelector(element.dataset.focus).focus();
    } else element.click();
    return true;
  };

  const edit = () => {
    const editor = document.getElementById("text");
    if (!usable(editor)) return false;
    editor.focus();
    if (!entered.has(editor)) to_the_end(editor);
    return true;
  };

  // As editors do: one goes on at the end of a text, and later where one left it.
  const to_the_end = (editor) => {
    editor.setSelectionRange(editor.value.length, editor.value.length);
    editor.scrollTop = editor.scrollHeight;
  };

  // Ctrl Enter presses the button of what one is writing: of a comment, of an unfolded part, of the reason that Reject asked for.
  const send = (field) => {
    const decision = document.getElementById("decision");
    if (field.matches(FIELD) && field.form) {
      if (field.id === "note") return push(field.dataset.then || "");
      const part = field.form === decision ? field.closest("details") : field.form;
      if (part) return press_in(part);
    }
    return push("[data-key=a], [data-submit]");
  };

  const press_in = (part) => {
    const button = [...part.querySelectorAll("button[type=submit]")].find((one) => usable(one) && !one.hidden);
    if (button) button.click();
    return Boolean(button);
  };

  // A person's own words have no grades.
  const approve = () => Boolean(document.getElementById("decision")) && NAMES.every((name) => !radios(name).length || given(name)) && press("a");

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.repeat || event.isComposing || help()?.open) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.altKey) {
      // The button's own guards hold: it may be disabled, and the browser asks for missing grades.
      if (!document.querySelector("dialog[open]") && send(event.target)) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches(FIELD)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    let done = false;
    if (/^[1-5]$/.test(letter)) done = grade(letter);
    else if (letter === "Backspace") done = clear_last();
    else if (letter === "Enter") {
      if (event.target.closest("a, button, summary")) return;
      if (event.target.matches("[type=radio]")) event.preventDefault();
      done = approve();
    } else if (letter === "e") done = edit();
    else if ("ad".includes(letter) && event.shiftKey) done = press(letter.toUpperCase());
    else if ("acdghnoru?/".includes(letter)) done = press(letter);
    if (done) event.preventDefault();
  });

  // Beside the grades, and not in a bubble of the browser's, which is gone with the next click.
  document.addEventListener("invalid", (event) => {
    const grade = event.target.closest(".s-grade"), said = document.getElementById("grades-missing");
    if (!grade || !said) return;
    event.preventDefault();
    grade.classList.add("s-missing");
    said.hidden = false;
    document.querySelector(".s-grade.s-missing input").focus();
  }, true);

  document.addEventListener("change", (event) => {
    const grade = event.target.closest(".s-grade"), said = document.getElementById("grades-missing");
    if (!grade || !said) return;
    grade.classList.remove("s-missing");
    said.hidden = !document.querySelector(".s-grade.s-missing");
  });

  document.addEventListener("focusout", (event) => { if (event.target.id === "text") entered.add(event.target); });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-key='?']")) help()?.showModal();
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
  });
})();
