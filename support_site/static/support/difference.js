// Word by word, what an editor changed. Long texts differ as a whole, as on the server (knowledge/learning/edits.py).
(() => {
  "use strict";
  const MOST_WORDS = 2000;

  const pieces = (before, after) => {
    const [old, fresh] = [before, after].map((text) => text.match(/\S+|\s+/g) || []);
    let head = 0, tail = 0;
    while (head < Math.min(old.length, fresh.length) && old[head] === fresh[head]) head += 1;
    while (tail < Math.min(old.length, fresh.length) - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
    const [was, is] = [old, fresh].map((words) => words.slice(head, words.length - tail));
    const middle = Math.max(was.length, is.length) > MOST_WORDS
      ? [["gone", was.join("")], ["new", is.join("")]]
      : changed(was, is);
    return [["same", old.slice(0, head).join("")], ...middle, ["same", old.slice(old.length - tail).join("")]].filter(([, text]) => text);
  };

  // The longest words in common, by the table everybody learns.
  const changed = (was, is) => {
    const wide = is.length + 1, longest = new Uint16Array((was.length + 1) * wide);
    for (let i = was.length - 1; i >= 0; i -= 1) {
      for (let j = is.length - 1; j >= 0; j -= 1) {
        longest[i * wide + j] = was[i] === is[j] ? longest[(i + 1) * wide + j + 1] + 1
          : Math.max(longest[(i + 1) * wide + j], longest[i * wide + j + 1]);
      }
    }
    const found = [];
    const add = (how, word) => {
      if (found.length && found.at(-1)[0] === how) found.at(-1)[1] += word;
      else found.push([how, word]);
    };
    let i = 0, j = 0;
    while (i < was.length || j < is.length) {
      if (i < was.length && j < is.length && was[i] === is[j]) { add("same", was[i]); i += 1; j += 1; }
      else if (j >= is.length || (i < was.length && longest[(i + 1) * wide + j] >= longest[i * wide + j + 1])) { add("gone", was[i]); i += 1; }
      else { add("new", is[j]); j += 1; }
    }
    return found;
  };

  const ELEMENT = { gone: ["del", "s-gone"], new: ["ins", "s-new"] };
  const drawn = ([how, text]) => {
    if (how === "same") return document.createTextNode(text);
    const [name, style] = ELEMENT[how], element = document.createElement(name);
    element.className = style;
    element.textContent = text;
    return element;
  };

  window.eachReply(() => {
    const editor = document.getElementById("text"), box = document.getElementById("difference");
    if (!editor || !box) return;
    const proposal = JSON.parse(document.getElementById("proposed").textContent).replaceAll("\r\n", "\n");
    const draw = () => {
      box.hidden = editor.value === proposal;
      if (box.hidden || !box.open) return;
      box.querySelector("div").replaceChildren(...pieces(proposal, editor.value).map(drawn));
    };
    let soon;
    editor.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(draw, 150); });
    box.addEventListener("toggle", draw);
    draw();
  });
})();
