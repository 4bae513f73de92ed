// The search of the settings page: each word must be found in a row's title, explanation or other names.
(() => {
  "use strict";
  const field = document.querySelector("#find-setting");
  const show = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    document.querySelectorAll("[data-section]").forEach((section) => {
      let shown = 0;
      section.querySelectorAll("[data-words]").forEach((row) => {
        const text = row.dataset.words.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) shown += 1;
      });
      section.hidden = !shown;
      found += shown;
    });
    document.querySelector("#no-setting").hidden = found > 0;
  };
  field.addEventListener("input", show);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") document.querySelector("[data-words]:not([hidden]) a")?.click();
  });
  show();
})();
