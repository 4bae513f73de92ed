// Inserts an article or a saved reply at the cursor: "/" outside the editor, or at the start of a line in it.
window.eachReply((signal) => {
  "use strict";
  const PAUSE_MS = 150;
  const dialog = document.getElementById("insert"), editor = document.getElementById("text");
  if (!dialog || !editor) return;
  const query = document.getElementById("insert-query"), list = document.getElementById("insert-options");
  const status = document.getElementById("insert-status");
  let soon, asked = 0, at = editor.value.length, typed = false;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => options().find((option) => option.getAttribute("aria-selected") === "true");

  const choose = (option) => {
    for (const one of options()) one.setAttribute("aria-selected", String(one === option));
    if (!option) { query.removeAttribute("aria-activedescendant"); return; }
    query.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  const ask = async (words) => {
    const answer = await fetch(`${dialog.dataset.url}?q=${encodeURIComponent(words)}`);
    if (!answer.ok || answer.redirected) throw new Error("refused");
    return answer.text();
  };

  // What fits the customer's question. Asked for as soon as a person begins to write: a process loads the model at its first
  // search, which takes seconds.
  let fitting = null;
  const fits = () => (fitting ||= ask("").catch((error) => { fitting = null; throw error; }));
  editor.addEventListener("focus", () => fits().catch(() => {}), { once: true });

  const search = async () => {
    const mine = ++asked;
    try {
      const found = await (query.value ? ask(query.value) : fits());
      if (mine !== asked) return;
      list.innerHTML = found;
      choose(options()[0]);
      status.textContent = options().length ? status.dataset.textHint : status.dataset.textNothing;
    } catch {
      if (mine === asked) status.textContent = status.dataset.textNoAnswer;
    }
  };

  const open = (by_typing) => {
    if (dialog.open || editor.disabled || editor.closest("[inert]")) return;
    at = editor.selectionStart;
    typed = by_typing;
    query.value = "";
    list.replaceChildren();
    dialog.showModal();
    query.focus();
    search();
  };

  const put = (text) => {
    editor.focus();
    editor.setRangeText(text, at, Math.max(at, editor.selectionEnd), "end");
    editor.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const token = () => (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1] || editor.form.elements.csrfmiddlewaretoken.value;

  const insert = (option) => {
    if (!option) return;
    typed = false;
    dialog.close();
    put(option.dataset.text);
    if (!option.dataset.article) return;
    const body = new URLSearchParams({ article: option.dataset.article });
    fetch(dialog.dataset.url, { method: "POST", body, headers: { "X-CSRFToken": token() }, keepalive: true }).catch(() => {});
  };

  query.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(search, PAUSE_MS); });
  query.addEventListener("keydown", (event) => {
    const all = options(), now = all.indexOf(chosen());
    if (event.key === "ArrowDown") choose(all[(now + 1) % all.length]);
    else if (event.key === "ArrowUp") choose(all[(now - 1 + all.length) % all.length]);
    else if (event.key === "Enter") insert(chosen());
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => insert(event.target.closest("[role=option]")));
  dialog.addEventListener("cancel", () => {
    if (typed) setTimeout(() => put("/"));  // they meant the character
    else setTimeout(() => editor.focus());
  });

  editor.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (editor.selectionStart > 0 && editor.value[editor.selectionStart - 1] !== "\n") return;
    event.preventDefault();
    open(true);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-key='/']")) open(false);
  }, { signal });
});
